// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's accesses to devices: the distributor, or one in user space.  An instruction may
 * make several, and user space serves one at each return of KVM_RUN.  Until the last one is
 * complete the guest's registers are as they were, with the PC at the instruction.
 */
#include "core/guest-regs.h"
#include "core/kvm-trace.h"
#include "core/ldst.h"
#include "core/vm.h"
#include "debug/guest-debug.h"
#include "hyp/guest-insn.h"
#include "io/vm-io.h"
#include "irq/vgic-dist.h"
#include "run/mmio-insn.h"
#include "run/mmio.h"

/* CPSR.E is the order of bytes in the guest's registers. */
static u32 swap_for_guest(struct vcpu *vcpu, u32 value, unsigned int len)
{
	if (!(*vcpu_cpsr(vcpu) & PSR_E))
		return value;
	switch (len) {
	case 2:
		return swab16(value);
	case 4:
		return swab32(value);
	default:
		return value;
	}
}

/* The register that the instruction means by n: LDM and STM with ^ mean User mode's. */
static u32 *operand(struct vcpu *vcpu, unsigned int n)
{
	return vcpu->mmio.insn.user ? &vcpu->hyp->regs.usr[n] : vcpu_reg(vcpu, n);
}

/* What a store of len bytes of value puts on the bus. */
static u32 on_bus(struct vcpu *vcpu, u32 value, unsigned int len)
{
	value = swap_for_guest(vcpu, value, len);
	return len < 4 ? value & ((1u << 8 * len) - 1) : value;
}

/* Only A32 stores the PC: PCStoreValue(), A2.3.1. */
static u32 stored(struct vcpu *vcpu, unsigned int n)
{
	return on_bus(vcpu, n == 15 ? *vcpu_pc(vcpu) + 8 : *operand(vcpu, n), vcpu->mmio.insn.size);
}

/* What a load of len bytes puts into its register. */
static u32 loaded(struct vcpu *vcpu, u32 value, unsigned int len, bool sign)
{
	unsigned int shift = 32 - 8 * len;

	value = swap_for_guest(vcpu, value, len);
	return sign ? (u32)((s32)(value << shift) >> shift) : value << shift >> shift;
}

/* LoadWritePC(), A2.3.1: a branch that bit 0 sends to T32. */
static void branch(struct vcpu *vcpu, u32 target)
{
	*vcpu_cpsr(vcpu) = (*vcpu_cpsr(vcpu) & ~PSR_T) | (target & 1 ? PSR_T : 0);
	*vcpu_pc(vcpu) = target & ~1;
}

/* All accesses are done: now the registers change. */
static void finish(struct vcpu *vcpu)
{
	const struct mmio_pending *mmio = &vcpu->mmio;
	const struct ldst *insn = &mmio->insn;
	unsigned int n;

	if (insn->rn != LDST_NO_REG)
		*vcpu_reg(vcpu, insn->rn) = insn->base;
	vcpu_skip_insn(vcpu);
	for (n = 0; n < insn->count && !insn->write; n++) {
		u32 value = loaded(vcpu, mmio->data[n], insn->size, insn->sign);

		if (insn->rt[n] == 15)
			branch(vcpu, value);
		else
			*operand(vcpu, insn->rt[n]) = value;
	}
}

/*
 * True if a watchpoint watches this access; *ret is then the exit handler's result: the guest
 * has its exception, or user space gets the event.
 */
static bool access_is_watched(struct vcpu *vcpu, u32 va, unsigned int len, bool write, bool pl0,
			      int *ret)
{
	struct hyp_vcpu *hyp = vcpu->hyp;

	/* hdfar becomes the address of the first byte that is watched. */
	if (v7dbg_user_watch(&hyp->debug, va, len, write, pl0, hyp->cp15.contextidr, &hyp->hdfar)) {
		*ret = guest_debug_mmio_exit(vcpu);
		return true;
	}
	if (!v7dbg_mmio_watch(&hyp->debug, va, len, write, pl0, hyp->cp15.contextidr, &hyp->hdfar))
		return false;
	guest_debug_write_begin(vcpu);
	v7dbg_watch_taken(&hyp->debug);
	guest_debug_write_end(vcpu);
	vcpu_inject(vcpu, V7DBG_EXC_DATA_DEBUG, hyp->hdfar);
	*ret = 1;
	return true;
}

