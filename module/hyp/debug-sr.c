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
#include "debug-sr.h"

#define DBGVCR CP14(0, c0, c7, 0)

/* DBGBVRn and the others: n is CRm, so each register needs its own instruction. */
#define EACH_SLOT(op)                                                                           \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) \
		op(14) op(15)

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
#define READ_6(n)  READ_SLOT(n, 6)
#define READ_7(n)  READ_SLOT(n, 7)
#define WRITE_4(n) WRITE_SLOT(n, 4)
#define WRITE_5(n) WRITE_SLOT(n, 5)
#define WRITE_6(n) WRITE_SLOT(n, 6)
#define WRITE_7(n) WRITE_SLOT(n, 7)

SLOT_ACCESSORS(bvr, 4)
SLOT_ACCESSORS(bcr, 5)
SLOT_ACCESSORS(wvr, 6)
SLOT_ACCESSORS(wcr, 7)

/*
 * One function serves both banks.  It is inlined with the bank as a constant, so nothing
 * chooses between them at run time.
 */
enum bank {
	BRP,
	WRP
};
#define BANK_FUNCTION static inline __attribute__((always_inline))

BANK_FUNCTION uint32_t read_value(enum bank bank, unsigned int n)
{
	return bank == BRP ? hyp_read_bvr(n) : hyp_read_wvr(n);
}

BANK_FUNCTION void write_value(enum bank bank, unsigned int n, uint32_t value)
{
	if (bank == BRP)
		hyp_write_bvr(n, value);
	else
		hyp_write_wvr(n, value);
}

BANK_FUNCTION uint32_t read_control(enum bank bank, unsigned int n)
{
	return bank == BRP ? hyp_read_bcr(n) : hyp_read_wcr(n);
}

BANK_FUNCTION void write_control(enum bank bank, unsigned int n, uint32_t control)
{
	if (bank == BRP)
		hyp_write_bcr(n, control);
	else
		hyp_write_wcr(n, control);
}

/* The lowest slot of a mask, which is removed from it; mask is not 0. */
static unsigned int take_slot(uint32_t *mask)
{
	unsigned int n = __builtin_ctz(*mask);

	*mask &= *mask - 1;
	return n;
}

/*
 * Read the host's controls and switch off those that are on.  They come before the values,
 * so that no control is ever on beside a value that is not its own (C3.3.4).
 *
 * Each register is noted as saved after it is read and before it is written.  The memory
 * clobber of the accesses keeps this order: hyp_debug_lost() may come after any of these
 * instructions.
 */
BANK_FUNCTION void save_controls(enum bank which, struct v7dbg_cpu_bank *bank,
				 struct v7dbg_slots *saved)
{
	unsigned int n;

	for (n = 0; n < bank->count; n++) {
		bank->host.control[n] = read_control(which, n);
		saved->controls |= 1u << n;
		if (bank->host.control[n] & DBGCR_E)
			write_control(which, n, 0);
	}
}

static void save_host(struct v7dbg_cpu *cpu, struct v7dbg_saved *saved)
{
	save_controls(BRP, &cpu->brp, &saved->brp);
	save_controls(WRP, &cpu->wrp, &saved->wrp);
	cpu->host_vcr = read_sysreg(DBGVCR);
	saved->vcr = true;
	if (cpu->host_vcr)
		write_sysreg(DBGVCR, 0);
}

BANK_FUNCTION void save_values(enum bank which, struct v7dbg_cpu_bank *bank, uint32_t slots,
			       struct v7dbg_slots *saved)
{
	unsigned int n;

	while (slots) {
		n = take_slot(&slots);
		bank->host.value[n] = read_value(which, n);
		saved->values |= 1u << n;
	}
}

BANK_FUNCTION void clear_controls(enum bank which, uint32_t slots)
{
	while (slots)
		write_control(which, take_slot(&slots), 0);
}

