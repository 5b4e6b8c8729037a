// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watchpoints: each slot hits at PL1 and PL0 on each kind of load and store, with the right
 * DFSR, DFAR, MOE, LR and SPSR, and with every byte select and mask.  Each hit is paired with
 * settings and accesses that must not hit.
 */
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/targets.h"

static const char *const pl_name[] = { "PL0", "PL1" };
static const u32 pl_control[] = { CR_PL0, CR_PL1 };

/* Watched memory, with room for masks around it. */
static u8 area[3 * 4096] __attribute__((aligned(4096)));
#define MIDDLE ((u32)area + 4096)

/* Access addr; the hook turns the slot off.  Returns the number of exceptions. */
static u32 run_access(u32 fn, u32 pl, u32 slot, u32 addr)
{
	debug_hook_slot = slot;
	exc_expect(debug_hook_watch);
	call_at(pl, fn, addr);
	return exc_done()->count;
}

static bool hit(u32 fn, u32 pl, u32 slot, u32 addr, u32 dfar)
{
	const struct exc *exc = &this_cpu()->exc;
	u32 count = run_access(fn, pl, slot, addr);
	u32 mode = pl ? MODE_SVC : MODE_USR, t = fn & 1 ? PSR_T : 0;
	bool good = count == 1 && exc->type == EXC_DABT && is_debug_fsr(exc->dfsr) &&
		    exc->moe == MOE_WATCHPOINT && exc->lr == (fn & ~1u) + 8 && exc->dfar == dfar &&
		    (exc->spsr & (PSR_MODE | PSR_T)) == (mode | t);

	if (!good)
		note("count %u %s dfsr 0x%x dfar 0x%x for 0x%x moe %u lr at%+d spsr 0x%x", count,
		     exc_name(exc->type), exc->dfsr, exc->dfar, addr, exc->moe,
		     (int)(exc->lr - (fn & ~1u)), exc->spsr);
	return good;
}

/* Each kind of access, with the control set for loads, stores and both. */
static void access_kinds(u32 slot)
{
	const struct exc *exc = &this_cpu()->exc;
	u32 i, pl, lsc;
	bool direction = true, disabled = true, privilege = true, off = true, other = true;

	for (i = 0; i < ACCESSES; i++)
		for (pl = 0; pl < 2; pl++) {
			const struct access *a = &accesses[i];
			u32 wcr = CR_E | pl_control[pl] | WCR_BAS(0xff);
			bool good = true;

			for (lsc = 1; lsc <= 3; lsc++) {
				watch_set(slot, MIDDLE, wcr | lsc << 3);
				if (lsc & a->dir)
					good &= hit(a->fn, pl, slot, MIDDLE, MIDDLE);
				else
					direction &= !run_access(a->fn, pl, slot, MIDDLE);
			}
			report(good, "slot %u, %s %s: hits", slot, pl_name[pl], a->name);
			if (slot == 0)
				say("slot 0, %s %s = dfsr 0x%03x, dfar +%d, moe %u, lr +%d, "
				    "spsr 0x%03x",
				    pl_name[pl], a->name, known_fsr(exc->dfsr),
				    (int)(exc->dfar - MIDDLE), exc->moe,
				    (int)(exc->lr - (a->fn & ~1u)), exc->spsr & 0x3ff);

			wcr |= WCR_LOAD | WCR_STORE;
			watch_set(slot, MIDDLE, wcr & ~CR_E);
			disabled &= !run_access(a->fn, pl, slot, MIDDLE);
			watch_set(slot, MIDDLE, (wcr & ~CR_ANY) | pl_control[!pl]);
			privilege &= !run_access(a->fn, pl, slot, MIDDLE);
			watch_set(slot, MIDDLE, wcr);
			other &= !run_access(a->fn, pl, slot, MIDDLE + 8);
			other &= !run_access(a->fn, pl, slot, MIDDLE - 8);
			debug_monitor(false);
			off &= !run_access(a->fn, pl, slot, MIDDLE);
			debug_monitor(true);
			off &= hit(a->fn, pl, slot, MIDDLE, MIDDLE);
			debug_clear();
		}
	report(direction, "slot %u: the other direction does not hit", slot);
	report(disabled, "slot %u: E = 0 does not hit", slot);
	report(privilege, "slot %u: another privilege level does not hit", slot);
	report(other, "slot %u: the doublewords beside it do not hit", slot);
	report(off, "slot %u: MDBGen = 0 does not hit, and does once it is set", slot);
}

