/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * v7dbg: the debug registers of one virtual CPU, for any ARMv7-A hypervisor.
 *
 * The library decides and touches no hardware.  A hypervisor that keeps
 * HDCR.{TDRA,TDOSA,TDA} set while a guest runs hands each trapped access to
 * v7dbg_trap(), each debug exception that reached HYP to v7dbg_event(), calls
 * v7dbg_enter() and v7dbg_exit() around the guest where they are needed, and
 * carries out the plans that come back.  All input and all output is values.
 *
 * Every function here is called on the CPU that runs the vCPU, in HYP mode or
 * with the vCPU not running, with interrupts masked or otherwise not
 * re-entered for the same vCPU or CPU.  None blocks, allocates or recurses.
 *
 * References are to the ARMv7-A/R manual, DDI 0406C.
 */
#ifndef V7DBG_H
#define V7DBG_H

#include "v7dbg_env.h"

#ifdef __cplusplus
extern "C" {
#endif

#define V7DBG_VERSION	3
#define V7DBG_MAX_SLOTS 16 /* DBGDIDR.BRPs and .WRPs are four bits wide */

/* DBGDSCR.MOE, C11.11.20: how the last debug exception came about. */
enum v7dbg_moe {
	V7DBG_MOE_BREAKPOINT = 1,
	V7DBG_MOE_BKPT = 3,
	V7DBG_MOE_VECTOR_CATCH = 5,
	V7DBG_MOE_WATCHPOINT = 10,
};

/* ---- errors ----------------------------------------------------------- */

/*
 * Why a function did nothing.  Never negative, so that none is mistaken for a
 * caller's negative error number.
 */
enum v7dbg_error {
	V7DBG_OK,
	/* The CPU's debug architecture is not v7.1 Debug through CP14. */
	V7DBG_ERR_ARCHITECTURE,
	/* The vCPU has no register of this encoding. */
	V7DBG_ERR_NO_REGISTER,
	/* The register identifies the CPU and takes no value but its own. */
	V7DBG_ERR_CONSTANT,
	/* The VMM does not debug the vCPU. */
	V7DBG_ERR_NOT_DEBUGGED,
	/* A CPU was not seen to stop at a mismatch breakpoint. */
	V7DBG_ERR_NO_MISMATCH,
	/* Each breakpoint slot has a point of the VMM. */
	V7DBG_ERR_NO_SLOT,
};

/* ---- what the hardware has ------------------------------------------- */

/* What one physical CPU says of itself, read once when HYP comes up there. */
struct v7dbg_cpu_id {
	uint32_t dbgdidr;
	uint32_t dbgdevid; /* 0 where DBGDIDR.DEVID_imp is 0 */
	uint32_t dbgdevid1;
	uint32_t dbgdevid2;
	uint32_t dbgdscr; /* DBGDSCRint as the host left it */
	/*
	 * An address mismatch breakpoint was seen to stop on this CPU.  No register
	 * tells: false where nobody tried.
	 */
	bool mismatch;
};

/*
 * What guests see, the same on every CPU: the minimum of all CPUs.  Start with
 * v7dbg_caps_init(), add each CPU, then treat it as constant.
 */
struct v7dbg_caps {
	uint8_t cpus; /* number of CPUs added */
	uint8_t nr_brps;
	uint8_t nr_wrps;
	uint8_t nr_ctx;	  /* context-aware BRPs, the highest-numbered ones */
	bool monitor;	  /* all had MDBGen = 1 and HDBGen = 0: MDBGen may stick */
	bool absent;	  /* guests get no debug registers: RAZ/WI, IDs say so */
	bool mismatch;	  /* of all: what v7dbg_user_step() needs; guests are not told */
	uint32_t dbgdidr; /* as a guest reads it */
	uint32_t dbgdevid;
	uint32_t dbgdevid1;
	uint32_t dbgdevid2;
};

/* absent: give guests no debug registers at all (all of them RAZ/WI). */
void v7dbg_caps_init(struct v7dbg_caps *caps, bool absent);
/*
 * Add one CPU.  V7DBG_ERR_ARCHITECTURE, and caps unchanged, where DBGDIDR.Version is not
 * 5.  Every ARMv7 CPU with the Virtualization Extensions has v7.1 Debug.  Where guests
 * get no debug registers any CPU will do.
 */
enum v7dbg_error v7dbg_caps_add(struct v7dbg_caps *caps, const struct v7dbg_cpu_id *id);
/* ID_DFR0 for a guest, from the CPU's own: CopDbg as caps say, no trace, no PMU. */
uint32_t v7dbg_id_dfr0(const struct v7dbg_caps *caps, uint32_t id_dfr0);

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

/* Some points of a file: bit n for slot n, and bits of DBGVCR. */
struct v7dbg_points {
	uint16_t brp;
	uint16_t wrp;
	uint32_t vcr;
};

/* ---- one physical CPU ------------------------------------------------- */

/*
 * Who owns the CPU's debug registers while a guest runs there.  Only v7dbg
 * writes it; between v7dbg_exit() and v7dbg_enter() it is always HOST.
 */
enum v7dbg_owner {
	V7DBG_OWNER_HOST,   /* untouched; TDE set */
	V7DBG_OWNER_PARKED, /* host's saved and off, nothing loaded; TDE set */
	V7DBG_OWNER_GUEST,  /* the guest's effective slots are loaded */
	V7DBG_OWNER_USER,   /* the VMM's points are loaded; TDE set */
};

/* One bank of a physical CPU's registers, by physical slot. */
struct v7dbg_cpu_bank {
	uint8_t count; /* slots that the CPU has */
	bool mask;     /* its controls have MASK: DBGDEVID.BPAddrMask, DBGDEVID.WPAddrMask */
	/* The rest is valid while v7dbg_cpu.owner is not HOST. */
	uint16_t on;		    /* slots that are enabled in hardware and not the host's */
	uint16_t saved;		    /* slots whose host value is in host.value */
	struct v7dbg_slots written; /* registers that a plan wrote, save_host apart */
	struct v7dbg_bank host;	    /* what the host had; a plan fills it */
	struct v7dbg_bank loaded;   /* what hardware has in each written register */
};

/* Per physical CPU; only that CPU touches it. */
struct v7dbg_cpu {
	uint8_t owner;	/* enum v7dbg_owner */
	bool tde;	/* HDCR.TDE as it has to be whenever the guest runs */
	uint8_t nr_ctx; /* context-aware breakpoints, the highest-numbered ones */
	/* As in a bank: */
	bool vcr_written;
	uint32_t host_vcr;
	uint32_t loaded_vcr;
	struct v7dbg_cpu_bank brp;
	struct v7dbg_cpu_bank wrp;
};

void v7dbg_cpu_init(struct v7dbg_cpu *cpu, const struct v7dbg_cpu_id *id);
/* Where virtual breakpoint n is on this CPU; watchpoints keep their numbers. */
unsigned int v7dbg_physical_brp(const struct v7dbg_caps *caps, const struct v7dbg_cpu *cpu,
				unsigned int n);

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

/* What happened so far; only ever grows, wraps. */
struct v7dbg_stats {
	uint32_t traps;	      /* accesses emulated */
	uint32_t undefs;      /* accesses answered with UNDEF */
	uint32_t activations; /* inactive -> active by a write */
	uint32_t loads;	      /* times the guest's slots went to hardware */
	uint32_t reflections; /* debug exceptions given to the guest by HYP */
	uint32_t parkings;    /* host points parked for the rest of a run */
	uint32_t rejected;    /* events that nothing enabled explains */
	uint32_t not_monitor; /* entries on a CPU that was not in monitor mode */
};

/*
 * All of a vCPU's debug state, as the guest wrote it; no pointers, so it may be
 * copied, saved and restored as a whole.  Members are for v7dbg and for dumps.
 */
struct v7dbg_vcpu {
	struct v7dbg_caps caps; /* copied at init: the same for the vCPU's life */
	struct v7dbg_regs regs; /* by virtual slot; vcr is the guest's DBGVCR */
	uint32_t dscr;		/* virtual DBGDSCR without MOE */
	uint8_t moe;		/* M: the MOE this vCPU saw last */
	bool oslock;
	bool osdlr;
	uint8_t claim;
	bool corenpdrq;	   /* DBGPRCR.CORENPDRQ */
	uint8_t user_step; /* the VMM's slot that v7dbg_user_step() took, and 1; or 0 */
	uint32_t dtrtx;	   /* last DBGDTRTX write; only DBGDTRTXext shows it */
	uint32_t wfar;
	uint8_t bxvr[V7DBG_MAX_SLOTS]; /* DBGBXVR.VMID, kept for read-back only */
	struct v7dbg_points eff;       /* what is effective, by virtual slot */
	bool active;		       /* eff is not empty */
	bool held;		       /* this CPU cannot have the points: all are off */
	bool user_on;		       /* the VMM debugs the vCPU */
	bool user_bkpt;		       /* and every BKPT is its own */
	struct v7dbg_points user_eff;  /* what of the VMM's points is effective */
	struct v7dbg_regs user;	       /* the VMM's points, by virtual slot; vcr is filtered */
	struct v7dbg_stats stats;
};

void v7dbg_init(struct v7dbg_vcpu *vcpu, const struct v7dbg_caps *caps);
/*
 * Cold reset of the debug logic, C11.11 "reset" of each register; stats and what the
 * VMM asked for stay.  The vCPU is not running.
 */
void v7dbg_reset(struct v7dbg_vcpu *vcpu);

/*
 * True where entry has work to do: then read DBGDSCRint and call
 * v7dbg_enter().  Otherwise enter the guest with TDE set and every debug
 * register as it is; no CP14 access is needed.
 */
static inline bool v7dbg_needs_enter(const struct v7dbg_vcpu *vcpu)
{
	return vcpu->active || vcpu->user_on;
}

/*
 * Before the guest runs.  dscr: DBGDSCRint just read on this CPU.  The caller
 * has HDCR.{TDRA,TDOSA,TDA,TDE} set (cpu->tde is true) before it calls.
 */
void v7dbg_enter(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		 struct v7dbg_plan *plan);

/* True where v7dbg_exit() has work to do. */
static inline bool v7dbg_needs_exit(const struct v7dbg_cpu *cpu)
{
	return cpu->owner != V7DBG_OWNER_HOST;
}

/*
 * After the guest ran, before the host does.  dscr: DBGDSCRint, read on this
 * CPU after the guest stopped; looked at only where cpu->tde is false.
 * Afterwards the owner is HOST and cpu->tde is true again; the caller restores
 * the whole of HDCR.
 */
void v7dbg_exit(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		struct v7dbg_plan *plan);

/* What of the host's registers was saved since the owner was HOST. */
struct v7dbg_saved {
	struct v7dbg_slots brp;
	struct v7dbg_slots wrp;
	bool vcr;
};

/*
 * v7dbg_exit() of a caller that faulted itself, at any point between v7dbg_enter()
 * and v7dbg_exit(): the plan that it was carrying out may have been left anywhere.
 * It has noted what it saved, each register when it had been read and before it was
 * overwritten.  The plan writes back those and no other: what was not read is not
 * known, and was not touched.
 */
void v7dbg_exit_lost(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		     const struct v7dbg_saved *saved, struct v7dbg_plan *plan);

/* ---- invariants --------------------------------------------------------- */

/*
 * P is the CPU's DBGDSCR.MOE, M the vCPU's.  A step is v7dbg_enter(), v7dbg_trap(),
 * v7dbg_event() or v7dbg_exit().  After each of them:
 *
 * I1  rest       after exit the owner is HOST and TDE is set.
 * I2  tde        TDE is clear only while GUEST owns, and after a step that clears it or
 *                changes M only where P, just read, is M.
 * I3  save       the step that leaves HOST saves the host's controls and DBGVCR, no
 *                other does: once in a run.  A value is saved once too, when its slot
 *                is first loaded.
 * I4  parked     PARKED: nothing is enabled.
 * I5  effective  eff and active are what the registers, MDBGen, the locks and the filter
 *                say; user_eff, what the VMM's points and the filter say.
 * I6  loaded     what is enabled is all that the owner asks for and nothing else, each
 *                slot at its place on this CPU, as the filter makes it.
 * I7  confined   nothing that is enabled can match in HYP or in Secure state.
 * I8  user       while the VMM debugs the vCPU, GUEST does not own and TDE is set;
 *                USER owns only then.
 * I9  held       a vCPU's points are loaded, or it is held; held, none is: the owner
 *                is HOST or PARKED.
 * I10 moe        M is the MOE of the guest's last debug exception or write, and what it
 *                reads: it changes where an event is reflected, where the guest writes
 *                it, and where P is the guest's, which is exactly while TDE is clear.
 * I11 restore    a host's register is overwritten only when it was saved, and exit
 *                writes back each one that was.
 * I12 order      a plan names only registers that the CPU has; a value changes only
 *                under a control that is off.
 * I13 untouched  a step of a vCPU without points that finds HOST and leaves HOST
 *                touches no register, and only an event makes one leave it.
 * I14 bits       a vCPU's state has only implemented bits, in slots that it has.
 *
 * docs/debug-model.md tells what proves each.  With -DV7DBG_DEBUG they are asserted
 * at the end of every function that changes a vCPU, and the CPU with it; else there is no code
 * for it.
 */
#ifdef V7DBG_DEBUG
/*
 * Those that a state shows: of a vCPU that no CPU has loaded (cpu NULL), or of one
 * that runs on cpu and has had v7dbg_enter() if v7dbg_needs_enter().
 */
void v7dbg_check(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu);
#endif

/* ---- accesses ----------------------------------------------------------- */

enum v7dbg_form {
	V7DBG_FORM_MRC_MCR,   /* HSR.EC 0x05 */
	V7DBG_FORM_LDC_STC,   /* HSR.EC 0x06 */
	V7DBG_FORM_MRRC_MCRR, /* HSR.EC 0x0C */
};

/* One CP14 access as the syndrome describes it, B3.13.6. */
struct v7dbg_access {
	uint8_t form; /* enum v7dbg_form */
	uint8_t opc1;
	uint8_t crn; /* MRC_MCR only */
	uint8_t crm;
	uint8_t opc2; /* MRC_MCR only */
	uint8_t rt;   /* which core registers: for the caller */
	uint8_t rt2;
	bool write;	/* to the coprocessor: MCR, MCRR, LDC */
	bool pl0;	/* from User mode */
	uint32_t value; /* what is written */
	uint32_t dscr;	/* DBGDSCRint as it is now, where v7dbg_needs_dscr() */
};

/*
 * True where v7dbg_trap() looks at acc->dscr: P is the guest's (TDE is clear), or
 * a write may arm a point.  Arming has to see P = M, MDBGen and HDBGen of this
 * CPU first; a dscr of 0 there keeps every point off until the next entry.
 */
static inline bool v7dbg_needs_dscr(const struct v7dbg_cpu *cpu, const struct v7dbg_access *acc)
{
	return !cpu->tde || acc->write;
}

/*
 * Fill form, opc1, crn, crm, opc2, rt, rt2 and write from a syndrome.  Returns
 * false for an EC that is not 0x05, 0x06 or 0x0C.  LDC and STC carry no
 * register number: the architecture has them only for DBGDTRTXint and
 * DBGDTRRXint (C6.4.1), and so they are decoded as that encoding, with rt 0.
 */
bool v7dbg_decode(uint32_t hsr, struct v7dbg_access *acc);

enum v7dbg_verdict {
	V7DBG_DONE,  /* emulated: for a read write result.value to Rt; skip it */
	V7DBG_UNDEF, /* give the guest an Undefined Instruction exception */
	/* Not a debug register (opc1 1, 6, 7: trace, ThumbEE, Jazelle): the
	 * caller's own affair. */
	V7DBG_NOT_MINE,
};

struct v7dbg_result {
	/*
	 * Of a read.  LDC and STC: the caller accesses memory (LDC before the
	 * call, into acc->value; STC after it), or gives UNDEF instead of calling.
	 */
	uint32_t value;
	uint32_t value2;	/* high word of an MRRC */
	struct v7dbg_plan plan; /* to be carried out whatever the verdict */
};

/*
 * The guest's access, emulated.  In HYP, guest stopped.  The caller has checked
 * the condition code.
 */
enum v7dbg_verdict v7dbg_trap(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
			      const struct v7dbg_access *acc, struct v7dbg_result *result);

/* ---- debug exceptions that arrived in HYP ------------------------------ */

enum v7dbg_event_class {
	V7DBG_EVENT_PREFETCH, /* HSR.EC 0x20, IFSC 0x22 */
	V7DBG_EVENT_DATA,     /* HSR.EC 0x24, DFSC 0x22 */
};

enum v7dbg_answer {
	/* The guest's: enter its Abort mode, see v7dbg_exception_entry(). */
	V7DBG_REFLECT,
	/* The host's, now parked: return to the same instruction. */
	V7DBG_RESUME,
	/* The VMM's point: exit to it. */
	V7DBG_TO_USER,
	/* Nothing enabled explains it: exit to the host, count it, do not resume. */
	V7DBG_REJECT,
};

/* dscr: DBGDSCRint, read after the exception: its MOE tells the cause. */
enum v7dbg_answer v7dbg_event(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
			      enum v7dbg_event_class kind, uint32_t dscr, struct v7dbg_plan *plan);

/*
 * A data access that the hypervisor is about to emulate (it aborted at stage
 * 2, before the watchpoint unit saw it).  Returns true where an effective
 * watchpoint of the guest matches any of its bytes; the caller then injects the
 * watchpoint instead (v7dbg_watch_taken() and v7dbg_exception_entry()).
 * va: virtual address, size: 1, 2, 4 or 8 bytes, pl0: made at PL0 or by an
 * unprivileged access (LDRT).  contextidr: the guest's, for linked points.
 * far: unless NULL it gets the address of the first byte that is watched, for DFAR;
 * nothing is written to it where the answer is false.
 */
bool v7dbg_mmio_watch(const struct v7dbg_vcpu *vcpu, uint32_t va, unsigned int size, bool write,
		      bool pl0, uint32_t contextidr, uint32_t *far);
/*
 * The same question about the VMM's watchpoints, for they are to stop at a device
 * as they do at memory.  Where it returns true the caller emulates nothing and
 * exits to the VMM, the PC at the access.  False unless the VMM debugs the vCPU;
 * v7dbg_mmio_watch() is false while it does.
 */
bool v7dbg_user_watch(const struct v7dbg_vcpu *vcpu, uint32_t va, unsigned int size, bool write,
		      bool pl0, uint32_t contextidr, uint32_t *far);
/*
 * Record in M that the guest is being given a watchpoint, or the exception of a
 * BKPT; after v7dbg_exit(), that is while no CPU has the vCPU loaded.  Where it is
 * still loaded (a device emulated in HYP), call v7dbg_event() with
 * V7DBG_EVENT_DATA instead: P is then no longer M, and TDE has to say so.
 */
void v7dbg_watch_taken(struct v7dbg_vcpu *vcpu);
void v7dbg_bkpt_taken(struct v7dbg_vcpu *vcpu);

/* ---- exceptions taken by the guest -------------------------------------- */

enum v7dbg_exception {
	V7DBG_EXC_UNDEF,
	V7DBG_EXC_PREFETCH_DEBUG, /* breakpoint, BKPT, vector catch */
	V7DBG_EXC_DATA_DEBUG,	  /* watchpoint */
	V7DBG_EXC_PREFETCH_EXT,	  /* synchronous external abort */
	V7DBG_EXC_DATA_EXT,
};

/* The guest's state that decides how it takes an exception. */
struct v7dbg_guest {
	uint32_t pc;   /* ELR_hyp: the instruction that faulted */
	uint32_t cpsr; /* SPSR_hyp */
	uint32_t sctlr;
	uint32_t vbar;
	uint32_t ttbcr; /* EAE selects the fault status format */
	uint32_t hsr;	/* WnR and CM of a data abort */
};

/* B1.8.3 (ARM pseudocode TakeUndefInstrException and its siblings). */
struct v7dbg_entry {
	uint32_t pc;   /* the vector */
	uint32_t cpsr; /* the new mode: UND or ABT; flags and F kept */
	uint32_t lr;   /* LR of that mode */
	uint32_t spsr; /* SPSR of that mode */
	uint32_t fsr;  /* IFSR or DFSR; not for UNDEF */
};

void v7dbg_exception_entry(enum v7dbg_exception kind, const struct v7dbg_guest *guest,
			   struct v7dbg_entry *entry);

/* ---- one register, by its encoding --------------------------------------- */

/* CP14 encoding packed as a table key: opc1, CRn, CRm, opc2. */
#define V7DBG_ENC(opc1, crn, crm, opc2) (((opc1) << 11) | ((crn) << 7) | ((crm) << 3) | (opc2))

/*
 * Read or write one register of the list from outside, in any order, while the
 * vCPU is not running.  Values that a guest could not have written are
 * accepted with the unimplemented bits cleared.  enc: V7DBG_ENC().
 *
 * V7DBG_ERR_NO_REGISTER: with caps.absent, for every encoding.  V7DBG_ERR_CONSTANT:
 * another value for an identification register (DBGDIDR, DBGDEVID, DBGDEVID1, DBGDEVID2,
 * DBGAUTHSTATUS: what caps say).  A guest that was told this value elsewhere cannot have
 * the same here.
 *
 * What is saved with get and restored with set has to be the same again,
 * whatever the order, so a few registers differ from what a guest's access does:
 * DBGCLAIMSET and DBGCLAIMCLR both are the tags themselves, set replaces them;
 * DBGOSLAR reads as the key while the lock is set, else 0; DBGOSLSR sets the
 * lock; DBGDSCRext sets TXfull and MOE too.  Writes to DBGDTR[RT]Xint and to
 * the read-only registers that identify nothing are ignored.
 */
enum v7dbg_error v7dbg_get(const struct v7dbg_vcpu *vcpu, uint16_t enc, uint32_t *value);
enum v7dbg_error v7dbg_set(struct v7dbg_vcpu *vcpu, uint16_t enc, uint32_t value);
/*
 * The encodings this vCPU has, for KVM_GET_REG_LIST: up to max of them go to
 * encs; returns how many there are.
 */
unsigned int v7dbg_list(const struct v7dbg_vcpu *vcpu, uint16_t *encs, unsigned int max);
/* "DBGBVR3", or NULL; buf has room for V7DBG_NAME_MAX bytes. */
#define V7DBG_NAME_MAX 16
const char *v7dbg_name(uint16_t enc, char *buf);
/*
 * What an access is to be called: its register by the side that it uses
 * (DBGDTRTXint is written where DBGDTRRXint is read), or its encoding as an
 * assembler has it, "p14, 6, c0, c0, 0".  Returns buf, which has room for
 * V7DBG_ACCESS_NAME_MAX bytes.
 */
#define V7DBG_ACCESS_NAME_MAX 24
const char *v7dbg_access_name(const struct v7dbg_access *acc, char *buf);
/* Counter n, in the order of the structure: name and value; NULL where there is none. */
const char *v7dbg_stat(const struct v7dbg_stats *stats, unsigned int n, uint32_t *value);

/* ---- the VMM debugs the vCPU ---------------------------------------------- */

/*
 * Suspend the guest's points and use these, by virtual slot, instead; they pass
 * the same filter.  The guest's are suspended where there is not one that passes,
 * too.  NULL gives the guest's own back.  The vCPU is not running.
 */
void v7dbg_user(struct v7dbg_vcpu *vcpu, const struct v7dbg_regs *points);
/*
 * Whose a BKPT is while the VMM debugs the vCPU: its (V7DBG_TO_USER, the guest sees
 * nothing of it, not in M either) or the guest's.  It is the guest's again after
 * v7dbg_user(vcpu, NULL).  The vCPU is not running.
 */
void v7dbg_user_bkpt(struct v7dbg_vcpu *vcpu, bool on);
/*
 * Let the guest execute the instruction at pc, and stop (V7DBG_TO_USER) at the fetch
 * of any other: one more point of the VMM, an address mismatch breakpoint at PL1 and
 * PL0 (C3.3.2), in a breakpoint slot that none of its points is in.  Again: pc is
 * another.  v7dbg_user() takes it away.  An instruction that is emulated, or that
 * takes an exception, moves the PC, and the fetch from there stops; one that
 * branches to itself does not.
 * thumb: CPSR.T.  The vCPU is not running.
 *
 * V7DBG_ERR_NOT_DEBUGGED, V7DBG_ERR_NO_MISMATCH (caps.mismatch is false) and
 * V7DBG_ERR_NO_SLOT take the last step away too.
 */
enum v7dbg_error v7dbg_user_step(struct v7dbg_vcpu *vcpu, uint32_t pc, bool thumb);

#ifdef __cplusplus
}
#endif

#endif /* V7DBG_H */
