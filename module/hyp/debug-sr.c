// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debug registers, DDI 0406C C11: v7dbg decides, this file moves registers.  It reads
 * DBGDSCRint and never writes a DBGDSCR.  Only this file and debug-probe.c execute CP14
 * instructions.
 *
 * A guest without points runs with HDCR.TDE set and with the host's registers in place:
 * hyp_debug_enter() and hyp_debug_exit() in debug-sr.h then call nothing here, and `make
 * check` disassembles that path.
 */
#include "debug-run.h"
#include "../../v7dbg/point.h"

#define SLOT_ACCESSORS(name, opc2)                                                  \
	__attribute__((noinline)) uint32_t hyp_read_##name(unsigned int n)          \
	{                                                                           \
		switch (n) {                                                        \
			EACH_SLOT(READ_##opc2)                                      \
		}                                                                   \
		return 0;                                                           \
	}                                                                           \
	__attribute__((noinline)) void hyp_write_##name(unsigned int n, uint32_t v) \
	{                                                                           \
		switch (n) {                                                        \
			EACH_SLOT(WRITE_##opc2)                                     \
		}                                                                   \
	}
#define READ_SLOT(n, opc2) \
	case n:            \
		return read_sysreg(CP14(0, c0, c##n, opc2));
#define WRITE_SLOT(n, opc2)                               \
	case n:                                           \
		write_sysreg(CP14(0, c0, c##n, opc2), v); \
		break;
#define READ_4(n)  READ_SLOT(n, 4)
#define READ_5(n)  READ_SLOT(n, 5)
#define WRITE_4(n) WRITE_SLOT(n, 4)
#define WRITE_5(n) WRITE_SLOT(n, 5)

SLOT_ACCESSORS(bvr, 4)
SLOT_ACCESSORS(bcr, 5)

/* The slots of a bank that the host has on. */
static uint32_t host_slots(const struct v7dbg_cpu_bank *bank)
{
	uint32_t slots = 0;
	unsigned int n;

	for (n = 0; n < bank->count; n++)
		slots |= (bank->host.control[n] & DBGCR_E) << n;
	return slots;
}

static __attribute__((noinline)) void switch_host_off(const struct v7dbg_cpu *cpu)
{
	clear_bcrs(host_slots(&cpu->brp));
	clear_wcrs(host_slots(&cpu->wrp));
	if (cpu->host_vcr)
		write_sysreg(DBGVCR, 0);
}

/*
 * Read the host's controls and switch off those that are on.  They come before the values,
 * so that no control is ever on beside a value that is not its own (C3.3.4).
 *
 * All are noted as saved after they are read and before one is written.  The memory clobber
 * of the accesses keeps this order: hyp_debug_lost() may come after any of these
 * instructions.
 */
static inline void save_host(struct hyp_percpu *cpu, bool straight)
{
	struct v7dbg_cpu *debug = &cpu->debug;
	uint32_t any = straight ? read_straight_controls(debug)
				: read_all_bcrs(&debug->brp) | read_all_wcrs(&debug->wrp);

	debug->host_vcr = read_vcr();
	cpu->saved.brp.controls = (uint16_t)((1u << debug->brp.count) - 1);
	cpu->saved.wrp.controls = (uint16_t)((1u << debug->wrp.count) - 1);
	cpu->saved.vcr = true;
	cpu->host_has_points = (any & DBGCR_E) || debug->host_vcr;
	if (cpu->host_has_points)
		switch_host_off(debug);
}

/* The steps of a plan, in the order that struct v7dbg_plan gives. */
static void carry_out(struct hyp_percpu *cpu, const struct v7dbg_plan *plan)
{
	struct v7dbg_cpu *debug = &cpu->debug;
	struct v7dbg_saved *saved = &cpu->saved;

	if (plan->save_host)
		save_host(cpu, false);
	read_bvrs(plan->brp.save, debug->brp.host.value);
	read_wvrs(plan->wrp.save, debug->wrp.host.value);
	/* Like the controls, after they are read and before one is written. */
	saved->brp.values |= plan->brp.save;
	saved->wrp.values |= plan->wrp.save;
	clear_bcrs(plan->brp.clear);
	clear_wcrs(plan->wrp.clear);
	/*
	 * Slots are off before their values change, and values are in place before the
	 * slots are on (C3.3.4, A3.8.3).
	 */
	isb();
	write_bvrs(plan->brp.write.values, plan->brp.regs.value);
	write_wvrs(plan->wrp.write.values, plan->wrp.regs.value);
	isb();
	write_bcrs(plan->brp.write.controls, plan->brp.regs.control);
	write_wcrs(plan->wrp.write.controls, plan->wrp.regs.control);
	/* No debug event is taken in Hyp mode, and the ERET synchronises. */
	if (plan->write_vcr)
		write_sysreg(DBGVCR, plan->vcr);
}

static inline void follow_tde(struct hyp_percpu *cpu)
{
	uint32_t hdcr = cpu->found.guest_hdcr;

	write_sysreg(HDCR, cpu->debug.tde ? hdcr : hdcr & ~HDCR_TDE);
}

void hyp_debug_plan(struct hyp_percpu *cpu, const struct v7dbg_plan *plan)
{
	if (!v7dbg_plan_empty(plan))
		carry_out(cpu, plan);
	if (plan->tde_changed)
		follow_tde(cpu);
}

static inline uint32_t read_dscr(struct hyp_vcpu *vcpu)
{
	uint32_t dscr = dscr_now();

	vcpu->seen.dscr = dscr | HYP_SEEN_DSCR;
	return dscr;
}

uint32_t hyp_debug_dscr(struct hyp_vcpu *vcpu)
{
	return read_dscr(vcpu);
}

enum hyp_exit hyp_debug_prefetch(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	if (!v7dbg_quick_bkpt(&vcpu->debug, &hyp_this_cpu()->debug, read_dscr(vcpu)))
		return hyp_serve_trap(vcpu, hsr);
	return hyp_guest_inject_prefetch();
}

enum hyp_exit hyp_debug_data(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	struct hyp_percpu *cpu = hyp_this_cpu();

	if (!v7dbg_quick_watch(&vcpu->debug, &cpu->debug, read_dscr(vcpu)))
		return hyp_serve_trap(vcpu, hsr);
	follow_tde(cpu);
	return hyp_guest_inject_watch();
}

static __attribute__((noinline)) enum hyp_exit write_otherwise(struct hyp_percpu *cpu,
							       struct hyp_vcpu *vcpu, uint32_t hsr)
{
	if (cpu->debug.owner != V7DBG_OWNER_IMPLIED)
		return hyp_serve_trap(vcpu, hsr);
	hyp_debug_spell_out(cpu, vcpu);
	return hyp_debug_point(vcpu, hsr);
}

/*
 * A write that v7dbg_quick_point() serves, and the move that it asks for: like carry_out(), of
 * one slot.  Once for each bank, with the bank as a constant.
 */
#define POINT_WRITER(bank, is_wrp, vr, cr)                                                  \
	static __attribute__((noinline)) enum hyp_exit write_##cr(struct hyp_vcpu *vcpu,    \
								  uint32_t hsr)             \
	{                                                                                   \
		struct hyp_percpu *cpu = hyp_this_cpu();                                    \
		struct v7dbg_cpu *debug = &cpu->debug;                                      \
		struct v7dbg_move move;                                                     \
                                                                                            \
		if (!v7dbg_make_point(&vcpu->debug, debug, is_wrp, hsr,                     \
				      vcpu->regs.usr[HSR_RT(hsr)], read_dscr(vcpu), &move)) \
			return write_otherwise(cpu, vcpu, hsr);                             \
		if (move.save_host)                                                         \
			save_host(cpu, true);                                               \
		if (move.save) {                                                            \
			read_##vr##s(move.save, debug->bank.host.value);                    \
			cpu->saved.bank.values |= move.save;                                \
		}                                                                           \
		if (move.clear)                                                             \
			clear_##cr##s(move.clear);                                          \
		if (move.write.values) {                                                    \
			/* As in carry_out(). */                                            \
			isb();                                                              \
			write_##vr##s(move.write.values, debug->bank.loaded.value);         \
			isb();                                                              \
		}                                                                           \
		if (move.write.controls)                                                    \
			write_##cr##s(move.write.controls, debug->bank.loaded.control);     \
		if (move.tde_changed)                                                       \
			follow_tde(cpu);                                                    \
		hyp_guest_skip_plain();                                                     \
		return HYP_EXIT_NONE;                                                       \
	}

POINT_WRITER(brp, false, bvr, bcr)
POINT_WRITER(wrp, true, wvr, wcr)

enum hyp_exit hyp_debug_point(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	if (V7DBG_IS_WRITE_OF(hsr, V7DBG_HSR_DBGWCR))
		return write_wcr(vcpu, hsr);
	if (V7DBG_IS_WRITE_OF(hsr, V7DBG_HSR_DBGBCR))
		return write_bcr(vcpu, hsr);
	return hyp_serve_trap(vcpu, hsr);
}

static __attribute__((noinline)) void enter_by_plan(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	struct v7dbg_plan plan;

	write_sysreg(HDCR, cpu->found.guest_hdcr);
	v7dbg_enter(&vcpu->debug, &cpu->debug, read_dscr(vcpu), &plan);
	hyp_debug_run_plan(cpu, &plan);
}

/* The empty asm keeps the compiler from making one search of these comparisons. */
#define ENTER_RUN(which, bank, count)                      \
	if (points == (which)) {                           \
		enter_##bank##s(cpu, vcpu, dscr, (count)); \
		return;                                    \
	}                                                  \
	__asm__("" : "+r"(points));
#define EXIT_RUN(which, bank, count)          \
	if (points == (which)) {              \
		exit_##bank##s(cpu, (count)); \
		note_quick_exit(cpu, vcpu);   \
		return;                       \
	}                                     \
	__asm__("" : "+r"(points));

void hyp_debug_enter_active(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	uint32_t dscr = dscr_now(), points;

	if (!v7dbg_may_enter_quickly(&vcpu->debug, &cpu->debug, dscr) || host_is_on(&cpu->debug)) {
		enter_by_plan(cpu, vcpu);
		return;
	}
	if (!vcpu->debug.eff.vcr) {
		points = points_word(&vcpu->debug.eff);
		EACH_STRAIGHT_RUN(ENTER_RUN)
	}
	enter_any(cpu, vcpu, dscr);
}

static __attribute__((noinline)) void exit_by_plan(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu,
						   uint32_t dscr)
{
	struct v7dbg_plan plan;

	v7dbg_exit(&vcpu->debug, &cpu->debug, dscr, &plan);
	if (!v7dbg_plan_empty(&plan))
		carry_out(cpu, &plan);
}

/* What v7dbg_quick_exit() asks for, of the registers that are noted as written. */
static void exit_quickly(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu, uint32_t dscr)
{
	struct v7dbg_cpu *debug = &cpu->debug;
	const struct v7dbg_slots *brps = &debug->brp.written, *wrps = &debug->wrp.written;

	/* None of them is on. */
	write_bcrs(brps->controls, debug->brp.host.control);
	write_wcrs(wrps->controls, debug->wrp.host.control);
	/* Before their values change, C3.3.4. */
	isb();
	write_bvrs(brps->values, debug->brp.host.value);
	write_wvrs(wrps->values, debug->wrp.host.value);
	if (debug->vcr_written)
		write_sysreg(DBGVCR, 0);
	v7dbg_quick_exit(&vcpu->debug, debug, dscr);
}

/* Out of what is noted in v7dbg's state: after v7dbg_enter(), or after a write of the guest. */
static __attribute__((noinline)) void exit_noted(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	uint32_t dscr = read_dscr(vcpu);

	vcpu->seen.run = vcpu->runs;
	vcpu->seen.owner = cpu->debug.owner;
	vcpu->seen.tde = cpu->debug.tde;
	if (cpu->host_has_points)
		exit_by_plan(cpu, vcpu, dscr);
	else
		exit_quickly(cpu, vcpu, dscr);
	cpu->saved = (struct v7dbg_saved){ 0 };
	cpu->host_has_points = false;
}

void hyp_debug_exit_active(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	uint32_t points;

	if (cpu->debug.owner != V7DBG_OWNER_IMPLIED) {
		exit_noted(cpu, vcpu);
		return;
	}
	if (!vcpu->debug.eff.vcr) {
		points = points_word(&vcpu->debug.eff);
		EACH_STRAIGHT_RUN(EXIT_RUN)
	}
	exit_any(cpu, vcpu);
}

/*
 * hyp_debug_exit() after HYP itself faulted, anywhere: the last plan may have been carried
 * out in part or not at all.  HDCR is the host's already.
 */
void hyp_debug_lost(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	struct v7dbg_saved saved;
	struct v7dbg_plan plan;

	hyp_debug_spell_out(cpu, vcpu);
	saved = cpu->saved;
	/* If one of these accesses faults again, the next run begins with nothing saved. */
	cpu->saved = (struct v7dbg_saved){ 0 };
	cpu->host_has_points = false;
	if (!v7dbg_needs_exit(&cpu->debug))
		return;
	v7dbg_exit_lost(&vcpu->debug, &cpu->debug, hyp_debug_dscr(vcpu), &saved, &plan);
	if (!v7dbg_plan_empty(&plan))
		carry_out(cpu, &plan);
}
