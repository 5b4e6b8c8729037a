// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why a guest stopped, by exception class (DDI 0406C B3.13.6), and who handles it.
 */
#define pr_fmt(fmt) "kvm_armv7: " fmt

#include <linux/build_bug.h>
#include <linux/sched.h>

#include "core/guest-regs.h"
#include "core/kvm-trace.h"
#include "core/vm.h"
#include "debug/guest-debug.h"
#include "debug/trace.h"
#include "hyp/guest-insn.h"
#include "hyp/sysreg-bits.h"
#include "irq/vgic-dist.h"
#include "memory/stage2-tlb.h"
#include "memory/stage2.h"
#include "run/coproc.h"
#include "run/exits.h"
#include "run/mmio.h"
#include "run/psci.h"
#include "run/wait.h"

static int handle_undef(struct vcpu *vcpu)
{
	vcpu_inject(vcpu, V7DBG_EXC_UNDEF, 0);
	return 1;
}

static int handle_wfx(struct vcpu *vcpu)
{
	trace_kvm_wfx(*vcpu_pc(vcpu), vcpu->hyp->hsr & HSR_WFE);
	vcpu_skip_insn(vcpu);
	if (!(vcpu->hyp->hsr & HSR_WFE)) {
		stat_inc(&vcpu->stats.wfi_exit_stat);
		return vcpu_halt(vcpu);
	}
	stat_inc(&vcpu->stats.wfe_exit_stat);
	/* The guest spins on a lock, most likely held by a vCPU that is not running. */
	yield();
	return 1;
}

/* BXJ traps with the Jazelle registers; on a trivial Jazelle it is BX (A2.10.2). */
static int handle_bxj(struct vcpu *vcpu)
{
	u32 target = *vcpu_reg(vcpu, HSR_RM(vcpu->hyp->hsr));

	vcpu_skip_insn(vcpu); /* advances the IT state */
	*vcpu_cpsr(vcpu) = (*vcpu_cpsr(vcpu) & ~PSR_T) | (target & 1 ? PSR_T : 0);
	*vcpu_pc(vcpu) = target & ~1;
	return 1;
}

/* A guest's CPU has no Security Extensions, so SMC is UNDEFINED. */
static int handle_smc(struct vcpu *vcpu)
{
	return handle_undef(vcpu);
}

/* A stage 2 abort: memory that is not mapped yet, or an address without memory. */
static int handle_abort(struct vcpu *vcpu)
{
	struct hyp_vcpu *hyp = vcpu->hyp;
	bool fetch = HSR_EC(hyp->hsr) == EC_PABT;
	u32 far = fetch ? hyp->hifar : hyp->hdfar;
	bool write = !fetch && (hyp->hsr & HSR_WNR) && !(hyp->hsr & HSR_S1PTW);
	struct stage2_access access = {
		.fault = FSC_TYPE(HSR_FSC(hyp->hsr)),
		.write = write,
		.fetch = fetch && !(hyp->hsr & HSR_S1PTW),
		.plain = !fetch && !(hyp->hsr & HSR_S1PTW),
	};
	u64 ipa;
	int ret;

	if ((HSR_FSC(hyp->hsr) & ~FSC_PARITY) == FSC_EXTERNAL_ASYNC) {
		/* It does not belong to this instruction: the guest takes it when unmasked. */
		hyp->hcr |= HCR_VA;
		return 1;
	}
	switch (access.fault) {
	case FSC_TRANSLATION:
	case FSC_ACCESS_FLAG:
	case FSC_PERMISSION:
		break;
	default:
		/* An external abort on the guest's access belongs to the guest. */
		vcpu_inject(vcpu, fetch ? V7DBG_EXC_PREFETCH_EXT : V7DBG_EXC_DATA_EXT, far);
		return 1;
	}
	if (!hyp->hpfar_valid) {
		/*
		 * The guest has changed its tables meanwhile, or the host has taken the Access
		 * flag from one of their pages.  The TLB may still have the entry that faulted
		 * (B3.10.1): without it the next access walks the tables, and that fault says
		 * where.
		 */
		stage2_flush_tlb_here(&vcpu->vm->stage2);
		return 1;
	}
	ipa = (u64)(hyp->hpfar & HPFAR_FIPA) << 8;
	trace_kvm_guest_fault(*vcpu_pc(vcpu), hyp->hsr, far, ipa);

	ret = stage2_fault(vcpu->vm, ipa, &access);
	if (ret <= 0)
		return ret ?: 1;
	if (fetch) {
		/* Nothing can be fetched from a device. */
		vcpu_inject(vcpu, V7DBG_EXC_PREFETCH_EXT, far);
		return 1;
	}
	if (hyp->hsr & HSR_S1PTW) {
		/* A device cannot hold translation tables either. */
		vcpu_inject(vcpu, V7DBG_EXC_DATA_EXT, far);
		return 1;
	}
	return mmio_handle(vcpu, ipa | (far & ~PAGE_MASK));
}

