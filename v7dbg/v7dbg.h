/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * v7dbg: the debug registers of one virtual CPU, for any ARMv7-A hypervisor.
 *
 * The library decides and touches no hardware.  The hypervisor keeps
 * HDCR.{TDRA,TDOSA,TDA} set while a guest runs.  It hands each trapped access to
 * v7dbg_trap() and each debug exception that reaches HYP to v7dbg_event(), calls
 * v7dbg_enter() and v7dbg_exit() around the guest where they have work to do, and
 * carries out the plans that come back.  All input and all output is values.
 *
 * What a hypervisor that does so can rely on:
 *
 *  - Every access of a guest to a debug register is emulated.  No guest writes a debug
 *    register of the CPU.
 *  - A guest's breakpoints, watchpoints and vector catches are loaded into the CPU, as
 *    many as the CPU has, in a form that matches in the guest's Non-secure PL1 and PL0
 *    and nowhere else.
 *  - Points work only on a CPU in Monitor debug-mode.  Where one CPU is not, a guest's
 *    DBGDSCR.MDBGen does not stick, and the guest can see that it has no points.
 *  - DBGDSCR is never written and never switched.  A guest still reads its own MOE.
 *  - The entry and the exit of a guest without points need no access to a debug register,
 *    and its own accesses change none.
 *  - The host's points stay the host's: no debug exception of a host's point goes to a
 *    guest, none of a guest's to the host, and after each exit the host's values, controls
 *    and DBGVCR are bit-exactly as it left them.
 *
 * A vCPU's state and a CPU's are not locked.  Call a function on the CPU that runs the
 * vCPU, in HYP mode with interrupts masked; or while the vCPU is not running.  None
 * blocks, allocates or recurses.
 *
 * "Host" is whatever uses the debug registers when no guest runs: a kernel, or the
 * hypervisor itself.  "VMM" is what debugs a guest from outside.  Sections are of the
 * ARMv7-A/R manual, DDI 0406C.  v7dbg_state.h has the structures, v7dbg_fields.h the
 * registers' fields, v7dbg_quick.h quicker ways for what guests do most.
 */
#ifndef V7DBG_H
#define V7DBG_H

#include "v7dbg_state.h"

