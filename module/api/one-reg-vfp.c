// SPDX-License-Identifier: GPL-2.0-only
/*
 * ONE_REG of the VFP registers.
 */
#include <linux/nospec.h>

#include "api/one-reg-access.h"
#include "api/one-reg-vfp.h"
#include "core/vm.h"
#include "machine/cpu-ids.h"
#include "machine/machine.h"

#define ID_VFP32(n) (KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_VFP | (n))
#define ID_VFP64(n) (KVM_REG_ARM | KVM_REG_SIZE_U64 | KVM_REG_ARM_VFP | (n))

int one_reg_vfp(struct vcpu *vcpu, struct reg_access *acc)
{
	u32 n = REG_LOW(acc->id);

	if (REG_IS_U64(acc->id)) {
		if (n >= machine.dregs)
			return -ENOENT;
		return reg_move_u64(acc, &vcpu->hyp->vfp.d[array_index_nospec(n, machine.dregs)]);
	}
	if (!REG_IS_U32(acc->id) || !machine.dregs)
		return -ENOENT;
	switch (n) {
	case KVM_REG_ARM_VFP_FPEXC:
		return reg_move_u32(acc, &vcpu->hyp->vfp.fpexc);
	case KVM_REG_ARM_VFP_FPSCR:
		return reg_move_u32(acc, &vcpu->hyp->vfp.fpscr);
	/*
	 * No supported CPU has these two: they are for VFP support code, which its VFP does
	 * not need (appendix F).  KVM/arm kept what user space wrote, and clients give up if
	 * they cannot read them.
	 */
	case KVM_REG_ARM_VFP_FPINST:
		return reg_move_u32(acc, &vcpu->fpinst[0]);
	case KVM_REG_ARM_VFP_FPINST2:
		return reg_move_u32(acc, &vcpu->fpinst[1]);
	case KVM_REG_ARM_VFP_FPSID:
		return reg_invariant(acc, cpu_ids.FPSID);
	case KVM_REG_ARM_VFP_MVFR0:
		return reg_invariant(acc, cpu_ids.MVFR0);
	case KVM_REG_ARM_VFP_MVFR1:
		return reg_invariant(acc, cpu_ids.MVFR1);
	default:
		return -ENOENT;
	}
}

void one_reg_list_vfp(struct reg_list *list)
{
	static const u16 control[] = { KVM_REG_ARM_VFP_FPEXC,  KVM_REG_ARM_VFP_FPSCR,
				       KVM_REG_ARM_VFP_FPINST, KVM_REG_ARM_VFP_FPINST2,
				       KVM_REG_ARM_VFP_FPSID,  KVM_REG_ARM_VFP_MVFR0,
				       KVM_REG_ARM_VFP_MVFR1 };
	u32 n;

	if (!machine.dregs)
		return;
	for (n = 0; n < machine.dregs; n++)
		reg_list_add(list, ID_VFP64(n));
	for (n = 0; n < ARRAY_SIZE(control); n++)
		reg_list_add(list, ID_VFP32(control[n]));
}