static u32 digest(u32 hash, u32 value)
{
	return (hash ^ value) * 16777619u;
}

/* Does BAS select one run of bytes without gaps? */
static bool one_run(u32 bas)
{
	u32 lowest = bas & -bas;

	return !(bas & (bas + lowest));
}

/*
 * C11.11.44: each of the 256 values of BAS with each byte of the doubleword.  With DBGWVR[2]
 * set, only four bits of BAS count, from a word-aligned address on.  If the selected bytes have
 * gaps the emulator watches only the first run, so those hits are only printed: their number
 * and a digest of them.
 */
static void byte_selects(u32 pl, u32 dir, u32 half)
{
	const struct exc *exc = &this_cpu()->exc;
	u32 fn = dir == WCR_LOAD ? (u32)access_ldrb : (u32)access_strb;
	u32 bas, byte, hash = 2166136261u, gaps = 0;
	bool hits = true, others = true;

	for (bas = 0; bas < 256; bas++)
		for (byte = 0; byte < 8; byte++) {
			u32 used = half ? (bas & 15) << 4 : bas, addr = MIDDLE + byte;
			bool watched = used >> byte & 1;

			watch_set(1, MIDDLE + 4 * half, CR_E | pl_control[pl] | dir | WCR_BAS(bas));
			if (watched && one_run(used)) {
				hits &= hit(fn, pl, 1, addr, addr);
			} else {
				run_access(fn, pl, 1, addr);
				gaps += watched && exc->count;
				others &= watched || !exc->count;
			}
			hash = digest(hash, exc->count);
			hash = digest(hash, exc->count ? exc->dfar - MIDDLE : 99);
		}
	report(hits, "BAS from +%u, %s %s: each byte of a run hits", 4 * half, pl_name[pl],
	       dir == WCR_LOAD ? "loads" : "stores");
	report(others, "BAS from +%u, %s %s: no other byte does", 4 * half, pl_name[pl],
	       dir == WCR_LOAD ? "loads" : "stores");
	say("BAS from +%u, %s %s = %u hits with gaps, digest 0x%08x", 4 * half, pl_name[pl],
	    dir == WCR_LOAD ? "loads" : "stores", gaps, hash);
	debug_clear();
}

static void all_byte_selects(void)
{
	u32 pl, half;

	for (pl = 0; pl < 2; pl++)
		for (half = 0; half < 2; half++) {
			byte_selects(pl, WCR_LOAD, half);
			byte_selects(pl, WCR_STORE, half);
		}
}

/*
 * An access that is wider than the watched byte hits if it includes that byte.  An unaligned
 * access beside the byte is only printed, not checked: the emulator splits it into aligned
 * accesses that cover more bytes.
 */
#define WORD (MIDDLE + 64)

static void overlaps(void)
{
	static const struct {
		const char *name;
		u8 *fn;
		u32 size;
	} wide[] = { { "ldr", access_ldr, 4 }, { "str", access_str, 4 } };
	const struct exc *exc = &this_cpu()->exc;
	u32 i;
	int at;

	for (i = 0; i < ARRAY_SIZE(wide); i++) {
		bool hits = true, others = true;

		for (at = -8; at <= 8; at++) {
			bool overlap = at <= 3 && at + (int)wide[i].size > 3;
			u32 count;

			watch_set(0, WORD, CR_E | CR_ANY | WCR_LOAD | WCR_STORE | WCR_BAS(0x8));
			count = run_access((u32)wide[i].fn, 1, 0, WORD + (u32)at);
			if (overlap) {
				hits &= count == 1;
				say("%s at %d over byte 3 = dfar +%d", wide[i].name, at,
				    (int)(exc->dfar - WORD));
			} else if (at & 3) {
				say("%s at %d beside byte 3 = %s", wide[i].name, at,
				    count ? "hit" : "no hit");
			} else {
				others &= count == 0;
			}
		}
		report(hits, "%s over the watched byte: hits, also unaligned", wide[i].name);
		report(others, "%s beside the watched byte: does not", wide[i].name);
	}
	debug_clear();
}

