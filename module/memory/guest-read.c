// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a guest's memory on its behalf.  A guest with its caches off writes past them,
 * so a line that the host has of the page may be older than the memory (A3.5.7): clean and
 * invalidate it first.  If it is dirty, some CPU wrote it through the caches, and it is the
 * newest.
 */
#include <linux/highmem.h>
#include <linux/mm.h>

#include "core/vm.h"
#include "machine/cache.h"
#include "memory/guest-read.h"
#include "memory/slot-table.h"
#include "memory/user-page.h"

/* The user address of ipa, or 0. */
static unsigned long find_hva(struct vm *vm, u64 ipa)
{
	const struct memslot *slot;
	unsigned long hva = 0;

	rcu_read_lock();
	slot = slot_find(vm, ipa);
	if (slot)
		hva = slot->hva + (unsigned long)(ipa - slot->ipa);
	rcu_read_unlock();
	return hva;
}

int guest_read(struct vm *vm, u64 ipa, void *data, unsigned int len)
{
	unsigned long hva = find_hva(vm, ipa);
	struct user_pages found;
	void *va;
	int ret;

	if (!hva)
		return -ENOENT;
	ret = user_pages_get(hva & PAGE_MASK, 1, false, false, &found);
	if (ret)
		return ret;
	if (found.type != USER_PAGE_MEMORY) /* a driver's: nothing that the guest executes */
		return -ENOENT;
	va = kmap_local_page(found.page[0]);
	flush_to_memory(va + offset_in_page(hva), len);
	memcpy(data, va + offset_in_page(hva), len);
	kunmap_local(va);
	user_pages_keep(&found, 0);
	return 0;
}
