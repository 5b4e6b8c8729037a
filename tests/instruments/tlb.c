// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the TLBs of each CPU may hold.
 *
 * A CPU may walk the tables of the translation regime that it is in at any time, whether or
 * not a program accesses the address (B3.10.1): so it may hold every entry that was valid at
 * some time while its guest ran there, until a matching operation, which a DSB completed,
 * has removed it.  The guest's own operations are not counted, since the module may not rely
 * on them.
 */
#include <stddef.h>

#include "watch.h"

struct held {
	bool any;
	bool used;     /* ever */
	uint64_t last; /* when the CPU was in this regime last */
	const struct root *root;
	uint32_t vmpidr;
};

struct pending {
	enum tlb_op op;
	bool all_cpus;
	uint32_t vmid;
	uint64_t time;
};

#define MAX_PENDING 16

static struct {
	uint32_t hcr, hsctlr, vmpidr;
	uint64_t vttbr, httbr;
	uint64_t icache; /* when its instruction cache was invalidated last */
	struct held guest[VMIDS];
	struct held hyp;
	struct pending pending[MAX_PENDING];
	unsigned int nr_pending;
} cpus[MAX_CPUS];

static uint32_t vmid_of(uint64_t vttbr)
{
	return (vttbr >> 48) & (VMIDS - 1);
}

static uint64_t root_of(uint64_t ttbr)
{
	return ttbr & 0xfffffff000ull;
}

bool tlb_in_guest(unsigned int cpu)
{
	return cpus[cpu].hcr & HCR_VM;
}

static bool is_active(unsigned int cpu, uint32_t vmid)
{
	return tlb_in_guest(cpu) && vmid_of(cpus[cpu].vttbr) == vmid;
}

static bool hyp_is_active(unsigned int cpu)
{
	return cpus[cpu].hsctlr & HSCTLR_M;
}

bool tlb_may_hold(unsigned int cpu, const struct root *root, uint64_t since)
{
	const struct held *held = &cpus[cpu].hyp;
	uint32_t vmid;

	/* Without HYP it runs no guest, and drops everything before it has HYP again. */
	if (!hyp_is_active(cpu))
		return false;
	if (root->hyp)
		return held->any && held->root == root;
	for (vmid = 0; vmid < VMIDS; vmid++) {
		held = &cpus[cpu].guest[vmid];
		if (held->any && held->root == root &&
		    (is_active(cpu, vmid) || held->last >= since))
			return true;
	}
	return false;
}

void tlb_forget_root(const struct root *root)
{
	unsigned int cpu;
	uint32_t vmid;

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		for (vmid = 0; vmid < VMIDS; vmid++)
			if (cpus[cpu].guest[vmid].root == root)
				cpus[cpu].guest[vmid].root = NULL;
		if (cpus[cpu].hyp.root == root)
			cpus[cpu].hyp.root = NULL;
	}
}

/* ---- the world switch ------------------------------------------------------------ */

static void leave_guest(unsigned int cpu)
{
	cpus[cpu].guest[vmid_of(cpus[cpu].vttbr)].last = now;
}

static void enter_guest(unsigned int cpu, uint32_t pc)
{
	uint32_t vmid = vmid_of(cpus[cpu].vttbr);
	struct held *held = &cpus[cpu].guest[vmid];
	const struct root *root = tables_root(cpu, pc, root_of(cpus[cpu].vttbr), false);

	counts.entries++;
	if (held->any && held->root != root)
		violation("vmid-again", cpu, pc,
			  "VMID %u is used for the tables at %llx, and the CPU may hold "
			  "translations of another VM",
			  vmid, (unsigned long long)root->pa);
	else if (held->any && held->vmpidr != cpus[cpu].vmpidr)
		violation("vcpu-again", cpu, pc,
			  "VMID %u: the vCPU with VMPIDR %08x runs, and the CPU may hold "
			  "translations of the one with %08x",
			  vmid, cpus[cpu].vmpidr, held->vmpidr);
	/* An instruction cache may be tagged with VMID, ASID and address (B2.2.5). */
	if (held->used && (held->root != root || held->vmpidr != cpus[cpu].vmpidr) &&
	    cpus[cpu].icache <= held->last)
		violation("icache-again", cpu, pc,
			  "VMID %u: the instruction cache may hold what another vCPU fetched",
			  vmid);
	held->any = true;
	held->used = true;
	held->root = root;
	held->vmpidr = cpus[cpu].vmpidr;
	tables_walked(cpu, root);
}

