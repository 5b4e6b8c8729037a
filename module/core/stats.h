/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters for user space, under the names that Linux's KVM gives them; docs/uapi.md says
 * what each counts.
 */
#ifndef KVM_ARMV7_STATS_H
#define KVM_ARMV7_STATS_H

#include <linux/atomic.h>

#define VCPU_STATS(stat)                                                        \
	stat(exits) stat(hvc_exit_stat) stat(wfe_exit_stat) stat(wfi_exit_stat) \
		stat(mmio_exit_user) stat(mmio_exit_kernel) stat(signal_exits) stat(halt_wakeup)

#define VM_STATS(stat) stat(remote_tlb_flush)

#define STAT_MEMBER(name) atomic64_t name;
struct vcpu_stats {
	VCPU_STATS(STAT_MEMBER)
};

struct vm_stats {
	VM_STATS(STAT_MEMBER)
};
#undef STAT_MEMBER

/* For a counter that only one thread writes, a vCPU's: cheaper than an atomic increment. */
static inline void stat_inc(atomic64_t *stat)
{
	atomic64_set(stat, atomic64_read(stat) + 1);
}

#endif /* KVM_ARMV7_STATS_H */
