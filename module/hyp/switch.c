// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world switch.  docs/world-switch.md has the table of every register.
 */
#include "hyp.h"

/* All that the host needs back wherever the switch ends; VFP is swapped later, and whole. */
static void save_host(struct hyp_host *host)
{
	hyp_banked_save(&host->regs);
	hyp_cp15_save(&host->cp15);
	host->hcptr = read_sysreg(HCPTR);
	host->hstr = read_sysreg(HSTR);
	host->hcr = read_sysreg(HCR);
	host->hdcr = read_sysreg(HDCR);
	host->vpidr = read_sysreg(VPIDR);
	host->vmpidr = read_sysreg(VMPIDR);
	host->cnthctl = read_sysreg(CNTHCTL);
}

static void activate_traps(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	write_sysreg(HCPTR, HCPTR_TTA | HCPTR_TCP_VFP | HCPTR_TCP_OTHER);
	/*
	 * From here on a fault of HYP's own ends in hyp_run_lost(), for which HCPTR
	 * says whose VFP registers are in the CPU.
	 */
	cpu->vcpu = (uint32_t)vcpu;

	write_sysreg(VPIDR, read_cp15(MIDR));
	write_sysreg(VMPIDR, vcpu->vmpidr);
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

static void deactivate_traps(const struct hyp_host *host)
{
	write_sysreg(HCR, host->hcr);
	isb();
	write_sysreg64(VTTBR, 0);
	write_sysreg(HSTR, host->hstr);
	write_sysreg(HCPTR, host->hcptr);
	write_sysreg(VMPIDR, host->vmpidr);
	write_sysreg(VPIDR, host->vpidr);
}

/*
 * Run a vCPU until the host is needed; returns enum hyp_exit.  On return every
 * register of the host is what it was, and HDCR, HCR, HCPTR, HSTR, VTTBR,
 * CNTVOFF, CNTHCTL and GICH_HCR let the host run as if we were not here.  The
 * ERET that follows is the context synchronisation for all of it.
 */
enum hyp_exit hyp_run(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	enum hyp_exit reason;

	/*
	 * An asynchronous abort that the host's own accesses led to would be the
	 * guest's as soon as HCR.AMO is set.  The DSB ends those accesses (A3.8.3); if
	 * one aborts, ISR tells (B4.1.85), and the host takes it when A is clear again.
	 */
	dsb(sy);
	if (read_sysreg(ISR) & ISR_A)
		return HYP_EXIT_IRQ;

	save_host(&cpu->host);
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
	/* HCR.VA goes away when the guest takes the abort: tell the host. */
	vcpu->hcr = read_sysreg(HCR);
	deactivate_traps(&cpu->host);
	hyp_cp15_restore(&cpu->host.cp15);
	hyp_banked_restore(&cpu->host.regs);
	cpu->vcpu = 0;
	return reason;
}

/*
 * HYP faulted at pc, anywhere in hyp_run(): only give the host what is the host's.
 * Of the guest's registers it is not known which are in the CPU, so none is saved.
 * What may have faulted, CP14 and GICH, comes when the host can go on: a second
 * fault unwinds to the host call, and not here again.
 */
void hyp_run_lost(struct hyp_vcpu *vcpu, uint32_t pc)
{
	struct hyp_percpu *cpu = hyp_this_cpu();

	cpu->vcpu = 0;
	hyp_note_panic(vcpu, pc);
	hyp_vfp_exit(cpu, vcpu);
	hyp_timer_exit(cpu, &vcpu->timer);
	deactivate_traps(&cpu->host);
	write_sysreg(HDCR, cpu->host.hdcr);
	hyp_cp15_restore(&cpu->host.cp15);
	hyp_banked_restore(&cpu->host.regs);
	hyp_debug_lost(cpu, vcpu);
	hyp_vgic_exit(&vcpu->vgic);
}
