// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage 2 tables, DDI 0406C B3.6 and B3.5.  Three levels over 40 bits, starting
 * at level 1 with two concatenated tables (B3.6.6); every leaf is a 4 KiB page.
 *
 * Pages are looked up, not pinned: the MMU notifier takes them away again.  sequence
 * and invalidating, both under the lock, make sure that a page which was looked up
 * before an invalidation began is not mapped after it.
 */
#include <linux/highmem.h>
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "core/vm.h"
#include "hyp/sysreg-bits.h"
#include "machine/cache.h"
#include "machine/desc.h"
#include "machine/errata.h"
#include "machine/hyp-call.h"
#include "memory/stage2.h"

#define ROOT_ORDER   1
#define ROOT_ENTRIES 1024
#define VMID_BITS    8

#define L1_SHIFT 30
#define L2_SHIFT 21
#define L3_SHIFT 12

/*
 * A VM keeps its VMID for life; VMID 0 is the host's.  255 virtual machines are more
 * than a 32-bit board holds; more are refused (docs/decisions/0003).
 */
static DEFINE_IDA(vmids);

static void flush_vmid(struct stage2 *s2)
{
	hyp_call_anywhere(HYP_CALL_FLUSH_VMID, lower_32_bits(s2->vttbr), upper_32_bits(s2->vttbr));
	errata_tlb_complete();
}

static unsigned int index_of(u64 ipa, unsigned int shift)
{
	return (ipa >> shift) & (shift == L1_SHIFT ? ROOT_ENTRIES - 1 : DESC_ENTRIES - 1);
}

static desc_t *next_table(const desc_t *entry)
{
	desc_t desc = desc_read(entry);

	return desc & DESC_VALID ? phys_to_virt((phys_addr_t)(desc & DESC_ADDR)) : NULL;
}

/* The level 3 entry of ipa, or NULL if there is no level 3 table. */
static desc_t *find_entry(struct stage2 *s2, u64 ipa)
{
	desc_t *table = next_table(&s2->root[index_of(ipa, L1_SHIFT)]);

	if (table)
		table = next_table(&table[index_of(ipa, L2_SHIFT)]);
	return table ? &table[index_of(ipa, L3_SHIFT)] : NULL;
}

/* The two tables that a mapping may need, allocated before the lock is taken. */
struct spare_tables {
	desc_t *table[2];
};

