/* SPDX-License-Identifier: GPL-2.0-only */
/* The page at an address of the current process. */
#ifndef KVM_ARMV7_USER_PAGE_H
#define KVM_ARMV7_USER_PAGE_H

#include <linux/types.h>

struct page;

enum user_page_type {
	USER_PAGE_MEMORY,    /* the kernel's memory: page has a reference, which the caller drops */
	USER_PAGE_NONCACHED, /* mapped by a driver as Normal Non-cacheable memory */
	USER_PAGE_DEVICE,    /* mapped by a driver as Device or Strongly-ordered memory */
};

struct user_page {
	enum user_page_type type;
	struct page *page; /* only of USER_PAGE_MEMORY */
	phys_addr_t pa;
	bool writable; /* the process may write it without a fault */
};

/*
 * Find the page at hva, which is page-aligned, and page it in if necessary.  may_write says
 * whether a read may also tell that the page is writable.  Returns 0, -EINTR if a signal is
 * pending, -EFAULT if the process has no such page or a driver has mapped it cacheable, or
 * -ENOMEM.  May sleep for as long as
 * user space likes: a pager of the process (userfaultfd, FUSE) may have to bring the page.
 */
int user_page_get(unsigned long hva, bool write, bool may_write, struct user_page *found);

#endif /* KVM_ARMV7_USER_PAGE_H */
