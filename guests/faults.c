// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watchpoints on every kind of access: to ordinary memory, to memory where the access
 * first faults at stage 1 or stage 2, across the end of a page, and to devices that a
 * hypervisor maps, emulates in the kernel, or emulates in user space.
 */
#include "lib/actions.h"
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/gic.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/watched.h"

/* RAM that nothing has touched, so the host has not allocated its pages yet. */
#define FRESH 0x42000000u
#define ALIAS 0x41000000u
#define PAGE  4096u

static u8 area[2 * PAGE] __attribute__((aligned(PAGE)));
#define MIDDLE	 ((u32)area + 64)
#define PAGE_END ((u32)area + PAGE)

/*
 * LDREX and STREX as a pair.  The LDREX is a load; the emulator does not always check
 * STREX for watchpoints.
 */
static bool is_store_exclusive(const struct memory_access *access)
{
	return access->exclusive && access->dir & STORE;
}

/* At PL1, LDRT and STRT are PL0 accesses, which the emulator forgets (see watchpoints.c). */
static bool is_unprivileged(u32 i)
{
	return i == MEM_ldrt || i == MEM_strt || i == MEM_t_ldrt || i == MEM_t_strt;
}

static void plain_memory(u32 i)
{
	const struct memory_access *access = &memory_accesses[i];
	bool hits = true, others = true, done = true;
	u32 pl, slot, plain;

	for (pl = 0; pl < 2; pl++)
		for (slot = 0; slot < debug_wrps(); slot++) {
			u32 own = watched_control(pl, access->dir, 0xff);

			if (pl && is_unprivileged(i))
				own |= CR_ANY;
			watched_access(access, pl, MIDDLE);
			plain = seen.loaded;
			others &= watched_no_hit();
			watch_set(slot, MIDDLE, own);
			watched_access(access, pl, MIDDLE);
			hits &= !access->dir ? watched_no_hit() : watched_hit(access, MIDDLE);
			done &= seen.loaded == plain;

			watch_set(slot, MIDDLE + 24, own);
			watched_access(access, pl, MIDDLE);
			others &= watched_no_hit();
			watch_set(slot, MIDDLE - 8, own);
			watched_access(access, pl, MIDDLE);
			others &= watched_no_hit();
			watch_set(slot, MIDDLE, own ^ 3 << 3);
			watched_access(access, pl, MIDDLE);
			others &= access->dir == 3 || watched_no_hit();
			if (!pl || !is_unprivileged(i)) {
				watch_set(slot, MIDDLE, own ^ CR_ANY);
				watched_access(access, pl, MIDDLE);
				others &= watched_no_hit();
			}
		}
	report(hits && others && done, access->dir ? "%s: hits" : "%s: never hits", access->name);
	if (!(hits && others && done))
		note("hits %d, others do not %d, done after it %d", hits, others, done);
}

/* Only the LDREX of the pair is checked; see is_store_exclusive(). */
static void store_exclusive(u32 i)
{
	const struct memory_access *access = &memory_accesses[i];
	bool loads = true, other = true;
	u32 pl;

	for (pl = 0; pl < 2; pl++) {
		watch_set(0, MIDDLE, watched_control(pl, LOAD, 0xff));
		watched_access(access, pl, MIDDLE);
		loads &= seen.hits == 1 && !seen.others && seen.dfar == MIDDLE &&
			 seen.at == access->at - 4;
		watch_set(0, MIDDLE, watched_control(!pl, LOAD | STORE, 0xff));
		watched_access(access, pl, MIDDLE);
		other &= watched_no_hit();
	}
	report(loads && other, "%s: the load before it hits", access->name);
}

/* An access that crosses the end of a page, with a watchpoint on one side of it. */
static void page_end(u32 i)
{
	const struct memory_access *access = &memory_accesses[i];
	u32 pl, addr = PAGE_END - (access->size == 4 ? 2 : access->size == 2 ? 1 : 4);

	for (pl = 0; pl < 2; pl++) {
		u32 first;
		bool good;

		watch_set(0, PAGE_END - 8, watched_control(pl, access->dir, 0xf0));
		watched_access(access, pl, addr);
		first = seen.dfar;
		good = seen.hits == 1 && !seen.others;
		watch_set(0, PAGE_END, watched_control(pl, access->dir, 0x0f));
		watched_access(access, pl, addr);
		good &= seen.hits == 1 && !seen.others;
		report(good, "%s PL%u over two pages: hits in each", access->name, pl);
		/* The emulator compares an unaligned store from the start of its page on. */
		watch_set(0, PAGE_END + 64, watched_control(pl, access->dir, 0xff));
		watched_access(access, pl, addr);
		good = watched_no_hit();
		watch_set(0, PAGE_END - 64, watched_control(pl, access->dir, 0xff));
		watched_access(access, pl, addr);
		good &= watched_no_hit() || access->dir & STORE;
		say("%s PL%u over two pages, a point before it = %s", access->name, pl,
		    seen.hits ? "hit" : "no hit");
		report(good, "%s PL%u over two pages: neighbours do not", access->name, pl);
		say("%s PL%u over two pages = dfar %+d, %+d", access->name, pl,
		    (int)(first - PAGE_END), (int)(seen.dfar - PAGE_END));
	}
}

