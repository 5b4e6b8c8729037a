// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFP and NEON, lazily: a guest starts with HCPTR.{TCP10,TCP11} set, and the
 * first use traps and swaps the register files.  FPEXC goes with them, so the
 * host's own lazy switching finds what it left.  Manual: A2.6, B1.11, B4.1.
 */
#include "hyp.h"

uint32_t hyp_vfp_read_fpexc(void);
void hyp_vfp_write_fpexc(uint32_t fpexc);
uint32_t hyp_vfp_read_mvfr0(void);
uint32_t hyp_vfp_read_mvfr1(void);
void hyp_vfp_save_regs(struct hyp_vfp *vfp, uint32_t dregs);
void hyp_vfp_load_regs(const struct hyp_vfp *vfp, uint32_t dregs);

static void swap(struct hyp_vfp *out, const struct hyp_vfp *in, uint32_t dregs)
{
	out->fpexc = hyp_vfp_read_fpexc();
	hyp_vfp_write_fpexc(FPEXC_EN);
	isb();
	hyp_vfp_save_regs(out, dregs);
	hyp_vfp_load_regs(in, dregs);
	hyp_vfp_write_fpexc(in->fpexc);
}

/* A guest's first use.  Returns false where the CPU has no VFP. */
bool hyp_vfp_trap(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	if (!cpu->dregs)
		return false;
	write_sysreg(HCPTR, read_sysreg(HCPTR) & ~HCPTR_TCP_VFP);
	isb();
	swap(&cpu->host.vfp, &vcpu->vfp, cpu->dregs);
	return true;
}

/*
 * VMRS of MVFR0 or MVFR1, which HCR.TID3 traps as it does the other ID registers
 * (B1.14.3).  The guest sees the CPU's.  Returns false for what cannot be.
 */
bool hyp_vfp_id(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu, uint32_t hsr)
{
	uint32_t value;

	if ((read_sysreg(HCPTR) & HCPTR_TCP_VFP) && !hyp_vfp_trap(cpu, vcpu))
		return false;
	switch (HSR_CRN(hsr)) {
	case 6:
		value = hyp_vfp_read_mvfr1();
		break;
	case 7:
		value = hyp_vfp_read_mvfr0();
		break;
	default:
		return false;
	}
	hyp_guest_set_reg(vcpu, HSR_RT(hsr), value);
	hyp_guest_skip(hsr);
	return true;
}

/* Called with the guest's HCPTR still in place: it says who has the registers. */
void hyp_vfp_exit(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	uint32_t hcptr = read_sysreg(HCPTR);

	if (hcptr & HCPTR_TCP_VFP)
		return;
	swap(&vcpu->vfp, &cpu->host.vfp, cpu->dregs);
	/* hyp_run_lost() may come here after hyp_run() has. */
	write_sysreg(HCPTR, hcptr | HCPTR_TCP_VFP);
}