void tlb_set_hcr(unsigned int cpu, uint32_t pc, uint32_t value)
{
	bool was = tlb_in_guest(cpu);

	if (was)
		leave_guest(cpu);
	cpus[cpu].hcr = value;
	if (!was && tlb_in_guest(cpu))
		enter_guest(cpu, pc);
}

void tlb_set_vttbr(unsigned int cpu, uint32_t pc, uint64_t value)
{
	if (tlb_in_guest(cpu))
		leave_guest(cpu);
	cpus[cpu].vttbr = value;
	if (tlb_in_guest(cpu))
		enter_guest(cpu, pc);
}

void tlb_set_vmpidr(unsigned int cpu, uint32_t value)
{
	cpus[cpu].vmpidr = value;
}

/* ---- HYP ------------------------------------------------------------------------- */

void tlb_set_httbr(unsigned int cpu, uint64_t value)
{
	cpus[cpu].httbr = value;
}

void tlb_set_hsctlr(unsigned int cpu, uint32_t pc, uint32_t value)
{
	struct held *held = &cpus[cpu].hyp;
	bool was = hyp_is_active(cpu);
	uint32_t vmid;

	if (was)
		held->last = now;
	cpus[cpu].hsctlr = value;
	if (was && !hyp_is_active(cpu))
		debts_left(cpu, NULL);
	if (was || !hyp_is_active(cpu))
		return;
	if (held->any)
		violation("hyp-again", cpu, pc,
			  "HYP's MMU is enabled, and the CPU may hold translations from before");
	for (vmid = 0; vmid < VMIDS; vmid++)
		if (cpus[cpu].guest[vmid].any)
			violation("hyp-again", cpu, pc,
				  "HYP is enabled, and the TLB may hold VMID %u's", vmid);
	held->any = true;
	held->root = tables_root(cpu, pc, root_of(cpus[cpu].httbr), true);
	tables_walked(cpu, held->root);
}

/* ---- TLB maintenance ------------------------------------------------------------- */

void tlb_invalidate(unsigned int cpu, enum tlb_op op, bool all_cpus)
{
	unsigned int n = cpus[cpu].nr_pending;

	if (n < MAX_PENDING) {
		cpus[cpu].pending[n] = (struct pending){
			op,
			all_cpus,
			vmid_of(cpus[cpu].vttbr),
			now,
		};
		cpus[cpu].nr_pending++;
	}
}

/* An entry that the CPU walked after the operation may still be there. */
static void drop(unsigned int cpu, struct held *held, bool active, uint64_t time)
{
	if (!held->any)
		return;
	if (held->root)
		debts_flushed(cpu, held->root, time);
	if (active || held->last >= time)
		return;
	/* It holds nothing, also of what changed between the operation and its DSB. */
	held->any = false;
	if (held->root)
		debts_left(cpu, held->root);
}

void tlb_icache(unsigned int cpu, bool all_cpus)
{
	unsigned int other;

	for (other = 0; other < nr_cpus; other++)
		if (all_cpus || other == cpu)
			cpus[other].icache = now;
}

static void flush_on(unsigned int cpu, const struct pending *flush)
{
	uint32_t vmid;

	if (flush->op == TLB_HYP)
		drop(cpu, &cpus[cpu].hyp, hyp_is_active(cpu), flush->time);
	else if (flush->op == TLB_VMID)
		drop(cpu, &cpus[cpu].guest[flush->vmid], is_active(cpu, flush->vmid), flush->time);
	else
		for (vmid = 0; vmid < VMIDS; vmid++)
			drop(cpu, &cpus[cpu].guest[vmid], is_active(cpu, vmid), flush->time);
}

void tlb_dsb(unsigned int cpu)
{
	unsigned int n, other;

	for (n = 0; n < cpus[cpu].nr_pending; n++) {
		const struct pending *flush = &cpus[cpu].pending[n];

		counts.flushes++;
		for (other = 0; other < nr_cpus; other++)
			/* One that has given HYP back may have left the coherency domain. */
			if (other == cpu || (flush->all_cpus && hyp_is_active(other)))
				flush_on(other, flush);
	}
	cpus[cpu].nr_pending = 0;
}