static int spare_fill(struct spare_tables *spare)
{
	int n;

	for (n = 0; n < 2; n++) {
		spare->table[n] = (desc_t *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
		if (!spare->table[n]) {
			while (n--)
				free_page((unsigned long)spare->table[n]);
			return -ENOMEM;
		}
		/* The walker may read memory, which holds old data until this. */
		flush_to_memory(spare->table[n], PAGE_SIZE);
	}
	return 0;
}

static void spare_free(struct spare_tables *spare)
{
	free_page((unsigned long)spare->table[0]);
	free_page((unsigned long)spare->table[1]);
}

static desc_t *get_or_make_table(desc_t *entry, struct spare_tables *spare)
{
	desc_t *table = next_table(entry);

	if (!table) {
		swap(table, spare->table[spare->table[0] ? 0 : 1]);
		desc_write(entry, (u64)virt_to_phys(table) | DESC_TABLE);
	}
	return table;
}

/* The level 3 entry of ipa; tables that are missing come from spare. */
static desc_t *make_entry(struct stage2 *s2, u64 ipa, struct spare_tables *spare)
{
	desc_t *table = get_or_make_table(&s2->root[index_of(ipa, L1_SHIFT)], spare);

	table = get_or_make_table(&table[index_of(ipa, L2_SHIFT)], spare);
	return &table[index_of(ipa, L3_SHIFT)];
}

/*
 * The process wrote the page through its caches, but a guest that runs with caches off
 * reads memory.  And the guest may execute it: no instruction cache may hold what the
 * page contained before (B2.2.9; ICIALLUIS reaches all CPUs, A7's is not PIPT).
 */
static void make_coherent(struct page *page)
{
	void *va = kmap_local_page(page);

	__cpuc_flush_dcache_area(va, PAGE_SIZE);
	kunmap_local(va);
	icache_invalidate_all();
}

/*
 * Replace a valid entry in the order that the manual demands: invalid entry, TLB
 * maintenance, new entry (B3.10.1).  The lock is held.
 */
static void set_entry(struct stage2 *s2, desc_t *entry, desc_t value)
{
	if (desc_read(entry) == value) /* another vCPU faulted, too, and was first */
		return;
	if (desc_read(entry) & DESC_VALID) {
		desc_write(entry, 0);
		flush_vmid(s2);
	}
	desc_write(entry, value);
}

/*
 * The page at a user address.  A read asks for write access as well if the process
 * has it already: most pages are written later, and a second fault would flush all of
 * the VMID's translations.  Returns 1 or -errno.
 */
static int find_page(unsigned long hva, bool write, bool slot_readonly, struct page **page,
		     bool *writable)
{
	*writable = !slot_readonly;
	if (!write && *writable && get_user_pages_fast_only(hva, 1, FOLL_WRITE, page) == 1)
		return 1;
	*writable = write;
	return get_user_pages_fast(hva, 1, write ? FOLL_WRITE : 0, page);
}

int stage2_fault(struct vm *vm, u64 ipa, unsigned long hva, bool write, bool slot_readonly)
{
	struct stage2 *s2 = &vm->stage2;
	struct spare_tables spare = {};
	unsigned long sequence;
	struct page *page;
	bool writable;
	desc_t value;
	int ret;

	ret = spare_fill(&spare);
	if (ret)
		return ret;

	spin_lock(&s2->lock);
	sequence = s2->sequence;
	spin_unlock(&s2->lock);

	ret = find_page(hva & PAGE_MASK, write, slot_readonly, &page, &writable);
	if (ret != 1) {
		spare_free(&spare);
		/* A signal interrupted the page-in: the run loop handles it. */
		return ret == -EINTR || ret == -EAGAIN ? 0 : ret == -ENOMEM ? -ENOMEM : -EFAULT;
	}
	make_coherent(page);

	value = page_to_phys(page) | DESC_PAGE | DESC_AF | DESC_SH_INNER | S2_ATTR_NORMAL | S2_READ;
	if (writable)
		value |= S2_WRITE;

	spin_lock(&s2->lock);
	if (!s2->invalidating && s2->sequence == sequence)
		set_entry(s2, make_entry(s2, ipa, &spare), value);
	/* else the process may have lost the page already: the guest faults again */
	spin_unlock(&s2->lock);

	if (writable)
		set_page_dirty_lock(page);
	put_page(page);
	spare_free(&spare);
	return 0;
}

int stage2_map_device(struct vm *vm, u64 ipa, phys_addr_t pa)
{
	struct stage2 *s2 = &vm->stage2;
	struct spare_tables spare = {};
	int ret;

	ret = spare_fill(&spare);
	if (ret)
		return ret;
	spin_lock(&s2->lock);
	set_entry(s2, make_entry(s2, ipa, &spare),
		  (u64)pa | DESC_PAGE | DESC_AF | DESC_XN | S2_ATTR_DEVICE | S2_READ | S2_WRITE);
	spin_unlock(&s2->lock);
	spare_free(&spare);
	return 0;
}

static bool is_memory(desc_t value)
{
	return (value & DESC_VALID) && (value & S2_ATTR_MASK) == S2_ATTR_NORMAL;
}

static void clean_page(desc_t value)
{
	void *va = kmap_local_page(pfn_to_page((value & DESC_ADDR) >> PAGE_SHIFT));

	__cpuc_flush_dcache_area(va, PAGE_SIZE);
	kunmap_local(va);
}

/* Entries that were just removed from the tables. */
struct unmapped {
	bool any;
	unsigned int pages;
	desc_t page[64];
};

/*
 * Flush the TLBs, and only then clean and invalidate the pages: a guest with its caches
 * off writes memory, while the host may have stale lines of the same page.  The host
 * would swap out, move or read the stale data (A3.5.7).
 */
static void finish_unmap(struct stage2 *s2, struct unmapped *unmapped)
{
	unsigned int n;

	if (unmapped->any)
		flush_vmid(s2);
	for (n = 0; n < unmapped->pages; n++)
		clean_page(unmapped->page[n]);
	unmapped->any = false;
	unmapped->pages = 0;
}

/*
 * Remove [ipa, end) from the tables, and from the TLBs of every CPU.  The lock is held.
 * If the caller may sleep, drop it now and then: there may be millions of pages.
 */
static void unmap_range(struct stage2 *s2, u64 ipa, u64 end, bool may_sleep)
{
	struct unmapped unmapped = {};

	while (ipa < end) {
		desc_t *entry = find_entry(s2, ipa);
		u64 step = PAGE_SIZE;
		desc_t value;

		if (entry) {
			value = desc_read(entry);
			if (value & DESC_VALID) {
				desc_write(entry, 0);
				unmapped.any = true;
			}
			if (is_memory(value))
				unmapped.page[unmapped.pages++] = value;
		} else if (next_table(&s2->root[index_of(ipa, L1_SHIFT)])) {
			step = 1ULL << L2_SHIFT;
		} else {
			step = 1ULL << L1_SHIFT;
		}
		ipa = (ipa & ~(step - 1)) + step;
		if (unmapped.pages == ARRAY_SIZE(unmapped.page))
			finish_unmap(s2, &unmapped);
		if (may_sleep && !(ipa & ((1ULL << L2_SHIFT) - 1))) {
			finish_unmap(s2, &unmapped);
			cond_resched_lock(&s2->lock);
		}
	}
	finish_unmap(s2, &unmapped);
}

void stage2_unmap(struct vm *vm, u64 ipa, u64 size)
{
	struct stage2 *s2 = &vm->stage2;

	spin_lock(&s2->lock);
	s2->sequence++;
	unmap_range(s2, ipa, ipa + size, true);
	spin_unlock(&s2->lock);
}

void stage2_unmap_slots(struct vm *vm)
{
	const struct memslot *slot;

	down_read(&vm->slots_lock);
	for (slot = vm->slots; slot < vm->slots + KVM_ARMV7_MAX_MEMSLOTS; slot++)
		stage2_unmap(vm, slot->ipa, slot->size);
	up_read(&vm->slots_lock);
}

void stage2_flush_caches(struct vm *vm)
{
	struct stage2 *s2 = &vm->stage2;
	const struct memslot *slot;
	desc_t *entry;
	u64 ipa;

	down_read(&vm->slots_lock);
	for (slot = vm->slots; slot < vm->slots + KVM_ARMV7_MAX_MEMSLOTS; slot++) {
		for (ipa = slot->ipa; ipa < slot->ipa + slot->size; ipa += PAGE_SIZE) {
			spin_lock(&s2->lock);
			entry = find_entry(s2, ipa);
			/* A slot may overlap GICV, which is mapped but is no memory. */
			if (entry && is_memory(desc_read(entry)))
				clean_page(desc_read(entry));
			else if (!entry)
				/* no table: skip what it would map */
				ipa = (ipa | ((1ULL << L2_SHIFT) - 1)) - PAGE_SIZE + 1;
			spin_unlock(&s2->lock);
			cond_resched();
			if (fatal_signal_pending(current))
				goto out;
		}
	}
out:
	up_read(&vm->slots_lock);
}

/* The process loses the pages of [start, end), and so does the guest. */
static int stage2_invalidate_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct vm *vm = container_of(mn, struct vm, stage2.notifier);
	struct stage2 *s2 = &vm->stage2;
	const struct memslot *slot;

	spin_lock(&s2->lock);
	s2->invalidating++;
	/*
	 * Slots change under this lock, too, so they may be read here.  A slot that
	 * changes while unmap_range() drops the lock has been unmapped before.
	 */
	for (slot = vm->slots; slot < vm->slots + KVM_ARMV7_MAX_MEMSLOTS; slot++) {
		unsigned long start, end;

		if (!slot->size)
			continue;
		start = max(range->start & PAGE_MASK, slot->hva);
		end = min(PAGE_ALIGN(range->end), (unsigned long)(slot->hva + slot->size));
		if (start < end)
			unmap_range(s2, slot->ipa + (start - slot->hva),
				    slot->ipa + (end - slot->hva),
				    mmu_notifier_range_blockable(range));
	}
	spin_unlock(&s2->lock);
	return 0;
}

