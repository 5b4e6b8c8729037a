// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtual machine's file descriptor: memory slots, vCPUs, devices.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "api/capabilities.h"
#include "machine/machine.h"
#include "core/vm.h"

static void vm_destroy(struct kref *ref)
{
	struct vm *vm = container_of(ref, struct vm, users);
	int n;

	vm_debugfs_remove(vm);
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vm->vcpus[n])
			vcpu_destroy(vm->vcpus[n]);
	stage2_destroy(vm);
	vgic_vm_destroy(vm);
	mmdrop(vm->mm);
	free_percpu(vm->last_vcpu);
	kfree(vm);
}

void vm_get(struct vm *vm)
{
	kref_get(&vm->users);
}

void vm_put(struct vm *vm)
{
	kref_put(&vm->users, vm_destroy);
}

void vm_kick_all(struct vm *vm)
{
	int n;

	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++) {
		struct vcpu *vcpu = READ_ONCE(vm->vcpus[n]);

		if (vcpu)
			vcpu_kick(vcpu);
	}
}

const struct memslot *vm_find_slot(const struct vm *vm, u64 ipa)
{
	const struct memslot *slot;

	for (slot = vm->slots; slot < vm->slots + KVM_ARMV7_MAX_MEMSLOTS; slot++)
		if (ipa >= slot->ipa && ipa - slot->ipa < slot->size)
			return slot;
	return NULL;
}

static bool overlaps(const struct vm *vm, const struct memslot *except, u64 ipa, u64 size)
{
	const struct memslot *slot;

	for (slot = vm->slots; slot < vm->slots + KVM_ARMV7_MAX_MEMSLOTS; slot++)
		if (slot != except && slot->size && ipa < slot->ipa + slot->size &&
		    slot->ipa < ipa + size)
			return true;
	return false;
}

/*
 * KVM_SET_USER_MEMORY_REGION.  As the documentation has it: a slot can be made,
 * moved or deleted (size 0), but not resized or made read-only afterwards.
 */
static int set_memory_region(struct vm *vm, const struct kvm_userspace_memory_region *region)
{
	struct memslot *slot, wanted = {
		.ipa = region->guest_phys_addr,
		.size = region->memory_size,
		.hva = region->userspace_addr,
		.readonly = region->flags & KVM_MEM_READONLY,
	};
	int ret = 0;

	if (region->flags & ~KVM_MEM_READONLY)
		return -EINVAL;
	if ((wanted.ipa | wanted.size | region->userspace_addr) & ~PAGE_MASK)
		return -EINVAL;
	if (region->slot >= KVM_ARMV7_MAX_MEMSLOTS) /* its upper half: address space 0 only */
		return -EINVAL;
	if (region->userspace_addr != wanted.hva || wanted.ipa + wanted.size < wanted.ipa ||
	    (u64)wanted.hva + wanted.size > TASK_SIZE ||
	    !access_ok((void __user *)wanted.hva, wanted.size))
		return -EINVAL;
	if (wanted.size && wanted.ipa + wanted.size > STAGE2_IPA_SIZE)
		return -EFAULT;

	down_write(&vm->slots_lock);
	slot = &vm->slots[region->slot];
	if (!wanted.size) {
		if (!slot->size)
			ret = -EINVAL;
		memset(&wanted, 0, sizeof(wanted));
	} else if (slot->size && (slot->size != wanted.size || slot->hva != wanted.hva ||
				  slot->readonly != wanted.readonly)) {
		ret = -EINVAL;
	} else if (overlaps(vm, slot, wanted.ipa, wanted.size)) {
		ret = -EEXIST;
	}
	if (!ret) {
		/*
		 * Before the slot changes: until its pages are out of the tables,
		 * invalidate_start() has to find them by it.  Nothing maps them
		 * again, that takes slots_lock.
		 */
		if (slot->size)
			stage2_unmap(vm, slot->ipa, slot->size);
		/* invalidate_start() reads slots under this lock */
		spin_lock(&vm->stage2.lock);
		*slot = wanted;
		spin_unlock(&vm->stage2.lock);
	}
	up_write(&vm->slots_lock);
	return ret;
}

static int set_device_addr(struct vm *vm, const struct kvm_arm_device_addr *addr)
{
	u32 device = (addr->id & KVM_ARM_DEVICE_ID_MASK) >> KVM_ARM_DEVICE_ID_SHIFT;

	if (device != KVM_ARM_DEVICE_VGIC_V2)
		return -ENODEV;
	return vgic_set_address(vm, addr->id & KVM_ARM_DEVICE_TYPE_MASK, addr->addr);
}

