/* SPDX-License-Identifier: GPL-2.0-only */
/* Simulated CPUs that carry out plans, for every program here. */
#ifndef SIM_H
#define SIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "v7dbg_quick.h"

/* Short names for what the programs use most. */
#define MDBGEN DBGDSCR_MDBGEN
#define HDBGEN DBGDSCR_HDBGEN
#define MOE(n) ((uint32_t)(n) << DBGDSCR_MOE_SHIFT)

/* DBGDIDR of a v7.1 CPU with these counts. */
#define DIDR(brps, ctx, wrps)                                                                      \
	((uint32_t)((wrps)-1) << DBGDIDR_WRPS_SHIFT | (uint32_t)((brps)-1) << DBGDIDR_BRPS_SHIFT | \
	 (uint32_t)((ctx)-1) << DBGDIDR_CTX_CMPS_SHIFT |                                           \
	 DBGDIDR_VERSION_V7_1 << DBGDIDR_VERSION_SHIFT | 0xf000u | 0x21u)

/* DBGDEVID: DBGBCR.MASK and DBGWCR.MASK implemented (1) or not (f). */
#define DEVID(bp, wp)                                                \
	(0x01110003u | (uint32_t)(bp) << DBGDEVID_BPADDRMASK_SHIFT | \
	 (uint32_t)(wp) << DBGDEVID_WPADDRMASK_SHIFT)

extern const struct v7dbg_cpu_id cortex_a15; /* 6 BRPs, 2 context-aware, 4 WRPs */
extern const struct v7dbg_cpu_id big;	     /* 16, 4, 16, BCR.MASK */
extern const struct v7dbg_cpu_id small;	     /* 4, 1, 2, no MASK at all */

struct sim {
	struct v7dbg_cpu cpu;
	struct v7dbg_regs hw;	  /* the registers themselves */
	uint32_t dscr;		  /* DBGDSCRint */
	unsigned int writes;	  /* registers written so far */
	unsigned int saves;	  /* plans that saved the host's state */
	struct v7dbg_saved saved; /* noted while plans are carried out */
	/* The access, counted from 1, before which a plan is interrupted; 0: never. */
	unsigned int fault_at;
	bool lost;  /* it was */
	bool quick; /* take the quick ways where possible */
};

/* Where a broken invariant jumps to; NULL: it fails the test. */
extern jmp_buf *on_broken;
extern char broken_text[128];

/* An MRC or MCR from PL1; the caller sets DBGDSCRint if it is used. */
struct v7dbg_access sim_access(uint16_t enc, bool write, uint32_t value);
/*
 * The same access by v7dbg_quick(), on a copy, before v7dbg_trap() is called: what has to be
 * the same afterwards.
 */
struct quick {
	struct v7dbg_vcpu vcpu;
	uint32_t rt;
	bool served;
};
struct quick sim_quick(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu,
		       const struct v7dbg_access *acc);
/* After v7dbg_trap(): NULL if the two agree, else what differs. */
const char *sim_quick_differs(const struct quick *quick, const struct v7dbg_vcpu *vcpu,
			      const struct v7dbg_access *acc, enum v7dbg_verdict verdict,
			      const struct v7dbg_result *result);
/* The same of v7dbg_quick_bkpt() and v7dbg_quick_watch(), before v7dbg_event(). */
struct quick_event {
	struct v7dbg_vcpu vcpu;
	bool served;
	bool tde;
	bool more; /* of the CPU's state has changed */
};
struct quick_event sim_quick_event(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu,
				   enum v7dbg_event_class class, uint32_t dscr);
const char *sim_event_differs(const struct quick_event *quick, const struct v7dbg_vcpu *vcpu,
			      const struct v7dbg_cpu *cpu, enum v7dbg_answer answer,
			      const struct v7dbg_plan *plan);
void sim_init(struct sim *sim, const struct v7dbg_cpu_id *id);
/*
 * Carry out a plan as v7dbg.h says.  Fails the test if a value changes under a control that
 * is on, or if the plan names a slot that the CPU does not have.
 */
void sim_apply(struct sim *sim, const struct v7dbg_plan *plan);
/* Fill the members that are not valid while the host owns the CPU with garbage. */
void sim_poison(struct v7dbg_cpu *cpu);

struct v7dbg_caps caps_of(const struct v7dbg_cpu_id *a, const struct v7dbg_cpu_id *b);
/* A vCPU as a debugger leaves it: lock clear, MDBGen set. */
void ready(struct v7dbg_vcpu *vcpu, const struct v7dbg_caps *caps);

