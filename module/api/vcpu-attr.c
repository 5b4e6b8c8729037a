// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's attributes: the interrupts of its timers, and its PMU.
 */
#include <linux/uaccess.h>

#include "api/vcpu-attr.h"
#include "core/vm.h"
#include "irq/timer-irqs.h"
#include "irq/vpmu.h"

static bool has_attr(const struct vcpu *vcpu, const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_ARM_VCPU_PMU_V3_CTRL:
		return vcpu->vpmu && (attr->attr == KVM_ARM_VCPU_PMU_V3_IRQ ||
				      attr->attr == KVM_ARM_VCPU_PMU_V3_INIT);
	case KVM_ARM_VCPU_TIMER_CTRL:
		return attr->attr == KVM_ARM_VCPU_TIMER_IRQ_VTIMER ||
		       attr->attr == KVM_ARM_VCPU_TIMER_IRQ_PTIMER;
	default:
		return false;
	}
}

static long pmu_attr(struct vcpu *vcpu, unsigned int cmd, u64 attr, u32 __user *user)
{
	u32 intid;
	int ret;

	if (cmd == KVM_HAS_DEVICE_ATTR)
		return 0;
	if (attr == KVM_ARM_VCPU_PMU_V3_INIT)
		return cmd == KVM_SET_DEVICE_ATTR ? vpmu_init(vcpu) : -ENXIO;
	if (cmd == KVM_SET_DEVICE_ATTR)
		return get_user(intid, user) ? -EFAULT : vpmu_set_irq(vcpu, intid);
	ret = vpmu_get_irq(vcpu, &intid);
	return ret ? ret : put_user(intid, user);
}

long vcpu_attr_ioctl(struct vcpu *vcpu, unsigned int cmd, const struct kvm_device_attr *attr)
{
	u32 __user *user = (u32 __user *)(unsigned long)attr->addr;
	u32 value;

	if (!has_attr(vcpu, attr))
		return -ENXIO;
	if (attr->group == KVM_ARM_VCPU_PMU_V3_CTRL)
		return pmu_attr(vcpu, cmd, attr->attr, user);
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
