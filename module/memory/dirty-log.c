// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dirty log.  A page whose bit is clear is write-protected at stage 2, or not mapped; the
 * fault of the first write sets the bit (stage2.c).  A slot with a log has no blocks.
 *
 * A bit is cleared and its page protected under stage2->lock, then the TLBs are flushed, and
 * only then does user space copy the page.  So the copy has every write that was not logged
 * again.
 */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "core/vm.h"
#include "machine/desc.h"
#include "memory/dirty-log.h"
#include "memory/slot-table.h"
#include "memory/stage2-table.h"
#include "memory/stage2-tlb.h"

static struct memslot *logged_slot(struct vm *vm, u32 id)
{
	struct memslot *slot = slot_find_id(vm, id);

	return slot && slot->dirty ? slot : NULL;
}

static size_t slot_pages(const struct memslot *slot)
{
	return slot->size >> PAGE_SHIFT;
}

static size_t bitmap_bytes(size_t pages)
{
	return BITS_TO_LONGS(pages) * sizeof(long);
}

/* Clear the bits of one word of the bitmap, and protect their pages; true if any was set. */
static bool clear_word(struct vm *vm, struct memslot *slot, size_t word, unsigned long bits)
{
	struct stage2 *s2 = &vm->stage2;
	unsigned long bit;

	spin_lock(&s2->lock);
	bits &= slot->dirty[word];
	slot->dirty[word] &= ~bits;
	for_each_set_bit(bit, &bits, BITS_PER_LONG) {
		u64 page = (u64)word * BITS_PER_LONG + bit;
		desc_t *entry = stage2_find_entry(s2, slot->ipa + (page << PAGE_SHIFT));

		if (entry && stage2_is_memory(desc_read(entry)))
			stage2_protect_entry(entry);
	}
	desc_complete();
	spin_unlock(&s2->lock);
	return bits;
}

/* Clear these bits, from that word of the slot's bitmap on. */
static void clear_bits(struct vm *vm, struct memslot *slot, size_t word, size_t words,
		       const unsigned long *bits)
{
	bool cleared = false;
	size_t n;

	for (n = 0; n < words; n++) {
		if (!bits[n])
			continue;
		cleared |= clear_word(vm, slot, word + n, bits[n]);
		cond_resched();
	}
	if (cleared)
		stage2_flush_tlb(&vm->stage2);
}

static int get_log(struct vm *vm, const struct kvm_dirty_log *log)
{
	struct memslot *slot = logged_slot(vm, log->slot);
	unsigned long *seen;
	size_t bytes;
	int ret = 0;

	if (!slot)
		return -ENOENT;
	bytes = bitmap_bytes(slot_pages(slot));
	seen = kvmalloc(bytes, GFP_KERNEL_ACCOUNT);
	if (!seen)
		return -ENOMEM;
	/* A bit that is set meanwhile is not seen, so it is not cleared either. */
	memcpy(seen, slot->dirty, bytes);
	if (copy_to_user(log->dirty_bitmap, seen, bytes))
		ret = -EFAULT;
	else if (!vm->slots.manual_protect)
		clear_bits(vm, slot, 0, bytes / sizeof(long), seen);
	kvfree(seen);
	return ret;
}

static int clear_log(struct vm *vm, const struct kvm_clear_dirty_log *log)
{
	struct memslot *slot = logged_slot(vm, log->slot);
	size_t pages, bytes;
	unsigned long *bits;

	if (!slot)
		return -ENOENT;
	pages = slot_pages(slot);
	if (log->first_page > pages || log->num_pages > pages - log->first_page ||
	    (log->num_pages < pages - log->first_page && log->num_pages % 64))
		return -EINVAL;
	bytes = bitmap_bytes(log->num_pages);
	bits = kvmalloc(bytes, GFP_KERNEL_ACCOUNT);
	if (!bits)
		return -ENOMEM;
	if (copy_from_user(bits, log->dirty_bitmap, bytes)) {
		kvfree(bits);
		return -EFAULT;
	}
	/* Bits after the last page are clear in the slot's bitmap. */
	clear_bits(vm, slot, (size_t)log->first_page / BITS_PER_LONG, bytes / sizeof(long), bits);
	kvfree(bits);
	return 0;
}

int dirty_log_get(struct vm *vm, const struct kvm_dirty_log *log)
{
	int ret;

	if (log->slot >= KVM_ARMV7_MAX_MEMSLOTS)
		return -EINVAL;
	if (mutex_lock_killable(&vm->slots.lock))
		return -EINTR;
	ret = get_log(vm, log);
	mutex_unlock(&vm->slots.lock);
	return ret;
}

int dirty_log_clear(struct vm *vm, const struct kvm_clear_dirty_log *log)
{
	int ret;

	if (log->slot >= KVM_ARMV7_MAX_MEMSLOTS || log->first_page % 64)
		return -EINVAL;
	if (mutex_lock_killable(&vm->slots.lock))
		return -EINTR;
	ret = clear_log(vm, log);
	mutex_unlock(&vm->slots.lock);
	return ret;
}

int dirty_log_set_manual(struct vm *vm, u64 flags)
{
	if (flags & ~(u64)KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE)
		return -EINVAL;
	if (mutex_lock_killable(&vm->slots.lock))
		return -EINTR;
	vm->slots.manual_protect = flags;
	mutex_unlock(&vm->slots.lock);
	return 0;
}
