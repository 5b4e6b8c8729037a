// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's access to a device: the distributor, or one in user space.  The syndrome
 * (B3.13.6, table B3-33) is the only description of the access that we use.  An access
 * that it does not describe (LDM, LDRD, write-back) gets an external abort.
 */
#include "core/guest-regs.h"
#include "core/vm.h"
#include "debug/guest-debug.h"
#include "hyp/guest-insn.h"
#include "irq/vgic-dist.h"
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

static void finish_read(struct vcpu *vcpu, u32 value)
{
	const struct mmio_pending *mmio = &vcpu->mmio;

	value = swap_for_guest(vcpu, value, mmio->len);
	if (mmio->len < 4) {
		unsigned int shift = 32 - 8 * mmio->len;

		value = mmio->sign_extend ? (u32)((s32)(value << shift) >> shift)
					  : value << shift >> shift;
	}
	*vcpu_reg(vcpu, mmio->rt) = value;
}

void mmio_complete(struct vcpu *vcpu)
{
	u32 value = 0;

	if (!vcpu->mmio.active)
		return;
	vcpu->mmio.active = false;
	if (!vcpu->mmio.write) {
		memcpy(&value, vcpu->run->mmio.data, vcpu->mmio.len);
		finish_read(vcpu, value);
	}
	vcpu_skip_insn(vcpu);
}

/*
 * A watchpoint comes before the device (C3.4.2).  True if one watches this access; *ret
 * is then the exit handler's result: the guest has its exception, or user space gets
 * the event.
 */
static bool mmio_watchpoint(struct vcpu *vcpu, unsigned int len, bool write, int *ret)
{
	struct hyp_vcpu *hyp = vcpu->hyp;
	bool pl0 = (*vcpu_cpsr(vcpu) & PSR_MODE) == PSR_USR;

	if (!v7dbg_needs_enter(&hyp->debug)) /* the usual case: no points at all */
		return false;
	/* hdfar becomes the address of the first byte that is watched. */
	if (v7dbg_user_watch(&hyp->debug, hyp->hdfar, len, write, pl0, hyp->cp15.contextidr,
			     &hyp->hdfar)) {
		*ret = guest_debug_mmio_exit(vcpu);
		return true;
	}
	if (!v7dbg_mmio_watch(&hyp->debug, hyp->hdfar, len, write, pl0, hyp->cp15.contextidr,
			      &hyp->hdfar))
		return false;
	guest_debug_write_begin(vcpu);
	v7dbg_watch_taken(&hyp->debug);
	guest_debug_write_end(vcpu);
	vcpu_inject(vcpu, V7DBG_EXC_DATA_DEBUG, hyp->hdfar);
	*ret = 1;
	return true;
}

/*
 * One access of len bytes, 1, 2 or 4; value has the bytes as they are on the bus, least
 * significant first.  True: the kernel has served it.  False: user space has to.
 */
static bool mmio_access(struct vcpu *vcpu, u64 ipa, unsigned int len, bool write, u32 *value)
{
	bool served = vgic_dist_access(vcpu, ipa, len, write, value);

	stat_inc(served ? &vcpu->stats.mmio_exit_kernel : &vcpu->stats.mmio_exit_user);
	return served;
}

int mmio_handle(struct vcpu *vcpu, u64 ipa)
{
	u32 hsr = vcpu->hyp->hsr;
	struct mmio_pending *mmio = &vcpu->mmio;
	struct kvm_run *run = vcpu->run;
	u32 value = 0;
	int ret;

	if (hsr & HSR_CM) {
		/*
		 * Cache maintenance by address, and a device has no cache lines.  ISV is
		 * 0, so IL is UNK (B3.13.6); but the instruction is an MCR, 4 bytes long
		 * in either instruction set (A8.8.98).
		 */
		vcpu->hyp->hsr |= HSR_IL;
		vcpu_skip_insn(vcpu);
		return 1;
	}
	/* Without ISV the size is unknown; a word, because most of these access words. */
	mmio->len = hsr & HSR_ISV ? 1 << HSR_SAS(hsr) : 4;
	mmio->rt = HSR_SRT(hsr);
	mmio->write = hsr & HSR_WNR;
	mmio->sign_extend = hsr & HSR_SSE;
	/* A watchpoint has priority over an external abort (B3.12.2, C3.4). */
	if (mmio_watchpoint(vcpu, mmio->len, mmio->write, &ret))
		return ret;
	if (!(hsr & HSR_ISV) || mmio->len > 4 || mmio->rt == 15) {
		vcpu_inject(vcpu, V7DBG_EXC_DATA_EXT, vcpu->hyp->hdfar);
		return 1;
	}

	if (mmio->write)
		value = swap_for_guest(vcpu, *vcpu_reg(vcpu, mmio->rt), mmio->len);
	if (mmio_access(vcpu, ipa, mmio->len, mmio->write, &value)) {
		if (!mmio->write)
			finish_read(vcpu, value);
		vcpu_skip_insn(vcpu);
		return 1;
	}

	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	if (mmio->write)
		memcpy(run->mmio.data, &value, mmio->len);
	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = ipa;
	run->mmio.len = mmio->len;
	run->mmio.is_write = mmio->write;
	mmio->active = true;
	return 0;
}
