// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debug registers, DDI 0406C C11: the only code here that executes CP14
 * instructions.  It reads DBGDSCRint and never writes a DBGDSCR; v7dbg decides,
 * this file moves registers.
 *
 * A guest that has no point enabled runs with HDCR.TDE set and the host's
 * registers where they are: hyp_debug_enter() and hyp_debug_exit() then execute
 * no CP14 instruction.  That path is kept apart (`make check` disassembles it).
 */
#include "hyp.h"
#include "guest-insn.h"
#include "../../v7dbg/v7dbg_fields.h"

#define CP14(opc1, crn, crm, opc2) "p14, " #opc1 ", %0, " #crn ", " #crm ", " #opc2

#define DBGDIDR	   CP14(0, c0, c0, 0)
#define DBGDSCRint CP14(0, c0, c1, 0)
#define DBGVCR	   CP14(0, c0, c7, 0)
#define DBGDEVID2  CP14(0, c7, c0, 7)
#define DBGDEVID1  CP14(0, c7, c1, 7)
#define DBGDEVID   CP14(0, c7, c2, 7)
/* An address mismatch in Non-secure PL1 alone, HMC 0, C3.3.1. */
#define BCR_MISMATCH_PL1                                                                  \
	(DBGBCR_BT_MISMATCH << DBGBCR_BT_SHIFT | DBGCR_SSC_NONSECURE << DBGCR_SSC_SHIFT | \
	 DBGBCR_BAS_MASK | DBGCR_PMC_PL1 << DBGCR_PMC_SHIFT | DBGCR_E)

#define HDCR_GUEST (HDCR_TDRA | HDCR_TDOSA | HDCR_TDA | HDCR_TDE | HDCR_TPM | HDCR_TPMCR)

/* DBGBVRn and its kin: n is CRm, so each needs an instruction of its own. */
#define EACH_SLOT(op)                                                                           \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) \
		op(14) op(15)

