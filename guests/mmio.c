// SPDX-License-Identifier: GPL-2.0-only
/*
 * Emulated devices: the test device of `armvm run --testdev` stores every byte that is
 * written to it.  Only a guest has it.
 */
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/gic.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/targets.h"

#define DEV TESTDEV_BASE

#define LOAD(insn, addr)                                                              \
	({                                                                            \
		u32 v_;                                                               \
		__asm__ volatile(insn " %0, [%1]" : "=r"(v_) : "r"(addr) : "memory"); \
		v_;                                                                   \
	})
#define STORE_(insn, v, addr) __asm__ volatile(insn " %0, [%1]" : : "r"(v), "r"(addr) : "memory")

static void sizes(void)
{
	STORE_("str", 0x89abcdefu, DEV);
	report(LOAD("ldr", DEV) == 0x89abcdef, "a word");
	report(LOAD("ldrh", DEV) == 0xcdef && LOAD("ldrh", DEV + 2) == 0x89ab, "its halfwords");
	report(LOAD("ldrb", DEV) == 0xef && LOAD("ldrb", DEV + 3) == 0x89, "its bytes");
	report(LOAD("ldrsh", DEV) == 0xffffcdef, "a halfword, sign-extended");
	report(LOAD("ldrsb", DEV + 1) == 0xffffffcd, "a byte, sign-extended");
	STORE_("strb", 0x11111177u, DEV + 1);
	report(LOAD("ldr", DEV) == 0x89ab77ef, "a store of a byte changes that byte");
	STORE_("strh", 0x11115566u, DEV + 2);
	report(LOAD("ldr", DEV) == 0x556677ef, "a store of a halfword changes that halfword");
	STORE_("strb", 0x7f, DEV);
	report(LOAD("ldrsb", DEV) == 0x7f, "a positive byte, sign-extended");
	STORE_("str", 0x01020304u, DEV + 0xffc);
	report(LOAD("ldr", DEV + 0xffc) == 0x01020304, "the last word of the page");
}

/* The same in big-endian order (CPSR.E): the addresses of bytes do not change. */
#define BIG(insn, v, addr)                                         \
	__asm__ volatile("setend be\n" insn " %0, [%1]\nsetend le" \
			 : "+r"(v)                                 \
			 : "r"(addr)                               \
			 : "memor"                                 \
			   "y")

static void big_endian(void)
{
	u32 word = 0x01020304, half = 0x8a0b, got = 0;

	BIG("str", word, DEV);
	report(LOAD("ldr", DEV) == 0x04030201, "a big-endian word is stored byte by byte");
	BIG("ldr", got, DEV);
	report(got == 0x01020304, "and loaded byte by byte");
	BIG("strh", half, DEV + 2);
	report(LOAD("ldr", DEV) == 0x0b8a0201, "a big-endian halfword is stored");
	BIG("ldrh", got, DEV + 2);
	report(got == 0x8a0b, "and loaded");
	BIG("ldrsh", got, DEV + 2);
	report(got == 0xffff8a0b, "and loaded with its sign");
	BIG("ldrsb", got, DEV + 2);
	report(got == 0xffffff8a, "and its first byte");
}

