// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_ONE_REG, KVM_SET_ONE_REG and KVM_GET_REG_LIST.  The ids are those of KVM/arm;
 * debug registers are coprocessor 14 in the same scheme.
 */
#include <linux/uaccess.h>

#include "api/one-reg.h"
#include "core/vm.h"
#include "debug/guest-debug.h"
#include "hyp/guest-insn.h"
#include "irq/vtimer.h"
#include "machine/machine.h"
#include "run/coproc.h"
#include "run/psci.h"

#define CORE_WORDS    (sizeof(struct kvm_regs) / 4)
#define ID_LOW(id)    ((u32)(id)&0xffff)
#define COPROC(id)    ((u32)(((id)&KVM_REG_ARM_COPROC_MASK) >> KVM_REG_ARM_COPROC_SHIFT))
#define ID_RESERVED   GENMASK_ULL(51, 28) /* between coprocessor and size */
#define ID_CORE(word) (KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | (word))
#define ID_VFP32(n)   (KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_VFP | (n))
#define ID_VFP64(n)   (KVM_REG_ARM | KVM_REG_SIZE_U64 | KVM_REG_ARM_VFP | (n))

/* 32-bit registers use the low word of value. */
struct access {
	u64 id;
	u64 value;
	bool write;
};

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

static int move_u32(struct access *acc, u32 *where)
{
	if (acc->write)
		*where = acc->value;
	else
		acc->value = *where;
	return 0;
}

static int move_u64(struct access *acc, u64 *where)
{
	if (acc->write)
		*where = acc->value;
	else
		acc->value = *where;
	return 0;
}

/* A constant: user space can read it, and can write only the value that it has. */
static int invariant(struct access *acc, u64 value)
{
	if (acc->write)
		return acc->value == value ? 0 : -EINVAL;
	acc->value = value;
	return 0;
}

static int access_core(struct vcpu *vcpu, struct access *acc)
{
	u32 word = ID_LOW(acc->id);

	BUILD_BUG_ON(sizeof(struct hyp_regs) != sizeof(struct kvm_regs));
	if ((acc->id & KVM_REG_SIZE_MASK) != KVM_REG_SIZE_U32 || word >= CORE_WORDS)
		return -ENOENT;
	if (acc->write && word == HYP_REG_CPSR && !valid_cpsr(acc->value))
		return -EINVAL;
	move_u32(acc, (u32 *)&vcpu->hyp->regs + word);
	if (acc->write && (word == HYP_REG_PC || word == HYP_REG_CPSR))
		guest_debug_pc_moved(vcpu);
	return 0;
}

static int access_vfp(struct vcpu *vcpu, struct access *acc)
{
	u32 n = ID_LOW(acc->id), value;

	if ((acc->id & KVM_REG_SIZE_MASK) == KVM_REG_SIZE_U64) {
		if (n >= machine.dregs)
			return -ENOENT;
		return move_u64(acc, &vcpu->hyp->vfp.d[n]);
	}
	if ((acc->id & KVM_REG_SIZE_MASK) != KVM_REG_SIZE_U32 || !machine.dregs)
		return -ENOENT;
	switch (n) {
	case KVM_REG_ARM_VFP_FPEXC:
		return move_u32(acc, &vcpu->hyp->vfp.fpexc);
	case KVM_REG_ARM_VFP_FPSCR:
		return move_u32(acc, &vcpu->hyp->vfp.fpscr);
	case KVM_REG_ARM_VFP_FPSID:
		asm(".fpu vfpv3\n\tvmrs %0, fpsid" : "=r"(value));
		return invariant(acc, value);
	case KVM_REG_ARM_VFP_MVFR0:
		asm(".fpu vfpv3\n\tvmrs %0, mvfr0" : "=r"(value));
		return invariant(acc, value);
	case KVM_REG_ARM_VFP_MVFR1:
		asm(".fpu vfpv3\n\tvmrs %0, mvfr1" : "=r"(value));
		return invariant(acc, value);
	default:
		return -ENOENT;
	}
}