#define SLOT_ACCESSORS(name, opc2)                                                     \
	static __attribute__((noinline)) uint32_t read_##name(unsigned int n)          \
	{                                                                              \
		switch (n) {                                                           \
			EACH_SLOT(READ_##opc2)                                         \
		}                                                                      \
		return 0;                                                              \
	}                                                                              \
	static __attribute__((noinline)) void write_##name(unsigned int n, uint32_t v) \
	{                                                                              \
		switch (n) {                                                           \
			EACH_SLOT(WRITE_##opc2)                                        \
		}                                                                      \
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
 * Which bank: a constant wherever it is used, in functions that are inlined, so that one
 * function serves both banks and no access chooses between them when it runs.
 */
enum bank {
	BRP,
	WRP
};
#define BANK_FUNCTION static inline __attribute__((always_inline))

BANK_FUNCTION uint32_t read_value(enum bank bank, unsigned int n)
{
	return bank == BRP ? read_bvr(n) : read_wvr(n);
}

BANK_FUNCTION void write_value(enum bank bank, unsigned int n, uint32_t value)
{
	if (bank == BRP)
		write_bvr(n, value);
	else
		write_wvr(n, value);
}

BANK_FUNCTION uint32_t read_control(enum bank bank, unsigned int n)
{
	return bank == BRP ? read_bcr(n) : read_wcr(n);
}

BANK_FUNCTION void write_control(enum bank bank, unsigned int n, uint32_t control)
{
	if (bank == BRP)
		write_bcr(n, control);
	else
		write_wcr(n, control);
}

/* The lowest set bit's number; mask is not 0. */
static unsigned int take_slot(uint32_t *mask)
{
	unsigned int n = __builtin_ctz(*mask);

	*mask &= *mask - 1;
	return n;
}

/* What this CPU has.  The DEVIDs exist where DBGDIDR says so (C11.11.15). */
void hyp_debug_probe(struct v7dbg_cpu_id *id)
{
	id->dbgdidr = read_sysreg(DBGDIDR);
	id->dbgdscr = read_sysreg(DBGDSCRint);
	id->dbgdevid = 0;
	id->dbgdevid1 = 0;
	id->dbgdevid2 = 0;
	id->mismatch = false;
}

/*
 * The DEVIDs, apart: an emulated CPU may claim them and not have them, and the
 * call then ends in hyp_panic, which the module takes for "not there".
 */
void hyp_debug_probe_devid(struct v7dbg_cpu_id *id)
{
	uint32_t devid, devid1, devid2;

	if (!(id->dbgdidr & DBGDIDR_DEVID_IMP))
		return;
	devid = read_sysreg(DBGDEVID);
	devid1 = read_sysreg(DBGDEVID1);
	devid2 = read_sysreg(DBGDEVID2);
	id->dbgdevid = devid;
	id->dbgdevid1 = devid1;
	id->dbgdevid2 = devid2;
}

/*
 * Does an address mismatch breakpoint stop here?  v7.1 has them (C3.3.2) and no field
 * says so; an emulator that claims v7.1 need not.  So one is set in the host's last
 * slot, at the instruction that this call returns to, in the kernel at PL1; its
 * successor is HYP_CALL_MISMATCH_END's HVC.  Either the fetch of that comes to HYP, by
 * TDE, as a breakpoint, or the HVC does.  Nothing can match in Hyp mode: HMC is 0.
 *
 * The host may have the slot in use.  Control off before the value changes, value
 * there before the control is on (C3.3.4); the ERET is the last synchronisation.
 */
uint32_t hyp_debug_mismatch_begin(struct hyp_percpu *cpu)
{
	struct hyp_mismatch *mismatch = &cpu->mismatch;
	uint32_t n = DBGDIDR_NR_BRPS(cpu->id.dbgdidr) - 1;

	cpu->id.mismatch = false;
	/* S3: where a debug event would halt the core, or is ignored, none is tried. */
	if (!DBGDSCR_MONITOR_MODE(read_sysreg(DBGDSCRint)))
		return HYP_CALL_MISMATCH_END;
	mismatch->slot = n;
	mismatch->bcr = read_bcr(n);
	if (mismatch->bcr & DBGCR_E)
		write_bcr(n, 0);
	isb();
	mismatch->bvr = read_bvr(n);
	mismatch->hdcr = read_sysreg(HDCR);
	mismatch->pc = read_banked(ELR_hyp);
	mismatch->on = true;
	write_bvr(n, mismatch->pc);
	/* TDE with the other three: UNPREDICTABLE without (B4.1, HDCR). */
	write_sysreg(HDCR, mismatch->hdcr | HDCR_TDRA | HDCR_TDOSA | HDCR_TDA | HDCR_TDE);
	isb();
	write_bcr(n, BCR_MISMATCH_PL1);
	return HYP_CALL_MISMATCH_END;
}

/*
 * By the HVC, or by the breakpoint at the HVC, which is then executed and comes here
 * again: r0 stays as it was, and there is nothing left to do.
 */
uint32_t hyp_debug_mismatch_end(struct hyp_percpu *cpu)
{
	struct hyp_mismatch *mismatch = &cpu->mismatch;
	uint32_t n = mismatch->slot, hsr = read_sysreg(HSR);

	if (!mismatch->on)
		return HYP_CALL_MISMATCH_END;
	mismatch->on = false;
	write_bcr(n, 0);
	isb();
	write_bvr(n, mismatch->bvr);
	isb();
	write_bcr(n, mismatch->bcr);
	write_sysreg(HDCR, mismatch->hdcr);
	/* The next instruction and none else: not a point of the host's, nor a vector. */
	cpu->id.mismatch = HSR_EC(hsr) == EC_PABT && (hsr & 0x3f) == FSC_DEBUG &&
			   DBGDSCR_MOE(read_sysreg(DBGDSCRint)) == V7DBG_MOE_BREAKPOINT &&
			   read_banked(ELR_hyp) == mismatch->pc + 4;
	return HYP_CALL_MISMATCH_END;
}

/*
 * Read the host's controls and switch off what is on.  Controls before values
 * (C3.3.4): a control is never on with somebody else's value beside it.
 *
 * Each register is noted as saved when it has been read and before it is written,
 * in this order, which the accesses' memory clobber keeps: hyp_debug_lost() may come
 * after any of these instructions.
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

/* Carry out a plan, in the order that its structure demands. */
static void apply(struct hyp_percpu *cpu, const struct v7dbg_plan *plan)
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
	 * The slots are off before their values change, the values are there
	 * before the slots are on (C3.3.4, A3.8.3).
	 */
	isb();
	write_values(BRP, &plan->brp);
	write_values(WRP, &plan->wrp);
	isb();
	write_controls(BRP, &plan->brp);
	write_controls(WRP, &plan->wrp);
	if (plan->write_vcr)
		write_sysreg(DBGVCR, plan->vcr);
	isb();
}

/* While a guest runs: HDCR as v7dbg wants it. */
static void follow_tde(struct hyp_percpu *cpu, const struct v7dbg_plan *plan)
{
	if (!plan->tde_changed)
		return;
	cpu->guest_hdcr &= ~HDCR_TDE;
	if (cpu->debug.tde)
		cpu->guest_hdcr |= HDCR_TDE;
	write_sysreg(HDCR, cpu->guest_hdcr);
}

static void run_plan(struct hyp_percpu *cpu, const struct v7dbg_plan *plan)
{
	if (!v7dbg_plan_empty(plan))
		apply(cpu, plan);
	follow_tde(cpu, plan);
}

/* P, and a note of it. */
static uint32_t read_dscr(struct hyp_vcpu *vcpu)
{
	uint32_t dscr = read_sysreg(DBGDSCRint);

	vcpu->seen.moe = DBGDSCR_MOE(dscr);
	vcpu->seen.moe_read = true;
	return dscr;
}

static __attribute__((noinline)) void enter_active(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	struct v7dbg_plan plan;

	v7dbg_enter(&vcpu->debug, &cpu->debug, read_dscr(vcpu), &plan);
	run_plan(cpu, &plan);
}

static __attribute__((noinline)) void exit_active(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	struct v7dbg_plan plan;

	vcpu->seen.run = vcpu->runs;
	vcpu->seen.owner = cpu->debug.owner;
	vcpu->seen.tde = cpu->debug.tde;
	v7dbg_exit(&vcpu->debug, &cpu->debug, read_dscr(vcpu), &plan);
	if (!v7dbg_plan_empty(&plan))
		apply(cpu, &plan);
	cpu->saved = (struct v7dbg_saved){ 0 };
}

/*
 * S1: every access to a debug register traps while a guest runs, and TDE goes
 * with it; HPMN and what else the host has in HDCR stay (B4.1).
 */
void hyp_debug_enter(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	cpu->guest_hdcr = cpu->host.hdcr | HDCR_GUEST;
	write_sysreg(HDCR, cpu->guest_hdcr);
	if (v7dbg_needs_enter(&vcpu->debug))
		enter_active(cpu, vcpu);
}

void hyp_debug_exit(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	if (v7dbg_needs_exit(&cpu->debug))
		exit_active(cpu, vcpu);
	write_sysreg(HDCR, cpu->host.hdcr);
}

/*
 * hyp_debug_exit() after a fault of HYP's own, wherever it was: cpu->debug may
 * speak of a plan that was carried out in part, or not at all.  HDCR is the host's
 * again already.
 */
void hyp_debug_lost(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	struct v7dbg_saved saved = cpu->saved;
	struct v7dbg_plan plan;

	/* If one of these registers faults again, the next run begins with nothing saved. */
	cpu->saved = (struct v7dbg_saved){ 0 };
	if (!v7dbg_needs_exit(&cpu->debug))
		return;
	v7dbg_exit_lost(&vcpu->debug, &cpu->debug, read_dscr(vcpu), &saved, &plan);
	if (!v7dbg_plan_empty(&plan))
		apply(cpu, &plan);
}

/* A debug exception arrived in HYP.  Returns 0 to go on, or enum hyp_exit. */
uint32_t hyp_debug_event(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu,
			 enum v7dbg_event_class class)
{
	struct v7dbg_plan plan;
	enum v7dbg_answer answer;

	answer = v7dbg_event(&vcpu->debug, &cpu->debug, class, read_dscr(vcpu), &plan);
	run_plan(cpu, &plan);
	switch (answer) {
	case V7DBG_REFLECT:
		if (class == V7DBG_EVENT_DATA) {
			uint32_t far = read_sysreg(HDFAR);

			hyp_guest_inject(V7DBG_EXC_DATA_DEBUG);
			write_cp15(DFAR, far);
		} else {
			hyp_guest_inject(V7DBG_EXC_PREFETCH_DEBUG);
		}
		return 0;
	case V7DBG_RESUME:
		return 0;
	case V7DBG_TO_USER:
		if (class == V7DBG_EVENT_DATA)
			vcpu->hdfar = read_sysreg(HDFAR);
		return HYP_EXIT_DEBUG_USER;
	default:
		return HYP_EXIT_DEBUG_REJECT;
	}
}

/* Before the PC moves on: what the host is to hear of the access. */
static __attribute__((noinline)) uint32_t note_access(struct hyp_vcpu *vcpu, uint32_t low,
						      uint32_t high, bool undef)
{
	vcpu->traced.pc = read_banked(ELR_hyp);
	vcpu->traced.value = (uint64_t)high << 32 | low;
	vcpu->traced.undef = undef;
	return HYP_EXIT_TRACED;
}

static uint32_t access_undef(struct hyp_vcpu *vcpu, uint32_t value)
{
	uint32_t exit = vcpu->trace ? note_access(vcpu, value, 0, true) : 0;

	hyp_guest_inject(V7DBG_EXC_UNDEF);
	return exit;
}

/*
 * A CP14 access that HDCR, HSTR or HCPTR trapped.  Returns 0: it is done here; or
 * enum hyp_exit where it is done and to be traced.
 */
uint32_t hyp_debug_trap(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu, uint32_t hsr)
{
	uint32_t cpsr = read_spsr_hyp(), exit = 0;
	struct v7dbg_access acc;
	struct v7dbg_result result;
	enum v7dbg_verdict verdict;

	if (!guest_cond_passed(hsr, cpsr)) {
		hyp_guest_skip(hsr);
		return 0;
	}
	/*
	 * LDC and STC of the debug channel: their memory operand would need the
	 * guest's translation here.  Nobody uses them; they are UNDEFINED.
	 */
	if (!v7dbg_decode(hsr, &acc) || acc.form == V7DBG_FORM_LDC_STC)
		return access_undef(vcpu, 0);
	acc.pl0 = (cpsr & PSR_MODE) == PSR_USR;
	acc.dscr = v7dbg_needs_dscr(&cpu->debug, &acc) ? read_dscr(vcpu) : 0;
	acc.value = 0;
	if (acc.form == V7DBG_FORM_MRC_MCR && acc.write)
		acc.value = hyp_guest_reg(vcpu, acc.rt);

	verdict = v7dbg_trap(&vcpu->debug, &cpu->debug, &acc, &result);
	run_plan(cpu, &result.plan);
	if (verdict == V7DBG_NOT_MINE && hyp_cp14_other(&acc, &result.value))
		verdict = V7DBG_DONE;
	if (verdict != V7DBG_DONE)
		return access_undef(vcpu, acc.value);

	if (!acc.write && acc.form == V7DBG_FORM_MRC_MCR && acc.rt == 15) {
		/* MRC to APSR_nzcv: only DBGDSCRint has it, the flags take [31:28]. */
		write_spsr_hyp((cpsr & 0x0fffffff) | (result.value & 0xf0000000));
	} else if (!acc.write) {
		hyp_guest_set_reg(vcpu, acc.rt, result.value);
		if (acc.form == V7DBG_FORM_MRRC_MCRR)
			hyp_guest_set_reg(vcpu, acc.rt2, result.value2);
	}
	if (vcpu->trace)
		exit = acc.write ? note_access(vcpu, acc.value, 0, false)
				 : note_access(vcpu, result.value, result.value2, false);
	hyp_guest_skip(hsr);
	return exit;
}