/* C11.11.44, MASK: 2^n bytes with BAS all ones; checks the ends, the middle and what is beside. */
static bool mask_of(u32 slot, u32 n, u32 dir)
{
	u32 size = 1u << n, i, control = CR_E | CR_PL0 | dir | WCR_BAS(0xff) | CR_MASK(n);
	u32 fn = dir == WCR_LOAD ? (u32)access_ldrb : (u32)access_strb;
	const u32 inside[] = { 0, size / 2, size - 1 };
	bool good = true;

	for (i = 0; i < ARRAY_SIZE(inside); i++) {
		watch_set(slot, MIDDLE, control);
		good &= hit(fn, 0, slot, MIDDLE + inside[i], MIDDLE + inside[i]);
	}
	watch_set(slot, MIDDLE, control);
	good &= !run_access(fn, 0, slot, MIDDLE - 1) && !run_access(fn, 0, slot, MIDDLE + size);
	good &= !run_access(dir == WCR_LOAD ? (u32)access_strb : (u32)access_ldrb, 0, slot, MIDDLE);
	good &= !run_access(fn, 1, slot, MIDDLE);
	debug_clear();
	if (!good)
		note("slot %u, MASK %u, control 0x%08x", slot, n, control);
	return good;
}

static void masks(void)
{
	u32 n, slot;

	for (n = 3; n <= 12; n++) {
		bool good = true;

		for (slot = 0; slot < debug_wrps(); slot++)
			good &= mask_of(slot, n, WCR_LOAD) && mask_of(slot, n, WCR_STORE);
		report(good, "MASK of %u bytes: first, middle and last hit, neighbours do not",
		       1u << n);
	}
	/*
	 * Larger ranges contain this program itself, so watch PL0 only: at PL0 nothing else is
	 * accessed.
	 */
	for (; n < 32; n++) {
		u32 base = MIDDLE & ~((1u << n) - 1);
		bool hits, others;

		slot = n % debug_wrps();
		watch_set(slot, base, CR_E | CR_PL0 | WCR_LOAD | WCR_BAS(0xff) | CR_MASK(n));
		hits = hit((u32)access_ldrb, 0, slot, MIDDLE, MIDDLE);
		watch_set(slot, base ^ 1u << n,
			  CR_E | CR_PL0 | WCR_LOAD | WCR_BAS(0xff) | CR_MASK(n));
		others = !run_access((u32)access_ldrb, 0, slot, MIDDLE);
		debug_clear();
		report(hits, "MASK of 2^%u bytes: hits", n);
		report(others, "MASK of 2^%u bytes beside it: does not", n);
	}
	debug_clear();
}

/*
 * C3.3: an unprivileged access from PL1 counts as a PL0 access.  This is only printed, not
 * checked: with stage 2 on, the emulator forgets that the access was unprivileged.
 */
