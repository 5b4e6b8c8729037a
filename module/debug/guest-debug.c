// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_GUEST_DEBUG: user space debugs the guest.  Meanwhile v7dbg suspends the
 * guest's own points, and keeps what the guest writes to its registers.  This file checks
 * arguments and fills in the exit.
 */
#include <linux/slab.h>

#include "../v7dbg/v7dbg_fields.h"
#include "core/guest-regs.h"
#include "core/vm.h"
#include "debug/guest-debug.h"
#include "hyp/guest-insn.h"
#include "machine/machine.h"

/* Linked or not. */
#define BCR_MISMATCH(bcr) ((DBGBCR_BT(bcr) & ~1u) == DBGBCR_BT_MISMATCH)

u32 guest_debug_controls(void)
{
	u32 controls = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_INJECT_BP;

	if (guest_debug_brps())
		controls |= KVM_GUESTDBG_USE_HW;
	/* Only where a mismatch breakpoint was seen to stop: docs/decisions/0016. */
	if (guest_debug_brps() && machine.debug.mismatch)
		controls |= KVM_GUESTDBG_SINGLESTEP;
	return controls;
}

/* Hardware points need monitor debug-mode, BKPT does not (C3.1.2). */
u32 guest_debug_brps(void)
{
	return machine.debug.monitor ? machine.debug.nr_brps : 0;
}

u32 guest_debug_wrps(void)
{
	return machine.debug.monitor ? machine.debug.nr_wrps : 0;
}

/* Copy the enabled slots; false if user space sets one beyond count. */
static bool copy_slots(const __u32 *values, const __u32 *controls, u32 count,
		       struct v7dbg_bank *bank)
{
	u32 n;

	for (n = 0; n < KVM_ARMV7_DEBUG_SLOTS; n++) {
		if (n >= count && (values[n] || controls[n]))
			return false;
		if (n < count && (controls[n] & DBGCR_E)) {
			bank->value[n] = values[n];
			bank->control[n] = controls[n];
		}
	}
	return true;
}

/* Are all points of a bank there as they were given, and effective? */
static bool all_effective(const struct v7dbg_bank *given, const struct v7dbg_bank *kept,
			  u32 effective)
{
	u32 n;

	for (n = 0; n < V7DBG_MAX_SLOTS; n++)
		if (given->control[n] &&
		    (!(effective >> n & 1) || kept->control[n] != given->control[n] ||
		     kept->value[n] != given->value[n]))
			return false;
	return true;
}

/*
 * Refuse a point that v7dbg would keep from the hardware or change: it would never
 * stop the guest.  Likewise a step without a free breakpoint slot.
 */
static int check_effective(const struct vcpu *vcpu, const struct v7dbg_regs *points, bool step)
{
	struct v7dbg_vcpu *scratch = kmemdup(&vcpu->hyp->debug, sizeof(*scratch), GFP_KERNEL);
	int ret = 0;
	u32 n;

	if (!scratch)
		return -ENOMEM;
	v7dbg_user(scratch, points);
	if (!all_effective(&points->brp, &scratch->user.brp, scratch->user_eff.brp) ||
	    !all_effective(&points->wrp, &scratch->user.wrp, scratch->user_eff.wrp))
		ret = -EINVAL;
	for (n = 0; n < V7DBG_MAX_SLOTS; n++)
		if (BCR_MISMATCH(points->brp.control[n]) && !machine.debug.mismatch)
			ret = -EINVAL;
	if (step && v7dbg_user_step(scratch, 0, false) != V7DBG_OK)
		ret = -EINVAL;
	kfree(scratch);
	return ret;
}