/* A watchpoint comes before the device (C3.4.2), and before all of the instruction. */
static bool insn_is_watched(struct vcpu *vcpu, const struct ldst *insn, int *ret)
{
	bool pl0 = (*vcpu_cpsr(vcpu) & PSR_MODE) == PSR_USR || insn->unprivileged;
	unsigned int n;

	if (!v7dbg_needs_enter(&vcpu->hyp->debug)) /* the usual case: no points at all */
		return false;
	if (!pl0 && vcpu->hyp->hsr & HSR_ISV)
		pl0 = mmio_insn_unprivileged(vcpu);
	for (n = 0; n < insn->count; n++)
		if (access_is_watched(vcpu, insn->address + n * insn->size, insn->size, insn->write,
				      pl0, ret))
			return true;
	return false;
}

/*
 * One access of len bytes, 1, 2 or 4; value has the bytes as they are on the bus, least
 * significant first.  True: the kernel has served it.  False: user space has to.
 */
static bool mmio_access(struct vcpu *vcpu, u64 ipa, unsigned int len, bool write, u32 *value)
{
	bool served = vgic_dist_has_address(vcpu->vm, ipa);

	if (served)
		vgic_dist_access(vcpu, ipa, len, write, value);
	else
		served = write && vm_io_write(vcpu->vm, ipa, len, *value);

	stat_inc(served ? &vcpu->stats.mmio_exit_kernel : &vcpu->stats.mmio_exit_user);
	if (write)
		trace_kvm_mmio(TRACE_MMIO_WRITE, len, ipa, *value);
	else
		trace_kvm_mmio(served ? TRACE_MMIO_READ : TRACE_MMIO_READ_UNSATISFIED, len, ipa,
			       served ? *value : 0);
	return served;
}

/* User space has to make access number mmio->done. */
static int leave_to_user(struct vcpu *vcpu, u64 ipa)
{
	struct mmio_pending *mmio = &vcpu->mmio;
	struct kvm_run *run = vcpu->run;

	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	if (mmio->insn.write)
		memcpy(run->mmio.data, &mmio->data[mmio->done], sizeof(mmio->data[0]));
	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = ipa;
	run->mmio.len = mmio->insn.size;
	run->mmio.is_write = mmio->insn.write;
	mmio->active = true;
	return 0;
}

/* Make what is left of the accesses.  1: all done; 0: user space has to make the next one. */
static int proceed(struct vcpu *vcpu)
{
	struct mmio_pending *mmio = &vcpu->mmio;
	const struct ldst *insn = &mmio->insn;
	u64 ipa;

	for (; mmio->done < insn->count; mmio->done++) {
		ipa = mmio->ipa + mmio->done * insn->size;
		if (!mmio_access(vcpu, ipa, insn->size, insn->write, &mmio->data[mmio->done]))
			return leave_to_user(vcpu, ipa);
	}
	finish(vcpu);
	return 1;
}

int mmio_complete(struct vcpu *vcpu)
{
	struct mmio_pending *mmio = &vcpu->mmio;

	if (!mmio->active)
		return 1;
	mmio->active = false;
	if (!mmio->insn.write) {
		/* loaded() takes as many bytes as the guest wants. */
		memcpy(&mmio->data[mmio->done], vcpu->run->mmio.data, sizeof(mmio->data[0]));
		trace_kvm_mmio(TRACE_MMIO_READ, mmio->insn.size, vcpu->run->mmio.phys_addr,
			       mmio->data[mmio->done] & (~0u >> (32 - 8 * mmio->insn.size)));
	}
	mmio->done++;
	return proceed(vcpu);
}

/*
 * Nothing that can be emulated: user space decides, if it wants to.  Otherwise the guest gets
 * an external abort, as from a bus that cannot do it either.  A watchpoint has priority over
 * both (B3.12.2, C3.4).  The size is unknown; a word, because most of these access words.
 */
