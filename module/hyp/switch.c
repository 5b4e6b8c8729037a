// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world switch.  docs/world-switch.md has the table of every register.
 */
#include "hyp.h"

static void activate_traps(struct hyp_percpu *cpu, const struct hyp_vcpu *vcpu)
{
	cpu->host.hcptr = read_sysreg(HCPTR);
	cpu->host.hstr = read_sysreg(HSTR);
	cpu->host.hcr = read_sysreg(HCR);
	cpu->host.vpidr = read_sysreg(VPIDR);
	cpu->host.vmpidr = read_sysreg(VMPIDR);

	write_sysreg(VPIDR, read_sysreg(MIDR));
	write_sysreg(VMPIDR, vcpu->vmpidr);
	write_sysreg(HCPTR, HCPTR_TTA | HCPTR_TCP_VFP | HCPTR_TCP_OTHER);
	write_sysreg(HSTR, HSTR_T15 | HSTR_TTEE | HSTR_TJDBX);
	write_sysreg64(VTTBR, vcpu->vttbr);
	/* The translation is there before HCR.VM lets anything use it. */
	isb();
	if (vcpu->flush_local) {
		/*
		 * Same VMID, other translations: each vCPU has its own ASIDs
		 * (B3.10.1), and its own idea of what it has invalidated here.
		 */
		write_sysreg(TLBIALL, 0);
		write_sysreg(ICIALLU, 0);
		dsb(nsh);
		isb();
	}
	write_sysreg(HCR, vcpu->hcr);
}

static void deactivate_traps(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	/* HCR.VA goes away when the guest takes the abort: tell the host. */
	vcpu->hcr = read_sysreg(HCR);
	write_sysreg(HCR, cpu->host.hcr);
	isb();
	write_sysreg64(VTTBR, 0);
	write_sysreg(HSTR, cpu->host.hstr);
	write_sysreg(HCPTR, cpu->host.hcptr);
	write_sysreg(VMPIDR, cpu->host.vmpidr);
	write_sysreg(VPIDR, cpu->host.vpidr);
}

/*
 * Run a vCPU until the host is needed; returns enum hyp_exit.  On return every
 * register of the host is what it was, and HDCR, HCR, HCPTR, HSTR, VTTBR,
 * CNTVOFF, CNTHCTL and GICH_HCR let the host run as if we were not here.  The
 * ERET that follows is the context synchronisation for all of it.
 */
uint32_t hyp_run(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	uint32_t reason;

	hyp_banked_save(&cpu->host.regs);
	hyp_cp15_save(&cpu->host.cp15);
	activate_traps(cpu, vcpu);
	hyp_timer_enter(cpu, &vcpu->timer);
	hyp_vgic_enter(&vcpu->vgic);
	hyp_cp15_restore(&vcpu->cp15);
	hyp_banked_restore(&vcpu->regs);
	hyp_debug_enter(cpu, vcpu);

	reason = hyp_enter_guest(vcpu);

	hyp_debug_exit(cpu, vcpu);
	hyp_vfp_exit(cpu, vcpu);
	hyp_banked_save(&vcpu->regs);
	hyp_cp15_save(&vcpu->cp15);
	hyp_vgic_exit(&vcpu->vgic);
	hyp_timer_exit(cpu, &vcpu->timer);
	deactivate_traps(cpu, vcpu);
	hyp_cp15_restore(&cpu->host.cp15);
	hyp_banked_restore(&cpu->host.regs);
	return reason;
}