/* B3.12.2, C3.4: first the stage 1 fault, then the watchpoint, then the access completes. */
static void stage1(u32 i, const char *format)
{
	const struct memory_access *access = &memory_accesses[i];
	bool good = true, alone = true;
	u32 pl, addr = UNMAPPED_ADDRESS + 64;

	for (pl = 0; pl < 2; pl++) {
		seen.map = ALIAS;
		watch_set(1, addr, watched_control(pl, access->dir, 0xff));
		watched_access(access, pl, addr);
		good &= watched_hit(access, addr) && seen.faults == 1 && seen.fault_first;
		mmu_alias(0);
		seen.map = ALIAS;
		watch_set(1, addr + 32, watched_control(pl, access->dir, 0xff));
		watched_access(access, pl, addr);
		alone &= watched_no_hit() && seen.faults == 1;
		mmu_alias(0);
		seen.map = 0;
	}
	report(good && alone, "%s, %s: a fault, then its watchpoint", format, access->name);
}

/* Each access is to an untouched page, so in a guest it faults at stage 2 first. */
static void stage2(u32 i)
{
	static u32 page = FRESH;
	const struct memory_access *access = &memory_accesses[i];
	bool hits = true, others = true;
	u32 pl;

	for (pl = 0; pl < 2; pl++) {
		watch_set(2, page + 128, watched_control(pl, access->dir, 0xff));
		watched_access(access, pl, page + 128);
		hits &= watched_hit(access, page + 128);
		page += PAGE;
		watch_set(2, page + 160, watched_control(pl, access->dir, 0xff));
		watched_access(access, pl, page + 128);
		others &= watched_no_hit();
		page += PAGE;
	}
	report(hits && others, "%s of a fresh page: hits", access->name);
}

static void device_accesses(const char *name, u32 addr, bool words_only)
{
	u32 i, pl, slot;

	for (i = 0; i < MEM_OPS; i++) {
		const struct memory_access *access = &memory_accesses[i];
		bool hits = true, others = true;

		if (!access->device || !access->dir || (words_only && access->size != 4))
			continue;
		for (pl = 0; pl < 2; pl++)
			for (slot = 0; slot < debug_wrps(); slot++) {
				u32 own = watched_control(pl, access->dir, addr & 4 ? 0x0f : 0xff);

				watch_set(slot, addr, own);
				watched_access(access, pl, addr);
				hits &= watched_hit(access, addr);
				watch_set(slot, addr, own ^ 3 << 3);
				watched_access(access, pl, addr);
				others &= watched_no_hit();
				watch_set(slot, addr, own ^ CR_ANY);
				watched_access(access, pl, addr);
				others &= watched_no_hit();
				watch_set(slot, addr + 8, own);
				watched_access(access, pl, addr);
				others &= watched_no_hit();
			}
		report(hits && others, "%s of %s: hits", access->name, name);
		if (!(hits && others))
			note("hits %d, others do not %d", hits, others);
	}
}

/*
 * Accesses that the syndrome does not describe (B3.13.6: ISV is 0).  A hypervisor decodes the
 * instruction, or gives the guest an abort.  The watchpoint still comes first.
 */
static void undescribed(const char *name, u32 addr)
{
	static const u8 forms[] = { MEM_ldrpost, MEM_ldrd, MEM_ldm,    MEM_strpre,
				    MEM_strd,	 MEM_stm,  MEM_vldr,   MEM_vstr,
				    MEM_vld1,	 MEM_vst1, MEM_t_ldrd, MEM_t_stm };
	const struct exc *exc = &this_cpu()->exc;
	u32 i, pl, slot;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		const struct memory_access *access = &memory_accesses[forms[i]];
		bool hits = true;

		seen.skip = true;
		for (pl = 0; pl < 2; pl++)
			for (slot = 0; slot < debug_wrps(); slot++) {
				watch_set(slot, addr, watched_control(pl, access->dir, 0xff));
				watched_access(access, pl, addr);
				hits &= watched_hit(access, addr);
			}
		seen.skip = false;
		report(hits, "%s of %s: its watchpoint hits", access->name, name);
		watch_set(0, addr, watched_control(0, access->dir, 0xff));
		watched_access(access, 1, addr);
		if (!exc->type)
			say("%s of %s, a watchpoint of PL0 = done", access->name, name);
		else
			say("%s of %s, a watchpoint of PL0 = %s, dfsr 0x%03x, dfar %+d, lr %+d",
			    access->name, name, exc_name(exc->type), exc->dfsr,
			    (int)(exc->dfar - addr), (int)(exc->lr - access->at));
	}
}

/*
 * LDRT and STRT of a device from PL1.  The syndrome of the Thumb forms is the same as that
 * of LDR and STR; the syndrome of the ARM forms describes nothing.  So a hypervisor has to
 * decode both.  At PL0 the Thumb forms behave like any other access.
 */
