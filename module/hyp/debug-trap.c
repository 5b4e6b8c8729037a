// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug exceptions and CP14 accesses of a guest that come to HYP.  v7dbg decides; this file
 * moves the guest's core registers, injects its exceptions and notes what is traced.  It
 * executes no CP14 instruction: if the CPU's debug registers have to change, debug-sr.c
 * does it.
 */
#include "debug-sr.h"
#include "guest-insn.h"

enum hyp_exit hyp_debug_event(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu,
			      enum v7dbg_event_class class)
{
	struct v7dbg_plan plan;
	enum v7dbg_answer answer;

	hyp_debug_spell_out(cpu, vcpu);
	answer = v7dbg_event(&vcpu->debug, &cpu->debug, class, hyp_debug_dscr(vcpu), &plan);
	hyp_debug_run_plan(cpu, &plan);
	switch (answer) {
	case V7DBG_REFLECT:
		return class == V7DBG_EVENT_DATA ? hyp_guest_inject_watch()
						 : hyp_guest_inject_prefetch();
	case V7DBG_RESUME:
		return HYP_EXIT_NONE;
	case V7DBG_TO_USER:
		if (class == V7DBG_EVENT_DATA)
			vcpu->hdfar = read_sysreg(HDFAR);
		return HYP_EXIT_DEBUG_USER;
	default:
		return HYP_EXIT_DEBUG_REJECT;
	}
}

/* For the host's trace, before the PC moves on. */
static __attribute__((noinline)) enum hyp_exit note_access(struct hyp_vcpu *vcpu, uint32_t low,
							   uint32_t high, bool undef)
{
	vcpu->traced.pc = read_banked(ELR_hyp);
	vcpu->traced.value = (uint64_t)high << 32 | low;
	vcpu->traced.undef = undef;
	return HYP_EXIT_TRACED;
}

static enum hyp_exit refuse_access(struct hyp_vcpu *vcpu, uint32_t value)
{
	enum hyp_exit exit = vcpu->trace ? note_access(vcpu, value, 0, true) : HYP_EXIT_NONE;

	hyp_guest_inject(V7DBG_EXC_UNDEF);
	return exit;
}

enum hyp_exit hyp_debug_trap(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu, uint32_t hsr)
{
	enum hyp_exit exit = HYP_EXIT_NONE;
	uint32_t cpsr = read_spsr_hyp();
	struct v7dbg_access acc;
	struct v7dbg_result result;
	enum v7dbg_verdict verdict;

	if (!guest_cond_passed(hsr, cpsr)) {
		hyp_guest_skip(hsr);
		return HYP_EXIT_NONE;
	}
	/*
	 * LDC and STC of the debug channel would need the guest's translation for their
	 * memory operand.  Nothing uses them, so they are UNDEFINED.
	 */
	if (!v7dbg_decode(hsr, &acc) || acc.form == V7DBG_FORM_LDC_STC)
		return refuse_access(vcpu, 0);
	acc.pl0 = (cpsr & PSR_MODE) == PSR_USR;
	acc.value = 0;
	if (acc.write && acc.form == V7DBG_FORM_MRC_MCR)
		acc.value = hyp_guest_reg(vcpu, acc.rt);
	hyp_debug_spell_out(cpu, vcpu);
	acc.dscr = v7dbg_needs_dscr(&cpu->debug, &acc) ? hyp_debug_dscr(vcpu) : 0;

	verdict = v7dbg_trap(&vcpu->debug, &cpu->debug, &acc, &result);
	hyp_debug_run_plan(cpu, &result.plan);
	if (verdict == V7DBG_NOT_MINE && hyp_cp14_other(&acc, &result.value))
		verdict = V7DBG_DONE;
	if (verdict != V7DBG_DONE)
		return refuse_access(vcpu, acc.value);

	if (!acc.write && acc.form == V7DBG_FORM_MRC_MCR && acc.rt == 15) {
		/* MRC to APSR_nzcv, for DBGDSCRint: the flags take [31:28]. */
		write_spsr_hyp((cpsr & ~PSR_NZCV) | (result.value & PSR_NZCV));
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
