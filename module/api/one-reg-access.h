/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of ONE_REG share: one access to one register, and the list of ids that is
 * being written.
 */
#ifndef KVM_ARMV7_ONE_REG_ACCESS_H
#define KVM_ARMV7_ONE_REG_ACCESS_H

#include <linux/errno.h>
#include <linux/kvm.h>
#include <linux/uaccess.h>

#define REG_LOW(id)    ((u32)(id)&0xffff)
#define REG_COPROC(id) ((u32)(((id)&KVM_REG_ARM_COPROC_MASK) >> KVM_REG_ARM_COPROC_SHIFT))
#define REG_IS_U32(id) (((id)&KVM_REG_SIZE_MASK) == KVM_REG_SIZE_U32)
#define REG_IS_U64(id) (((id)&KVM_REG_SIZE_MASK) == KVM_REG_SIZE_U64)

/* 32-bit registers use the low word of value. */
struct reg_access {
	u64 id;
	u64 value;
	bool write;
};

static inline int reg_move_u32(struct reg_access *acc, u32 *where)
{
	if (acc->write)
		*where = acc->value;
	else
		acc->value = *where;
	return 0;
}

static inline int reg_move_u64(struct reg_access *acc, u64 *where)
{
	if (acc->write)
		*where = acc->value;
	else
		acc->value = *where;
	return 0;
}

/* A constant: user space can read it, and can write only the value that it has. */
static inline int reg_invariant(struct reg_access *acc, u64 value)
{
	if (acc->write)
		return acc->value == value ? 0 : -EINVAL;
	acc->value = value;
	return 0;
}

struct reg_list {
	u64 __user *user; /* NULL: only count */
	u64 count;
	int error;
};

static inline void reg_list_add(struct reg_list *list, u64 id)
{
	if (list->user && !list->error && put_user(id, list->user + list->count))
		list->error = -EFAULT;
	list->count++;
}

#endif /* KVM_ARMV7_ONE_REG_ACCESS_H */