#ifdef __cplusplus
extern "C" {
#endif

#define V7DBG_VERSION 5

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

/* absent: give guests no debug registers; all of them are RAZ/WI. */
void v7dbg_caps_init(struct v7dbg_caps *caps, bool absent);
/*
 * Add one CPU.  V7DBG_ERR_ARCHITECTURE, with caps unchanged, if DBGDIDR.Version is not 5;
 * every ARMv7 CPU with the Virtualization Extensions has v7.1 Debug.  If guests get no
 * debug registers, any CPU will do.
 */
enum v7dbg_error v7dbg_caps_add(struct v7dbg_caps *caps, const struct v7dbg_cpu_id *id);
/* A guest's ID_DFR0, from the CPU's: CopDbg as caps say, no trace, no PMU. */
uint32_t v7dbg_id_dfr0(const struct v7dbg_caps *caps, uint32_t id_dfr0);

/* ---- one physical CPU ------------------------------------------------- */

void v7dbg_cpu_init(struct v7dbg_cpu *cpu, const struct v7dbg_cpu_id *id);
/* The physical number of virtual breakpoint n; watchpoints keep their numbers. */
unsigned int v7dbg_physical_brp(const struct v7dbg_caps *caps, const struct v7dbg_cpu *cpu,
				unsigned int n);

/* ---- one virtual CPU --------------------------------------------------- */

void v7dbg_init(struct v7dbg_vcpu *vcpu, const struct v7dbg_caps *caps);
/*
 * Cold reset of the debug logic, as C11.11 says for each register.  Counters and what the
 * VMM asked for stay.  The vCPU is not running.
 */
void v7dbg_reset(struct v7dbg_vcpu *vcpu);

/*
 * True if entry has work to do: then read DBGDSCRint and call v7dbg_enter().  If false,
 * enter the guest with TDE set and every debug register as it is; no CP14 access is
 * needed.
 */
static inline bool v7dbg_needs_enter(const struct v7dbg_vcpu *vcpu)
{
	return vcpu->active || vcpu->user_on;
}

/*
 * Before the guest runs, with HDCR.{TDRA,TDOSA,TDA,TDE} set (cpu->tde is true).  dscr:
 * DBGDSCRint, just read on this CPU.
 */
void v7dbg_enter(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		 struct v7dbg_plan *plan);

/* True if v7dbg_exit() has work to do. */
static inline bool v7dbg_needs_exit(const struct v7dbg_cpu *cpu)
{
	return cpu->owner != V7DBG_OWNER_HOST;
}

/*
 * After the guest ran and before the host does.  dscr: DBGDSCRint, read on this CPU after
 * the guest stopped; used only if cpu->tde is false.  The owner is HOST and cpu->tde true
 * when it returns; the caller restores the whole of HDCR.
 */
void v7dbg_exit(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		struct v7dbg_plan *plan);

/*
 * v7dbg_exit() for a caller that itself faulted between v7dbg_enter() and v7dbg_exit(),
 * perhaps in the middle of a plan.  saved: what the caller noted, each register after it
 * was read and before it was overwritten.  The plan writes back those registers and no
 * others: the host's value of the others is not known, and they were not touched.
 */
void v7dbg_exit_lost(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		     const struct v7dbg_saved *saved, struct v7dbg_plan *plan);

/* ---- invariants --------------------------------------------------------- */

/*
 * P is the CPU's DBGDSCR.MOE, M the vCPU's.  A step is v7dbg_enter(), v7dbg_trap(),
 * v7dbg_event() or v7dbg_exit().  After each of them:
 *
 * I1  rest       After exit the owner is HOST and TDE is set.
 * I2  tde        TDE is clear only while GUEST owns.  A step that clears it, or that
 *                changes M while it is clear, has just read P, and P is M.
 * I3  save       The step that leaves HOST saves the host's controls and DBGVCR, and no
 *                other step does: once in a run.  A value is saved once too, when its
 *                slot is first loaded.
 * I4  parked     While PARKED owns, nothing is enabled.
 * I5  effective  eff and active are what the registers, MDBGen, the locks and the filter
 *                say; user_eff is what the VMM's points and the filter say.
 * I6  loaded     Enabled is all that the owner asks for and nothing else, each slot at
 *                its place on this CPU, as the filter makes it.
 * I7  confined   Nothing that is enabled can match in HYP or in Secure state.
 * I8  user       While the VMM debugs the vCPU, GUEST does not own and TDE is set.
 *                USER owns only then.
 * I9  held       A vCPU's points are loaded, or it is held.  While it is held none is
 *                loaded: the owner is HOST or PARKED.
 * I10 moe        M is the MOE of the guest's last debug exception or write, and what the
 *                guest reads.  It changes when an event is reflected, when the guest
 *                writes it, and by P while P is the guest's, which is exactly while TDE
 *                is clear.
 * I11 restore    A register of the host is overwritten only after it was saved, and exit
 *                writes back each one that was overwritten.
 * I12 order      A plan names only registers that the CPU has.  A value changes only
 *                under a control that is off.
 * I13 untouched  A step of a vCPU without points that finds HOST and leaves HOST touches
 *                no register, and only an event makes it leave HOST.
 * I14 bits       A vCPU's state has only implemented bits, in slots that it has.
 *
 * With -DV7DBG_DEBUG they are asserted at the end of every function that changes a vCPU;
 * without it there is no code for them.  docs/debug-model.md says what proves each.
 */
#ifdef V7DBG_DEBUG
/*
 * Assert those that speak of a state, not of a step: of a vCPU that is not running (cpu
 * NULL), or of one that runs on cpu, after v7dbg_enter() if v7dbg_needs_enter().
 */
void v7dbg_check(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu);
#endif

/* ---- accesses ----------------------------------------------------------- */

enum v7dbg_form {
	V7DBG_FORM_MRC_MCR,   /* HSR.EC 0x05 */
	V7DBG_FORM_LDC_STC,   /* HSR.EC 0x06 */
	V7DBG_FORM_MRRC_MCRR, /* HSR.EC 0x0C */
};

/* A CP14 access as the syndrome describes it, B3.13.6. */
struct v7dbg_access {
	uint8_t form; /* enum v7dbg_form */
	uint8_t opc1;
	uint8_t crn; /* MRC_MCR only */
	uint8_t crm;
	uint8_t opc2; /* MRC_MCR only */
	uint8_t rt;   /* the core registers: for the caller */
	uint8_t rt2;
	bool write;	/* to the coprocessor: MCR, MCRR, LDC */
	bool pl0;	/* from User mode */
	uint32_t value; /* of a write */
	uint32_t dscr;	/* DBGDSCRint, just read, if v7dbg_needs_dscr() */
};

/*
 * True if v7dbg_trap() uses acc->dscr: P is the guest's (TDE is clear), or a write may arm
 * a point.  Arming needs P, MDBGen and HDBGen of this CPU; with a dscr of 0 every point
 * would stay off until the next entry.
 */
static inline bool v7dbg_needs_dscr(const struct v7dbg_cpu *cpu, const struct v7dbg_access *acc)
{
	return !cpu->tde || acc->write;
}

/*
 * Fill in form, opc1, crn, crm, opc2, rt, rt2 and write from a syndrome.  Is it one of a
 * CP14 access, EC 0x05, 0x06 or 0x0C?  LDC and STC have no register number: the
 * architecture has them only for DBGDTRTXint and DBGDTRRXint (C6.4.1), so they are decoded
 * as that encoding, with rt 0.
 */
bool v7dbg_decode(uint32_t hsr, struct v7dbg_access *acc);

enum v7dbg_verdict {
	V7DBG_DONE,  /* emulated: write result.value of a read to Rt, skip the instruction */
	V7DBG_UNDEF, /* give the guest an Undefined Instruction exception */
	/* Trace, ThumbEE or Jazelle (opc1 1, 6, 7): for the caller to emulate. */
	V7DBG_NOT_MINE,
};

struct v7dbg_result {
	/*
	 * Of a read.  For LDC and STC the caller accesses memory: for LDC before the call,
	 * into acc->value, for STC after it.  Or it gives UNDEF instead of calling.
	 */
	uint32_t value;
	uint32_t value2;	/* the high word of an MRRC */
	struct v7dbg_plan plan; /* carry it out whatever the verdict */
};

/*
 * Emulate a guest's access.  In HYP, with the guest stopped, after the caller has checked
 * the instruction's condition.
 */
enum v7dbg_verdict v7dbg_trap(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
			      const struct v7dbg_access *acc, struct v7dbg_result *result);

/* ---- debug exceptions that reach HYP ------------------------------------ */

enum v7dbg_event_class {
	V7DBG_EVENT_PREFETCH, /* HSR.EC 0x20, IFSC 0x22 */
	V7DBG_EVENT_DATA,     /* HSR.EC 0x24, DFSC 0x22 */
};

enum v7dbg_answer {
	/* The guest's: let it take the exception, see v7dbg_exception_entry(). */
	V7DBG_REFLECT,
	/* The host's, which is parked now: return to the same instruction. */
	V7DBG_RESUME,
	/* The VMM's: exit to it. */
	V7DBG_TO_USER,
	/* Nothing that is enabled explains it: stop the guest, never resume it there. */
	V7DBG_REJECT,
};

/* dscr: DBGDSCRint, read after the exception; its MOE is the cause. */
enum v7dbg_answer v7dbg_event(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
			      enum v7dbg_event_class kind, uint32_t dscr, struct v7dbg_plan *plan);

/*
 * Does an effective watchpoint of the guest match a data access that the hypervisor is
 * about to emulate?  Such an access aborted at stage 2, before the watchpoint unit saw it.
 * If true the caller injects the watchpoint instead of emulating the access
 * (v7dbg_watch_taken() and v7dbg_exception_entry()).
 *
 * va: virtual address.  size: 1, 2, 4 or 8 bytes.  pl0: made at PL0, or by an unprivileged
 * instruction (LDRT).  contextidr: the guest's, for linked points.  far: NULL, or where the
 * address of the first byte that is watched goes, for DFAR; not written if false.
 */
bool v7dbg_mmio_watch(const struct v7dbg_vcpu *vcpu, uint32_t va, unsigned int size, bool write,
		      bool pl0, uint32_t contextidr, uint32_t *far);
/*
 * The same for the VMM's watchpoints, which stop at a device as they do at memory.  If true
 * the caller emulates nothing and exits to the VMM with the PC at the access.  While the
 * VMM debugs the vCPU v7dbg_mmio_watch() is false; while it does not, this one is.
 */
bool v7dbg_user_watch(const struct v7dbg_vcpu *vcpu, uint32_t va, unsigned int size, bool write,
		      bool pl0, uint32_t contextidr, uint32_t *far);
/*
 * Record in M that the caller gives the guest a watchpoint, or the exception of a BKPT.
 * After v7dbg_exit(), while the vCPU is not running.  While it is (a device emulated in
 * HYP), call v7dbg_event() with V7DBG_EVENT_DATA instead: P is not M then, and TDE has to
 * follow.
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

/* The state that the exception leaves: TakeUndefInstrException() and its kin, B1.8.3. */
struct v7dbg_entry {
	uint32_t pc;   /* the vector */
	uint32_t cpsr; /* mode UND or ABT; flags and F are kept */
	uint32_t lr;   /* LR of that mode */
	uint32_t spsr; /* SPSR of that mode */
	uint32_t fsr;  /* IFSR or DFSR; 0 for UNDEF */
};

void v7dbg_exception_entry(enum v7dbg_exception kind, const struct v7dbg_guest *guest,
			   struct v7dbg_entry *entry);

/* ---- one register, by its encoding --------------------------------------- */

/* A CP14 encoding in one number. */
#define V7DBG_ENC(opc1, crn, crm, opc2) (((opc1) << 11) | ((crn) << 7) | ((crm) << 3) | (opc2))

/*
 * Read or write one register of the list from outside the guest, while the vCPU is not
 * running.  enc: V7DBG_ENC().  A value that a guest could not have written is accepted,
 * with the unimplemented bits cleared.
 *
 * V7DBG_ERR_NO_REGISTER: also for every encoding if caps.absent.  V7DBG_ERR_CONSTANT: the
 * register identifies the CPU (DBGDIDR, DBGDEVID, DBGDEVID1, DBGDEVID2, DBGAUTHSTATUS) and
 * caps say another value.  A guest that was told this value elsewhere cannot run here.
 *
 * What get saves, set restores, in any order.  So these differ from a guest's access:
 *   DBGCLAIMSET, DBGCLAIMCLR  both are the tags; set replaces them
 *   DBGOSLAR                  reads as the key while the lock is set, else as 0
 *   DBGOSLSR                  OSLK sets or clears the lock
 *   DBGDSCRext                TXfull and MOE are written too
 *   read-only registers that identify nothing, and DBGDTRTXint  writes are ignored
 */
enum v7dbg_error v7dbg_get(const struct v7dbg_vcpu *vcpu, uint16_t enc, uint32_t *value);
enum v7dbg_error v7dbg_set(struct v7dbg_vcpu *vcpu, uint16_t enc, uint32_t value);
/*
 * The encodings of all registers of this vCPU, for get and set.  Up to max of them go to
 * encs; returns how many there are.
 */
unsigned int v7dbg_list(const struct v7dbg_vcpu *vcpu, uint16_t *encs, unsigned int max);
/* "DBGBVR3" in buf, which has room for V7DBG_NAME_MAX bytes; NULL: no register. */
#define V7DBG_NAME_MAX 16
const char *v7dbg_name(uint16_t enc, char *buf);
/*
 * The name of an access: of its register on the side that it uses (DBGDTRTXint is written
 * where DBGDTRRXint is read), or its encoding as in assembly, "p14, 6, c0, c0, 0".
 * Returns buf, which has room for V7DBG_ACCESS_NAME_MAX bytes.
 */
#define V7DBG_ACCESS_NAME_MAX 24
const char *v7dbg_access_name(const struct v7dbg_access *acc, char *buf);
/* Name and value of counter n, in the order of the structure; NULL: no such counter. */
const char *v7dbg_stat(const struct v7dbg_stats *stats, unsigned int n, uint32_t *value);

/* ---- the VMM debugs the vCPU ---------------------------------------------- */

/*
 * Use these points, by virtual slot, and suspend the guest's.  They pass the same filter;
 * the guest's are suspended even if none passes.  NULL gives the guest its own back.  The
 * vCPU is not running.
 */
void v7dbg_user(struct v7dbg_vcpu *vcpu, const struct v7dbg_regs *points);
/*
 * on: while the VMM debugs the vCPU each BKPT goes to it (V7DBG_TO_USER), and the guest
 * sees nothing of it, not in M either.  Off, and after v7dbg_user(vcpu, NULL), BKPT is the
 * guest's.  The vCPU is not running.
 */
void v7dbg_user_bkpt(struct v7dbg_vcpu *vcpu, bool on);
/*
 * Let the guest execute the instruction at pc, and stop (V7DBG_TO_USER) at the fetch of any
 * other.  This is one more point of the VMM, an address mismatch breakpoint at PL1 and PL0
 * (C3.3.2) in a breakpoint slot that none of its points uses.  Called again it moves to
 * another pc; v7dbg_user() removes it.  thumb: CPSR.T.  The vCPU is not running.
 *
 * An instruction that is emulated, or that takes an exception, moves the PC, and the fetch
 * from there stops.  One that branches to itself does not stop.
 *
 * V7DBG_ERR_NOT_DEBUGGED, V7DBG_ERR_NO_MISMATCH and V7DBG_ERR_NO_SLOT remove the last step
 * too.
 */
enum v7dbg_error v7dbg_user_step(struct v7dbg_vcpu *vcpu, uint32_t pc, bool thumb);

#ifdef __cplusplus
}
#endif

#endif /* V7DBG_H */
