// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vgic as user space sets it up: the KVM_DEV_TYPE_ARM_VGIC_V2 device, and
 * the older KVM_CREATE_IRQCHIP and KVM_ARM_SET_DEVICE_ADDR.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "api/vgic-device.h"
#include "api/vm-fd.h"
#include "core/vm.h"
#include "irq/vgic-init.h"
#include "memory/stage2.h"

int vgic_create(struct vm *vm, u32 type)
{
	int ret = 0;

	if (type != KVM_DEV_TYPE_ARM_VGIC_V2)
		return -ENODEV;
	mutex_lock(&vm->lock);
	if (vm->vgic.created)
		ret = -EEXIST;
	vm->vgic.created = true;
	mutex_unlock(&vm->lock);
	return ret;
}

static u64 *address_of(struct vm *vm, u64 type, u64 *size)
{
	switch (type) {
	case KVM_VGIC_V2_ADDR_TYPE_DIST:
		*size = KVM_VGIC_V2_DIST_SIZE;
		return &vm->vgic.dist_base;
	case KVM_VGIC_V2_ADDR_TYPE_CPU:
		*size = KVM_VGIC_V2_CPU_SIZE;
		return &vm->vgic.cpu_base;
	default:
		return NULL;
	}
}

/* Each address can be set once: page-aligned, in the IPA space, no overlap with the other. */
int vgic_set_address(struct vm *vm, u64 type, u64 addr)
{
	u64 size, other_size, *base, *other;
	int ret;

	mutex_lock(&vm->lock);
	ret = -ENXIO;
	if (!vm->vgic.created)
		goto out;
	ret = -ENODEV;
	base = address_of(vm, type, &size);
	if (!base)
		goto out;
	other = address_of(vm,
			   type == KVM_VGIC_V2_ADDR_TYPE_DIST ? KVM_VGIC_V2_ADDR_TYPE_CPU
							      : KVM_VGIC_V2_ADDR_TYPE_DIST,
			   &other_size);
	ret = -EINVAL;
	if (addr & ~PAGE_MASK)
		goto out;
	ret = -E2BIG;
	if (addr >= STAGE2_IPA_SIZE || addr + size > STAGE2_IPA_SIZE)
		goto out;
	ret = -EEXIST;
	if (*base != VGIC_ADDR_UNSET)
		goto out;
	ret = -EBUSY;
	if (*other != VGIC_ADDR_UNSET && addr < *other + other_size && *other < addr + size)
		goto out;
	*base = addr;
	ret = 0;
out:
	mutex_unlock(&vm->lock);
	return ret;
}

static int get_address(struct vm *vm, u64 type, u64 __user *user)
{
	u64 size, *base = address_of(vm, type, &size), addr;

	if (!base)
		return -ENODEV;
	mutex_lock(&vm->lock);
	addr = *base;
	mutex_unlock(&vm->lock);
	return copy_to_user(user, &addr, sizeof(addr)) ? -EFAULT : 0;
}

static int set_nr_irqs(struct vm *vm, u32 nr)
{
	int ret = 0;

	if (nr < VGIC_NR_PRIVATE + 32 || nr > VGIC_MAX_IRQS || nr % 32)
		return -EINVAL;
	mutex_lock(&vm->lock);
	if (vm->vgic.initialized || vm->vgic.nr_irqs)
		ret = -EBUSY;
	else
		vm->vgic.nr_irqs = nr;
	mutex_unlock(&vm->lock);
	return ret;
}

static int ctrl_init(struct vm *vm)
{
	int ret = -ENODEV, n;

	mutex_lock(&vm->lock);
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vm->vcpus[n]) {
			ret = vgic_init(vm);
			break;
		}
	mutex_unlock(&vm->lock);
	return ret;
}

static bool has_attr(const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		return attr->attr == KVM_VGIC_V2_ADDR_TYPE_DIST ||
		       attr->attr == KVM_VGIC_V2_ADDR_TYPE_CPU;
	case KVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return true;
	case KVM_DEV_ARM_VGIC_GRP_CTRL:
		return attr->attr == KVM_DEV_ARM_VGIC_CTRL_INIT;
	default:
		return false;
	}
}

static int set_attr(struct vm *vm, const struct kvm_device_attr *attr)
{
	void __user *user = (void __user *)(unsigned long)attr->addr;
	u64 addr;
	u32 nr;

	if (!has_attr(attr))
		return -ENXIO;
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		if (copy_from_user(&addr, user, sizeof(addr)))
			return -EFAULT;
		return vgic_set_address(vm, attr->attr, addr);
	case KVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		if (copy_from_user(&nr, user, sizeof(nr)))
			return -EFAULT;
		return set_nr_irqs(vm, nr);
	default:
		return ctrl_init(vm);
	}
}

static int get_attr(struct vm *vm, const struct kvm_device_attr *attr)
{
	void __user *user = (void __user *)(unsigned long)attr->addr;

	if (!has_attr(attr))
		return -ENXIO;
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		return get_address(vm, attr->attr, user);
	case KVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return put_user(vm->vgic.nr_irqs, (u32 __user *)user);
	default:
		return -ENXIO;
	}
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vm *vm = file->private_data;
	struct kvm_device_attr attr;

	if (vm->mm != current->mm)
		return -EIO;
	switch (cmd) {
	case KVM_SET_DEVICE_ATTR:
	case KVM_GET_DEVICE_ATTR:
	case KVM_HAS_DEVICE_ATTR:
		break;
	default:
		return -ENOTTY;
	}
	if (copy_from_user(&attr, (void __user *)arg, sizeof(attr)))
		return -EFAULT;
	if (attr.flags)
		return -EINVAL;
	if (cmd == KVM_SET_DEVICE_ATTR)
		return set_attr(vm, &attr);
	if (cmd == KVM_GET_DEVICE_ATTR)
		return get_attr(vm, &attr);
	return has_attr(&attr) ? 0 : -ENXIO;
}

static int device_release(struct inode *inode, struct file *file)
{
	vm_put(file->private_data);
	return 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = device_ioctl,
	.release = device_release,
	.llseek = noop_llseek,
};

int vgic_create_device(struct vm *vm, struct kvm_create_device *cd)
{
	int ret;

	if (cd->flags & ~KVM_CREATE_DEVICE_TEST)
		return -EINVAL;
	if (cd->type != KVM_DEV_TYPE_ARM_VGIC_V2)
		return -ENODEV;
	if (cd->flags & KVM_CREATE_DEVICE_TEST)
		return 0;
	ret = vgic_create(vm, cd->type);
	if (ret)
		return ret;
	vm_get(vm);
	ret = anon_inode_getfd("kvm-arm-vgic-v2", &device_fops, vm, O_RDWR | O_CLOEXEC);
	if (ret < 0) {
		mutex_lock(&vm->lock);
		vm->vgic.created = false;
		mutex_unlock(&vm->lock);
		vm_put(vm);
		return ret;
	}
	cd->fd = ret;
	return 0;
}
