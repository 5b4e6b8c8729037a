/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only place that knows about kernel versions.  All other code uses the names below and builds
 * unchanged on every supported kernel.  kernel.mk refuses the kernels that are not.
 */
#ifndef KVM_ARMV7_COMPAT_H
#define KVM_ARMV7_COMPAT_H

#include <linux/context_tracking.h>
#include <linux/highmem.h>
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

/*
 * This CPU holds no reference of RCU's: rcu_virt_note_context_switch(), whose argument depends
 * on the kernel's version.  Interrupts are off.
 */
static inline void compat_note_quiescent_state(void)
{
	if (IS_ENABLED(CONFIG_TREE_RCU))
		rcu_note_context_switch(false);
}

/*
 * Does the kernel want something of this thread that has to come before a guest: a signal,
 * another thread, work on the way to user space?  signal_pending(), need_resched() and
 * TIF_NOTIFY_RESUME in one.
 */
static inline unsigned long compat_thread_work(void)
{
	return read_thread_flags() &
	       (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL | _TIF_NEED_RESCHED | _TIF_NOTIFY_RESUME);
}

/* A guest's page tables: SecPageTables of /proc/meminfo and of the memory cgroup. */
static inline void compat_account_pgtable(void *table, int pages)
{
	mod_lruvec_page_state(virt_to_page(table), NR_SECONDARY_PAGETABLE, pages);
}

/* What the MMU notifiers about a page's age return: int, or bool in newer kernels. */
typedef typeof(((const struct mmu_notifier_ops *)NULL)->test_young(NULL, NULL, 0)) compat_young_t;

/*
 * The pages from a user address on, at most `most`, as far as they are in the process's tables
 * with that access (FOLL_WRITE or 0); takes references.  Without the lockless walk,
 * get_user_pages_fast() takes mmap_lock.
 */
static inline unsigned int compat_get_present_pages(unsigned long addr, unsigned int most,
						    unsigned int access, struct page **pages)
{
	int count;

	if (IS_ENABLED(CONFIG_HAVE_FAST_GUP) || IS_ENABLED(CONFIG_HAVE_GUP_FAST))
		count = get_user_pages_fast_only(addr, most, access, pages);
	else
		count = get_user_pages_fast(addr, most, access | FOLL_NOFAULT, pages);
	return max(count, 0);
}

/*
 * The page frame at a user address that a driver has mapped (VM_IO or VM_PFNMAP), and whether
 * the process may write it.  mmap_lock is held.  0, or -errno if it is not in the tables.
 */
static inline int compat_follow_pfn(struct vm_area_struct *vma, unsigned long addr,
				    unsigned long *pfn, bool *writable)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	struct follow_pfnmap_args args = { .vma = vma, .address = addr };
	int ret = follow_pfnmap_start(&args);

	if (ret)
		return ret;
	*pfn = args.pfn;
	*writable = args.writable;
	follow_pfnmap_end(&args);
#else
	spinlock_t *lock;
	pte_t *pte;
	int ret;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	ret = follow_pte(vma, addr, &pte, &lock);
#else
	ret = follow_pte(vma->vm_mm, addr, &pte, &lock);
#endif
	if (ret)
		return ret;
	__acquire(lock); /* for sparse: follow_pte() is not annotated */
	*pfn = pte_pfn(*pte);
	*writable = pte_write(*pte);
	pte_unmap_unlock(pte, lock);
#endif
	return 0;
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

/* As if user space had set it. */
static inline void compat_set_immediate_exit(struct kvm_run *run)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	WRITE_ONCE(run->immediate_exit__unsafe, 1);
#else
	WRITE_ONCE(run->immediate_exit, 1);
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
