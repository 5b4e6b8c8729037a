// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtual machine's file descriptor: memory slots, vCPUs, devices.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "api/capabilities.h"
#include "api/debugfs.h"
#include "api/stats.h"
#include "api/vcpu-fd.h"
#include "api/vgic-device.h"
#include "api/vm-fd.h"
#include "core/kvm-trace.h"
#include "core/vm.h"
#include "io/coalesced.h"
#include "io/ioeventfd.h"
#include "io/irq-routing.h"
#include "io/irqfd.h"
#include "io/vm-io.h"
#include "irq/timer-irqs.h"
#include "irq/vgic-init.h"
#include "irq/vgic.h"
#include "irq/vtimer.h"
#include "machine/machine.h"
#include "memory/dirty-log.h"
#include "memory/memslot.h"
#include "memory/slot-table.h"
#include "memory/stage2-notifier.h"

static void vm_destroy(struct kref *ref)
{
	struct vm *vm = container_of(ref, struct vm, users);
	int n;

	vm_debugfs_remove(vm);
	vm_io_destroy(vm);
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vm->vcpus[n])
			vcpu_destroy(vm->vcpus[n]);
	stage2_destroy(vm);
	slot_table_destroy(vm);
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
	int ret;

	id += ((level->irq >> KVM_ARM_IRQ_VCPU2_SHIFT) & KVM_ARM_IRQ_VCPU2_MASK) *
	      (KVM_ARM_IRQ_VCPU_MASK + 1);
	trace_kvm_irq_line(type, id, number, level->level);
	if (type != KVM_ARM_IRQ_TYPE_PPI && type != KVM_ARM_IRQ_TYPE_SPI)
		return -EINVAL; /* KVM_ARM_IRQ_TYPE_CPU is for a GIC in user space only */
	ret = vgic_lazy_init(vm);
	if (ret)
		return ret;
	if (type == KVM_ARM_IRQ_TYPE_PPI) {
		if (id >= KVM_ARMV7_MAX_VCPUS)
			return -EINVAL;
		vcpu = READ_ONCE(vm->vcpus[array_index_nospec(id, KVM_ARMV7_MAX_VCPUS)]);
		if (!vcpu || number < VGIC_NR_SGIS || number >= VGIC_NR_PRIVATE)
			return -EINVAL;
		number = array_index_nospec(number, VGIC_NR_PRIVATE);
		if (vcpu->vgic.irqs[number].owned)
			return -EINVAL;
		return vgic_inject_irq(vm, vcpu, number, level->level);
	}
	if (number < VGIC_NR_PRIVATE)
		return -EINVAL;
	return vgic_inject_irq(vm, NULL, number, level->level);
}

static int preferred_target(struct kvm_vcpu_init __user *user)
{
	struct kvm_vcpu_init init = { .target = machine.target };

	return copy_to_user(user, &init, sizeof(init)) ? -EFAULT : 0;
}

/* A GICv2 has nothing that an MSI could be sent to. */
static int signal_msi(struct vm *vm, const struct kvm_msi *msi)
{
	if (!READ_ONCE(vm->vgic.created) || msi->flags & ~KVM_MSI_VALID_DEVID)
		return -EINVAL;
	return -ENODEV;
}

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vm *vm = file->private_data;
	void __user *user = (void __user *)arg;
	union {
		struct kvm_userspace_memory_region region;
		struct kvm_dirty_log log;
		struct kvm_clear_dirty_log clear;
		struct kvm_arm_device_addr addr;
		struct kvm_irq_level level;
		struct kvm_enable_cap cap;
		struct kvm_ioeventfd ioeventfd;
		struct kvm_irqfd irqfd;
		struct kvm_msi msi;
		struct kvm_coalesced_mmio_zone zone;
	} u;

	if (vm->mm != current->mm)
		return -EIO;
	switch (cmd) {
	case KVM_CHECK_EXTENSION:
		return kvm_check_extension(arg);
	case KVM_CREATE_VCPU:
		return vcpu_create(vm, arg);
	case KVM_SET_USER_MEMORY_REGION:
		if (copy_from_user(&u.region, user, sizeof(u.region)))
			return -EFAULT;
		return memslot_set(vm, &u.region);
	case KVM_GET_DIRTY_LOG:
		if (copy_from_user(&u.log, user, sizeof(u.log)))
			return -EFAULT;
		return dirty_log_get(vm, &u.log);
	case KVM_CLEAR_DIRTY_LOG:
		if (copy_from_user(&u.clear, user, sizeof(u.clear)))
			return -EFAULT;
		return dirty_log_clear(vm, &u.clear);
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
	case KVM_GET_STATS_FD:
		return vm_stats_fd(file, vm);
	case KVM_ENABLE_CAP:
		if (copy_from_user(&u.cap, user, sizeof(u.cap)))
			return -EFAULT;
		return vm_enable_cap(vm, &u.cap);
	case KVM_IOEVENTFD:
		if (copy_from_user(&u.ioeventfd, user, sizeof(u.ioeventfd)))
			return -EFAULT;
		return ioeventfd_set(vm, &u.ioeventfd);
	case KVM_IRQFD:
		if (copy_from_user(&u.irqfd, user, sizeof(u.irqfd)))
			return -EFAULT;
		return irqfd_set(vm, &u.irqfd);
	case KVM_SET_GSI_ROUTING:
		return irq_routing_set(vm, user);
	case KVM_SIGNAL_MSI:
		if (copy_from_user(&u.msi, user, sizeof(u.msi)))
			return -EFAULT;
		return signal_msi(vm, &u.msi);
	case KVM_REGISTER_COALESCED_MMIO:
	case KVM_UNREGISTER_COALESCED_MMIO:
		if (copy_from_user(&u.zone, user, sizeof(u.zone)))
			return -EFAULT;
		return cmd == KVM_REGISTER_COALESCED_MMIO ? coalesced_register(vm, &u.zone)
							  : coalesced_unregister(vm, &u.zone);
	case KVM_CREATE_DEVICE:
		return vgic_create_device(vm, user);
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

/* Make the VM's descriptor; nobody sees it before its debugfs directory exists. */
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

struct vm *vm_new(void)
{
	struct vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	int ret = -ENOMEM;

	if (!vm)
		return ERR_PTR(-ENOMEM);
	kref_init(&vm->users);
	mutex_init(&vm->lock);
	slot_table_init(vm);
	vm->last_vcpu = alloc_percpu_gfp(struct vcpu *, GFP_KERNEL_ACCOUNT);
	if (!vm->last_vcpu)
		goto free_vm;
	vm->mm = current->mm;
	mmgrab(vm->mm);
	vm->cntvoff = vtimer_host_count();
	timer_irqs_vm_init(vm);
	vgic_vm_init(vm);
	ret = vm_io_init(vm);
	if (ret)
		goto drop_mm;
	ret = stage2_init(vm);
	if (ret)
		goto destroy_io;
	return vm;

destroy_io:
	vm_io_destroy(vm);
drop_mm:
	mmdrop(vm->mm);
	free_percpu(vm->last_vcpu);
free_vm:
	kfree(vm);
	return ERR_PTR(ret);
}

int vm_create(void)
{
	struct vm *vm = vm_new();
	int fd;

	if (IS_ERR(vm))
		return PTR_ERR(vm);
	fd = vm_install_fd(vm);
	if (fd < 0)
		vm_put(vm);
	return fd;
}
