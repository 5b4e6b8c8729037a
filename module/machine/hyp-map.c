// SPDX-License-Identifier: GPL-2.0-only
/*
 * HYP's address space.  The window lies in the quarter of the 4 GiB that does not hold
 * the identity page, wherever the machine has its memory:
 *
 *	+0x000000	image, read-only, executable (at most 64 KiB)
 *	+0x100000	per CPU, 16 KiB apart: guard, stack, struct hyp_percpu, guard
 *	+0x200000	GICH, device
 *	+0x201000	GICD, device
 *	+0x400000	VMs and vCPUs, 8 KiB apart: struct hyp_gicd_vm or hyp_vcpu, guard; up to
 *			the window's end
 */
#define pr_fmt(fmt) "kvm_armv7: " fmt

#include <linux/gfp.h>
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/mutex.h>

#include "machine/cache.h"
#include "machine/desc.h"
#include "machine/hyp-call.h"
#include "machine/hyp-map.h"
#include "machine/machine.h"

#define REGION	       SZ_2M /* what one level 3 table maps */
#define WINDOW_REGIONS 512   /* 1 GiB, what one level 2 table maps */
#define FIXED_REGIONS  2     /* before those of VMs and vCPUs */
#define PERCPU_OFFSET  0x100000
#define PERCPU_STRIDE  0x4000
#define GICH_OFFSET    0x200000
#define GICD_OFFSET    0x201000
#define PAGES_OFFSET   0x400000
#define PAGES_STRIDE   0x2000
#define PAGES_SLOTS    ((WINDOW_REGIONS * REGION - PAGES_OFFSET) / PAGES_STRIDE)

extern const u32 hyp_image[], hyp_image_end[]; /* hyp-image.S */

static struct {
	desc_t *l1, *l2_window, *l2_idmap, *l3_idmap;
	desc_t *l3[WINDOW_REGIONS];
	void *image;
	size_t image_pages;
	u32 window;
	unsigned long stack[NR_CPUS];
	struct hyp_percpu *percpu[NR_CPUS];
} map;

static DEFINE_IDA(slots);
static DEFINE_MUTEX(slots_lock); /* the tables of these regions */

static desc_t *hyp_map_alloc_table(void)
{
	desc_t *table = (desc_t *)get_zeroed_page(GFP_KERNEL);

	if (table) /* the walker may read memory, which holds old data until this */
		flush_to_memory(table, PAGE_SIZE);
	return table;
}

static desc_t *l3_entry(u32 offset)
{
	return &map.l3[offset / REGION][(offset % REGION) >> PAGE_SHIFT];
}

static void hyp_map_page(u32 offset, phys_addr_t pa, desc_t attributes)
{
	desc_write(l3_entry(offset), (u64)pa | attributes | DESC_PAGE | DESC_AF | HYP_AP);
}

#define TEXT   (HYP_ATTR_NORMAL | DESC_SH_INNER | HYP_RO)
#define DATA   (HYP_ATTR_NORMAL | DESC_SH_INNER | DESC_XN)
#define DEVICE (HYP_ATTR_DEVICE | DESC_XN)

u64 hyp_map_httbr(void)
{
	return virt_to_phys(map.l1);
}

u32 hyp_map_idmap(void)
{
	return virt_to_phys(map.image);
}

hyp_va_t hyp_map_image(u32 offset)
{
	return (hyp_va_t){ map.window + offset };
}

u32 hyp_map_header(unsigned int word)
{
	return hyp_image[word];
}

hyp_va_t hyp_map_stack_top(int cpu)
{
	return (hyp_va_t){ map.window + PERCPU_OFFSET + cpu * PERCPU_STRIDE + 2 * PAGE_SIZE };
}

hyp_va_t hyp_map_percpu(int cpu)
{
	return hyp_map_stack_top(cpu); /* the page above the stack */
}

struct hyp_percpu *hyp_percpu(int cpu)
{
	return map.percpu[cpu];
}

hyp_va_t hyp_map_gich(void)
{
	return (hyp_va_t){ map.window + GICH_OFFSET + offset_in_page(machine.gich) };
}

hyp_va_t hyp_map_gicd(void)
{
	return (hyp_va_t){ machine.gicd ? map.window + GICD_OFFSET : 0 };
}

/* The level 3 table of a region; hyp_map_exit() frees it.  0 or -ENOMEM. */
static int hyp_map_region(unsigned int n)
{
	map.l3[n] = hyp_map_alloc_table();
	if (!map.l3[n])
		return -ENOMEM;
	/* From invalid to valid: no TLB holds the old entry (B3.10.1). */
	desc_write(&map.l2_window[n], virt_to_phys(map.l3[n]) | DESC_TABLE);
	return 0;
}

/*
 * One table maps 256 pages.  It is kept after they are freed, for later ones; so there are
 * only as many tables as the largest number of pages at one time has needed.
 */
void *hyp_page_alloc(hyp_va_t *va)
{
	void *page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	int slot, ret = 0;
	u32 offset;

	if (!page)
		return NULL;
	slot = ida_alloc_max(&slots, PAGES_SLOTS - 1, GFP_KERNEL);
	if (slot < 0)
		goto free_page;
	offset = PAGES_OFFSET + slot * PAGES_STRIDE;
	mutex_lock(&slots_lock);
	if (!map.l3[offset / REGION])
		ret = hyp_map_region(offset / REGION);
	if (!ret)
		hyp_map_page(offset, virt_to_phys(page), DATA);
	mutex_unlock(&slots_lock);
	if (ret)
		goto free_slot;
	va->va = map.window + offset;
	return page;

free_slot:
	ida_free(&slots, slot);
free_page:
	free_page((unsigned long)page);
	return NULL;
}

