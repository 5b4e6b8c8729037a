// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's file descriptor: its ioctls; creating and destroying the vCPU.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "api/debugfs.h"
#include "api/one-reg.h"
#include "api/vcpu-attr.h"
#include "api/stats.h"
#include "api/vcpu-events.h"
#include "api/vcpu-fd.h"
#include "api/vm-fd.h"
#include "core/kick.h"
#include "core/kvm-trace.h"
#include "core/vm.h"
#include "debug/guest-debug.h"
#include "io/coalesced.h"
#include "irq/ptimer.h"
#include "irq/timer-irqs.h"
#include "irq/vgic-init.h"
#include "irq/vgic.h"
#include "irq/vpmu.h"
#include "irq/vtimer.h"
#include "machine/hyp-map.h"
#include "machine/machine.h"
#include "run/vcpu-init.h"
#include "run/vcpu-run.h"

/*
 * KVM_RUN with the signal mask of KVM_SET_SIGNAL_MASK.  The thread's own mask is in
 * real_blocked meanwhile, so that no signal is dropped that is blocked there and ignored.
 */
static long run_with_sigmask(struct vcpu *vcpu)
{
	long ret;

	sigprocmask(SIG_SETMASK, &vcpu->sigmask, &current->real_blocked);
	ret = vcpu_run(vcpu);
	sigprocmask(SIG_SETMASK, &current->real_blocked, NULL);
	sigemptyset(&current->real_blocked);
	/* The change of mask may have cleared what restart_run() set. */
	if (ret == -ERESTARTNOHAND)
		set_thread_flag(TIF_SIGPENDING);
	return ret;
}

/* user: struct kvm_signal_mask, or NULL for the thread's own mask. */
static long set_sigmask(struct vcpu *vcpu, const struct kvm_signal_mask __user *user)
{
	struct kvm_signal_mask mask;
	sigset_t set;

	if (!user) {
		vcpu->sigmask_active = false;
		return 0;
	}
	if (copy_from_user(&mask, user, sizeof(mask)))
		return -EFAULT;
	if (mask.len != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, user->sigset, sizeof(set)))
		return -EFAULT;
	sigdelsetmask(&set, sigmask(SIGKILL) | sigmask(SIGSTOP));
	vcpu->sigmask = set;
	vcpu->sigmask_active = true;
	return 0;
}

/* KVM_RUN comes again and again, so it has none of what the other calls keep on the stack. */
static long vcpu_ioctl_run(struct vcpu *vcpu, unsigned long arg)
{
	long ret;

	vcpu_apply_reset(vcpu);
	if (arg)
		ret = -EINVAL;
	else
		ret = vcpu->sigmask_active ? run_with_sigmask(vcpu) : vcpu_run(vcpu);
	trace_kvm_userspace_exit(vcpu->run->exit_reason, ret);
	return ret;
}