static void unprivileged_device(const char *name, u32 addr)
{
	static const u8 forms[] = { MEM_ldrt, MEM_strt, MEM_t_ldrt, MEM_t_strt };
	u32 i, pl;

	seen.skip = true;
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		const struct memory_access *access = &memory_accesses[forms[i]];
		bool good;

		for (pl = 0; pl < 2; pl++) {
			watch_set(0, addr, watched_control(pl, access->dir, 0x0f));
			watched_access(access, 1, addr);
			say("%s of %s at PL1, a point of PL%u = %s", access->name, name, pl,
			    seen.hits	  ? "hit"
			    : seen.others ? "abort"
					  : "no hit");
		}
		watch_set(0, addr, watched_control(0, access->dir, 0x0f));
		watched_access(access, 0, addr);
		good = watched_hit(access, addr);
		if (access->fn & 1) {
			watch_set(0, addr, watched_control(1, access->dir, 0x0f));
			watched_access(access, 0, addr);
			good &= watched_no_hit();
		}
		report(good, "%s of %s at PL0 hits a point of PL0", access->name, name);
	}
	seen.skip = false;
}

/* C3.2: a linked watchpoint works on a device as it does on memory. */
static void linked_device(const char *name, u32 addr)
{
	static const u8 some[] = { MEM_ldr, MEM_str };
	u32 i, ctx = debug_brps() - 1;
	bool hits = true, others = true;

	for (i = 0; i < 2 * ARRAY_SIZE(some); i++) {
		const struct memory_access *access = &memory_accesses[some[i / 2]];
		u32 pl = i & 1;
		u32 own = watched_control(pl, access->dir, 0x0f) | WCR_LINKED | CR_LBN(ctx);
		u32 id;

		for (id = 0x77; id < 0x79; id++) {
			bvr_write(ctx, 0x77);
			bcr_write(ctx, CR_E | CR_ANY | BCR_BAS(0xf) | BCR_TYPE(3));
			MCR(REG_CONTEXTIDR, id);
			isb();
			watch_set(3, addr, own);
			watched_access(access, pl, addr);
			if (id == 0x77)
				hits &= watched_hit(access, addr);
			else
				others &= watched_no_hit();
		}
		MCR(REG_CONTEXTIDR, 0x77);
		isb();
		/* Now the context breakpoint is off, because watched_access() cleared it. */
		watch_set(3, addr, own);
		watched_access(access, pl, addr);
		others &= watched_no_hit();
		MCR(REG_CONTEXTIDR, 0);
		isb();
	}
	report(hits, "%s, linked to context ID: hits in that context", name);
	report(others, "%s, linked to context ID: not in another, not while that is off", name);
}

static void stage1_faults(const char *format)
{
	static const u8 some[] = { MEM_ldrb, MEM_ldr,  MEM_ldrd, MEM_ldm,   MEM_ldrex,
				   MEM_str,  MEM_strd, MEM_stm,	 MEM_t_str, MEM_t_ldr,
				   MEM_vldr, MEM_vst1, MEM_vld1, MEM_strh };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(some); i++)
		stage1(some[i], format);
}

void guest_main(void)
{
	static const u8 crossing[] = { MEM_ldrh, MEM_ldr,   MEM_ldrd, MEM_strh, MEM_str,
				       MEM_strd, MEM_ldm,   MEM_stm,  MEM_vldr, MEM_vst1,
				       MEM_vld1, MEM_t_ldr, MEM_t_str };
	static const u8 fresh[] = { MEM_ldrb, MEM_ldr,	MEM_ldrd, MEM_ldm,  MEM_ldrex, MEM_strb,
				    MEM_str,  MEM_strd, MEM_stm,  MEM_vld1, MEM_vst1,  MEM_t_str };
	u32 i;

	mmu_on(MMU_SHORT);
	actions_enable_simd();
	report(debug_enable(), "monitor mode can be turned on");
	for (i = 0; i < MEM_OPS; i++)
		if (is_store_exclusive(&memory_accesses[i]))
			store_exclusive(i);
		else
			plain_memory(i);
	for (i = 0; i < ARRAY_SIZE(crossing); i++)
		page_end(crossing[i]);
	for (i = 0; i < ARRAY_SIZE(fresh); i++)
		stage2(fresh[i]);
	device_accesses("the distributor", GICD_IPRIORITYR(8), false);
	undescribed("the distributor", GICD_IPRIORITYR(8));
	unprivileged_device("the distributor", GICD_IPRIORITYR(8));
	device_accesses("the CPU interface", GICC_PMR, true);
	device_accesses("the UART", UART_BASE + 0x20, true);
	linked_device("the distributor", GICD_IPRIORITYR(8));
	linked_device("the CPU interface", GICC_PMR);
	linked_device("the UART", UART_BASE + 0x20);
	stage1_faults("short descriptors");
	mmu_off();
	mmu_on(MMU_LPAE);
	stage1_faults("long descriptors");
}
