// SPDX-License-Identifier: GPL-2.0-only
/* The pages that stage 2 tables are in: allocated, accounted, clean, and freed. */
#include <linux/mm.h>

#include "compat/compat.h"
#include "machine/cache.h"
#include "memory/stage2-alloc.h"

#define ROOT_ORDER 1

void stage2_table_free(desc_t *table)
{
	compat_account_pgtable(table, -1);
	free_page((unsigned long)table);
}

static desc_t *alloc_table(void)
{
	desc_t *table = (desc_t *)get_zeroed_page(GFP_KERNEL_ACCOUNT);

	if (!table)
		return NULL;
	compat_account_pgtable(table, 1);
	/* A walk need not look into the data caches, and memory holds old data (B3.10.1). */
	flush_to_memory(table, PAGE_SIZE);
	return table;
}

int stage2_spare_fill(struct stage2_spare *spare)
{
	int n;

	for (n = 0; n < ARRAY_SIZE(spare->table); n++) {
		if (!spare->table[n])
			spare->table[n] = alloc_table();
		if (!spare->table[n])
			return -ENOMEM;
	}
	return 0;
}

void stage2_spare_free(struct stage2_spare *spare)
{
	int n;

	for (n = 0; n < ARRAY_SIZE(spare->table); n++)
		if (spare->table[n])
			stage2_table_free(spare->table[n]);
}

desc_t *stage2_spare_take(struct stage2_spare *spare)
{
	desc_t *table = NULL;
	int n;

	for (n = 0; !table && n < ARRAY_SIZE(spare->table); n++)
		swap(table, spare->table[n]);
	return table;
}

int stage2_root_alloc(struct stage2 *s2)
{
	s2->root = (desc_t *)__get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO, ROOT_ORDER);
	if (!s2->root)
		return -ENOMEM;
	s2->root_pa = virt_to_phys(s2->root);
	compat_account_pgtable(s2->root, 1 << ROOT_ORDER);
	flush_to_memory(s2->root, PAGE_SIZE << ROOT_ORDER);
	return 0;
}

void stage2_root_free(struct stage2 *s2)
{
	compat_account_pgtable(s2->root, -(1 << ROOT_ORDER));
	free_pages((unsigned long)s2->root, ROOT_ORDER);
	s2->root = NULL;
}
