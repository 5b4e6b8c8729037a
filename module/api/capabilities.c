// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_CHECK_EXTENSION and KVM_ENABLE_CAP.
 */
#include <linux/cpumask.h>
#include <linux/kvm.h>
#include <linux/minmax.h>

#include "api/capabilities.h"
#include "core/vm.h"
#include "debug/guest-debug.h"
#include "io/irq-routing.h"
#include "irq/vpmu.h"
#include "memory/dirty-log.h"

int kvm_check_extension(unsigned long extension)
{
	switch (extension) {
	case KVM_CAP_USER_MEMORY:
	case KVM_CAP_DESTROY_MEMORY_REGION_WORKS:
	case KVM_CAP_JOIN_MEMORY_REGIONS_WORKS:
	case KVM_CAP_IRQCHIP:
	case KVM_CAP_ONE_REG:
	case KVM_CAP_ARM_PSCI:
	case KVM_CAP_ARM_PSCI_0_2:
	case KVM_CAP_READONLY_MEM:
	case KVM_CAP_MP_STATE:
	case KVM_CAP_IMMEDIATE_EXIT:
	case KVM_CAP_INTERNAL_ERROR_DATA:
	case KVM_CAP_VCPU_EVENTS:
	case KVM_CAP_ARM_INJECT_EXT_DABT:
	case KVM_CAP_ARM_NISV_TO_USER:
	case KVM_CAP_ENABLE_CAP_VM:
	case KVM_CAP_BINARY_STATS_FD:
	case KVM_CAP_DEVICE_CTRL:
	case KVM_CAP_ARM_SET_DEVICE_ADDR:
	case KVM_CAP_ARM_IRQ_LINE_LAYOUT_2:
	case KVM_CAP_CHECK_EXTENSION_VM:
	case KVM_CAP_SET_GUEST_DEBUG:
	case KVM_CAP_VCPU_ATTRIBUTES:
	case KVM_CAP_SYNC_MMU:
	case KVM_CAP_IOEVENTFD:
	case KVM_CAP_IOEVENTFD_ANY_LENGTH:
	case KVM_CAP_IRQFD:
	case KVM_CAP_IRQFD_RESAMPLE:
	case KVM_CAP_SIGNAL_MSI:
		return 1;
	case KVM_CAP_IRQ_ROUTING:
		return IRQ_ROUTING_MAX;
	case KVM_CAP_COALESCED_MMIO:
		return KVM_COALESCED_MMIO_PAGE_OFFSET;
	case KVM_CAP_SET_GUEST_DEBUG2:
		return guest_debug_controls();
	case KVM_CAP_GUEST_DEBUG_HW_BPS:
		return guest_debug_brps();
	case KVM_CAP_GUEST_DEBUG_HW_WPS:
		return guest_debug_wrps();
	case KVM_CAP_ARM_PMU_V3:
		return vpmu_available();
	case KVM_CAP_NR_VCPUS:
		return min_t(int, num_online_cpus(), KVM_ARMV7_MAX_VCPUS);
	case KVM_CAP_MAX_VCPUS:
	case KVM_CAP_MAX_VCPU_ID:
		return KVM_ARMV7_MAX_VCPUS;
	case KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;
	case KVM_CAP_NR_MEMSLOTS:
		return KVM_ARMV7_MAX_MEMSLOTS;
	default:
		return 0;
	}
}

int vm_enable_cap(struct vm *vm, const struct kvm_enable_cap *cap)
{
	if (cap->flags)
		return -EINVAL;
	switch (cap->cap) {
	case KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return dirty_log_set_manual(vm, cap->args[0]);
	case KVM_CAP_ARM_NISV_TO_USER:
		WRITE_ONCE(vm->nisv_to_user, true);
		return 0;
	default:
		return -EINVAL;
	}
}