BANK_FUNCTION void write_values(enum bank which, const struct v7dbg_bank_plan *plan)
{
	uint32_t slots = plan->write.values;
	unsigned int n;

	while (slots) {
		n = take_slot(&slots);
		write_value(which, n, plan->regs.value[n]);
	}
}

BANK_FUNCTION void write_controls(enum bank which, const struct v7dbg_bank_plan *plan)
{
	uint32_t slots = plan->write.controls;
	unsigned int n;

	while (slots) {
		n = take_slot(&slots);
		write_control(which, n, plan->regs.control[n]);
	}
}

/* The steps of a plan, in the order that struct v7dbg_plan gives. */
static void carry_out(struct hyp_percpu *cpu, const struct v7dbg_plan *plan)
{
	struct v7dbg_cpu *debug = &cpu->debug;
	struct v7dbg_saved *saved = &cpu->saved;

	if (plan->save_host)
		save_host(debug, saved);
	save_values(BRP, &debug->brp, plan->brp.save, &saved->brp);
	save_values(WRP, &debug->wrp, plan->wrp.save, &saved->wrp);
	clear_controls(BRP, plan->brp.clear);
	clear_controls(WRP, plan->wrp.clear);
	/*
	 * Slots are off before their values change, and values are in place before the
	 * slots are on (C3.3.4, A3.8.3).
	 */
	isb();
	write_values(BRP, &plan->brp);
	write_values(WRP, &plan->wrp);
	isb();
	write_controls(BRP, &plan->brp);
	write_controls(WRP, &plan->wrp);
	/* No debug event is taken in Hyp mode, and the ERET synchronises. */
	if (plan->write_vcr)
		write_sysreg(DBGVCR, plan->vcr);
}

void hyp_debug_plan(struct hyp_percpu *cpu, const struct v7dbg_plan *plan)
{
	if (!v7dbg_plan_empty(plan))
		carry_out(cpu, plan);
	if (!plan->tde_changed)
		return;
	cpu->guest_hdcr &= ~HDCR_TDE;
	if (cpu->debug.tde)
		cpu->guest_hdcr |= HDCR_TDE;
	write_sysreg(HDCR, cpu->guest_hdcr);
}

uint32_t hyp_debug_dscr(struct hyp_vcpu *vcpu)
{
	uint32_t dscr = read_sysreg(DBGDSCRint);

	vcpu->seen.moe = DBGDSCR_MOE(dscr);
	vcpu->seen.moe_read = true;
	return dscr;
}

void hyp_debug_enter_active(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	struct v7dbg_plan plan;

	v7dbg_enter(&vcpu->debug, &cpu->debug, hyp_debug_dscr(vcpu), &plan);
	hyp_debug_run_plan(cpu, &plan);
}

void hyp_debug_exit_active(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	struct v7dbg_plan plan;

	vcpu->seen.run = vcpu->runs;
	vcpu->seen.owner = cpu->debug.owner;
	vcpu->seen.tde = cpu->debug.tde;
	v7dbg_exit(&vcpu->debug, &cpu->debug, hyp_debug_dscr(vcpu), &plan);
	if (!v7dbg_plan_empty(&plan))
		carry_out(cpu, &plan);
	cpu->saved = (struct v7dbg_saved){ 0 };
}

/*
 * hyp_debug_exit() after HYP itself faulted, anywhere: the last plan may have been carried
 * out in part or not at all.  HDCR is the host's already.
 */
void hyp_debug_lost(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	struct v7dbg_saved saved = cpu->saved;
	struct v7dbg_plan plan;

	/* If one of these accesses faults again, the next run begins with nothing saved. */
	cpu->saved = (struct v7dbg_saved){ 0 };
	if (!v7dbg_needs_exit(&cpu->debug))
		return;
	v7dbg_exit_lost(&vcpu->debug, &cpu->debug, hyp_debug_dscr(vcpu), &saved, &plan);
	if (!v7dbg_plan_empty(&plan))
		carry_out(cpu, &plan);
}
