/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the HYP image share.  The rules for all code in this folder:
 *
 *  - It runs in Hyp mode, at an address that depends on the machine: no absolute address,
 *    no writable static data, no call out of the image.  The linker and `make check`
 *    enforce all three.
 *  - Interrupts are masked throughout.  Nothing waits, and nothing loops on memory that
 *    something else writes.
 *  - It accesses only its stack, struct hyp_percpu, struct hyp_vcpu, its struct hyp_gicd_vm, GICH
 *    and, of GICD, GICD_ISACTIVER0.
 *  - Every *_enter() has its *_exit() directly below it.
 */
#ifndef HYP_HYP_H
#define HYP_HYP_H

#include "abi.h"
#include "sysreg.h"

static inline struct hyp_percpu *hyp_this_cpu(void)
{
	return (struct hyp_percpu *)read_sysreg(HTPIDR);
}

/*
 * vectors.S: run the guest until hyp_guest_exit() wants the host, and return its reason.
 * vcpu->regs has PC, CPSR, r0 to r12 and LR_usr on entry and on return.  Everything else of
 * the guest is in the CPU.
 */
enum hyp_exit hyp_enter_guest(struct hyp_vcpu *vcpu);

/*
 * vectors.S: values of HVBAR while a guest runs.  The last two discard branch predictions
 * first.  Hidden, so that no GOT is needed.
 */
#define HIDDEN __attribute__((visibility("hidden")))
extern const char hyp_guest_vectors[] HIDDEN;
extern const char hyp_guest_vectors_iciallu[] HIDDEN;
extern const char hyp_guest_vectors_bpiall[] HIDDEN;
#undef HIDDEN

/*
 * host.c, called from vectors.S: the host's HVC, except HYP_CALL_RUN.  fn is HYP_CALL_*, a1
 * and a2 are its arguments.  Returns what the call returns, or HYP_STUB_ERR for an unknown
 * number.
 */
uint32_t hyp_host_call(uint32_t fn, uint32_t a1, uint32_t a2);

/*
 * trap.c, called from vectors.S: the guest stopped, not for an interrupt.  Returns
 * HYP_EXIT_NONE if HYP has served the exit and the guest resumes.
 */
enum hyp_exit hyp_guest_exit(struct hyp_vcpu *vcpu);

/* trap.c: the same, with HSR already read, of all that has no shorter way. */
enum hyp_exit hyp_serve_trap(struct hyp_vcpu *vcpu, uint32_t hsr);

/* trap.c: keep pc, HSR and HDFAR of a fault of HYP's own for the host's log. */
void hyp_note_panic(struct hyp_vcpu *vcpu, uint32_t pc);

/* switch.c: HYP_CALL_NOTE_HOST. */
void hyp_note_host(struct hyp_found *found);

/* switch.c, called from vectors.S: HYP_CALL_RUN.  World switch in, guest, world switch out. */
enum hyp_exit hyp_run(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);

/*
 * switch.c, called from vectors.S: HYP faulted at pc inside hyp_run().  Restores the host's
 * registers; the guest's are lost.
 */
void hyp_run_lost(struct hyp_vcpu *vcpu, uint32_t pc);

/*
 * pl1-sr.S: SP, LR and SPSR of each exception mode, r8 to r12 of FIQ mode and SP_usr
 * (B1.3.2), and the rows of cp15.def that the world switch swaps.  Of the host only those that
 * are live while it calls HYP.  svc is the member of struct hyp_regs; a struct hyp_cp15 must follow
 * that structure.
 */
void hyp_host_save(uint32_t *live);
void hyp_host_restore(const uint32_t *live);
void hyp_pl1_save(uint32_t *svc);
void hyp_pl1_restore(const uint32_t *svc);

/*
 * vfp-sr.c: the guest's first VFP instruction of this run loads its registers.  Returns
 * false if the CPU has no VFP.
 */
bool hyp_vfp_trap(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);

/*
 * vfp-sr.c: VMRS of an ID register that HCR.TID3 traps (B1.14.3).  Returns false if the
 * guest may not read it; then nothing has changed but the VFP registers.
 */
bool hyp_vfp_id(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu, uint32_t hsr);

/* vfp-sr.c: give the host its VFP registers; the guest's are in the CPU. */
void hyp_vfp_swap_back(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);

/* gicd.c: a data abort of the guest at the GIC's distributor, else hyp_data_abort(). */
enum hyp_exit hyp_gicd_access(struct hyp_vcpu *vcpu, uint32_t hsr);
/* trap.c: a data abort that is not. */
enum hyp_exit hyp_data_abort(struct hyp_vcpu *vcpu, uint32_t hsr);

