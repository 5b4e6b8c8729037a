// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFP and Advanced SIMD, switched lazily: a run begins with HCPTR.{TCP10,TCP11} set, and
 * the guest's first use traps and swaps the registers.  FPEXC is swapped with them, so the
 * host's own lazy switching finds the value that it left (A2.6, B1.11, B4.1).  machine/vfp.h
 * sees to it that EN does not stop the access before HCPTR does.
 */
#include "hyp.h"

#define VMRS_MVFR1 6 /* the register field of VMRS */
#define VMRS_MVFR0 7

uint32_t hyp_vfp_read_fpexc(void);
void hyp_vfp_write_fpexc(uint32_t fpexc);
uint32_t hyp_vfp_read_mvfr0(void);
uint32_t hyp_vfp_read_mvfr1(void);
void hyp_vfp_save_regs(struct hyp_vfp *vfp, uint32_t dregs);
void hyp_vfp_load_regs(const struct hyp_vfp *vfp, uint32_t dregs);

static void swap_vfp(struct hyp_vfp *out, const struct hyp_vfp *in, uint32_t dregs)
{
	out->fpexc = hyp_vfp_read_fpexc();
	hyp_vfp_write_fpexc(FPEXC_EN);
	isb();
	hyp_vfp_save_regs(out, dregs);
	hyp_vfp_load_regs(in, dregs);
	hyp_vfp_write_fpexc(in->fpexc);
}

bool hyp_vfp_trap(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	if (!cpu->dregs)
		return false;
	write_sysreg(HCPTR, read_sysreg(HCPTR) & ~HCPTR_TCP_VFP);
	isb();
	swap_vfp(&cpu->host.vfp, &vcpu->vfp, cpu->dregs);
	return true;
}

/*
 * VMRS of MVFR0 or MVFR1, which HCR.TID3 traps together with the ID registers of CP15
 * (B1.14.3); the guest sees the CPU's.  Returns false for any other register, and if the
 * CPU has no VFP.
 */
bool hyp_vfp_id(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu, uint32_t hsr)
{
	uint32_t value;

	if ((read_sysreg(HCPTR) & HCPTR_TCP_VFP) && !hyp_vfp_trap(cpu, vcpu))
		return false;
	switch (HSR_CRN(hsr)) {
	case VMRS_MVFR1:
		value = hyp_vfp_read_mvfr1();
		break;
	case VMRS_MVFR0:
		value = hyp_vfp_read_mvfr0();
		break;
	default:
		return false;
	}
	hyp_guest_set_reg(vcpu, HSR_RT(hsr), value);
	hyp_guest_skip(hsr);
	return true;
}

void hyp_vfp_swap_back(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	swap_vfp(&vcpu->vfp, &cpu->host.vfp, cpu->dregs);
	/* The registers are the host's now, if hyp_run_lost() calls this again. */
	write_sysreg(HCPTR, read_sysreg(HCPTR) | HCPTR_TCP_VFP);
}
