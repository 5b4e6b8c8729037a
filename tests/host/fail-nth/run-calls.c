// SPDX-License-Identifier: GPL-2.0-only
/* KVM_RUN, and what it maps. */
#include "fail-nth.h"

#define PMCR  ARM_CP15_REG32(0, 9, 12, 0)
#define BLOCK 0x200000u
#define HUGE  0x80000000u /* slot 2 */

static int run(struct world *w)
{
	return ioctl(w->vcpu, KVM_RUN, 0);
}

/* It is where it should be, with the word that it should store, however often it began. */
static bool stored(struct world *w, uint32_t wanted)
{
	uint32_t got;

	memcpy(&got, w->run->mmio.data, 4);
	return w->run->exit_reason == KVM_EXIT_MMIO && w->run->mmio.is_write &&
	       w->run->mmio.phys_addr == MMIO && got == wanted;
}

static void will_store(struct world *w)
{
	world_set_pc(w, PC_STORE, DATA + 3 * PAGE, 0xfeed);
}

static bool has_stored(struct world *w)
{
	return stored(w, 0xfeed) && *(uint32_t *)(w->data + 3 * PAGE) == 0xfeed;
}

static void will_load(struct world *w)
{
	world_set_pc(w, PC_LOAD, DATA + 5 * PAGE, 0xfeed);
}

static bool has_loaded(struct world *w)
{
	return stored(w, 0);
}

/* Memory that is shared, and absent: it is writable as soon as it is there. */
static void will_load_shared(struct world *w)
{
	w->map_size = PAGE;
	w->map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w->map == MAP_FAILED)
		must(-1, "mmap");
	must(set_slot(w->vm, 2, HUGE, w->map, PAGE), "a slot of shared memory");
	world_set_pc(w, PC_LOAD, HUGE, 0xfeed);
}

/* The page is there, mapped read-only for the log, and far away from RAM's tables. */
static void will_store_again(struct world *w)
{
	world_set_pc(w, PC_LOAD, DATA + 3 * PAGE, 0);
	must(run(w), "KVM_RUN");
	will_store(w);
}

/* A huge page, if there is one: a block. */
static void will_store_huge(struct world *w)
{
	w->map_size = BLOCK;
	w->map = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (w->map == MAP_FAILED)
		w->map = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			      0);
	if (w->map == MAP_FAILED)
		must(-1, "mmap");
	must(set_slot(w->vm, 2, HUGE, w->map, BLOCK), "a slot of a huge page");
	world_set_pc(w, PC_STORE, HUGE + 3 * PAGE, 0xfeed);
}

static bool has_stored_huge(struct world *w)
{
	return stored(w, 0xfeed) && *(uint32_t *)((uint8_t *)w->map + 3 * PAGE) == 0xfeed;
}

/* A log that begins splits it, without memory. */
static void has_block(struct world *w)
{
	will_store_huge(w);
	must(run(w), "KVM_RUN");
}

static int split(struct world *w)
{
	return set_slot_flags(w->vm, 2, KVM_MEM_LOG_DIRTY_PAGES, HUGE, w->map, BLOCK);
}

/* Of a device, two words at once: the kernel reads the instruction. */
static void will_ldm(struct world *w)
{
	world_set_pc(w, PC_LDM, MMIO + 0x100, 0);
}

static bool is_ldm(struct world *w)
{
	return w->run->exit_reason == KVM_EXIT_MMIO && !w->run->mmio.is_write &&
	       w->run->mmio.phys_addr == MMIO + 0x100;
}

/* Its cycle counter counts: a perf event. */
static void will_count(struct world *w)
{
	uint32_t cycles = 1u << 31;

	must(get_reg(w, PMCR), "PMCR");
	w->value[0] |= 1;
	must(set_reg(w, PMCR, w->value), "PMCR");
	must(set_reg(w, ARM_CP15_REG32(0, 9, 12, 1), &cycles), "PMCNTENSET");
	must(ioctl(w->vcpu, KVM_SET_DEVICE_ATTR,
		   &(struct kvm_device_attr){ .group = KVM_ARM_VCPU_PMU_V3_CTRL,
					      .attr = KVM_ARM_VCPU_PMU_V3_INIT }),
	     "KVM_ARM_VCPU_PMU_V3_INIT");
	will_store(w);
}

const struct call run_calls[] = {
	CALL("KVM_RUN", INIT | HAS_DATA, run, .before = will_store, .worked = has_stored),
	CALL("KVM_RUN-load", INIT | HAS_DATA, run, .before = will_load, .worked = has_loaded),
	CALL("KVM_RUN-load-shared", INIT, run, .before = will_load_shared, .worked = has_loaded),
	CALL("KVM_RUN-logged", INIT | HAS_LOG, run, .before = will_store_again,
	     .worked = has_stored),
	CALL("KVM_RUN-block", INIT, run, .before = will_store_huge, .worked = has_stored_huge),
	CALL("slot-log-on-block", INIT, split, .before = has_block),
	CALL("KVM_RUN-first-gic", GIC | HAS_DATA, run, .before = will_store, .worked = has_stored),
	CALL("KVM_RUN-ldm", INIT, run, .before = will_ldm, .worked = is_ldm),
	CALL("KVM_RUN-pmu", INIT | HAS_PMU | HAS_DATA, run, .before = will_count,
	     .worked = has_stored),
	{ .name = NULL },
};
