// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory slots of a VM.  A change makes a new array, which is at most 2 KiB long.
 */
#include <linux/interval_tree_generic.h>
#include <linux/slab.h>

#include "core/vm.h"
#include "memory/slot-table.h"

static unsigned long memslot_first(const struct memslot *slot)
{
	return slot->hva;
}

static unsigned long memslot_last(const struct memslot *slot)
{
	return slot->hva + (unsigned long)slot->size - 1;
}

/* Not <linux/interval_tree.h>, whose functions exist only where another driver needs them. */
INTERVAL_TREE_DEFINE(struct memslot, by_hva, unsigned long, by_hva_last, memslot_first,
		     memslot_last, static inline, memslot_tree)

static struct memslot_array *slot_array(const struct vm *vm)
{
	return rcu_dereference_check(vm->slots.array, lockdep_is_held(&vm->slots.lock) ||
							      lockdep_is_held(&vm->stage2.lock));
}

struct memslot *slot_find_from(const struct vm *vm, u64 ipa)
{
	const struct memslot_array *array = slot_array(vm);
	unsigned int low = 0, high = array ? array->count : 0;

	/* The first slot that ends above ipa. */
	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (array->slot[middle]->ipa + array->slot[middle]->size > ipa)
			high = middle;
		else
			low = middle + 1;
	}
	return array && low < array->count ? array->slot[low] : NULL;
}

struct memslot *slot_find(const struct vm *vm, u64 ipa)
{
	struct memslot *slot = slot_find_from(vm, ipa);

	return slot && slot->ipa <= ipa ? slot : NULL;
}

struct memslot *slot_find_id(const struct vm *vm, u32 id)
{
	const struct memslot_array *array = slot_array(vm);
	unsigned int n;

	for (n = 0; array && n < array->count; n++)
		if (array->slot[n]->id == id)
			return array->slot[n];
	return NULL;
}

struct memslot_array *slot_array_copy(const struct vm *vm, const struct memslot *without,
				      struct memslot *with)
{
	const struct memslot_array *old = slot_array(vm);
	unsigned int count = old ? old->count : 0, n;
	struct memslot_array *new;

	new = kmalloc(struct_size(new, slot, count + 1), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	new->count = 0;
	for (n = 0; n < count; n++) {
		if (old->slot[n] == without)
			continue;
		if (with && with->ipa < old->slot[n]->ipa) {
			new->slot[new->count++] = with;
			with = NULL;
		}
		new->slot[new->count++] = old->slot[n];
	}
	if (with)
		new->slot[new->count++] = with;
	return new;
}

void slot_array_publish(struct vm *vm, struct memslot_array *array)
{
	struct memslot_array *old = slot_array(vm);

	rcu_assign_pointer(vm->slots.array, array);
	/* Pairs with fault_on_slot(): with the new sequence it sees the new array. */
	smp_store_release(&vm->stage2.sequence, vm->stage2.sequence + 1);
	if (old)
		kfree_rcu(old, rcu);
}

void slot_track(struct vm *vm, struct memslot *slot)
{
	memslot_tree_insert(slot, &vm->slots.by_hva);
	vm->slots.changes++;
}

void slot_untrack(struct vm *vm, struct memslot *slot)
{
	memslot_tree_remove(slot, &vm->slots.by_hva);
	vm->slots.changes++;
}

static bool set_part(struct vm *vm, unsigned long start, unsigned long end, struct memslot *slot,
		     struct slot_part *part)
{
	if (!slot)
		return false;
	start = max(start & PAGE_MASK, memslot_first(slot));
	end = min(PAGE_ALIGN(end) - 1, memslot_last(slot));
	part->ipa = slot->ipa + (start - slot->hva);
	part->end = slot->ipa + (end - slot->hva) + 1;
	part->slot = slot;
	part->changes = vm->slots.changes;
	return true;
}

bool slot_part_first(struct vm *vm, unsigned long start, unsigned long end, struct slot_part *part)
{
	return set_part(vm, start, end,
			memslot_tree_iter_first(&vm->slots.by_hva, start & PAGE_MASK,
						PAGE_ALIGN(end) - 1),
			part);
}

bool slot_part_next(struct vm *vm, unsigned long start, unsigned long end, struct slot_part *part)
{
	/* The slot may be gone. */
	if (part->changes != vm->slots.changes)
		return slot_part_first(vm, start, end, part);
	return set_part(vm, start, end,
			memslot_tree_iter_next(part->slot, start & PAGE_MASK, PAGE_ALIGN(end) - 1),
			part);
}

void slot_table_init(struct vm *vm)
{
	mutex_init(&vm->slots.lock);
	vm->slots.by_hva = RB_ROOT_CACHED;
}

void slot_table_destroy(struct vm *vm)
{
	struct memslot_array *array = rcu_dereference_protected(vm->slots.array, true);
	unsigned int n;

	for (n = 0; array && n < array->count; n++) {
		kvfree(array->slot[n]->dirty);
		kfree(array->slot[n]);
	}
	kfree(array);
}
