// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vgic as user space sets it up: the KVM_DEV_TYPE_ARM_VGIC_V2 device, and
 * the older KVM_CREATE_IRQCHIP and KVM_ARM_SET_DEVICE_ADDR.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "api/vgic-device.h"
#include "api/vm-fd.h"
#include "core/vm.h"
#include "irq/vgic-cpuif.h"
#include "irq/vgic-dist.h"
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

/* 0, or -EINVAL: the attribute names a vCPU that does not exist. */
static int attr_vcpu(struct vm *vm, const struct kvm_device_attr *attr, struct vcpu **vcpu)
{
	u32 id = (attr->attr & KVM_DEV_ARM_VGIC_CPUID_MASK) >> KVM_DEV_ARM_VGIC_CPUID_SHIFT;

	if (id >= KVM_ARMV7_MAX_VCPUS)
		return -EINVAL;
	*vcpu = READ_ONCE(vm->vcpus[array_index_nospec(id, KVM_ARMV7_MAX_VCPUS)]);
	return *vcpu ? 0 : -EINVAL;
}

/*
 * Keep every vCPU from running and from other ioctls.  The order is the wrong way round,
 * so nobody waits: false, and none is locked, if one is busy.
 */
static bool trylock_vcpus(struct vm *vm)
{
	int n;

	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++) {
		if (!vm->vcpus[n] || mutex_trylock(&vm->vcpus[n]->mutex))
			continue;
		while (--n >= 0)
			if (vm->vcpus[n])
				mutex_unlock(&vm->vcpus[n]->mutex);
		return false;
	}
	return true;
}

static void unlock_vcpus(struct vm *vm)
{
	int n;

	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vm->vcpus[n])
			mutex_unlock(&vm->vcpus[n]->mutex);
}

/* A register of the distributor or of a CPU interface. */
static int access_register(struct vm *vm, const struct kvm_device_attr *attr, bool write,
			   u32 *value)
{
	u32 offset = attr->attr & KVM_DEV_ARM_VGIC_OFFSET_MASK;
	struct vcpu *vcpu;
	int ret = attr_vcpu(vm, attr, &vcpu);

	if (ret)
		return ret;
	mutex_lock(&vm->lock);
	ret = vgic_init(vm);
	if (ret)
		goto out;
	ret = -EBUSY;
	if (!trylock_vcpus(vm))
		goto out;
	ret = 0;
	if (attr->group == KVM_DEV_ARM_VGIC_GRP_DIST_REGS)
		ret = vgic_dist_user_access(vcpu, offset, write, value);
	else
		vgic_cpuif_user_access(vcpu, offset, write, value);
	unlock_vcpus(vm);
out:
	mutex_unlock(&vm->lock);
	return ret;
}

static int has_register(struct vm *vm, const struct kvm_device_attr *attr)
{
	u32 offset = attr->attr & KVM_DEV_ARM_VGIC_OFFSET_MASK;
	struct vcpu *vcpu;
	int ret = attr_vcpu(vm, attr, &vcpu);
	bool has;

	if (ret)
		return ret;
	has = attr->group == KVM_DEV_ARM_VGIC_GRP_DIST_REGS ? vgic_dist_has(vm, offset)
							    : vgic_cpuif_has(offset);
	return has ? 0 : -ENXIO;
}

static bool has_attr(const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_DIST_REGS:
	case KVM_DEV_ARM_VGIC_GRP_CPU_REGS:
		return true; /* get, set: whatever the offset; for KVM_HAS, see has_register() */
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
	u32 nr, value;

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
	case KVM_DEV_ARM_VGIC_GRP_DIST_REGS:
	case KVM_DEV_ARM_VGIC_GRP_CPU_REGS:
		if (copy_from_user(&value, user, sizeof(value)))
			return -EFAULT;
		return access_register(vm, attr, true, &value);
	default:
		return ctrl_init(vm);
	}
}

static int get_attr(struct vm *vm, const struct kvm_device_attr *attr)
{
	void __user *user = (void __user *)(unsigned long)attr->addr;
	u32 value = 0;
	int ret;

	if (!has_attr(attr))
		return -ENXIO;
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		return get_address(vm, attr->attr, user);
	case KVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return put_user(vm->vgic.nr_irqs ?: VGIC_NR_PRIVATE, (u32 __user *)user);
	case KVM_DEV_ARM_VGIC_GRP_DIST_REGS:
	case KVM_DEV_ARM_VGIC_GRP_CPU_REGS:
		ret = access_register(vm, attr, false, &value);
		return ret ?: put_user(value, (u32 __user *)user);
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
	if (!has_attr(&attr))
		return -ENXIO;
	if (attr.group == KVM_DEV_ARM_VGIC_GRP_DIST_REGS ||
	    attr.group == KVM_DEV_ARM_VGIC_GRP_CPU_REGS)
		return has_register(vm, &attr);
	return 0;
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

int vgic_create_device(struct vm *vm, struct kvm_create_device __user *user)
{
	struct kvm_create_device cd;
	struct file *file;
	int fd, ret;

	if (copy_from_user(&cd, user, sizeof(cd)))
		return -EFAULT;
	if (cd.flags & ~KVM_CREATE_DEVICE_TEST)
		return -EINVAL;
	if (cd.type != KVM_DEV_TYPE_ARM_VGIC_V2)
		return -ENODEV;
	if (cd.flags & KVM_CREATE_DEVICE_TEST)
		return 0;
	fd = get_unused_fd_flags(O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fd;
	vm_get(vm);
	file = anon_inode_getfile("kvm-arm-vgic-v2", &device_fops, vm, O_RDWR);
	ret = PTR_ERR_OR_ZERO(file);
	if (ret) {
		vm_put(vm);
		goto put_fd;
	}
	cd.fd = fd;
	if (copy_to_user(user, &cd, sizeof(cd))) {
		ret = -EFAULT;
		goto put_file;
	}
	/* Last: other threads may use the GIC from here on, so it cannot be undone. */
	ret = vgic_create(vm, cd.type);
	if (ret)
		goto put_file;
	fd_install(fd, file);
	return 0;
put_file:
	fput(file);
put_fd:
	put_unused_fd(fd);
	return ret;
}
