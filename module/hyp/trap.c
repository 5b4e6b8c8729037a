// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why the guest stopped, and what HYP can handle without the host.
 */
#include "debug-sr.h"
#include "guest-insn.h"

/*
 * Stage 1 of the guest's translation of va, as its PL0 or PL1 reads it.  HYP_NO_IPA: it fails
 * now, because the guest has changed its tables meanwhile.
 */
static uint64_t translate(uint32_t va, bool pl0)
{
	uint64_t saved = read_cp15_64(PAR), par;

	if (pl0)
		write_sysreg(ATS1CUR, va);
	else
		write_sysreg(ATS1CPR, va);
	isb(); /* PAR has the result after a context synchronisation (B3.12.7) */
	par = read_cp15_64(PAR);
	write_cp15_64(PAR, saved);
	return par & PAR_F ? HYP_NO_IPA : (par & PAR_PA) | (va & 0xfff);
}

/*
 * The intermediate physical address of a stage 2 abort (B3.13.4).  HPFAR is UNKNOWN for a
 * permission fault of the access itself: translate the address again.  If that fails, the
 * host resumes the guest, to take the fault again.
 */
static void note_abort(struct hyp_vcpu *vcpu, uint32_t hsr, uint32_t far)
{
	uint64_t ipa;

	vcpu->hdfar = read_sysreg(HDFAR);
	vcpu->hifar = read_sysreg(HIFAR);
	vcpu->hpfar_valid = true;
	if (FSC_TYPE(HSR_FSC(hsr)) != FSC_PERMISSION || (hsr & HSR_S1PTW)) {
		vcpu->hpfar = read_sysreg(HPFAR);
		return;
	}
	ipa = translate(far, false);
	vcpu->hpfar_valid = ipa != HYP_NO_IPA;
	vcpu->hpfar = (uint32_t)(ipa >> 8) & HPFAR_FIPA;
}

/*
 * The host reads an instruction that the syndrome does not describe, if it has accessed a
 * device.  It does so for watchpoints too: LDRT and LDR have the same syndrome in T32.
 */
static void note_insn(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	uint32_t pc = read_banked(ELR_hyp), cpsr = read_spsr_hyp();
	bool pl0 = (cpsr & PSR_MODE) == PSR_USR;

	if (hsr & HSR_ISV && !v7dbg_needs_enter(&vcpu->debug))
		return;
	vcpu->insn_ipa[0] = translate(pc, pl0);
	vcpu->insn_ipa[1] = HYP_NO_IPA;
	if (cpsr & PSR_T && (pc & 0xfff) == 0xffe)
		vcpu->insn_ipa[1] = translate(pc + 2, pl0);
}

enum hyp_exit hyp_serve_trap(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	struct hyp_percpu *cpu = hyp_this_cpu();

	vcpu->hsr = hsr;
	switch (HSR_EC(hsr)) {
	case EC_CP14_32:
	case EC_CP14_LS:
	case EC_CP14_64:
		return hyp_debug_trap(cpu, vcpu, hsr);
	case EC_HCPTR:
		if ((HSR_COPROC(hsr) == 10 || HSR_COPROC(hsr) == 11 || (hsr & HSR_TA)) &&
		    hyp_vfp_trap(cpu, vcpu))
			return HYP_EXIT_NONE;
		return HYP_EXIT_TRAP;
	case EC_CP10_ID:
		if (!guest_cond_passed(hsr, read_spsr_hyp())) {
			hyp_guest_skip(hsr);
			return HYP_EXIT_NONE;
		}
		return hyp_vfp_id(cpu, vcpu, hsr) ? HYP_EXIT_NONE : HYP_EXIT_TRAP;
	case EC_PABT:
		if (HSR_FSC(hsr) == FSC_DEBUG)
			return hyp_debug_event(cpu, vcpu, V7DBG_EVENT_PREFETCH);
		note_abort(vcpu, hsr, read_sysreg(HIFAR));
		return HYP_EXIT_TRAP;
	case EC_DABT:
		if (HSR_FSC(hsr) == FSC_DEBUG)
			return hyp_debug_event(cpu, vcpu, V7DBG_EVENT_DATA);
		note_abort(vcpu, hsr, read_sysreg(HDFAR));
		note_insn(vcpu, hsr);
		return HYP_EXIT_TRAP;
	default:
		return HYP_EXIT_TRAP;
	}
}

/*
 * HSR[31:20] of an MRC or MCR of CP14 or CP15 that is executed always: IL, CV, COND 0b1110.
 * v7dbg knows the first as V7DBG_IS_QUICK().
 */
#define ALWAYS(ec) ((ec) << 6 | 0x3e)

/* By v7dbg's quick ways, unless the host traces accesses. */
static __attribute__((noinline)) enum hyp_exit serve_cp14(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	if (vcpu->trace || !hyp_guest_plain(hsr))
		return hyp_serve_trap(vcpu, hsr);
	if (!v7dbg_quick(&vcpu->debug, &hyp_this_cpu()->debug, hsr, &vcpu->regs.usr[HSR_RT(hsr)]))
		return hyp_debug_point(vcpu, hsr);
	hyp_guest_skip_plain();
	return HYP_EXIT_NONE;
}

static __attribute__((noinline)) enum hyp_exit serve_other(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	if (HSR_EC(hsr) == EC_PABT && HSR_FSC(hsr) == FSC_DEBUG)
		return hyp_debug_prefetch(vcpu, hsr);
	if (HSR_EC(hsr) == EC_DABT)
		return hyp_gicd_access(vcpu, hsr);
	return hyp_serve_trap(vcpu, hsr);
}

enum hyp_exit hyp_data_abort(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	return HSR_FSC(hsr) == FSC_DEBUG ? hyp_debug_data(vcpu, hsr) : hyp_serve_trap(vcpu, hsr);
}

/* Only tail calls, so that no way saves a register that it does not need. */
enum hyp_exit hyp_guest_exit(struct hyp_vcpu *vcpu)
{
	uint32_t hsr = read_sysreg(HSR);

#ifdef KVM_ARMV7_CHECKS
	if (HSR_EC(hsr) == EC_HVC && vcpu->regs.usr[0] == HYP_CHECK_FAULT)
		hyp_check_fault(vcpu->regs.usr[1], vcpu->regs.usr[2]);
#endif
	switch (hsr >> 20) {
	case ALWAYS(EC_CP14_32):
		return serve_cp14(vcpu, hsr);
	case ALWAYS(EC_CP15_32):
		return hyp_answer_cp15(vcpu, hsr);
	default:
		return HSR_EC(hsr) == EC_HVC ? hyp_answer_hvc(vcpu, hsr) : serve_other(vcpu, hsr);
	}
}

void hyp_note_panic(struct hyp_vcpu *vcpu, uint32_t pc)
{
	vcpu->panic_pc = pc;
	vcpu->panic_hsr = read_sysreg(HSR);
	vcpu->panic_far = read_sysreg(HDFAR);
}
