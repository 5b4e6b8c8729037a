/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only place that knows about kernel versions.  All other code uses the names below and builds
 * unchanged on every supported kernel.  kernel.mk refuses the kernels that are not.
 */
#ifndef KVM_ARMV7_COMPAT_H
#define KVM_ARMV7_COMPAT_H

#include <linux/context_tracking.h>
#include <linux/hrtimer.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/version.h>
#include <linux/vmstat.h>
#include <linux/vtime.h>

/*
 * Time accounting around a guest, with interrupts off.  The timing calls enclose everything that
 * is charged to the guest, including the interrupts that are taken right after it.  The context
 * calls inform RCU and the tick; they directly enclose the world switch.
 */
static inline void compat_guest_timing_enter(void)
{
	vtime_account_guest_enter();
}

static inline void compat_guest_timing_exit(void)
{
	vtime_account_guest_exit();
}

static inline void compat_guest_context_enter(void)
{
	context_tracking_guest_enter();
}

static inline void compat_guest_context_exit(void)
{
	context_tracking_guest_exit();
}

/* A guest's page tables: SecPageTables of /proc/meminfo and of the memory cgroup. */
static inline void compat_account_pgtable(void *table, int pages)
{
	mod_lruvec_page_state(virt_to_page(table), NR_SECONDARY_PAGETABLE, pages);
}

/* What the MMU notifiers about a page's age return: int, or bool in newer kernels. */
typedef typeof(((const struct mmu_notifier_ops *)NULL)->test_young(NULL, NULL, 0)) compat_young_t;

/*
 * The page at a user address, if it is in the process's tables with that access (FOLL_WRITE
 * or 0); takes a reference.  Without the lockless walk, get_user_pages_fast() takes mmap_lock.
 */
static inline bool compat_get_present_page(unsigned long addr, unsigned int access,
					   struct page **page)
{
	if (IS_ENABLED(CONFIG_HAVE_FAST_GUP) || IS_ENABLED(CONFIG_HAVE_GUP_FAST))
		return get_user_pages_fast_only(addr, 1, access, page) == 1;
	return get_user_pages_fast(addr, 1, access | FOLL_NOFAULT, page) == 1;
}

/* User space may change this at any time, which newer kernels express in its name. */
static inline bool compat_immediate_exit(const struct kvm_run *run)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	return READ_ONCE(run->immediate_exit__unsafe);
#else
	return READ_ONCE(run->immediate_exit);
#endif
}

/* Linux 6.15 has no hrtimer_init(), and since then a timer's function is private. */
static inline void compat_hrtimer_setup(struct hrtimer *timer,
					enum hrtimer_restart (*function)(struct hrtimer *timer),
					clockid_t clock, enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, function, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = function;
#endif
}

#endif /* KVM_ARMV7_COMPAT_H */