/* The distributor comes before everything else at its address. */
static int handle_dabt(struct vcpu *vcpu)
{
	const struct hyp_vcpu *hyp = vcpu->hyp;
	u64 ipa = (u64)(hyp->hpfar & HPFAR_FIPA) << 8 | offset_in_page(hyp->hdfar);

	/* HPFAR is valid for translation faults (B3.13.4). */
	if (FSC_TYPE(HSR_FSC(hyp->hsr)) != FSC_TRANSLATION || hyp->hsr & HSR_S1PTW ||
	    !vgic_dist_has_address(vcpu->vm, ipa))
		return handle_abort(vcpu);
	vcpu->hyp->answers.on = true; /* until the next entry finds a tracepoint enabled */
	trace_kvm_guest_fault(*vcpu_pc(vcpu), hyp->hsr, hyp->hdfar,
			      ipa - offset_in_page(hyp->hdfar));
	return mmio_handle(vcpu, ipa);
}

/*
 * HYP has emulated a CP14 access, and the tracepoint is enabled.  noinline: the array
 * would cost every exit a stack protector.
 */
static noinline int handle_traced(struct vcpu *vcpu)
{
	struct hyp_vcpu *hyp = vcpu->hyp;
	struct v7dbg_access acc = {};
	char name[V7DBG_ACCESS_NAME_MAX];

	BUILD_BUG_ON(sizeof(name) != TRACE_CP14_NAME);
	/* Until the next entry finds the tracepoint enabled again. */
	hyp->trace = false;
	if (v7dbg_decode(hyp->hsr, &acc))
		trace_cp14(vcpu->id, hyp->traced.pc, v7dbg_access_name(&acc, name), acc.write,
			   hyp->traced.undef, hyp->traced.value);
	return 1;
}

static int internal_error(struct vcpu *vcpu, u32 suberror, u32 data)
{
	vcpu->run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	vcpu->run->internal.suberror = suberror;
	vcpu->run->internal.ndata = 1;
	vcpu->run->internal.data[0] = data;
	return 0;
}

static int handle_unexpected(struct vcpu *vcpu)
{
	u32 hsr = vcpu->hyp->hsr;

	pr_warn_ratelimited("vCPU %u: exception class 0x%02x (HSR %08x) at PC %08x\n", vcpu->id,
			    HSR_EC(hsr), hsr, *vcpu_pc(vcpu));
	return internal_error(vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON, hsr);
}

/* CP14 is not here: HYP serves all of it. */
static int (*const handlers[64])(struct vcpu *vcpu) = {
	[0 ... 63] = handle_unexpected,
	[EC_UNKNOWN] = handle_undef,
	[EC_WFX] = handle_wfx,
	[EC_CP15_32] = coproc_handle_cp15_32,
	[EC_CP15_64] = coproc_handle_cp15_64,
	[EC_HCPTR] = handle_undef,
	[EC_CP10_ID] = handle_undef,
	[EC_BXJ] = handle_bxj,
	[EC_HVC] = psci_handle_hvc,
	[EC_SMC] = handle_smc,
	[EC_PABT] = handle_abort,
	[EC_DABT] = handle_dabt,
};

/*
 * A trapped instruction whose condition fails does nothing (B1.14.3).  noinline: the others are
 * handled without saving a register.
 */
static noinline int handle_conditional(struct vcpu *vcpu, u32 ec)
{
	if (!guest_cond_passed(vcpu->hyp->hsr, *vcpu_cpsr(vcpu))) {
		vcpu_skip_insn(vcpu);
		return 1;
	}
	return handlers[ec](vcpu);
}

/*
 * WFx and coprocessor accesses may trap although their condition fails.  HVC may not: its condition
 * has held, and the PC is already past it.
 */
int vcpu_handle_trap(struct vcpu *vcpu)
{
	u32 ec = HSR_EC(vcpu->hyp->hsr);

	if (ec != EC_UNKNOWN && ec < EC_HVC)
		return handle_conditional(vcpu, ec);
	return handlers[ec](vcpu);
}

int vcpu_handle_exit(struct vcpu *vcpu, u32 reason)
{
	switch (reason) {
	case HYP_EXIT_IRQ:
		return 1;
	case HYP_EXIT_HOST_ABORT:
		/*
		 * ISR.A is 1 (B4.1.97), and CPSR.A keeps the host from taking it (B1.9.10): in a
		 * thread that was switched to on the way out of an interrupt of the kernel's, the
		 * bit is still set, and nothing else here would clear it.
		 */
		local_abt_enable();
		return 1;
	case HYP_EXIT_DEBUG_USER:
		return guest_debug_exit(vcpu);
	case HYP_EXIT_TRACED:
		return handle_traced(vcpu);
	case HYP_EXIT_DEBUG_REJECT:
		/* v7dbg counted it.  Do not resume: the guest could loop for ever. */
		return internal_error(vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON,
				      vcpu->hyp->hsr);
	case HYP_EXIT_PANIC:
		pr_err_ratelimited("vCPU %u: HYP faulted at %08x (HSR %08x, HDFAR %08x)\n",
				   vcpu->id, vcpu->hyp->panic_pc, vcpu->hyp->panic_hsr,
				   vcpu->hyp->panic_far);
		return internal_error(vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON,
				      vcpu->hyp->panic_hsr);
	default:
		return internal_error(vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON, reason);
	}
}