/* Guest accesses on a CPU; they carry out the plan. */
enum v7dbg_verdict mcr(struct v7dbg_vcpu *vcpu, struct sim *sim, uint16_t enc, uint32_t value);
enum v7dbg_verdict mrc(struct v7dbg_vcpu *vcpu, struct sim *sim, uint16_t enc, uint32_t *value);
/* The same, of an access that has to be emulated. */
void put(struct v7dbg_vcpu *vcpu, struct sim *sim, uint16_t enc, uint32_t value);
uint32_t get(struct v7dbg_vcpu *vcpu, struct sim *sim, uint16_t enc);

/*
 * The quick way in or out, and what v7dbg_quick.h asks for; false if it may not be taken.  The
 * exit is after the host's controls were read, so it is known what it had on.
 */
bool sim_quick_enter(struct v7dbg_vcpu *vcpu, struct sim *sim);
bool sim_quick_exit(struct v7dbg_vcpu *vcpu, struct sim *sim, uint32_t dscr);
/* v7dbg_spell_out(), before v7dbg is asked about a guest that came in by the quick way. */
void sim_spell_out(const struct v7dbg_vcpu *vcpu, struct sim *sim);
/* v7dbg_quick_point() for the same access, and what it asks for. */
bool sim_quick_point(struct v7dbg_vcpu *vcpu, struct sim *sim, const struct v7dbg_access *acc);
/*
 * Of the same state before: NULL if the plan's way led to the same state and registers.  The
 * quick way's is spelt out for that, in a copy.
 */
const char *sim_ways_differ(const struct v7dbg_vcpu *quick_vcpu, const struct sim *quick_sim,
			    const struct v7dbg_vcpu *vcpu, const struct sim *sim);
void sim_enter(struct v7dbg_vcpu *vcpu, struct sim *sim);
void sim_exit(struct v7dbg_vcpu *vcpu, struct sim *sim);
/* The exit of a hypervisor whose plan was interrupted. */
void sim_exit_lost(struct v7dbg_vcpu *vcpu, struct sim *sim);
enum v7dbg_answer sim_event(struct v7dbg_vcpu *vcpu, struct sim *sim, enum v7dbg_event_class class,
			    unsigned int moe);

#define BVR(n)	V7DBG_ENC(0, 0, n, 4)
#define BCR(n)	V7DBG_ENC(0, 0, n, 5)
#define WVR(n)	V7DBG_ENC(0, 0, n, 6)
#define WCR(n)	V7DBG_ENC(0, 0, n, 7)
#define BXVR(n) V7DBG_ENC(0, 1, n, 1)
#define DSCRINT V7DBG_ENC(0, 0, 1, 0)
#define DSCREXT V7DBG_ENC(0, 0, 2, 2)
#define VCR	V7DBG_ENC(0, 0, 7, 0)
#define OSLAR	V7DBG_ENC(0, 1, 0, 4)
#define OSLSR	V7DBG_ENC(0, 1, 1, 4)
#define OSDLR	V7DBG_ENC(0, 1, 3, 4)
#define PRCR	V7DBG_ENC(0, 1, 4, 4)

/* A breakpoint and a watchpoint as Linux writes them: User, word / User, stores. */
#define BCR_LINUX 0x000001e5u
#define WCR_LINUX 0x00001ff5u

/* ---- between sim.c and sim-quick.c ---- */

/* The lowest slot of a mask, which is removed from it. */
int sim_take(uint16_t *mask);
/* Before each access to a register: false if the hypervisor faults there. */
bool sim_goes_on(struct sim *sim);
/* from NULL: 0.  must_be_off: the controls of the values that are written, or NULL. */
void sim_write_each(struct sim *sim, uint32_t *regs, uint16_t slots, const uint32_t *from,
		    unsigned int count, const uint32_t *must_be_off);
void sim_save_host(struct sim *sim);
void sim_save_values(struct sim *sim, const struct v7dbg_bank *hw, struct v7dbg_cpu_bank *bank,
		     uint16_t slots, struct v7dbg_slots *saved);
/* sim_ways_differ(), which has to be NULL. */
void sim_must_agree(const struct v7dbg_vcpu *quick_vcpu, const struct sim *quick_sim,
		    const struct v7dbg_vcpu *vcpu, const struct sim *sim);

#endif
