/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * v7dbg's state: what a hypervisor keeps for each virtual CPU and each physical one, and what is
 * passed between it and the functions of v7dbg.h, which includes this file.
 *
 * `make install` folds it into v7dbg.h.
 */
#ifndef V7DBG_STATE_H
#define V7DBG_STATE_H

#include "v7dbg_env.h"

#define V7DBG_MAX_SLOTS 16 /* DBGDIDR.BRPs and DBGDIDR.WRPs are four bits wide */

/* DBGDSCR.MOE, C11.11.20: the cause of the last debug exception. */
enum v7dbg_moe {
	V7DBG_MOE_BREAKPOINT = 1,
	V7DBG_MOE_BKPT = 3,
	V7DBG_MOE_VECTOR_CATCH = 5,
	V7DBG_MOE_WATCHPOINT = 10,
};

/* ---- what the hardware has ------------------------------------------- */

/* The debug unit of one physical CPU, read once when HYP comes up there. */
struct v7dbg_cpu_id {
	uint32_t dbgdidr;
	uint32_t dbgdevid; /* 0 where DBGDIDR.DEVID_imp is 0 */
	uint32_t dbgdevid1;
	uint32_t dbgdevid2;
	uint32_t dbgdscr; /* DBGDSCRint as the host left it */
	/*
	 * An address mismatch breakpoint was seen to stop on this CPU.  No register says
	 * so; false if that was not tried.
	 */
	bool mismatch;
};

/*
 * What guests see, the same on every CPU: the minimum of all CPUs.  Start with
 * v7dbg_caps_init() and add each CPU; constant after that.
 */
struct v7dbg_caps {
	uint8_t cpus; /* CPUs added, counted up to 255 */
	uint8_t nr_brps;
	uint8_t nr_wrps;
	uint8_t nr_ctx;	  /* context-aware breakpoints, the highest-numbered ones */
	bool monitor;	  /* each had MDBGen = 1 and HDBGen = 0: a guest's MDBGen sticks */
	bool absent;	  /* guests get no debug registers: RAZ/WI, and the IDs say so */
	bool mismatch;	  /* of each CPU: what v7dbg_user_step() needs */
	uint32_t dbgdidr; /* as a guest reads it */
	uint32_t dbgdevid;
	uint32_t dbgdevid1;
	uint32_t dbgdevid2;
};

/* ---- debug registers --------------------------------------------------- */

/*
 * A bank: the values and controls of one kind of slot, DBGBVRn and DBGBCRn of
 * breakpoints or DBGWVRn and DBGWCRn of watchpoints.
 */
struct v7dbg_bank {
	uint32_t value[V7DBG_MAX_SLOTS];
	uint32_t control[V7DBG_MAX_SLOTS];
};

/* A file of debug registers: both banks and DBGVCR. */
struct v7dbg_regs {
	struct v7dbg_bank brp;
	struct v7dbg_bank wrp;
	uint32_t vcr;
};

/* Some registers of a bank: bit n for slot n. */
struct v7dbg_slots {
	uint16_t values;
	uint16_t controls;
};

/* Some points of a file: bit n for slot n of each bank, and bits of DBGVCR. */
struct v7dbg_points {
	uint16_t brp;
	uint16_t wrp;
	uint32_t vcr;
};

/* ---- one physical CPU ------------------------------------------------- */

/*
 * Who owns the CPU's debug registers while a guest runs there.  Between v7dbg_exit() and
 * v7dbg_enter() it is HOST.
 */
enum v7dbg_owner {
	V7DBG_OWNER_HOST,   /* the host's registers are untouched; TDE set */
	V7DBG_OWNER_PARKED, /* the host's are saved and off, nothing is loaded; TDE set */
	V7DBG_OWNER_GUEST,  /* the guest's effective points are loaded */
	V7DBG_OWNER_USER,   /* the VMM's points are loaded; TDE set */
	/*
	 * GUEST since v7dbg_quick_enter(), before v7dbg_spell_out(): what is on, saved, written
	 * and loaded follows from v7dbg_vcpu.eff, and is not noted in the CPU's state.
	 */
	V7DBG_OWNER_IMPLIED,
};

/* One bank of a physical CPU's registers, by physical slot. */
struct v7dbg_cpu_bank {
	uint8_t count; /* slots that the CPU has */
	bool mask;     /* its controls have MASK: DBGDEVID.BPAddrMask, DBGDEVID.WPAddrMask */
	/* The rest is valid while v7dbg_cpu.owner is not HOST, nor IMPLIED but for host. */
	uint16_t on;		    /* slots that are on in hardware, none of them the host's */
	uint16_t saved;		    /* slots whose host value is in host.value */
	struct v7dbg_slots written; /* registers that plans wrote, save_host apart */
	struct v7dbg_bank host;	    /* the host's; plans fill it */
	struct v7dbg_bank loaded;   /* what hardware has, in the registers that were written */
};