/* There is one counter for the whole VM, kept as its offset from the host's. */
static int move_count(struct vcpu *vcpu, struct access *acc)
{
	if (acc->write)
		vcpu->vm->cntvoff = vtimer_host_count() - acc->value;
	else
		acc->value = vtimer_host_count() - vcpu->vm->cntvoff;
	return 0;
}

/* For each word in cp15.def's column user: a register's case, and its entry in the list. */
#define CASE_NONE(id, how)
#define CASE_STATE(id, how) \
	case id:            \
		return how;
#define CASE_CONST	    CASE_STATE
#define CASE_COUNT(id, how) CASE_STATE(id, move_count(vcpu, acc))
#define LIST_NONE(id)
#define LIST_STATE(id) id,
#define LIST_CONST(id) id,
#define LIST_COUNT(id) id,

static int access_cp15(struct vcpu *vcpu, struct access *acc)
{
	struct hyp_vcpu *hyp = vcpu->hyp;

	switch (acc->id) {
#define CP15_SWITCHED32(name, opc1, crn, crm, opc2, access, trap, member, reset, user) \
	CASE_##user(ARM_CP15_REG32(opc1, crn, crm, opc2), move_u32(acc, &hyp->cp15.member))
#define CP15_SWITCHED64(name, opc1, crm, access, trap, member, reset, user) \
	CASE_##user(ARM_CP15_REG64(opc1, crm), move_u64(acc, &hyp->cp15.member))
#define CP15_TIMER32(name, opc1, crn, crm, opc2, access, trap, member, user) \
	CASE_##user(ARM_CP15_REG32(opc1, crn, crm, opc2), move_u32(acc, &hyp->timer.member))
#define CP15_TIMER64(name, opc1, crm, access, trap, member, user) \
	CASE_##user(ARM_CP15_REG64(opc1, crm), move_u64(acc, &hyp->timer.member))
#define CP15_ID32(name, opc1, crn, crm, opc2, access, trap, user) \
	CASE_##user(ARM_CP15_REG32(opc1, crn, crm, opc2),         \
		    invariant(acc, coproc_read_id(vcpu, CP15_KEY32_##name)))
#include "hyp/cp15.def"
	default:
		return -ENOENT;
	}
}

static int access_cp14(struct vcpu *vcpu, struct access *acc)
{
	u32 opc1 = (u32)(acc->id >> KVM_REG_ARM_OPC1_SHIFT) & 0xf;
	u32 crn = (u32)(acc->id >> KVM_REG_ARM_32_CRN_SHIFT) & 0xf;
	u32 crm = (u32)(acc->id >> KVM_REG_ARM_CRM_SHIFT) & 0xf;
	u32 opc2 = (u32)acc->id & 7, enc = V7DBG_ENC(opc1, crn, crm, opc2);
	u32 value = acc->value;
	enum v7dbg_error error;

	/* Of another size, or with a bit that means nothing here. */
	if (acc->id != ARM_CP14_REG32(opc1, crn, crm, opc2))
		return -ENOENT;
	if (acc->write) {
		guest_debug_write_begin(vcpu);
		error = v7dbg_set(&vcpu->hyp->debug, enc, value);
		guest_debug_write_end(vcpu);
	} else {
		error = v7dbg_get(&vcpu->hyp->debug, enc, &value);
		acc->value = value;
	}
	switch (error) {
	case V7DBG_OK:
		return 0;
	case V7DBG_ERR_CONSTANT: /* as invariant() returns */
		return -EINVAL;
	default:
		return -ENOENT;
	}
}

static int access_fw(struct vcpu *vcpu, struct access *acc)
{
	if (acc->id != KVM_REG_ARM_PSCI_VERSION || !(vcpu->features & BIT(KVM_ARM_VCPU_PSCI_0_2)))
		return -ENOENT;
	return invariant(acc, PSCI_VERSION_VALUE);
}

static int access_reg(struct vcpu *vcpu, struct access *acc)
{
	if ((acc->id & KVM_REG_ARCH_MASK) != KVM_REG_ARM)
		return -EINVAL;
	if (acc->id & ID_RESERVED)
		return -ENOENT;
	switch (COPROC(acc->id)) {
	case KVM_REG_ARM_CORE >> KVM_REG_ARM_COPROC_SHIFT:
		return access_core(vcpu, acc);
	case KVM_REG_ARM_VFP >> KVM_REG_ARM_COPROC_SHIFT:
		return access_vfp(vcpu, acc);
	case KVM_REG_ARM_FW >> KVM_REG_ARM_COPROC_SHIFT:
		return access_fw(vcpu, acc);
	case 15:
		return access_cp15(vcpu, acc);
	case 14:
		return access_cp14(vcpu, acc);
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
	struct access acc = { .id = reg->id };
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
	struct access acc = { .id = reg->id, .write = true };
	size_t size = reg_size(reg->id);

	if (!size)
		return -ENOENT;
	if (copy_from_user(&acc.value, (void __user *)(unsigned long)reg->addr, size))
		return -EFAULT;
	return access_reg(vcpu, &acc);
}

static const u64 cp15_ids[] = {
#define CP15_SWITCHED32(name, opc1, crn, crm, opc2, access, trap, member, reset, user) \
	LIST_##user(ARM_CP15_REG32(opc1, crn, crm, opc2))
#define CP15_SWITCHED64(name, opc1, crm, access, trap, member, reset, user) \
	LIST_##user(ARM_CP15_REG64(opc1, crm))
#define CP15_TIMER32(name, opc1, crn, crm, opc2, access, trap, member, user) \
	LIST_##user(ARM_CP15_REG32(opc1, crn, crm, opc2))
#define CP15_TIMER64(name, opc1, crm, access, trap, member, user) \
	LIST_##user(ARM_CP15_REG64(opc1, crm))
#define CP15_ID32(name, opc1, crn, crm, opc2, access, trap, user) \
	LIST_##user(ARM_CP15_REG32(opc1, crn, crm, opc2))
#include "hyp/cp15.def"
};

struct reg_list {
	u64 __user *user; /* NULL: only count */
	u64 count;
	int error;
};

static void reg_list_add(struct reg_list *list, u64 id)
{
	if (list->user && !list->error && put_user(id, list->user + list->count))
		list->error = -EFAULT;
	list->count++;
}

static void reg_list_fill(struct vcpu *vcpu, struct reg_list *list)
{
	static const u16 vfp_control[] = { KVM_REG_ARM_VFP_FPEXC, KVM_REG_ARM_VFP_FPSCR,
					   KVM_REG_ARM_VFP_FPSID, KVM_REG_ARM_VFP_MVFR0,
					   KVM_REG_ARM_VFP_MVFR1 };
	u16 enc[160];
	u32 n, count;

	for (n = 0; n < CORE_WORDS; n++)
		reg_list_add(list, ID_CORE(n));
	for (n = 0; n < ARRAY_SIZE(cp15_ids); n++)
		reg_list_add(list, cp15_ids[n]);
	for (n = 0; n < machine.dregs; n++)
		reg_list_add(list, ID_VFP64(n));
	for (n = 0; machine.dregs && n < ARRAY_SIZE(vfp_control); n++)
		reg_list_add(list, ID_VFP32(vfp_control[n]));
	if (vcpu->features & BIT(KVM_ARM_VCPU_PSCI_0_2))
		reg_list_add(list, KVM_REG_ARM_PSCI_VERSION);
	count = min_t(u32, v7dbg_list(&vcpu->hyp->debug, enc, ARRAY_SIZE(enc)), ARRAY_SIZE(enc));
	for (n = 0; n < count; n++)
		reg_list_add(list, ARM_CP14_REG32((enc[n] >> 11) & 0xf, (enc[n] >> 7) & 0xf,
						  (enc[n] >> 3) & 0xf, enc[n] & 7));
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