static void unprivileged(void)
{
	static const struct {
		const char *name;
		u8 *fn;
	} insns[] = { { "LDRT", access_ldrt }, { "STRT", access_strt } };
	u32 i, pl;

	for (i = 0; i < ARRAY_SIZE(insns); i++)
		for (pl = 0; pl < 2; pl++) {
			watch_set(0, MIDDLE,
				  CR_E | pl_control[pl] | WCR_LOAD | WCR_STORE | WCR_BAS(0xff));
			say("%s at PL1, a point of %s = %s", insns[i].name, pl_name[pl],
			    run_access((u32)insns[i].fn, 1, 0, MIDDLE) ? "hit" : "no hit");
		}
	/* A point for both levels hits in either case. */
	for (i = 0; i < ARRAY_SIZE(insns); i++) {
		watch_set(0, MIDDLE, CR_E | CR_ANY | WCR_LOAD | WCR_STORE | WCR_BAS(0xff));
		report(hit((u32)insns[i].fn, 1, 0, MIDDLE, MIDDLE),
		       "%s at PL1 hits a point of PL0 and PL1", insns[i].name);
	}
	watch_set(0, MIDDLE, CR_E | CR_ANY | WCR_LOAD | WCR_STORE | WCR_BAS(0xff));
	report(!run_access((u32)access_pld, 1, 0, MIDDLE), "a preload does not hit");
	debug_clear();
}

static void linked_context(void)
{
	u32 ctx = debug_brps() - 1, slot;
	u32 wcr = CR_E | CR_PL1 | WCR_STORE | WCR_BAS(0xff) | WCR_LINKED | CR_LBN(ctx);

	for (slot = 0; slot < debug_wrps(); slot++) {
		bvr_write(ctx, 0x77);
		bcr_write(ctx, CR_E | CR_ANY | BCR_BAS(0xf) | BCR_TYPE(3));
		MCR(REG_CONTEXTIDR, 0x77);
		isb();
		watch_set(slot, MIDDLE, wcr);
		report(hit((u32)access_str, 1, slot, MIDDLE, MIDDLE),
		       "slot %u linked to context ID: hits in that context", slot);
		MCR(REG_CONTEXTIDR, 0x78);
		isb();
		watch_set(slot, MIDDLE, wcr);
		report(!run_access((u32)access_str, 1, slot, MIDDLE),
		       "slot %u linked to context ID: not in another", slot);
		debug_clear();
	}
	MCR(REG_CONTEXTIDR, 0);
	isb();
}

/* All slots at once, each on its own doubleword. */
static void together(void)
{
	u32 n, wrps = debug_wrps();
	bool good = true;

	for (n = 0; n < wrps; n++)
		watch_set(n, MIDDLE + 8 * n, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xff));
	for (n = 0; n < wrps; n++)
		good &= hit((u32)access_str, n & 1, n, MIDDLE + 8 * n, MIDDLE + 8 * n);
	report(good, "all slots in use: each hits at its own address");
	debug_clear();
}

/* An access that hits has not been made yet: the value changes only when it is retried. */
static u32 seen;

static void hook_value(struct frame *frame)
{
	seen = *(volatile u32 *)MIDDLE;
	debug_hook_watch(frame);
}

static void not_done(void)
{
	volatile u32 *word = (volatile u32 *)MIDDLE;

	*word = 1;
	seen = 0;
	watch_set(0, MIDDLE, CR_E | CR_PL1 | WCR_STORE | WCR_BAS(0xff));
	debug_hook_slot = 0;
	exc_expect(hook_value);
	*word = 2;
	exc_done();
	report(seen == 1 && *word == 2, "the store is done after the watchpoint, not before");
}

static void os_lock(void)
{
	watch_set(0, MIDDLE, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xff));
	MCR(REG_DBGOSLAR, OSLAR_KEY);
	isb();
	say("with the OS lock set = %s",
	    run_access((u32)access_str, 1, 0, MIDDLE) ? "hit" : "no hit");
	watch_set(0, MIDDLE, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xff));
	MCR(REG_DBGOSLAR, 0);
	isb();
	report(hit((u32)access_str, 1, 0, MIDDLE, MIDDLE), "with the OS lock cleared: hits");
}

void guest_main(void)
{
	u32 slot;

	mmu_on(MMU_SHORT);
	report(debug_enable(), "monitor mode can be turned on");
	say("watchpoints = %u", debug_wrps());
	for (slot = 0; slot < debug_wrps(); slot++)
		access_kinds(slot);
	all_byte_selects();
	overlaps();
	masks();
	unprivileged();
	linked_context();
	together();
	not_done();
	os_lock();
}