/* One physical CPU; only that CPU touches it. */
struct v7dbg_cpu {
	uint8_t owner;	/* enum v7dbg_owner */
	bool tde;	/* what HDCR.TDE has to be whenever the guest runs */
	uint8_t nr_ctx; /* context-aware breakpoints, the highest-numbered ones */
	/* The same of DBGVCR: */
	bool vcr_written;
	uint32_t layout; /* for v7dbg_may_enter_quickly(); 0: no quick way for points here */
	uint32_t host_vcr;
	uint32_t loaded_vcr;
	struct v7dbg_cpu_bank brp;
	struct v7dbg_cpu_bank wrp;
};

/* What of the host's registers was saved since the owner was HOST. */
struct v7dbg_saved {
	struct v7dbg_slots brp;
	struct v7dbg_slots wrp;
	bool vcr;
};

/* ---- plans ------------------------------------------------------------ */

/* What a plan does to one bank. */
struct v7dbg_bank_plan {
	uint16_t save;		  /* values to read into v7dbg_cpu_bank.host.value */
	uint16_t clear;		  /* controls to write 0 to */
	struct v7dbg_slots write; /* registers to write from regs */
	struct v7dbg_bank regs;	  /* valid in the slots that write names */
};

/*
 * What the caller has to do to the CPU's debug registers before it does anything
 * else.  Slots are physical.  In this order, each step in both banks:
 *
 *   1. save_host: read each control into v7dbg_cpu_bank.host.control and DBGVCR into
 *      v7dbg_cpu.host_vcr, and write 0 to each control whose E was set and to a DBGVCR
 *      that was not 0;
 *   2. save;
 *   3. clear, then an ISB;
 *   4. write.values, then an ISB;
 *   5. write.controls; vcr to DBGVCR if write_vcr; then a context synchronisation, an
 *      ISB or the exception return (A3.8.3), before the guest or the host runs on;
 *   6. where the guest runs on, and if tde_changed: HDCR.TDE as v7dbg_cpu.tde says.
 */
struct v7dbg_plan {
	bool save_host;
	bool write_vcr;
	bool tde_changed; /* TDE differs from what it was before this call */
	uint32_t vcr;
	struct v7dbg_bank_plan brp;
	struct v7dbg_bank_plan wrp;
};

static inline bool v7dbg_plan_empty(const struct v7dbg_plan *plan)
{
	const struct v7dbg_bank_plan *brp = &plan->brp, *wrp = &plan->wrp;

	return !(plan->save_host | plan->write_vcr | brp->save | wrp->save | brp->clear |
		 wrp->clear | brp->write.values | wrp->write.values | brp->write.controls |
		 wrp->write.controls);
}

/* ---- one virtual CPU --------------------------------------------------- */

/* What happened so far.  Counters wrap. */
struct v7dbg_stats {
	uint32_t traps;	      /* accesses to debug registers, UNDEFINED ones too */
	uint32_t undefs;      /* accesses answered with UNDEF */
	uint32_t activations; /* a guest's write took it from no effective point to one */
	uint32_t loads;	      /* times that GUEST became the owner */
	uint32_t reflections; /* debug exceptions that the hypervisor gave to the guest */
	uint32_t parkings;    /* times that a host's point was parked for the rest of a run */
	uint32_t rejected;    /* debug exceptions that nothing enabled explains */
	uint32_t not_monitor; /* entries and writes where the CPU could not have the points */
};

/*
 * All of a vCPU's debug state, as the guest wrote it.  It has no pointers, so it may be
 * copied, saved and restored as a whole.  Read the members for a dump; write none.
 */
struct v7dbg_vcpu {
	struct v7dbg_caps caps; /* copied by v7dbg_init(), constant from then on */
	struct v7dbg_regs regs; /* by virtual slot; vcr is the guest's DBGVCR */
	uint32_t dscr;		/* virtual DBGDSCR without MOE */
	uint8_t moe;		/* M: the vCPU's own DBGDSCR.MOE */
	bool oslock;
	bool osdlr;
	uint8_t claim;
	bool corenpdrq;	   /* DBGPRCR.CORENPDRQ */
	uint8_t user_step; /* 1 + the slot that v7dbg_user_step() took; 0: none */
	uint32_t dtrtx;	   /* the last DBGDTRTX write; only DBGDTRTXext shows it */
	uint32_t wfar;
	uint8_t bxvr[V7DBG_MAX_SLOTS]; /* DBGBXVR.VMID, for read-back only */
	struct v7dbg_points eff;       /* the guest's points that are effective, by virtual slot */
	uint32_t layout;	       /* the CPU that v7dbg_may_enter_quickly() is for */
	/* The controls of eff as hardware gets them there, 0 in the other slots. */
	uint32_t brp_hardware[V7DBG_MAX_SLOTS];
	uint32_t wrp_hardware[V7DBG_MAX_SLOTS];
	/* Four that v7dbg_set_aside() takes for one word. */
	bool active;		      /* one of the guest's points is effective */
	bool held;		      /* points are off: this CPU cannot have them */
	bool user_on;		      /* the VMM debugs the vCPU */
	bool user_bkpt;		      /* and takes each BKPT */
	struct v7dbg_points user_eff; /* the VMM's points that are effective */
	struct v7dbg_regs user;	      /* the VMM's points, by virtual slot; vcr is filtered */
	struct v7dbg_stats stats;
};

#endif /* V7DBG_STATE_H */
