/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry and exit of a guest with points by v7dbg's quick ways: the steps of v7dbg_quick.h; for
 * debug-sr.c only.
 */
#ifndef HYP_DEBUG_RUN_H
#define HYP_DEBUG_RUN_H

#include "debug-slots.h"

#define DBGVCR CP14(0, c0, c7, 0)

/* DBGDSCRint.  It concerns no memory, so unlike read_sysreg() this makes nothing be read again. */
static inline uint32_t dscr_now(void)
{
	uint32_t dscr;

	__asm__ volatile("mrc " DBGDSCRint : "=r"(dscr));
	return dscr;
}

/* DBGVCR.  To some emulators the instruction is a NOP, which leaves its register as it was. */
static inline uint32_t read_vcr(void)
{
	uint32_t vcr = 0;

	__asm__ volatile("mrc " DBGVCR : "+r"(vcr) : : "memory");
	return vcr;
}

/* Step 2 of the quick way in: has the host a point on? */
static inline bool host_is_on(struct v7dbg_cpu *debug)
{
	uint32_t any = read_straight_controls(debug) & DBGCR_E;

	debug->host_vcr = read_vcr();
	return any | debug->host_vcr;
}

/*
 * Step 4, and HDCR.  From here on hyp_debug_lost() restores what steps 2 and 3 have saved; it
 * finds in v7dbg's state what that is, so cpu->saved is empty.
 */
static inline void begin_quickly(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu, uint32_t dscr)
{
	uint32_t hdcr = cpu->found.guest_hdcr;

	v7dbg_quick_enter(&vcpu->debug, &cpu->debug, dscr);
	/* Else the exit reads it again. */
	if (cpu->debug.tde)
		vcpu->seen.dscr = dscr | HYP_SEEN_DSCR;
	else
		hdcr &= ~HDCR_TDE;
	write_sysreg(HDCR, hdcr);
}

/* Steps 3 to 6 for whatever points. */
static __attribute__((noinline)) void enter_any(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu,
						uint32_t dscr)
{
	const struct v7dbg_vcpu *guest = &vcpu->debug;
	struct v7dbg_cpu *debug = &cpu->debug;
	uint32_t brps = guest->eff.brp, wrps = guest->eff.wrp;

	read_bvrs(brps, debug->brp.host.value);
	read_wvrs(wrps, debug->wrp.host.value);
	begin_quickly(cpu, vcpu, dscr);
	write_bvrs(brps, guest->regs.brp.value);
	write_wvrs(wrps, guest->regs.wrp.value);
	/* Values are in place before the slots are on (C3.3.4, A3.8.3). */
	isb();
	write_bcrs(brps, guest->brp_hardware);
	write_wcrs(wrps, guest->wrp_hardware);
	/* No debug event is taken in Hyp mode, and the ERET synchronises. */
	if (guest->eff.vcr)
		write_sysreg(DBGVCR, guest->eff.vcr);
}

/* After the registers are the host's again. */
static inline void note_quick_exit(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	bool tde = cpu->debug.tde;
	uint32_t dscr = tde ? 0 : dscr_now();

	v7dbg_quick_exit(&vcpu->debug, &cpu->debug, dscr);
	vcpu->seen.run = vcpu->runs;
	vcpu->seen.owner = V7DBG_OWNER_GUEST;
	vcpu->seen.tde = tde;
	if (!tde)
		vcpu->seen.dscr = dscr | HYP_SEEN_DSCR;
}

/* The way out of enter_any().  None of the host's points is on. */
static __attribute__((noinline)) void exit_any(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	struct v7dbg_cpu *debug = &cpu->debug;
	uint32_t brps = vcpu->debug.eff.brp, wrps = vcpu->debug.eff.wrp;

	write_bcrs(brps, debug->brp.host.control);
	write_wcrs(wrps, debug->wrp.host.control);
	/* Before their values change, C3.3.4. */
	isb();
	write_bvrs(brps, debug->brp.host.value);
	write_wvrs(wrps, debug->wrp.host.value);
	if (vcpu->debug.eff.vcr)
		write_sysreg(DBGVCR, 0);
	note_quick_exit(cpu, vcpu);
}

/* The same of the first points of one bank, and no others. */
#define STRAIGHT_RUNS(bank, vr, cr)                                                      \
	static inline __attribute__((always_inline)) void enter_##bank##s(               \
		struct hyp_percpu *cpu, struct hyp_vcpu *vcpu, uint32_t dscr, int count) \
	{                                                                                \
		const uint32_t *values = vcpu->debug.regs.bank.value;                    \
		const uint32_t *controls = vcpu->debug.bank##_hardware;                  \
		uint32_t *host = cpu->debug.bank.host.value;                             \
                                                                                         \
		SLOTS_BELOW(count, SAVE_##vr);                                           \
		begin_quickly(cpu, vcpu, dscr);                                          \
		SLOTS_BELOW(count, LOAD_##vr);                                           \
		isb();                                                                   \
		SLOTS_BELOW(count, LOAD_##cr);                                           \
	}                                                                                \
	static inline __attribute__((always_inline)) void exit_##bank##s(                \
		const struct hyp_percpu *cpu, int count)                                 \
	{                                                                                \
		const uint32_t *values = cpu->debug.bank.host.value;                     \
		const uint32_t *controls = cpu->debug.bank.host.control;                 \
                                                                                         \
		SLOTS_BELOW(count, LOAD_##cr);                                           \
		isb();                                                                   \
		SLOTS_BELOW(count, LOAD_##vr);                                           \
	}

STRAIGHT_RUNS(brp, 4, 5)
STRAIGHT_RUNS(wrp, 6, 7)

#endif /* HYP_DEBUG_RUN_H */
