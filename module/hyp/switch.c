// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world switch.  docs/world-switch.md lists every register of it.
 */
#include "hyp.h"

/* Save what hyp_run() and hyp_run_lost() restore.  VFP is swapped on first use. */
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
	 * If HYP faults from here on, it ends in hyp_run_lost(), which needs HCPTR to tell
	 * whose VFP registers are in the CPU.
	 */
	cpu->vcpu = (uint32_t)vcpu;

	write_sysreg(VPIDR, read_cp15(MIDR));
	write_sysreg(VMPIDR, vcpu->vmpidr);
	write_sysreg(HSTR, HSTR_T15 | HSTR_TTEE | HSTR_TJDBX);
	write_sysreg64(VTTBR, vcpu->vttbr);
	/* Stage 2 is in place before HCR.VM enables it. */
	isb();
	if (vcpu->flush_local) {
		/*
		 * Another vCPU with the same VMID ran here last.  Each vCPU has its own
		 * ASIDs (B3.10.1), and has invalidated only its own entries.
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
 * Run a vCPU until it needs the host.  On return all registers of the host are unchanged,
 * and HDCR, HCR, HCPTR, HSTR, VTTBR, CNTVOFF, CNTHCTL and GICH_HCR do not affect the host.
 * The ERET that follows is the context synchronisation for all of it.
 */
enum hyp_exit hyp_run(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	enum hyp_exit reason;

	/*
	 * Once HCR.AMO is set, an asynchronous abort is taken as the guest's, even if an
	 * access of the host caused it.  The DSB completes those accesses (A3.8.3).  If
	 * one has aborted, ISR.A is set (B4.1.85): return, and the host takes the abort as
	 * soon as it unmasks them.
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
	/* The CPU clears HCR.VA when the guest takes the abort. */
	vcpu->hcr = read_sysreg(HCR);
	deactivate_traps(&cpu->host);
	hyp_cp15_restore(&cpu->host.cp15);
	hyp_fcse_off();
	hyp_banked_restore(&cpu->host.regs);
	cpu->vcpu = 0;
	return reason;
}

/*
 * HYP faulted at pc, somewhere in hyp_run().  Only restore the host: which of the guest's
 * registers are in the CPU is unknown, so save none of them.  CP14 and GICH come last,
 * because accesses to them may be what faulted: a second fault unwinds to the host call
 * without coming here again, and by then the host has everything else.
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
	hyp_fcse_off();
	hyp_banked_restore(&cpu->host.regs);
	hyp_debug_lost(cpu, vcpu);
	hyp_vgic_exit(&vcpu->vgic);
}
