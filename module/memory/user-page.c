// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page at an address of the current process.
 *
 * get_user_pages() only gives up for a fatal signal, but KVM_RUN has to return for any.  So
 * an absent page is faulted in here, as if the process had touched it, and
 * get_user_pages_fast() only takes what is there.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "compat/compat.h"
#include "memory/user-page.h"

/* 0 if the process's tables may have the page now, or -errno as user_page_get(). */
static int fault_in(unsigned long hva, bool write)
{
	unsigned int flags = FAULT_FLAG_DEFAULT | (write ? FAULT_FLAG_WRITE : 0);
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	vm_fault_t fault;

	do {
		if (signal_pending(current) || mmap_read_lock_killable(mm))
			return -EINTR;
		vma = find_vma(mm, hva);
		if (!vma || hva < vma->vm_start ||
		    !(vma->vm_flags & (write ? VM_WRITE : VM_READ)) ||
		    (vma->vm_flags & (VM_IO | VM_PFNMAP))) {
			mmap_read_unlock(mm);
			return -EFAULT;
		}
		fault = handle_mm_fault(vma, hva, flags, NULL);
		/* In both cases it has dropped the lock. */
		if (fault & VM_FAULT_COMPLETED)
			return 0;
		flags |= FAULT_FLAG_TRIED;
	} while (fault & VM_FAULT_RETRY);
	mmap_read_unlock(mm);
	return fault & VM_FAULT_ERROR ? vm_fault_to_errno(fault, 0) : 0;
}

int user_page_get(unsigned long hva, bool write, bool may_write, struct user_page *found)
{
	unsigned int access = write ? FOLL_WRITE : 0, tries;
	int ret;

	/* Most pages are written later: if the process may do so, spare the guest a fault. */
	found->writable = true;
	if ((write || may_write) && compat_get_present_page(hva, FOLL_WRITE, &found->page))
		return 0;
	found->writable = write;
	if (!write && compat_get_present_page(hva, 0, &found->page))
		return 0;
	/* What is faulted in may be lost again before it is looked up. */
	for (tries = 0; tries < 3; tries++) {
		ret = fault_in(hva, write);
		if (ret)
			return ret;
		if (get_user_pages_fast(hva, 1, access | FOLL_NOFAULT, &found->page) == 1)
			return 0;
	}
	ret = get_user_pages_fast(hva, 1, access, &found->page);
	if (ret == 1)
		return 0;
	return ret == -EINTR || ret == -EAGAIN ? -EINTR : ret == -ENOMEM ? -ENOMEM : -EFAULT;
}