/* KVM_IRQ_LINE: the interrupt is type << 24 | vCPU << 16 | number. */
static int irq_line(struct vm *vm, const struct kvm_irq_level *level)
{
	u32 type = (level->irq >> KVM_ARM_IRQ_TYPE_SHIFT) & KVM_ARM_IRQ_TYPE_MASK;
	u32 number = (level->irq >> KVM_ARM_IRQ_NUM_SHIFT) & KVM_ARM_IRQ_NUM_MASK;
	u32 id = (level->irq >> KVM_ARM_IRQ_VCPU_SHIFT) & KVM_ARM_IRQ_VCPU_MASK;
	struct vcpu *vcpu;

	id += ((level->irq >> KVM_ARM_IRQ_VCPU2_SHIFT) & KVM_ARM_IRQ_VCPU2_MASK) *
	      (KVM_ARM_IRQ_VCPU_MASK + 1);
	if (!smp_load_acquire(&vm->vgic.initialized))
		return type == KVM_ARM_IRQ_TYPE_CPU ? -EINVAL : -ENXIO;
	switch (type) {
	case KVM_ARM_IRQ_TYPE_PPI:
		if (id >= KVM_ARMV7_MAX_VCPUS)
			return -EINVAL;
		vcpu = READ_ONCE(vm->vcpus[id]);
		if (!vcpu || number < VGIC_NR_SGIS || number >= VGIC_NR_PRIVATE ||
		    vcpu->vgic.irqs[number].hwirq)
			return -EINVAL;
		return vgic_set_line(vm, vcpu, number, level->level);
	case KVM_ARM_IRQ_TYPE_SPI:
		if (number < VGIC_NR_PRIVATE)
			return -EINVAL;
		return vgic_set_line(vm, NULL, number, level->level);
	default: /* without an in-kernel GIC only, which is not offered */
		return -EINVAL;
	}
}

static int preferred_target(struct kvm_vcpu_init __user *user)
{
	struct kvm_vcpu_init init = { .target = machine.target };

	return copy_to_user(user, &init, sizeof(init)) ? -EFAULT : 0;
}

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vm *vm = file->private_data;
	void __user *user = (void __user *)arg;
	union {
		struct kvm_userspace_memory_region region;
		struct kvm_arm_device_addr addr;
		struct kvm_irq_level level;
		struct kvm_create_device device;
	} u;
	int ret;

	if (vm->mm != current->mm)
		return -EIO;
	switch (cmd) {
	case KVM_CHECK_EXTENSION:
		return kvm_capability(arg);
	case KVM_CREATE_VCPU:
		return vcpu_create(vm, arg);
	case KVM_SET_USER_MEMORY_REGION:
		if (copy_from_user(&u.region, user, sizeof(u.region)))
			return -EFAULT;
		return set_memory_region(vm, &u.region);
	case KVM_ARM_PREFERRED_TARGET:
		return preferred_target(user);
	case KVM_CREATE_IRQCHIP:
		return vgic_create(vm, KVM_DEV_TYPE_ARM_VGIC_V2);
	case KVM_ARM_SET_DEVICE_ADDR:
		if (copy_from_user(&u.addr, user, sizeof(u.addr)))
			return -EFAULT;
		return set_device_addr(vm, &u.addr);
	case KVM_IRQ_LINE:
		if (copy_from_user(&u.level, user, sizeof(u.level)))
			return -EFAULT;
		return irq_line(vm, &u.level);
	case KVM_CREATE_DEVICE:
		if (copy_from_user(&u.device, user, sizeof(u.device)))
			return -EFAULT;
		ret = vgic_create_device(vm, &u.device);
		if (!ret && copy_to_user(user, &u.device, sizeof(u.device)))
			ret = -EFAULT;
		return ret;
	default:
		return -ENOTTY;
	}
}

static int vm_release(struct inode *inode, struct file *file)
{
	vm_put(file->private_data);
	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vm_ioctl,
	.release = vm_release,
	.llseek = noop_llseek,
};

/* The VM's descriptor, once all that is named after it is there; or -errno. */
static int vm_install_fd(struct vm *vm)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_getfile("kvm-vm", &vm_fops, vm, O_RDWR);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	vm_debugfs_create(vm, fd);
	fd_install(fd, file);
	return fd;
}

/* KVM_CREATE_VM: a new descriptor, or -errno. */
int vm_create(void)
{
	struct vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	int ret = -ENOMEM;

	if (!vm)
		return -ENOMEM;
	kref_init(&vm->users);
	mutex_init(&vm->lock);
	init_rwsem(&vm->slots_lock);
	vm->last_vcpu = alloc_percpu_gfp(u32, GFP_KERNEL_ACCOUNT);
	if (!vm->last_vcpu)
		goto free_vm;
	vm->mm = current->mm;
	mmgrab(vm->mm);
	vm->cntvoff = vtimer_host_count();
	vgic_vm_init(vm);
	ret = stage2_init(vm);
	if (ret)
		goto drop_mm;
	ret = vm_install_fd(vm);
	if (ret < 0)
		vm_put(vm);
	return ret;

drop_mm:
	mmdrop(vm->mm);
	free_percpu(vm->last_vcpu);
free_vm:
	kfree(vm);
	return ret;
}
