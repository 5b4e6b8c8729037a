/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the HYP image share.  The rules for all code in this folder:
 *
 *  - It runs in Hyp mode, at an address that depends on the machine: no absolute address,
 *    no writable static data, no call out of the image.  The linker and `make check`
 *    enforce all three.
 *  - Interrupts are masked throughout.  Nothing waits, and nothing loops on memory that
 *    something else writes.
 *  - It accesses only its stack, struct hyp_percpu, struct hyp_vcpu and GICH.
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

/* vectors.S */
enum hyp_exit hyp_enter_guest(struct hyp_vcpu *vcpu);

/* vectors.S: values of HVBAR while a guest runs; hidden, so that no GOT is needed */
#define HIDDEN __attribute__((visibility("hidden")))
extern const char hyp_guest_vectors[] HIDDEN;
extern const char hyp_guest_vectors_iciallu[] HIDDEN;
extern const char hyp_guest_vectors_bpiall[] HIDDEN;
#undef HIDDEN

/* Called from vectors.S */
uint32_t hyp_host_call(uint32_t fn, uint32_t a1, uint32_t a2);
enum hyp_exit hyp_guest_exit(struct hyp_vcpu *vcpu, uint32_t vector);
void hyp_run_lost(struct hyp_vcpu *vcpu, uint32_t pc);

/* trap.c */
void hyp_note_panic(struct hyp_vcpu *vcpu, uint32_t pc);

/* switch.c */
enum hyp_exit hyp_run(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);

/* banked-sr.c, cp15-sr.c */
void hyp_banked_save(struct hyp_regs *regs);
void hyp_banked_restore(const struct hyp_regs *regs);
void hyp_cp15_save(struct hyp_cp15 *ctx);
void hyp_cp15_restore(const struct hyp_cp15 *ctx);

/* timer-sr.c, vgic-sr.c */
void hyp_timer_enter(const struct hyp_percpu *cpu, const struct hyp_timer *timer);
void hyp_timer_exit(const struct hyp_percpu *cpu, struct hyp_timer *timer);
void hyp_vgic_enter(const struct hyp_vgic *vgic);
void hyp_vgic_exit(struct hyp_vgic *vgic);

/* vfp-sr.c */
bool hyp_vfp_trap(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);
bool hyp_vfp_id(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu, uint32_t hsr);
void hyp_vfp_exit(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);

/* debug-probe.c: what this CPU's debug unit has */
void hyp_debug_probe(struct v7dbg_cpu_id *id);
void hyp_debug_probe_devid(struct v7dbg_cpu_id *id);
uint32_t hyp_debug_mismatch_begin(struct hyp_percpu *cpu);
uint32_t hyp_debug_mismatch_end(struct hyp_percpu *cpu);

/* debug-sr.c: the debug registers around a run; debug-sr.h has the rest */
void hyp_debug_enter(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);
void hyp_debug_exit(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);
void hyp_debug_lost(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu);

/* debug-trap.c: debug exceptions and CP14 accesses that came to HYP */
uint32_t hyp_debug_event(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu,
			 enum v7dbg_event_class class);
uint32_t hyp_debug_trap(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu, uint32_t hsr);

/* cp14-other.c */
bool hyp_cp14_other(const struct v7dbg_access *acc, uint32_t *value);

/* guest.c: registers of the stopped guest that are still in the CPU */
uint32_t hyp_guest_reg(const struct hyp_vcpu *vcpu, unsigned int n);
void hyp_guest_set_reg(struct hyp_vcpu *vcpu, unsigned int n, uint32_t value);
void hyp_guest_skip(uint32_t hsr);
void hyp_guest_inject(enum v7dbg_exception kind);

#endif /* HYP_HYP_H */
