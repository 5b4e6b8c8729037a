/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the three parts of HYP's debug code share: debug-sr.c moves the registers,
 * debug-probe.c finds out what a CPU has, debug-trap.c serves accesses and events.  Only
 * the first two execute CP14 instructions; `make check` enforces it.
 */
#ifndef HYP_DEBUG_SR_H
#define HYP_DEBUG_SR_H

#include "hyp.h"
#include "../../v7dbg/v7dbg_quick.h"

#define CP14(opc1, crn, crm, opc2) "p14, " #opc1 ", %0, " #crn ", " #crm ", " #opc2
#define DBGDSCRint		   CP14(0, c0, c1, 0)

/* DBGBVRn and DBGBCRn, for debug-probe.c. */
uint32_t hyp_read_bvr(unsigned int n);
uint32_t hyp_read_bcr(unsigned int n);
void hyp_write_bvr(unsigned int n, uint32_t value);
void hyp_write_bcr(unsigned int n, uint32_t value);

/* Read DBGDSCRint for v7dbg, and note its MOE for debugfs. */
uint32_t hyp_debug_dscr(struct hyp_vcpu *vcpu);

/* A debug exception that is a prefetch abort: v7dbg's quick way for BKPT, else hyp_serve_trap(). */
enum hyp_exit hyp_debug_prefetch(struct hyp_vcpu *vcpu, uint32_t hsr);

/* A debug exception that is a data abort: v7dbg's quick way, else hyp_serve_trap(). */
enum hyp_exit hyp_debug_data(struct hyp_vcpu *vcpu, uint32_t hsr);

/* An MCR or MRC that v7dbg_quick() does not serve: v7dbg_quick_point(), else hyp_serve_trap(). */
enum hyp_exit hyp_debug_point(struct hyp_vcpu *vcpu, uint32_t hsr);

/*
 * Entry and exit of a guest that has points, or that meets one of the host's.  The entry sets
 * HDCR, too.
 */
void hyp_debug_enter_active(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);
void hyp_debug_exit_active(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);

/*
 * The debug registers around a run.  Enter sets HDCR's traps, and loads the guest's points if
 * it has any.  Exit gives the host its own points and HDCR.  Lost, after a fault of HYP's,
 * restores the points only; hyp_run_lost() has restored HDCR.
 *
 * While a guest runs every access to a debug register traps, and TDE is set at first.  HPMN
 * and all else that the host has in HDCR stay (B4.1).
 */
#define HDCR_GUEST (HDCR_TDRA | HDCR_TDOSA | HDCR_TDA | HDCR_TDE | HDCR_TPM | HDCR_TPMCR)

static inline void hyp_debug_enter(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	if (v7dbg_needs_enter(&vcpu->debug))
		hyp_debug_enter_active(cpu, vcpu);
	else
		write_sysreg(HDCR, cpu->found.guest_hdcr);
}

static inline void hyp_debug_exit(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	if (v7dbg_needs_exit(&cpu->debug))
		hyp_debug_exit_active(cpu, vcpu);
	write_sysreg(HDCR, cpu->found.hdcr);
}

void hyp_debug_lost(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);

/* Before v7dbg is asked about a guest that runs: it may have come in by the quick way. */
static inline void hyp_debug_spell_out(struct hyp_percpu *cpu, const struct hyp_vcpu *vcpu)
{
	v7dbg_spell_out(&vcpu->debug, &cpu->debug, &cpu->saved);
}

/* Carry out a plan while the guest runs on, HDCR.TDE too. */
void hyp_debug_plan(struct hyp_percpu *cpu, const struct v7dbg_plan *plan);

/* The same; most plans are empty. */
static inline void hyp_debug_run_plan(struct hyp_percpu *cpu, const struct v7dbg_plan *plan)
{
	if (!v7dbg_plan_empty(plan) || plan->tde_changed)
		hyp_debug_plan(cpu, plan);
}

#endif /* HYP_DEBUG_SR_H */
