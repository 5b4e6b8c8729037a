// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why the guest stopped, and what HYP can handle without the host.
 */
#include "hyp.h"
#include "guest-insn.h"

/*
 * The intermediate physical address of a stage 2 abort (B3.13.4).  HPFAR is UNKNOWN for a
 * permission fault of the access itself: translate the address again, by stage 1 only.
 * That fails if the guest has changed its tables meanwhile; the host then resumes it, to
 * take the fault again.
 */
static void note_abort(struct hyp_vcpu *vcpu, uint32_t hsr, uint32_t far)
{
	uint64_t saved, par;

	vcpu->hdfar = read_sysreg(HDFAR);
	vcpu->hifar = read_sysreg(HIFAR);
	vcpu->hpfar_valid = true;
	if (FSC_TYPE(HSR_FSC(hsr)) != FSC_PERMISSION || (hsr & HSR_S1PTW)) {
		vcpu->hpfar = read_sysreg(HPFAR);
		return;
	}
	saved = read_cp15_64(PAR);
	write_sysreg(ATS1CPR, far);
	isb(); /* PAR has the result after a context synchronisation (B3.12.7) */
	par = read_cp15_64(PAR);
	write_cp15_64(PAR, saved);
	vcpu->hpfar_valid = !(par & PAR_F);
	vcpu->hpfar = (uint32_t)(par >> 8) & HPFAR_FIPA;
}

enum hyp_exit hyp_guest_exit(struct hyp_vcpu *vcpu, uint32_t vector)
{
	struct hyp_percpu *cpu = hyp_this_cpu();
	uint32_t hsr;

	if (vector == HYP_VECTOR_IRQ)
		return HYP_EXIT_IRQ;

	hsr = read_sysreg(HSR);
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
		return HYP_EXIT_TRAP;
	default:
		return HYP_EXIT_TRAP;
	}
}

void hyp_note_panic(struct hyp_vcpu *vcpu, uint32_t pc)
{
	vcpu->panic_pc = pc;
	vcpu->panic_hsr = read_sysreg(HSR);
	vcpu->panic_far = read_sysreg(HDFAR);
}
