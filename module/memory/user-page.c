// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages at an address of the current process.
 *
 * get_user_pages() only gives up for a fatal signal, but KVM_RUN has to return for any.  So
 * an absent page is faulted in here, as if the process had touched it, and
 * get_user_pages_fast() only takes what is there.
 */
#define pr_fmt(fmt) "kvm_armv7: " fmt

#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "compat/compat.h"
#include "memory/user-page.h"

/*
 * What a driver has mapped without struct page (VM_PFNMAP).  Stage 2 has to repeat the
 * driver's memory type: the guest's own can only be stricter (B3.8.5).  Cacheable mappings of
 * that kind are refused: without struct page the cache maintenance that a guest needs is not
 * possible.  -ENOENT if the page has to be faulted in first.  mmap_lock is held.
 */
static int find_mapped_by_driver(struct vm_area_struct *vma, unsigned long hva, bool write,
				 struct user_pages *found)
{
	pteval_t type = pgprot_val(vma->vm_page_prot) & L_PTE_MT_MASK;
	unsigned long pfn;

	if (type == L_PTE_MT_BUFFERABLE || type == L_PTE_MT_DEV_WC) {
		found->type = USER_PAGE_NONCACHED;
	} else if (type == L_PTE_MT_UNCACHED || type == L_PTE_MT_DEV_SHARED ||
		   type == L_PTE_MT_DEV_NONSHARED) {
		found->type = USER_PAGE_DEVICE;
	} else {
		pr_warn_ratelimited(
			"PID %d: KVM_RUN fails: the guest's memory at %lx is a driver's "
			"cacheable mapping; a guest can only have uncached ones\n",
			task_tgid_nr(current), hva);
		return -EFAULT;
	}
	if (compat_follow_pfn(vma, hva, &pfn, &found->writable) || (write && !found->writable))
		return -ENOENT;
	found->count = 1;
	found->pa = PFN_PHYS(pfn);
	return 0;
}

/*
 * 0 if the process's tables may have the page now, 1 if found has it, or -errno as
 * user_pages_get().  found->writable: after a read, too, they may permit writes, because the
 * page is of a shared mapping and not a copy to make later.
 */
static int fault_in(unsigned long hva, bool write, struct user_pages *found)
{
	unsigned int flags = FAULT_FLAG_DEFAULT | (write ? FAULT_FLAG_WRITE : 0);
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	vm_fault_t fault;
	int ret;

	do {
		if (signal_pending(current) || mmap_read_lock_killable(mm))
			return -EINTR;
		ret = -EFAULT;
		vma = find_vma(mm, hva);
		if (!vma || hva < vma->vm_start || !(vma->vm_flags & (write ? VM_WRITE : VM_READ)))
			goto unlock;
		if (vma->vm_flags & (VM_IO | VM_PFNMAP)) {
			ret = find_mapped_by_driver(vma, hva, write, found);
			if (ret != -ENOENT) {
				ret = ret ?: 1;
				goto unlock;
			}
		}
		found->writable = vma->vm_flags & VM_SHARED;
		fault = handle_mm_fault(vma, hva, flags, NULL);
		/* In both cases it has dropped the lock. */
		if (fault & VM_FAULT_COMPLETED)
			return 0;
		flags |= FAULT_FLAG_TRIED;
	} while (fault & VM_FAULT_RETRY);
	ret = fault & VM_FAULT_ERROR ? vm_fault_to_errno(fault, 0) : 0;
unlock:
	mmap_read_unlock(mm);
	return ret;
}

static bool find_present(unsigned long hva, unsigned int most, struct user_pages *found)
{
	found->count =
		compat_get_present_pages(hva, most, found->writable ? FOLL_WRITE : 0, found->page);
	return found->count;
}

static int find_pages(unsigned long hva, unsigned int most, bool write, bool may_write,
		      struct user_pages *found)
{
	unsigned int access = write ? FOLL_WRITE : 0, tries;
	int ret;

	/*
	 * Most pages are written later: if the process may do so, spare the guest a fault.  A
	 * page that is present, but not for that, is looked up after the next step, which finds
	 * it there: most pages that fail here are absent.
	 */
	found->writable = write || may_write;
	if (find_present(hva, most, found))
		return 0;
	/* What is faulted in may be lost again before it is looked up. */
	for (tries = 0; tries < 3; tries++) {
		ret = fault_in(hva, write, found);
		if (ret)
			return ret;
		if (!write && may_write && found->writable && find_present(hva, 1, found))
			return 0;
		found->writable = write;
		found->count = 1;
		if (get_user_pages_fast(hva, 1, access | FOLL_NOFAULT, found->page) == 1)
			return 0;
	}
	ret = get_user_pages_fast(hva, 1, access, found->page);
	if (ret == 1)
		return 0;
	return ret == -EINTR || ret == -EAGAIN ? -EINTR : ret == -ENOMEM ? -ENOMEM : -EFAULT;
}

int user_pages_get(unsigned long hva, unsigned int most, bool write, bool may_write,
		   struct user_pages *found)
{
	int ret = find_pages(hva, most, write, may_write, found);

	if (ret < 0)
		return ret;
	if (!ret)
		found->type = USER_PAGE_MEMORY;
	found->writable &= may_write;
	return 0;
}

bool user_pages_are(unsigned long hva, struct page *first, unsigned int count, bool write)
{
	struct page *page[64];
	unsigned int n, got;
	bool same = true;

	for (; count && same; count -= got, hva += got * PAGE_SIZE, first += got) {
		got = compat_get_present_pages(hva, min_t(unsigned int, count, ARRAY_SIZE(page)),
					       write ? FOLL_WRITE : 0, page);
		if (!got)
			return false;
		for (n = 0; n < got; n++) {
			same &= page[n] == first + n;
			put_page(page[n]);
		}
	}
	return same;
}

void user_pages_keep(struct user_pages *found, unsigned int count)
{
	while (found->count > count) {
		found->count--;
		if (found->type == USER_PAGE_MEMORY)
			put_page(found->page[found->count]);
	}
}