void hyp_page_free(void *page, hyp_va_t va)
{
	u32 offset = va.va - map.window;

	desc_write(l3_entry(offset), 0);
	/* No CPU may keep the translation when the page is used for something else. */
	hyp_flush_everywhere(HYP_CALL_FLUSH_HYP, 0, 0);
	ida_free(&slots, (offset - PAGES_OFFSET) / PAGES_STRIDE);
	free_page((unsigned long)page);
}

void hyp_map_exit(void)
{
	int cpu, n;

	for_each_possible_cpu(cpu) {
		free_page((unsigned long)map.percpu[cpu]);
		free_page(map.stack[cpu]);
	}
	if (map.image)
		free_pages_exact(map.image, map.image_pages * PAGE_SIZE);
	for (n = 0; n < WINDOW_REGIONS; n++)
		free_page((unsigned long)map.l3[n]);
	free_page((unsigned long)map.l3_idmap);
	free_page((unsigned long)map.l2_idmap);
	free_page((unsigned long)map.l2_window);
	free_page((unsigned long)map.l1);
	memset(&map, 0, sizeof(map));
}

/* Copy the image to separate pages, which the kernel's code patching does not touch. */
static int hyp_map_copy_image(void)
{
	size_t size = hyp_map_header(HYP_HDR_SIZE);

	if (hyp_map_header(HYP_HDR_MAGIC) != HYP_IMAGE_MAGIC ||
	    size > (size_t)((const char *)hyp_image_end - (const char *)hyp_image) ||
	    size > SZ_64K || hyp_map_header(HYP_HDR_ABI) != HYP_ABI_WORD) {
		pr_err("the HYP image does not match this module; rebuild the module\n");
		return -EINVAL;
	}
	map.image_pages = DIV_ROUND_UP(size, PAGE_SIZE);
	map.image = alloc_pages_exact(map.image_pages * PAGE_SIZE, GFP_KERNEL | __GFP_ZERO);
	if (!map.image)
		return -ENOMEM;
	if ((u64)virt_to_phys(map.image) + map.image_pages * PAGE_SIZE > SZ_4G) {
		pr_err("no memory below 4 GiB for the HYP image, and the kernel's stub cannot jump "
		       "higher\n");
		return -ENODEV;
	}
	memcpy(map.image, hyp_image, size);
	/*
	 * HYP first executes it with the MMU off, from memory: clean it to the point
	 * of coherency.  Then invalidate what any CPU's instruction cache holds of these
	 * pages (A3.8.3; ICIALLUIS reaches all CPUs).
	 */
	flush_to_memory(map.image, map.image_pages * PAGE_SIZE);
	icache_invalidate_all();
	return 0;
}

static int hyp_map_alloc(void)
{
	int cpu, n;

	map.l1 = hyp_map_alloc_table();
	map.l2_window = hyp_map_alloc_table();
	map.l2_idmap = hyp_map_alloc_table();
	map.l3_idmap = hyp_map_alloc_table();
	if (!map.l1 || !map.l2_window || !map.l2_idmap || !map.l3_idmap)
		return -ENOMEM;
	for (n = 0; n < FIXED_REGIONS; n++) {
		int ret = hyp_map_region(n);

		if (ret)
			return ret;
	}
	for_each_possible_cpu(cpu) {
		map.stack[cpu] = get_zeroed_page(GFP_KERNEL);
		map.percpu[cpu] = (struct hyp_percpu *)get_zeroed_page(GFP_KERNEL);
		if (!map.stack[cpu] || !map.percpu[cpu])
			return -ENOMEM;
	}
	return hyp_map_copy_image();
}

int hyp_map_init(void)
{
	u32 idmap, n, l1_window;
	int cpu, ret;

	BUILD_BUG_ON(PERCPU_OFFSET + NR_CPUS * PERCPU_STRIDE > GICH_OFFSET);
	ret = hyp_map_alloc();
	if (ret) {
		hyp_map_exit();
		return ret;
	}

	idmap = hyp_map_idmap();
	l1_window = (idmap >> 30) == 3 ? 2 : 3;
	map.window = l1_window << 30;

	desc_write(&map.l3_idmap[(idmap >> PAGE_SHIFT) & 511],
		   (u64)idmap | TEXT | DESC_PAGE | DESC_AF | HYP_AP);
	desc_write(&map.l2_idmap[(idmap >> 21) & 511], virt_to_phys(map.l3_idmap) | DESC_TABLE);
	desc_write(&map.l1[idmap >> 30], virt_to_phys(map.l2_idmap) | DESC_TABLE);

	for (n = 0; n < map.image_pages; n++)
		hyp_map_page(n * PAGE_SIZE, virt_to_phys(map.image) + n * PAGE_SIZE, TEXT);
	for_each_possible_cpu(cpu) {
		u32 offset = PERCPU_OFFSET + cpu * PERCPU_STRIDE;

		hyp_map_page(offset + PAGE_SIZE, virt_to_phys((void *)map.stack[cpu]), DATA);
		hyp_map_page(offset + 2 * PAGE_SIZE, virt_to_phys(map.percpu[cpu]), DATA);
	}
	hyp_map_page(GICH_OFFSET, machine.gich & PAGE_MASK, DEVICE);
	if (machine.gicd)
		hyp_map_page(GICD_OFFSET, machine.gicd, DEVICE);
	desc_write(&map.l1[l1_window], virt_to_phys(map.l2_window) | DESC_TABLE);
	return 0;
}
