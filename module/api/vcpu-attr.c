// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's attributes: the interrupts of its timers.
 */
#include <linux/uaccess.h>

#include "api/vcpu-attr.h"
#include "core/vm.h"
#include "irq/timer-irqs.h"

static bool has_attr(const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_ARM_VCPU_TIMER_CTRL:
		return attr->attr == KVM_ARM_VCPU_TIMER_IRQ_VTIMER ||
		       attr->attr == KVM_ARM_VCPU_TIMER_IRQ_PTIMER;
	default:
		return false;
	}
}

long vcpu_attr_ioctl(struct vcpu *vcpu, unsigned int cmd, const struct kvm_device_attr *attr)
{
	u32 __user *user = (u32 __user *)(unsigned long)attr->addr;
	u32 value;

	if (!has_attr(attr))
		return -ENXIO;
	switch (cmd) {
	case KVM_SET_DEVICE_ATTR:
		if (get_user(value, user))
			return -EFAULT;
		return timer_irqs_set(vcpu->vm, attr->attr, value);
	case KVM_GET_DEVICE_ATTR:
		return put_user(timer_irqs_get(vcpu->vm, attr->attr), user);
	default:
		return 0;
	}
}