/*
 * raise.c: make an interrupt of this vCPU pending, in a free list register, which gets lr.  False
 * if the kernel has to do it, because none is free or there is more to know about the interrupt.
 */
bool hyp_raise(struct hyp_vgic *vgic, uint32_t lr);

/*
 * raise.c, called from vectors.S: an interrupt of the CPU ended the run.  HYP_EXIT_NONE if it was
 * the guest's timer, and the guest has its interrupt; else HYP_EXIT_IRQ.
 */
enum hyp_exit hyp_guest_irq_exit(struct hyp_vcpu *vcpu);

/*
 * debug-probe.c: what this CPU's debug unit has (C11).  The DEVIDs have a call of their own,
 * because reading them may fault.
 */
void hyp_debug_probe(struct v7dbg_cpu_id *id);
void hyp_debug_probe_devid(struct v7dbg_cpu_id *id);

/*
 * debug-probe.c: HYP_CALL_MISMATCH and HYP_CALL_MISMATCH_END set and judge a trial mismatch
 * breakpoint.  Both return the number of the second call.
 */
uint32_t hyp_debug_mismatch_begin(struct hyp_percpu *cpu);
uint32_t hyp_debug_mismatch_end(struct hyp_percpu *cpu);

/*
 * debug-trap.c: a debug exception that HDCR.TDE brought to HYP.  Returns HYP_EXIT_NONE if
 * the guest resumes, with or without the exception.
 */
enum hyp_exit hyp_debug_event(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu,
			      enum v7dbg_event_class class);

/*
 * debug-trap.c: a CP14 access that HDCR, HSTR or HCPTR trapped.  HYP has served it when this
 * returns: HYP_EXIT_NONE, or HYP_EXIT_TRACED if the host traces accesses.
 */
enum hyp_exit hyp_debug_trap(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu, uint32_t hsr);

/*
 * answers.c: an MRC or MCR of CP15 whose condition always holds, and an HVC.  HYP_EXIT_NONE, or
 * HYP_EXIT_TRAP if the kernel has to answer.
 */
enum hyp_exit hyp_answer_cp15(struct hyp_vcpu *vcpu, uint32_t hsr);
enum hyp_exit hyp_answer_hvc(struct hyp_vcpu *vcpu, uint32_t hsr);

/* check-fault.S: HYP faults, and ends in the vector of that number.  Does not return. */
void hyp_check_fault(uint32_t vector, uint32_t words);

/*
 * cp14-other.c: CP14 registers that are not debug registers.  Returns false if the access is
 * UNDEFINED; *value is what a read gets.
 */
bool hyp_cp14_other(const struct v7dbg_access *acc, uint32_t *value);

/* guest.c: register n, 0 to 14, of the stopped guest's current mode. */
uint32_t hyp_guest_reg(const struct hyp_vcpu *vcpu, unsigned int n);
void hyp_guest_set_reg(struct hyp_vcpu *vcpu, unsigned int n, uint32_t value);

/* guest.c: move the guest past the trapped instruction, whose syndrome is hsr. */
void hyp_guest_skip(uint32_t hsr);

/*
 * Of an MRC or MCR whose condition always holds: is it from a privileged mode, outside an IT
 * block, and is Rt not banked there?  r8 to r12 are in FIQ mode, r13 and r14 in every mode;
 * Rt 15 is the flags.
 */
static inline bool hyp_guest_plain(uint32_t hsr)
{
	uint32_t cpsr = read_spsr_hyp();

	V7DBG_STATIC_ASSERT((PSR_USR & 0xe) == 0 && (PSR_FIQ & 0xe) == 0,
			    "the two modes without [3:1]");
	return (cpsr & 0xe) && !(cpsr & PSR_IT) && HSR_RT(hsr) <= 12;
}

static inline void hyp_guest_skip_plain(void)
{
	write_banked(ELR_hyp, read_banked(ELR_hyp) + 4);
}

/*
 * guest.c: write what the CPU would have written when it takes the exception (B1.8.3).  The
 * caller writes the fault address register, if the exception has one.
 */
void hyp_guest_inject(enum v7dbg_exception kind);
/* The same for V7DBG_EXC_PREFETCH_DEBUG.  Returns HYP_EXIT_NONE. */
enum hyp_exit hyp_guest_inject_prefetch(void);
/* The same for V7DBG_EXC_DATA_DEBUG, with DFAR. */
enum hyp_exit hyp_guest_inject_watch(void);

#endif /* HYP_HYP_H */
