// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coalesced MMIO.  The VM has one ring, a page that user space maps with each vCPU.  The
 * kernel adds writes at `last`, user space takes them from `first`.  User space can write any
 * number to both, at any time, so each is read once and checked.
 */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "core/vm.h"
#include "io/coalesced.h"

#define MAX_ZONES 1000 /* as Linux has it for devices on one bus */

struct coalesced_zone {
	struct list_head link;
	struct rcu_head rcu;
	u64 addr;
	u32 size;
};

static bool contains(const struct coalesced_zone *zone, u64 addr, u32 size)
{
	return addr >= zone->addr && size <= zone->size && addr - zone->addr <= zone->size - size;
}

/* False if the ring is full, or if user space has left nonsense in it. */
static bool ring_add(struct vm_io *io, u64 addr, u32 len, const void *data)
{
	struct kvm_coalesced_mmio_ring *ring = io->ring;
	struct kvm_coalesced_mmio *entry;
	u32 first, last, next;

	spin_lock(&io->ring_lock);
	first = READ_ONCE(ring->first);
	last = READ_ONCE(ring->last);
	if (last >= KVM_COALESCED_MMIO_MAX)
		goto full;
	last = array_index_nospec(last, KVM_COALESCED_MMIO_MAX);
	next = (last + 1) % KVM_COALESCED_MMIO_MAX;
	if (next == first)
		goto full;
	/*
	 * Pairs with user space: what it has read before it moved first is free.  The test of
	 * first orders these writes after it: no CPU writes ahead of a branch (A3.8.2).
	 */
	entry = &ring->coalesced_mmio[last];
	entry->phys_addr = addr;
	entry->len = len;
	entry->pio = 0;
	memcpy(entry->data, data, len);
	smp_store_release(&ring->last, next); /* user space sees the entry before last moves */
	spin_unlock(&io->ring_lock);
	return true;
full:
	spin_unlock(&io->ring_lock);
	return false;
}

bool coalesced_write(struct vm *vm, u64 addr, u32 len, const void *data)
{
	struct coalesced_zone *zone;
	bool found = false;

	if (!READ_ONCE(vm->io.nr_zones))
		return false;
	rcu_read_lock();
	list_for_each_entry_rcu(zone, &vm->io.zones, link)
	{
		found = contains(zone, addr, len);
		if (found)
			break;
	}
	found = found && ring_add(&vm->io, addr, len, data);
	rcu_read_unlock();
	return found;
}

int coalesced_register(struct vm *vm, const struct kvm_coalesced_mmio_zone *args)
{
	struct vm_io *io = &vm->io;
	struct coalesced_zone *zone;
	int ret = 0;

	if (args->pio)
		return -EINVAL;
	zone = kzalloc(sizeof(*zone), GFP_KERNEL_ACCOUNT);
	if (!zone)
		return -ENOMEM;
	zone->addr = args->addr;
	zone->size = args->size;
	mutex_lock(&io->lock);
	if (io->nr_zones < MAX_ZONES) {
		list_add_tail_rcu(&zone->link, &io->zones);
		WRITE_ONCE(io->nr_zones, io->nr_zones + 1);
	} else {
		ret = -ENOSPC;
	}
	mutex_unlock(&io->lock);
	if (ret)
		kfree(zone);
	return ret;
}

int coalesced_unregister(struct vm *vm, const struct kvm_coalesced_mmio_zone *args)
{
	struct vm_io *io = &vm->io;
	struct coalesced_zone *zone, *next;

	if (args->pio)
		return -EINVAL;
	mutex_lock(&io->lock);
	list_for_each_entry_safe(zone, next, &io->zones, link) {
		if (!contains(zone, args->addr, args->size))
			continue;
		list_del_rcu(&zone->link);
		WRITE_ONCE(io->nr_zones, io->nr_zones - 1);
		kfree_rcu(zone, rcu);
	}
	mutex_unlock(&io->lock);
	/* Once we return, no write to these addresses goes to the ring. */
	synchronize_rcu_expedited();
	return 0;
}

struct page *coalesced_page(struct vm *vm)
{
	return virt_to_page(vm->io.ring);
}

int coalesced_vm_init(struct vm *vm)
{
	INIT_LIST_HEAD(&vm->io.zones);
	spin_lock_init(&vm->io.ring_lock);
	vm->io.ring = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	return vm->io.ring ? 0 : -ENOMEM;
}

void coalesced_vm_destroy(struct vm *vm)
{
	struct coalesced_zone *zone, *next;

	list_for_each_entry_safe(zone, next, &vm->io.zones, link)
		kfree(zone);
	free_page((unsigned long)vm->io.ring);
}
