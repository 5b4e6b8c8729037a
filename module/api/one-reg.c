// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_ONE_REG, KVM_SET_ONE_REG and KVM_GET_REG_LIST.  The ids are those of KVM/arm.
 * Core and firmware registers are here, the others in one-reg-*.c.
 */
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "api/one-reg-access.h"
#include "api/one-reg-cp15.h"
#include "api/one-reg-debug.h"
#include "api/one-reg-pmu.h"
#include "api/one-reg-vfp.h"
#include "api/one-reg.h"
#include "core/vm.h"
#include "debug/guest-debug.h"
#include "hyp/guest-insn.h"
#include "run/psci.h"

#define CORE_WORDS    (sizeof(struct kvm_regs) / 4)
#define ID_RESERVED   GENMASK_ULL(51, 28) /* between coprocessor and size */
#define ID_CORE(word) (KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | (word))

/*
 * A guest cannot be in Monitor or Hyp mode.  Nor can it be in Jazelle state, J without T:
 * with the trivial implementation an exception return to it is UNPREDICTABLE (B1.11), and
 * that return would be ours, in Hyp mode.
 */
static bool valid_cpsr(u32 cpsr)
{
	if ((cpsr & (PSR_J | PSR_T)) == PSR_J)
		return false;
	switch (cpsr & PSR_MODE) {
	case PSR_USR:
	case PSR_FIQ:
	case PSR_IRQ:
	case PSR_SVC:
	case PSR_ABT:
	case PSR_UND:
	case PSR_SYS:
		return true;
	default:
		return false;
	}
}

static int access_core(struct vcpu *vcpu, struct reg_access *acc)
{
	u32 word = REG_LOW(acc->id);

	BUILD_BUG_ON(sizeof(struct hyp_regs) != sizeof(struct kvm_regs));
	if (!REG_IS_U32(acc->id) || word >= CORE_WORDS)
		return -ENOENT;
	word = array_index_nospec(word, CORE_WORDS);
	if (acc->write && word == HYP_REG_CPSR && !valid_cpsr(acc->value))
		return -EINVAL;
	reg_move_u32(acc, (u32 *)&vcpu->hyp->regs + word);
	if (acc->write && (word == HYP_REG_PC || word == HYP_REG_CPSR))
		guest_debug_pc_moved(vcpu);
	return 0;
}

/* A guest that was saved where it got less than here keeps working, with what it gets here. */
static int access_workaround(struct reg_access *acc, u32 level)
{
	if (acc->write)
		return acc->value > level ? -EINVAL : 0;
	acc->value = level;
	return 0;
}

static int access_fw(struct vcpu *vcpu, struct reg_access *acc)
{
	switch (acc->id) {
	case KVM_REG_ARM_PSCI_VERSION:
		if (acc->write)
			return psci_set_version(vcpu, acc->value);
		acc->value = psci_version(vcpu);
		return 0;
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1:
		return access_workaround(acc, psci_workaround_1());
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2:
		return access_workaround(acc, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_UNKNOWN);
	default:
		return -ENOENT;
	}
}

static int access_reg(struct vcpu *vcpu, struct reg_access *acc)
{
	if ((acc->id & KVM_REG_ARCH_MASK) != KVM_REG_ARM)
		return -EINVAL;
	if (acc->id & ID_RESERVED)
		return -ENOENT;
	switch (REG_COPROC(acc->id)) {
	case KVM_REG_ARM_CORE >> KVM_REG_ARM_COPROC_SHIFT:
		return access_core(vcpu, acc);
	case KVM_REG_ARM_DEMUX >> KVM_REG_ARM_COPROC_SHIFT:
		return one_reg_demux(acc);
	case KVM_REG_ARM_VFP >> KVM_REG_ARM_COPROC_SHIFT:
		return one_reg_vfp(vcpu, acc);
	case KVM_REG_ARM_FW >> KVM_REG_ARM_COPROC_SHIFT:
		return access_fw(vcpu, acc);
	case 15:
		return one_reg_cp15(vcpu, acc);
	case 14:
		return one_reg_debug(vcpu, acc);
	default:
		return -ENOENT;
	}
}

/* 4 or 8 bytes; 0 for an id of any other size. */
static size_t reg_size(u64 id)
{
	size_t size = KVM_REG_SIZE(id);

	return size == 4 || size == 8 ? size : 0;
}

int vcpu_get_one_reg(struct vcpu *vcpu, const struct kvm_one_reg *reg)
{
	struct reg_access acc = { .id = reg->id };
	size_t size = reg_size(reg->id);
	int ret;

	if (!size)
		return -ENOENT;
	ret = access_reg(vcpu, &acc);
	if (ret)
		return ret;
	/* little-endian: the low word comes first */
	return copy_to_user((void __user *)(unsigned long)reg->addr, &acc.value, size) ? -EFAULT
										       : 0;
}

int vcpu_set_one_reg(struct vcpu *vcpu, const struct kvm_one_reg *reg)
{
	struct reg_access acc = { .id = reg->id, .write = true };
	size_t size = reg_size(reg->id);

	if (!size)
		return -ENOENT;
	if (copy_from_user(&acc.value, (void __user *)(unsigned long)reg->addr, size))
		return -EFAULT;
	return access_reg(vcpu, &acc);
}

static void reg_list_fill(struct vcpu *vcpu, struct reg_list *list)
{
	u32 n;

	for (n = 0; n < CORE_WORDS; n++)
		reg_list_add(list, ID_CORE(n));
	one_reg_list_cp15(list);
	one_reg_list_pmu(vcpu, list);
	one_reg_list_demux(list);
	one_reg_list_vfp(list);
	reg_list_add(list, KVM_REG_ARM_PSCI_VERSION);
	reg_list_add(list, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1);
	reg_list_add(list, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2);
	one_reg_list_debug(vcpu, list);
}

int vcpu_get_reg_list(struct vcpu *vcpu, struct kvm_reg_list __user *user)
{
	struct reg_list list = {};
	u64 room, needed;

	if (copy_from_user(&room, &user->n, sizeof(room)))
		return -EFAULT;
	reg_list_fill(vcpu, &list);
	needed = list.count;
	if (copy_to_user(&user->n, &needed, sizeof(needed)))
		return -EFAULT;
	if (room < needed)
		return -E2BIG;
	list = (struct reg_list){ .user = user->reg };
	reg_list_fill(vcpu, &list);
	return list.error;
}