/* Each register as source and destination, so that a wrongly decoded register shows. */
static void registers(void)
{
	bool good = true;

#define ONE(n)                                                                             \
	do {                                                                               \
		u32 got_;                                                                  \
		__asm__ volatile("mov r" #n ", %1\n str r" #n ", [%2]\n mov r" #n          \
				 ", #0\n ldr r" #n ", [%2]\n mov %0, r" #n                 \
				 : "=r"(got_)                                              \
				 : "r"(0x11111111u * (n)), "r"(DEV + 0x40 + 4 * (n))       \
				 : "r" #n, "memory");                                      \
		good &= got_ == 0x11111111u * (n) && read32(DEV + 0x40 + 4 * (n)) == got_; \
	} while (0)
	ONE(0);
	ONE(1);
	ONE(2);
	ONE(3);
	ONE(4);
	ONE(5);
	ONE(6);
	ONE(7);
	ONE(8);
	ONE(9);
	ONE(10);
	ONE(12);
#undef ONE
	report(good, "loads and stores of each register");
}

extern u8 mmio_thumb[], mmio_pl0[];
__asm__(".syntax unified\n.thumb\n.balign 4\n"
	"mmio_thumb: ldr.w r1, [r0]\n"
	"ldrb r2, [r0]\n"
	"adds r0, r1, r2\n"
	"bx lr\n"
	".balign 4\n.arm\n"
	"mmio_pl0: mov r1, #0x66\n"
	"str r1, [r0]\n"
	"ldr r0, [r0]\n"
	"add r0, r0, #1\n"
	"bx lr\n");

static void thumb_and_pl0(void)
{
	u32 ret;

	write32(DEV + 0x100, 0xcafe0001);
	ret = call_at(1, accesses[15].fn, DEV + 0x100);
	report(ret == DEV + 0x100, "a Thumb load continues at the next instruction");
	ret = call_at(1, (u32)mmio_thumb + 1, DEV + 0x100);
	report(ret == 0xcafe0002, "Thumb loads of 32 and 16 bits");
	ret = call_at(0, (u32)mmio_pl0, DEV + 0x104);
	report(ret == 0x67 && read32(DEV + 0x104) == 0x66, "a store and a load from PL0");
}

/* A watchpoint on a device: it is taken before the access, which is then not made. */
static void watched(void)
{
	const struct exc *exc = &this_cpu()->exc;
	u32 pl, i;
	static const u32 which[] = { 0, 2, 3, 8, 9, 10 };

	report(debug_enable(), "monitor mode can be turned on");
	for (i = 0; i < ARRAY_SIZE(which); i++)
		for (pl = 0; pl < 2; pl++) {
			const struct access *a = &accesses[which[i]];
			u32 addr = DEV + 0x300;

			write32(addr, 0x5a5a5a5a);
			debug_hook_slot = 0;
			watch_set(0, addr, CR_E | CR_ANY | a->dir << 3 | WCR_BAS(0xf));
			exc_expect(debug_hook_watch);
			call_at(pl, a->fn, addr);
			exc_done();
			report(exc->count == 1 && exc->type == EXC_DABT &&
				       is_debug_fsr(exc->dfsr) && exc->moe == MOE_WATCHPOINT &&
				       exc->dfar == addr && exc->lr == a->fn + 8,
			       "%s of a device at PL%u: its watchpoint hits", a->name, pl);
			watch_set(0, addr, CR_E | CR_ANY | (a->dir ^ 3) << 3 | WCR_BAS(0xf));
			exc_expect(debug_hook_watch);
			call_at(pl, a->fn, addr);
			call_at(pl, a->fn, addr + 4);
			exc_done();
			report(!exc->count, "%s of a device at PL%u: the other direction does not",
			       a->name, pl);
			watch_set(0, addr,
				  CR_E | (pl ? CR_PL0 : CR_PL1) | a->dir << 3 | WCR_BAS(0xf));
			exc_expect(debug_hook_watch);
			call_at(pl, a->fn, addr);
			exc_done();
			report(!exc->count, "%s of a device at PL%u: the other level's does not",
			       a->name, pl);
			debug_clear();
		}
}

/* GICD_TYPER never changes, so a hypervisor may be tempted to answer before it looks at points. */
static void watched_distributor(void)
{
	const struct exc *exc = &this_cpu()->exc;

	debug_enable();
	debug_hook_slot = 0;
	watch_set(0, GICD_TYPER, CR_E | CR_ANY | WCR_LOAD | WCR_BAS(0xf));
	exc_expect(debug_hook_watch);
	call_at(1, (u32)access_ldr, GICD_TYPER);
	exc_done();
	report(exc->count == 1 && exc->type == EXC_DABT && exc->moe == MOE_WATCHPOINT &&
		       exc->dfar == GICD_TYPER,
	       "a watchpoint on GICD_TYPER hits");
	debug_clear();
}

void guest_main(void)
{
	if (!in_guest()) {
		report_skip("the bare board has no test device", "emulated devices");
		return;
	}
	guest_only(true);
	mmu_on(MMU_SHORT);
	sizes();
	big_endian();
	registers();
	thumb_and_pl0();
	watched();
	watched_distributor();
}
