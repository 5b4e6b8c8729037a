/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages at an address of the current process. */
#ifndef KVM_ARMV7_USER_PAGE_H
#define KVM_ARMV7_USER_PAGE_H

#include <linux/types.h>

struct page;

enum user_page_type {
	USER_PAGE_MEMORY,    /* the kernel's memory */
	USER_PAGE_NONCACHED, /* mapped by a driver as Normal Non-cacheable memory */
	USER_PAGE_DEVICE,    /* mapped by a driver as Device or Strongly-ordered memory */
};

#define USER_PAGES_MOST 16

struct user_pages {
	enum user_page_type type;
	bool writable; /* the process may write them without a fault */
	unsigned int count;
	struct page *page[USER_PAGES_MOST]; /* only of USER_PAGE_MEMORY */
	phys_addr_t pa;			    /* only of the other types, whose count is 1 */
};

/*
 * Find the page at hva, which is page-aligned, and page it in if necessary.  Of the pages after
 * it, those are found too that the process has already, with the same access, up to `most` in
 * all or the first that it has not; none if the page had to be brought.  may_write says whether
 * a read may also tell that the pages are writable.  Returns 0, -EINTR if a signal is pending,
 * -EFAULT if the process has no such page or a driver has mapped it cacheable, or -ENOMEM.  May
 * sleep for as long as user space likes: a pager of the process (userfaultfd, FUSE) may have to
 * bring the page.
 */
int user_pages_get(unsigned long hva, unsigned int most, bool write, bool may_write,
		   struct user_pages *found);
/*
 * Does the process have all `count` pages from hva on, with that access, and are they those from
 * `first` on?  The caller has a reference to the folio that they are all of.
 */
bool user_pages_are(unsigned long hva, struct page *first, unsigned int count, bool write);
/* Drop the references that a successful user_pages_get() took, but to the first `count` pages. */
void user_pages_keep(struct user_pages *found, unsigned int count);

#endif /* KVM_ARMV7_USER_PAGE_H */