/* All but KVM_RUN. */
static noinline long vcpu_ioctl_other(struct file *file, struct vcpu *vcpu, unsigned int cmd,
				      unsigned long arg)
{
	void __user *user = (void __user *)arg;
	union {
		struct kvm_vcpu_init init;
		struct kvm_one_reg reg;
		struct kvm_mp_state mp_state;
		struct kvm_device_attr attr;
		struct kvm_vcpu_events events;
		struct kvm_guest_debug debug;
		struct kvm_armv7_guest_debug armv7_debug;
	} u;
	long ret;

	/* After PSCI CPU_ON, registers are those of the new start. */
	if (cmd != KVM_ARM_VCPU_INIT)
		vcpu_apply_reset(vcpu);
	switch (cmd) {
	case KVM_ARM_VCPU_INIT:
		ret = -EFAULT;
		if (!copy_from_user(&u.init, user, sizeof(u.init)))
			ret = vcpu_init(vcpu, &u.init);
		break;
	case KVM_GET_ONE_REG:
	case KVM_SET_ONE_REG:
		ret = -ENOEXEC;
		if (!vcpu->initialized)
			break;
		ret = -EFAULT;
		if (copy_from_user(&u.reg, user, sizeof(u.reg)))
			break;
		ret = cmd == KVM_GET_ONE_REG ? vcpu_get_one_reg(vcpu, &u.reg)
					     : vcpu_set_one_reg(vcpu, &u.reg);
		break;
	case KVM_GET_REG_LIST:
		ret = vcpu->initialized ? vcpu_get_reg_list(vcpu, user) : -ENOEXEC;
		break;
	case KVM_GET_MP_STATE:
		u.mp_state.mp_state = READ_ONCE(vcpu->power_off) ? KVM_MP_STATE_STOPPED
								 : KVM_MP_STATE_RUNNABLE;
		ret = copy_to_user(user, &u.mp_state, sizeof(u.mp_state)) ? -EFAULT : 0;
		break;
	case KVM_SET_MP_STATE:
		ret = -EFAULT;
		if (copy_from_user(&u.mp_state, user, sizeof(u.mp_state)))
			break;
		ret = 0;
		if (u.mp_state.mp_state == KVM_MP_STATE_STOPPED)
			WRITE_ONCE(vcpu->power_off, true);
		else if (u.mp_state.mp_state == KVM_MP_STATE_RUNNABLE)
			WRITE_ONCE(vcpu->power_off, false);
		else
			ret = -EINVAL;
		break;
	case KVM_SET_DEVICE_ATTR:
	case KVM_GET_DEVICE_ATTR:
	case KVM_HAS_DEVICE_ATTR:
		ret = -EFAULT;
		if (!copy_from_user(&u.attr, user, sizeof(u.attr)))
			ret = vcpu_attr_ioctl(vcpu, cmd, &u.attr);
		break;
	case KVM_SET_GUEST_DEBUG:
		ret = -ENOEXEC;
		if (!vcpu->initialized)
			break;
		ret = -EFAULT;
		if (!copy_from_user(&u.debug, user, sizeof(u.debug)))
			ret = guest_debug_set(vcpu, u.debug.control, NULL);
		break;
	case KVM_ARMV7_SET_GUEST_DEBUG:
		ret = -ENOEXEC;
		if (!vcpu->initialized)
			break;
		ret = -EFAULT;
		if (!copy_from_user(&u.armv7_debug, user, sizeof(u.armv7_debug)))
			ret = guest_debug_set(vcpu, u.armv7_debug.control, &u.armv7_debug);
		break;
	case KVM_GET_VCPU_EVENTS:
		vcpu_get_events(vcpu, &u.events);
		ret = copy_to_user(user, &u.events, sizeof(u.events)) ? -EFAULT : 0;
		break;
	case KVM_SET_VCPU_EVENTS:
		ret = -EFAULT;
		if (!copy_from_user(&u.events, user, sizeof(u.events)))
			ret = vcpu_set_events(vcpu, &u.events);
		break;
	case KVM_GET_STATS_FD:
		ret = vcpu_stats_fd(file, vcpu);
		break;
	case KVM_SET_SIGNAL_MASK:
		ret = set_sigmask(vcpu, user);
		break;
	/* Other architectures have these; arm has ONE_REG, and nothing to enable. */
	case KVM_ENABLE_CAP:
	case KVM_GET_REGS:
	case KVM_SET_REGS:
	case KVM_GET_SREGS:
	case KVM_SET_SREGS:
	case KVM_GET_FPU:
	case KVM_SET_FPU:
	case KVM_TRANSLATE:
		ret = -EINVAL;
		break;
	default:
		ret = -ENOTTY;
	}
	return ret;
}

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vcpu *vcpu = file->private_data;
	long ret;

	if (vcpu->vm->mm != current->mm)
		return -EIO;
	if (mutex_lock_killable(&vcpu->mutex))
		return -EINTR;
	ret = cmd == KVM_RUN ? vcpu_ioctl_run(vcpu, arg) : vcpu_ioctl_other(file, vcpu, cmd, arg);
	mutex_unlock(&vcpu->mutex);
	return ret;
}

static vm_fault_t vcpu_fault(struct vm_fault *vmf)
{
	struct vcpu *vcpu = vmf->vma->vm_file->private_data;

	switch (vmf->pgoff) {
	case 0:
		vmf->page = virt_to_page(vcpu->run);
		break;
	case KVM_COALESCED_MMIO_PAGE_OFFSET:
		vmf->page = coalesced_page(vcpu->vm);
		break;
	default:
		return VM_FAULT_SIGBUS;
	}
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = { .fault = vcpu_fault };

/* struct kvm_run, and the ring of coalesced MMIO, which is the VM's. */
static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff >= VCPU_MMAP_PAGES || vma_pages(vma) > VCPU_MMAP_PAGES - vma->vm_pgoff)
		return -EINVAL;
	vma->vm_ops = &vcpu_vm_ops;
	return 0;
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct vcpu *vcpu = file->private_data;

	vm_put(vcpu->vm);
	return 0;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vcpu_ioctl,
	.mmap = vcpu_mmap,
	.release = vcpu_release,
	.llseek = noop_llseek,
};

