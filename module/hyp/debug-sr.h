/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the three parts of HYP's debug code share: debug-sr.c moves the registers,
 * debug-probe.c finds out what a CPU has, debug-trap.c serves accesses and events.  Only
 * the first two execute CP14 instructions; `make check` enforces it.
 */
#ifndef HYP_DEBUG_SR_H
#define HYP_DEBUG_SR_H

#include "hyp.h"
#include "../../v7dbg/v7dbg_fields.h"

#define CP14(opc1, crn, crm, opc2) "p14, " #opc1 ", %0, " #crn ", " #crm ", " #opc2
#define DBGDSCRint		   CP14(0, c0, c1, 0)

/* DBGBVRn, DBGBCRn, DBGWVRn, DBGWCRn. */
uint32_t hyp_read_bvr(unsigned int n);
uint32_t hyp_read_bcr(unsigned int n);
uint32_t hyp_read_wvr(unsigned int n);
uint32_t hyp_read_wcr(unsigned int n);
void hyp_write_bvr(unsigned int n, uint32_t value);
void hyp_write_bcr(unsigned int n, uint32_t value);
void hyp_write_wvr(unsigned int n, uint32_t value);
void hyp_write_wcr(unsigned int n, uint32_t value);

/* Read DBGDSCRint for v7dbg, and note its MOE for debugfs. */
uint32_t hyp_debug_dscr(struct hyp_vcpu *vcpu);

/* Carry out a plan while the guest runs on, HDCR.TDE too. */
void hyp_debug_plan(struct hyp_percpu *cpu, const struct v7dbg_plan *plan);

/* The same; most plans are empty. */
static inline void hyp_debug_run_plan(struct hyp_percpu *cpu, const struct v7dbg_plan *plan)
{
	if (!v7dbg_plan_empty(plan) || plan->tde_changed)
		hyp_debug_plan(cpu, plan);
}

#endif /* HYP_DEBUG_SR_H */
