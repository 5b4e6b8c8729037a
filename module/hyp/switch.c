// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world switch.  docs/world-switch.md lists every register of it.
 */
#include "debug-sr.h"
#include "timer-sr.h"
#include "vgic-sr.h"

/* VPIDR is not among them: a guest sees the MIDR that the host sees, as ONE_REG does. */
void hyp_note_host(struct hyp_found *found)
{
	found->hdcr = read_sysreg(HDCR);
	found->guest_hdcr = found->hdcr | HDCR_GUEST;
	found->hcptr = read_sysreg(HCPTR);
	found->hstr = read_sysreg(HSTR);
	found->hcr = read_sysreg(HCR);
	found->cnthctl = read_sysreg(CNTHCTL);
	found->guest_cnthctl = (found->cnthctl & ~CNTHCTL_PL1PCEN) | CNTHCTL_PL1PCTEN;
	found->vmpidr = read_sysreg(VMPIDR);
}

static void activate_traps(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	write_sysreg(HCPTR, HCPTR_TTA | HCPTR_TCP_VFP | HCPTR_TCP_OTHER);
	/*
	 * If HYP faults from here on, it ends in hyp_run_lost(), which needs HCPTR to tell
	 * whose VFP registers are in the CPU.
	 */
	cpu->vcpu = (uint32_t)vcpu;

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
	}
	write_sysreg(HCR, vcpu->hcr);
}

static void deactivate_traps(const struct hyp_found *found)
{
	write_sysreg(HCR, found->hcr);
	isb();
	write_sysreg64(VTTBR, 0);
	write_sysreg(HSTR, found->hstr);
	write_sysreg(HCPTR, found->hcptr);
	write_sysreg(VMPIDR, found->vmpidr);
}

/* HCPTR is still the guest's: it says whose VFP registers are in the CPU. */
static void vfp_exit(struct hyp_percpu *cpu, struct hyp_vcpu *vcpu)
{
	if (!(read_sysreg(HCPTR) & HCPTR_TCP_VFP))
		hyp_vfp_swap_back(cpu, vcpu);
}

/*
 * FCSEIDR is RAZ/WI on a CPU without the Fast Context Switch Extension (B4.1).  The emulator's
 * Cortex-A15 and A7 have the extension: a process ID in FCSEIDR moves all addresses below 32 MB,
 * which is where the host's processes are.  HSTR.T13 would trap the register, but with it
 * CONTEXTIDR and the thread IDs, which a guest writes at each of its context switches.
 *
 * TLB entries are for addresses after the move, so they stay valid.  HYP has nothing below 32 MB,
 * so the ERET is early enough as context synchronisation.
 */
static void fcse_off(void)
{
	if (read_sysreg(FCSEIDR))
		write_sysreg(FCSEIDR, 0);
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
	 * one has aborted, ISR.A is set (B4.1.97): return, and the kernel takes the abort.
	 */
	dsb(sy);
	if (read_sysreg(ISR) & ISR_A)
		return HYP_EXIT_HOST_ABORT;

	/* What hyp_run_lost() restores, too.  VFP is swapped on first use. */
	hyp_host_save(cpu->host.live);
	activate_traps(cpu, vcpu);
	hyp_timer_enter(cpu, &vcpu->timer);
	hyp_vgic_enter(&vcpu->vgic);
	hyp_pl1_restore(vcpu->regs.svc);
	hyp_debug_enter(cpu, vcpu);

	reason = hyp_enter_guest(vcpu);

	hyp_debug_exit(cpu, vcpu);
	vfp_exit(cpu, vcpu);
	hyp_pl1_save(vcpu->regs.svc);
	hyp_vgic_exit(&vcpu->vgic);
	hyp_timer_exit(cpu, &vcpu->timer);
	/* The CPU clears HCR.VA when the guest takes the abort. */
	vcpu->hcr = read_sysreg(HCR);
	deactivate_traps(&cpu->found);
	hyp_host_restore(cpu->host.live);
	fcse_off();
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
	vfp_exit(cpu, vcpu);
	hyp_timer_exit(cpu, &vcpu->timer);
	deactivate_traps(&cpu->found);
	write_sysreg(HDCR, cpu->found.hdcr);
	hyp_host_restore(cpu->host.live);
	fcse_off();
	hyp_debug_lost(cpu, vcpu);
	hyp_vgic_exit(&vcpu->vgic);
}