void vcpu_destroy(struct vcpu *vcpu)
{
	vtimer_vcpu_destroy(vcpu);
	ptimer_vcpu_destroy(vcpu);
	vpmu_vcpu_destroy(vcpu);
	vcpu_kick_exit(vcpu);
	vgic_vcpu_destroy(vcpu);
	hyp_page_free(vcpu->hyp_page, vcpu->hyp_va);
	free_page((unsigned long)vcpu->run);
	kfree(vcpu);
}

/* A vCPU that its VM does not know yet. */
static struct vcpu *vcpu_alloc(struct vm *vm, u32 id)
{
	struct vcpu *vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);

	if (!vcpu)
		return NULL;
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->cpu = -1;
	vcpu->ran_on = -1;
	mutex_init(&vcpu->mutex);
	seqcount_init(&vcpu->debug_seq);
	vcpu_kick_init(vcpu);
	vcpu->run = (struct kvm_run *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!vcpu->run)
		goto free_vcpu;
	vcpu->hyp = hyp_page_alloc(&vcpu->hyp_va);
	vcpu->hyp_page = vcpu->hyp;
	if (!vcpu->hyp)
		goto free_run;
	v7dbg_init(&vcpu->hyp->debug, &machine.debug);
	vgic_vcpu_init(vcpu);
	vtimer_vcpu_init(vcpu);
	ptimer_vcpu_init(vcpu);
	return vcpu;

free_run:
	free_page((unsigned long)vcpu->run);
free_vcpu:
	kfree(vcpu);
	return NULL;
}

/* Undo vcpu_alloc(), while the VM does not know the vCPU. */
static void vcpu_free(struct vcpu *vcpu)
{
	hyp_page_free(vcpu->hyp_page, vcpu->hyp_va);
	free_page((unsigned long)vcpu->run);
	kfree(vcpu);
}

/* The descriptor has a reference of the VM. */
static int vcpu_install_fd(struct vcpu *vcpu)
{
	int fd;

	vm_get(vcpu->vm);
	fd = anon_inode_getfd("kvm-vcpu", &vcpu_fops, vcpu, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		vm_put(vcpu->vm);
	return fd;
}

/*
 * The VM takes the vCPU, which gets a descriptor if with_fd is set.  Returns that, or 0 without
 * one, or -errno.
 */
static int vcpu_add(struct vcpu *vcpu, bool with_fd)
{
	struct vm *vm = vcpu->vm;
	int ret = 0;

	lockdep_assert_held(&vm->lock);
	if (vm->vcpus[vcpu->id])
		return -EEXIST;
	/* The number of vCPUs is fixed once GICD_TYPER can be read. */
	if (vm->vgic.initialized)
		return -EBUSY;
	timer_irqs_vcpu_init(vcpu);
	if (with_fd)
		ret = vcpu_install_fd(vcpu);
	if (ret < 0)
		return ret;
	/* Pairs with READ_ONCE() of vcpus[]: the vCPU is complete before others find it. */
	smp_store_release(&vm->vcpus[vcpu->id], vcpu);
	vcpu_debugfs_create(vcpu);
	return ret;
}

int vcpu_create(struct vm *vm, u32 id)
{
	struct vcpu *vcpu;
	int ret;

	if (id >= KVM_ARMV7_MAX_VCPUS)
		return -EINVAL;
	vcpu = vcpu_alloc(vm, array_index_nospec(id, KVM_ARMV7_MAX_VCPUS));
	if (!vcpu)
		return -ENOMEM;
	mutex_lock(&vm->lock);
	ret = vcpu_add(vcpu, true);
	mutex_unlock(&vm->lock);
	if (ret < 0)
		vcpu_free(vcpu);
	return ret;
}

struct vcpu *vcpu_new(struct vm *vm)
{
	struct vcpu *vcpu = vcpu_alloc(vm, 0);
	int ret;

	if (!vcpu)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&vm->lock);
	ret = vcpu_add(vcpu, false);
	mutex_unlock(&vm->lock);
	if (ret) {
		vcpu_free(vcpu);
		return ERR_PTR(ret);
	}
	return vcpu;
}
