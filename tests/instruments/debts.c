// SPDX-License-Identifier: GPL-2.0-only
/*
 * What TLBs may hold and the tables no longer say.
 *
 * A descriptor that changes leaves a debt: the CPUs whose TLB may still hold what it was.
 * The debt is settled when the new descriptor is visible to every walk, and after that a TLB
 * operation and its DSB have reached each of these CPUs (B3.10.1).
 */
#include <stdlib.h>

#include "tables.h"

static struct debt *debts;

static void debt_report(const char *rule, unsigned int cpu, uint32_t pc, const struct debt *debt,
			const char *what)
{
	const struct table *table = debt->table;

	violation(rule, cpu, pc,
		  "%s: %s level %u, address %llx: CPUs %#x may hold %016llx, now it is %016llx; %s",
		  what, stage_of(table), table->level,
		  (unsigned long long)address_of(table, debt->index), debt->cpus,
		  (unsigned long long)debt->was, (unsigned long long)table->desc[debt->index],
		  debt->visible ? "no matching TLB operation and DSB since the store"
				: "a walk may not see the store yet");
}

static struct debt *debt_new(struct table *table, unsigned int index, uint64_t was)
{
	struct debt *debt = calloc(1, sizeof(*debt));

	if (!debt)
		abort();
	debt->was = was;
	debt->table = table;
	debt->index = index;
	debt->next = debts;
	debts = debt;
	table->debt[index] = debt;
	counts.debts++;
	return debt;
}

static void debt_settle(struct debt *debt)
{
	struct debt **where = &debts;

	while (*where != debt)
		where = &(*where)->next;
	*where = debt->next;
	debt->table->debt[debt->index] = NULL;
	free(debt);
}

/* ---- what a change means --------------------------------------------------------- */

/* What a descriptor permits. */
static uint64_t permissions(const struct table *table, uint64_t desc)
{
	uint64_t what = desc & DESC_XN ? 0 : DESC_XN;

	if (is_table(table->level, desc))
		return DESC_AF;
	if (table->root->hyp)
		return what | (desc & HYP_RO ? DESC_READ : DESC_READ | DESC_WRITE) |
		       (desc & DESC_AF);
	return what | (desc & (DESC_READ | DESC_WRITE | DESC_AF));
}

static bool same_place(const struct table *table, uint64_t one, uint64_t other)
{
	return is_table(table->level, one) == is_table(table->level, other) &&
	       !((one ^ other) & DESC_PLACE);
}

/* Is all that a TLB may hold of was also what the tables say now? */
static bool covers(const struct table *table, uint64_t desc, uint64_t was)
{
	return (desc & DESC_VALID) && same_place(table, desc, was) &&
	       !(permissions(table, was) & ~permissions(table, desc));
}

static uint32_t holders(const struct table *table, unsigned int index)
{
	uint32_t mask = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpus; cpu++)
		if (tlb_may_hold(cpu, table->root, table->since[index]))
			mask |= 1u << cpu;
	return mask;
}

/* TLBs may hold was, and the descriptor is another one now. */
static void debt_add(unsigned int cpu, uint32_t pc, struct table *table, unsigned int index,
		     uint64_t was)
{
	struct debt *debt = table->debt[index];
	uint64_t desc = table->desc[index];
	uint32_t cpus;

	/* No TLB holds an entry whose Access flag is 0 (B3.7.4). */
	cpus = permissions(table, was) & DESC_AF ? holders(table, index) : 0;
	if (!cpus && !debt)
		return;
	if (!debt)
		debt = debt_new(table, index, was);
	if (!table->root->hyp) {
		debt->was |= was & (DESC_READ | DESC_WRITE | DESC_AF);
		debt->was &= was | ~DESC_XN;
	}
	debt->cpus |= cpus;
	debt->ages_only = (desc & DESC_VALID) &&
			  !(permissions(table, was) & ~permissions(table, desc) & ~DESC_AF);
	debt->visible = 0;
	debt->thread = cpu_thread(cpu);
	debt->pc = pc;
}

