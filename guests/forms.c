// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads and stores of every form, of a device and of memory: both must do the same.  A
 * hypervisor that emulates the device has to decode most of them.  The devices are the
 * distributor's priority registers, which a hypervisor serves, and the test device of
 * `armvm run --testdev`, which only a guest has.
 */
#include "lib/cpu.h"
#include "lib/forms.h"
#include "lib/gic.h"
#include "lib/mmu.h"
#include "lib/pl0.h"
#include "lib/report.h"

#define PAGE 4096u

/* Both areas have the same contents, apart from bits that the device does not keep. */
struct device {
	const char *name;
	u32 page;
	u32 mask;
	struct forms_rules rules;
};

static u8 memory[PAGE] __attribute__((aligned(PAGE)));
static struct forms_cpu start, at_memory, at_device;
static u32 shown;

static u32 *memory_word(u32 offset)
{
	return (u32 *)(memory + offset);
}

/* The SP and LR of User mode, from SVC mode. */
static void get_user(u32 user[2])
{
	__asm__ volatile("stm %0, {sp, lr}^\nnop" : : "r"(user) : "memory");
}

static void set_user(const u32 user[2])
{
	__asm__ volatile("ldm %0, {sp, lr}^\nnop" : : "r"(user) : "memory");
}

static u32 any_word(void)
{
	return forms_random(1u << 29) << 5 ^ forms_random(1u << 20);
}

/* What the device does not keep would differ at the next load. */
static void drop_bits(const struct device *dev, const struct form *form)
{
	u32 offset;

	for (offset = form->at & ~3u; offset < form->at + form->size * form->count; offset += 4) {
		*memory_word(offset) &= dev->mask;
		write32(dev->page + offset, *memory_word(offset));
	}
}

static void put_both(const struct device *dev, u32 offset, u32 value)
{
	*memory_word(offset) = value & dev->mask;
	write32(dev->page + offset, value & dev->mask);
}

static void run(struct forms_cpu *cpu, const struct form *form, u32 page, bool pl0, u32 user[2])
{
	static const u32 before[2] = { 0x5150abcd, 0x1f0e2d3c };
	u32 saved[2];

	*cpu = start;
	cpu->r[form->n] = page + form->base;
	if (pl0) {
		pl0_call((u32)forms_run, (u32)cpu, 0);
		return;
	}
	get_user(saved);
	set_user(before);
	forms_run(cpu);
	get_user(user);
	set_user(saved);
}

static bool same(const struct device *dev, const struct form *form)
{
	u32 n, offset, end = form->at + form->size * form->count + 4;

	for (n = 0; n < 15; n++) {
		bool base = n == form->n && !form->base_loaded;

		if (at_memory.r[n] - (base ? (u32)memory : 0) !=
		    at_device.r[n] - (base ? dev->page : 0))
			return false;
	}
	if (at_memory.psr != at_device.psr)
		return false;
	for (offset = (form->at & ~3u) - 4; form->store && offset < end; offset += 4)
		if (offset >= dev->rules.first && offset < dev->rules.first + dev->rules.bytes &&
		    (*memory_word(offset) ^ read32(dev->page + offset)) & dev->mask)
			return false;
	return true;
}

static bool one(const struct device *dev, const struct forms_rules *rules, bool pl0)
{
	u32 user_memory[2] = { 0 }, user_device[2] = { 0 }, n;
	struct form form;
	bool good;

	forms_make(rules, &form);
	for (n = 0; n < 15; n++)
		start.r[n] = any_word();
	if (form.m < 15)
		start.r[form.m] = form.index;
	start.psr = forms_random(16) << 28;
	if (form.insn & 1 << 25 && (form.insn & 0xff0) == 0x060) /* RRX */
		start.psr = (start.psr & ~(1u << 29)) | (u32)form.carry << 29;
	start.code = forms_write_code(rules, &form);
	if (form.pc)
		put_both(dev, form.at + 4 * (form.count - 1), (u32)forms_after);
	run(&at_memory, &form, (u32)memory, pl0, user_memory);
	run(&at_device, &form, dev->page, pl0, user_device);
	good = same(dev, &form) && user_memory[0] == user_device[0] &&
	       user_memory[1] == user_device[1];
	if (!good && shown++ < 8)
		note("%s: 0x%08x at offset 0x%03x, r%u, PL%u%s", dev->name, form.insn, form.at,
		     form.n, !pl0, rules->big ? ", big-endian" : "");
	if (form.store && dev->mask != ~0u)
		drop_bits(dev, &form);
	return good;
}

/* The whole window, at last: an access beside the right place shows here. */
static bool all_same(const struct device *dev)
{
	u32 n, bad = 0;

	for (n = 0; n < dev->rules.bytes; n += 4)
		bad += ((*memory_word(dev->rules.first + n) ^
			 read32(dev->page + dev->rules.first + n)) &
			dev->mask) != 0;
	return !bad;
}

static void many(const struct device *dev, const char *how, u32 count)
{
	static const char *const sets[] = { "A32", "T32", "T32 over two pages" };
	u32 set, n, bad[2];

	for (set = 0; set < ARRAY_SIZE(sets); set++) {
		struct forms_rules rules = dev->rules;

		rules.thumb = set;
		rules.split = set == 2;
		bad[0] = bad[1] = 0;
		for (n = 0; n < count; n++) {
			bool pl0 = forms_random(2);

			rules.user = !pl0;
			rules.big = set < 2 && !forms_random(4);
			rules.pc = dev->rules.pc && !rules.big;
			bad[pl0] += !one(dev, &rules, pl0);
		}
		report(!bad[0] && !bad[1] && all_same(dev), "%s, %s: %s loads and stores",
		       dev->name, how, sets[set]);
		if (bad[0] || bad[1])
			note("%u of %u differ, %u of them at PL0", bad[0] + bad[1], count, bad[1]);
	}
}

static void fill(const struct device *dev)
{
	u32 n;

	for (n = 0; n < dev->rules.bytes; n += 4)
		put_both(dev, dev->rules.first + n, any_word());
}

/* Each kind of translation, which a hypervisor needs to find the instruction. */
static void all(const struct device *dev, u32 count)
{
	fill(dev);
	many(dev, "MMU off", count);
	mmu_on(MMU_SHORT);
	fill(dev);
	many(dev, "short descriptors", count);
	mmu_off();
	mmu_on(MMU_LPAE);
	fill(dev);
	many(dev, "long descriptors", count);
	mmu_off();
	mmu_on_big_endian(MMU_SHORT);
	many(dev, "big-endian tables", count);
	mmu_off();
}

void guest_main(void)
{
	/* Priorities are bytes or words, of which at least five bits are there (IHI 0048B). */
	static const struct device distributor = {
		.name = "the distributor",
		.page = GICD_BASE,
		.mask = 0xf8f8f8f8,
		.rules = { .first = 0x420, .bytes = 32 },
	};
	static const struct device test = {
		.name = "the test device",
		.page = TESTDEV_BASE,
		.mask = ~0u,
		.rules = { .first = 0x400, .bytes = 128, .halfwords = true, .pc = true },
	};

	forms_seed(1);
	all(&distributor, 50);
	guest_only(true);
	if (in_guest())
		all(&test, 80);
}