static void stage2_invalidate_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct vm *vm = container_of(mn, struct vm, stage2.notifier);

	spin_lock(&vm->stage2.lock);
	vm->stage2.sequence++;
	vm->stage2.invalidating--;
	spin_unlock(&vm->stage2.lock);
}

/* The address space is destroyed: remove what is left of it from the tables. */
static void stage2_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct vm *vm = container_of(mn, struct vm, stage2.notifier);

	stage2_unmap(vm, 0, STAGE2_IPA_SIZE);
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start = stage2_invalidate_start,
	.invalidate_range_end = stage2_invalidate_end,
	.release = stage2_release,
};

int stage2_init(struct vm *vm)
{
	struct stage2 *s2 = &vm->stage2;
	int ret;

	spin_lock_init(&s2->lock);
	s2->vmid = ida_alloc_range(&vmids, 1, (1 << VMID_BITS) - 1, GFP_KERNEL);
	if (s2->vmid < 0)
		return s2->vmid;
	s2->root = (desc_t *)__get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO, ROOT_ORDER);
	if (!s2->root) {
		ret = -ENOMEM;
		goto free_vmid;
	}
	flush_to_memory(s2->root, PAGE_SIZE << ROOT_ORDER);
	s2->vttbr = (u64)virt_to_phys(s2->root) | (u64)s2->vmid << VTTBR_VMID_SHIFT;

	s2->notifier.ops = &notifier_ops;
	ret = mmu_notifier_register(&s2->notifier, vm->mm);
	if (ret)
		goto free_root;
	return 0;

free_root:
	free_pages((unsigned long)s2->root, ROOT_ORDER);
	s2->root = NULL;
free_vmid:
	ida_free(&vmids, s2->vmid);
	return ret;
}

void stage2_destroy(struct vm *vm)
{
	struct stage2 *s2 = &vm->stage2;
	unsigned int i, j;

	if (!s2->root)
		return;
	mmu_notifier_unregister(&s2->notifier, vm->mm);
	/* The next owner of the VMID must not find our translations. */
	flush_vmid(s2);
	for (i = 0; i < ROOT_ENTRIES; i++) {
		desc_t *l2 = next_table(&s2->root[i]);

		for (j = 0; l2 && j < DESC_ENTRIES; j++)
			free_page((unsigned long)next_table(&l2[j]));
		free_page((unsigned long)l2);
	}
	free_pages((unsigned long)s2->root, ROOT_ORDER);
	ida_free(&vmids, s2->vmid);
}