void debts_changed(unsigned int cpu, uint32_t pc, struct table *table, unsigned int index,
		   uint64_t was)
{
	struct debt *debt = table->debt[index];
	uint64_t desc = table->desc[index];
	bool both = (was & DESC_VALID) && (desc & DESC_VALID);

	if (!(was & DESC_VALID) && (desc & DESC_VALID)) {
		if (debt && !same_place(table, desc, debt->was))
			debt_report("break-before-make", cpu, pc, debt,
				    "made valid before the TLBs have lost the old descriptor");
		if (!debt)
			table->since[index] = now;
	} else if (both && !same_place(table, desc, was)) {
		violation("break-before-make", cpu, pc,
			  "%s level %u, address %llx: valid %016llx becomes valid %016llx",
			  stage_of(table), table->level,
			  (unsigned long long)address_of(table, index), (unsigned long long)was,
			  (unsigned long long)desc);
		table->since[index] = now;
	}
	if ((was & DESC_VALID) && !covers(table, desc, was))
		debt_add(cpu, pc, table, index, was);
	else if (debt && covers(table, desc, debt->was))
		debt_settle(debt);
}

/* ---- maintenance ----------------------------------------------------------------- */

void debts_walked(unsigned int cpu, const struct table *table, unsigned int index)
{
	if (table->debt[index])
		table->debt[index]->cpus |= 1u << cpu;
}

/* CPU does not hold it, or cannot use it. */
static void debt_drop_cpu(struct debt *debt, unsigned int cpu)
{
	debt->cpus &= ~(1u << cpu);
	if (debt->cpus)
		return;
	counts.settled++;
	pages_unreachable(debt->table, debt->index);
	debt_settle(debt);
}

void debts_visible(const struct table *table, unsigned int index)
{
	struct debt *debt = table->debt[index];

	if (!debt)
		pages_unreachable(table, index);
	else if (!debt->visible && debt->cpus)
		debt->visible = now;
	else if (!debt->cpus)
		debt_drop_cpu(debt, 0);
}

void debts_left(unsigned int cpu, const struct root *root)
{
	struct debt *debt, *next;

	for (debt = debts; debt; debt = next) {
		next = debt->next;
		if (root && debt->table->root != root)
			continue;
		if (debt->visible)
			debt_drop_cpu(debt, cpu);
		else
			debt->cpus &= ~(1u << cpu);
	}
}

void debts_flushed(unsigned int cpu, const struct root *root, uint64_t before)
{
	struct debt *debt, *next;

	for (debt = debts; debt; debt = next) {
		next = debt->next;
		if (debt->table->root == root && debt->visible && debt->visible < before)
			debt_drop_cpu(debt, cpu);
	}
}

/* ---- what has to be done by when ------------------------------------------------- */

/* Each is reported once. */
void debts_returned(unsigned int cpu, uint32_t thread, bool ages, const char *name)
{
	struct debt *debt, *next;

	for (debt = debts; debt; debt = next) {
		next = debt->next;
		if (debt->thread != thread || (debt->ages_only && ages))
			continue;
		debt_report("still-held", cpu, debt->pc, debt, name);
		pages_unreachable(debt->table, debt->index);
		debt_settle(debt);
	}
}

void debts_freed(unsigned int cpu, uint32_t pc, const struct table *table)
{
	const struct debt *debt;

	for (debt = debts; debt; debt = debt->next)
		if (debt->table == table || (debt->was & DESC_ADDR) == table->pa)
			debt_report("freed-too-early", cpu, pc, debt,
				    "a page of the tables is freed");
}

void debts_forget(const struct table *table)
{
	unsigned int n;

	for (n = 0; n < ENTRIES; n++)
		if (table->debt[n])
			debt_settle(table->debt[n]);
}