static int refuse(struct vcpu *vcpu, u64 ipa)
{
	struct kvm_run *run = vcpu->run;
	const struct ldst word = {
		.address = vcpu->hyp->hdfar,
		.size = 4,
		.count = 1,
		.write = vcpu->hyp->hsr & HSR_WNR,
	};
	int ret;

	if (insn_is_watched(vcpu, &word, &ret))
		return ret;
	if (READ_ONCE(vcpu->vm->nisv_to_user)) {
		run->exit_reason = KVM_EXIT_ARM_NISV;
		run->arm_nisv.esr_iss = vcpu->hyp->hsr & (HSR_WNR | HSR_DFSC);
		run->arm_nisv.fault_ipa = ipa;
		return 0;
	}
	vcpu_inject(vcpu, V7DBG_EXC_DATA_EXT, vcpu->hyp->hdfar);
	return 1;
}

/*
 * The usual case: the syndrome describes the instruction, and no point watches anything.  One
 * register, no write-back, and nothing is copied that the access does not need.
 */
static int access_by_syndrome(struct vcpu *vcpu, u64 ipa)
{
	u32 hsr = vcpu->hyp->hsr, *rt = vcpu_reg(vcpu, HSR_SRT(hsr));
	unsigned int len = 1 << HSR_SAS(hsr);
	struct mmio_pending *mmio = &vcpu->mmio;
	struct ldst *insn = &mmio->insn;
	bool write = hsr & HSR_WNR;

	mmio->data[0] = write ? on_bus(vcpu, *rt, len) : 0;
	if (mmio_access(vcpu, ipa, len, write, &mmio->data[0])) {
		vcpu_skip_insn(vcpu);
		if (!write)
			*rt = loaded(vcpu, mmio->data[0], len, hsr & HSR_SSE);
		return 1;
	}
	/* What finish() needs. */
	insn->rn = LDST_NO_REG;
	insn->size = len;
	insn->count = 1;
	insn->write = write;
	insn->sign = hsr & HSR_SSE;
	insn->user = false;
	insn->rt[0] = HSR_SRT(hsr);
	mmio->done = 0;
	return leave_to_user(vcpu, ipa);
}

int mmio_handle(struct vcpu *vcpu, u64 ipa)
{
	struct hyp_vcpu *hyp = vcpu->hyp;
	struct mmio_pending *mmio = &vcpu->mmio;
	struct ldst *insn = &mmio->insn;
	unsigned int n;
	int ret;

	if (hyp->hsr & HSR_ISV && HSR_SAS(hyp->hsr) < 3 && HSR_SRT(hyp->hsr) != 15 &&
	    !v7dbg_needs_enter(&hyp->debug))
		return access_by_syndrome(vcpu, ipa);
	if (hyp->hsr & HSR_CM) {
		/*
		 * Cache maintenance by address, and a device has no cache lines.  ISV is
		 * 0, so IL is UNK (B3.13.6); but the instruction is an MCR, 4 bytes long
		 * in either instruction set (A8.8.98).
		 */
		hyp->hsr |= HSR_IL;
		vcpu_skip_insn(vcpu);
		return 1;
	}
	switch (mmio_insn_find(vcpu, insn)) {
	case MMIO_INSN_AGAIN:
		return 1;
	case MMIO_INSN_REFUSED:
		return refuse(vcpu, ipa);
	case MMIO_INSN_KNOWN:
		break;
	}
	/* Both are in one page. */
	mmio->ipa = ipa - offset_in_page(ipa) + offset_in_page(insn->address);
	if (insn_is_watched(vcpu, insn, &ret))
		return ret;
	hyp->hsr = (hyp->hsr & ~HSR_IL) | (insn->length == 4 ? HSR_IL : 0);
	for (n = 0; n < insn->count; n++)
		mmio->data[n] = insn->write ? stored(vcpu, insn->rt[n]) : 0;
	mmio->done = 0;
	return proceed(vcpu);
}
