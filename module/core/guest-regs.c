// SPDX-License-Identifier: GPL-2.0-only
/*
 * The core registers of a stopped vCPU, as its current mode sees them (B1.3.2), and the
 * exceptions that the host injects.  hyp/guest.c does the same while the guest's
 * registers are still in the CPU.
 */
#include "core/guest-regs.h"
#include "core/vm.h"
#include "hyp/guest-insn.h"

u32 *vcpu_banked_reg(struct vcpu *vcpu, unsigned int n)
{
	struct hyp_regs *regs = &vcpu->hyp->regs;
	u32 *bank;

	switch (*vcpu_cpsr(vcpu) & PSR_MODE) {
	case PSR_FIQ:
		if (n >= 8 && n <= 14)
			return &regs->fiq[n - 8];
		return &regs->usr[n];
	case PSR_SVC:
		bank = regs->svc;
		break;
	case PSR_ABT:
		bank = regs->abt;
		break;
	case PSR_UND:
		bank = regs->und;
		break;
	case PSR_IRQ:
		bank = regs->irq;
		break;
	default:
		return &regs->usr[n];
	}
	return n >= 13 && n <= 14 ? &bank[n - 13] : &regs->usr[n];
}

void vcpu_inject(struct vcpu *vcpu, enum v7dbg_exception kind, u32 far)
{
	struct hyp_vcpu *hyp = vcpu->hyp;
	struct v7dbg_guest guest = {
		.pc = *vcpu_pc(vcpu),
		.cpsr = *vcpu_cpsr(vcpu),
		.sctlr = hyp->cp15.sctlr,
		.vbar = hyp->cp15.vbar,
		.ttbcr = hyp->cp15.ttbcr,
		.hsr = hyp->hsr,
	};
	struct v7dbg_entry entry;

	v7dbg_exception_entry(kind, &guest, &entry);
	switch (kind) {
	case V7DBG_EXC_UNDEF:
		hyp->regs.und[1] = entry.lr;
		hyp->regs.und[2] = entry.spsr;
		break;
	case V7DBG_EXC_PREFETCH_EXT:
	case V7DBG_EXC_PREFETCH_DEBUG:
		hyp->regs.abt[1] = entry.lr;
		hyp->regs.abt[2] = entry.spsr;
		hyp->cp15.ifsr = entry.fsr;
		if (kind == V7DBG_EXC_PREFETCH_EXT)
			hyp->cp15.ifar = far;
		break;
	case V7DBG_EXC_DATA_EXT:
	case V7DBG_EXC_DATA_DEBUG:
		hyp->regs.abt[1] = entry.lr;
		hyp->regs.abt[2] = entry.spsr;
		hyp->cp15.dfsr = entry.fsr;
		hyp->cp15.dfar = far;
		break;
	}
	*vcpu_pc(vcpu) = entry.pc;
	*vcpu_cpsr(vcpu) = entry.cpsr;
}
