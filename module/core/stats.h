/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters for user space, under the names that Linux's KVM gives them; docs/uapi.md says
 * what each counts.  Gauges tell how much there is now.
 */
#ifndef KVM_ARMV7_STATS_H
#define KVM_ARMV7_STATS_H

#include <linux/atomic.h>

#define VCPU_STATS(stat)                                                        \
	stat(exits) stat(hvc_exit_stat) stat(wfe_exit_stat) stat(wfi_exit_stat) \
		stat(mmio_exit_user) stat(mmio_exit_kernel) stat(signal_exits) stat(halt_wakeup)

#define VM_STATS(stat)	stat(remote_tlb_flush)
#define VM_GAUGES(stat) stat(pages_2m)

#define STAT_MEMBER(name) atomic64_t name;
struct vcpu_stats {
	VCPU_STATS(STAT_MEMBER)
};

struct vm_stats {
	VM_STATS(STAT_MEMBER)
	VM_GAUGES(STAT_MEMBER)
};
#undef STAT_MEMBER

/*
 * For a counter that only one thread writes, a vCPU's: cheaper than an atomic increment.  LDRD and
 * STRD are atomic on a CPU that has LPAE (A3.5.3), as every CPU with HYP mode has, whatever the
 * kernel was configured for; so a reader on another CPU sees no half of a count.
 */
static inline void stat_inc(atomic64_t *stat)
{
	u64 value;

	asm volatile("ldrd	%0, %H0, [%1]\n\t"
		     "adds	%Q0, %Q0, #1\n\t"
		     "adc	%R0, %R0, #0\n\t"
		     "strd	%0, %H0, [%1]"
		     : "=&r"(value)
		     : "r"(&stat->counter)
		     : "memory", "cc");
}

#endif /* KVM_ARMV7_STATS_H */