int guest_debug_set(struct vcpu *vcpu, u32 control, const struct kvm_armv7_guest_debug *slots)
{
	struct v7dbg_regs points = {};
	bool on = control & KVM_GUESTDBG_ENABLE;
	bool step = control & KVM_GUESTDBG_SINGLESTEP;
	int ret;

	if (control & ~guest_debug_controls())
		return -EINVAL;
	/* INJECT_BP may come alone: a VMM that detaches hands the guest its BKPT. */
	if (!on && control & ~KVM_GUESTDBG_INJECT_BP)
		return -EINVAL;
	if (slots && slots->pad)
		return -EINVAL;
	if (control & KVM_GUESTDBG_USE_HW) {
		if (!slots ||
		    !copy_slots(slots->dbgbvr, slots->dbgbcr, guest_debug_brps(), &points.brp) ||
		    !copy_slots(slots->dbgwvr, slots->dbgwcr, guest_debug_wrps(), &points.wrp))
			return -EINVAL;
	}
	if (control & (KVM_GUESTDBG_USE_HW | KVM_GUESTDBG_SINGLESTEP)) {
		ret = check_effective(vcpu, &points, step);
		if (ret)
			return ret;
	}

	guest_debug_write_begin(vcpu);
	v7dbg_user(&vcpu->hyp->debug, on ? &points : NULL);
	v7dbg_user_bkpt(&vcpu->hyp->debug, control & KVM_GUESTDBG_USE_SW_BP);
	guest_debug_write_end(vcpu);
	vcpu->inject_bkpt = control & KVM_GUESTDBG_INJECT_BP;
	vcpu->step = (struct step){ .on = step };
	return 0;
}

/*
 * Where a step begins is decided once, and not at each entry.  An instruction that the
 * kernel or user space emulates, or an exception that either injects, has moved the PC
 * already; the next fetch is where the step stops.  So a step lasts over exits for MMIO,
 * signals and interrupts, and ends with KVM_EXIT_DEBUG.  A vCPU that PSCI has switched
 * off and on again stops at its entry point.
 */
void guest_debug_begin_step(struct vcpu *vcpu)
{
	struct step *step = &vcpu->step;

	if (!step->on || step->begun)
		return;
	step->begun = true;
	step->pc = *vcpu_pc(vcpu);
	guest_debug_write_begin(vcpu);
	v7dbg_user_step(&vcpu->hyp->debug, step->pc, *vcpu_cpsr(vcpu) & PSR_T);
	guest_debug_write_end(vcpu);
}

/* The next step begins at the new PC, and the BKPT to inject was at the old one. */
void guest_debug_pc_moved(struct vcpu *vcpu)
{
	vcpu->step.begun = false;
	vcpu->inject_bkpt = false;
}

void guest_debug_inject_bkpt(struct vcpu *vcpu)
{
	vcpu->inject_bkpt = false;
	guest_debug_write_begin(vcpu);
	v7dbg_bkpt_taken(&vcpu->hyp->debug);
	guest_debug_write_end(vcpu);
	vcpu_inject(vcpu, V7DBG_EXC_PREFETCH_DEBUG, 0);
}

static int debug_exit(struct vcpu *vcpu, u32 hsr, u32 far, u32 moe)
{
	struct kvm_run *run = vcpu->run;
	struct kvm_armv7_debug_exit *exit;
	bool step = moe == V7DBG_MOE_BREAKPOINT && vcpu->step.begun &&
		    *vcpu_pc(vcpu) != vcpu->step.pc;

	BUILD_BUG_ON(offsetof(struct kvm_run, debug.arch) + sizeof(*exit) >
		     offsetof(struct kvm_run, kvm_valid_regs));
	run->exit_reason = KVM_EXIT_DEBUG;
	/* kvm_debug_exit_arch is empty on arm: the rest of the union is ours. */
	exit = (void *)run + offsetof(struct kvm_run, debug.arch);
	*exit = (struct kvm_armv7_debug_exit){ .hsr = hsr, .far = far, .moe = moe, .step = step };
	vcpu->step.begun = false;
	return 0;
}

/* A data abort is a watchpoint, whatever the CPU's MOE says. */
int guest_debug_exit(struct vcpu *vcpu)
{
	const struct hyp_vcpu *hyp = vcpu->hyp;

	if (HSR_EC(hyp->hsr) == EC_DABT)
		return debug_exit(vcpu, hyp->hsr, hyp->hdfar, V7DBG_MOE_WATCHPOINT);
	return debug_exit(vcpu, hyp->hsr, 0, DBGDSCR_MOE(hyp->seen.dscr));
}

/* The syndrome is the one that the CPU would have set. */
int guest_debug_mmio_exit(struct vcpu *vcpu)
{
	const struct hyp_vcpu *hyp = vcpu->hyp;
	u32 hsr = hyp->hsr & (HSR_EC_MASK | HSR_IL | HSR_CM | HSR_WNR);

	return debug_exit(vcpu, hsr | FSC_DEBUG, hyp->hdfar, V7DBG_MOE_WATCHPOINT);
}
