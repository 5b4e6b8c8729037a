// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory: pages that the host must allocate first, patterns, unaligned accesses, freshly
 * written code, stage 1 faults, and accesses to addresses where nothing is.
 */
#include "lib/cache.h"
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/gic.h"
#include "lib/insn.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/targets.h"

#define FROM 0x41000000u
#define SIZE (32u << 20)
#define NEW  (FROM + SIZE) /* nothing has been here */
#define PAGE 4096u
#define HOLE 0x0f000000u /* no device, no memory */

static u32 value(u32 addr)
{
	return addr * 2654435761u ^ 0x12345678;
}

static void write_pages(const char *how, u32 step)
{
	u32 addr;
	bool good = true;

	for (addr = FROM; addr < FROM + SIZE; addr += step)
		*(volatile u32 *)addr = value(addr);
	for (addr = FROM; addr < FROM + SIZE; addr += step)
		good &= *(volatile u32 *)addr == value(addr);
	report(good, "32 MiB, %s: keeps what is written", how);
}

static void fresh_pages(void)
{
	bool good = true;
	u32 addr;

	/* Memory that nobody has written may hold anything, but must not change. */
	for (addr = FROM + SIZE - (1u << 20); addr < FROM + SIZE; addr += PAGE) {
		u32 first = *(volatile u32 *)(addr + 8);

		good &= *(volatile u32 *)(addr + 8) == first;
	}
	report(good, "pages read before they are written");
}

static void unaligned(void)
{
	u32 at = FROM + 5 * PAGE - 2; /* crosses the end of a page */
	u32 got;

	__asm__ volatile("str %1, [%2]\n ldr %0, [%2]\n"
			 : "=&r"(got)
			 : "r"(0xa1b2c3d4u), "r"(at)
			 : "memory");
	report(got == 0xa1b2c3d4 && *(volatile u16 *)at == 0xc3d4 &&
		       *(volatile u16 *)(at + 2) == 0xa1b2,
	       "an unaligned word over two pages");
}

/* Executes a function in each of many pages: new ones, or those that held data before. */
static void fresh_code(const char *format, u32 pages)
{
	bool good = true;
	u32 i;

	for (i = 0; i < 256; i++) {
		u32 *fn = (u32 *)(pages + i * PAGE + (i % 64) * 16);

		fn[0] = 0xe3a00000 | (i & 0xff); /* mov r0, #i */
		fn[1] = 0xe12fff1e;		 /* bx lr */
		cache_sync_code(fn, 8);
		good &= call_at(i & 1, (u32)fn, 0) == (i & 0xff);
		fn[0] = 0xe3a00000 | ((i + 1) & 0xff);
		cache_sync_code(fn, 8);
		good &= call_at(1, (u32)fn, 0) == ((i + 1) & 0xff);
	}
	report(good, "%s: code written to pages, run, rewritten, run", format);
}

/*
 * Big-endian accesses to a device (A3.3.1, CPSR.E): a hypervisor that emulates the device
 * must swap the bytes.  The device is GICD_IPRIORITYR, and every implementation here keeps
 * at least the upper five bits of a priority.
 */
#define BIG(insn, reg, addr)                                       \
	__asm__ volatile("setend be\n" insn " %0, [%1]\nsetend le" \
			 : "+r"(reg)                               \
			 : "r"(addr)                               \
			 : "memory")

static void big_endian_device(void)
{
	volatile u32 *word = (volatile u32 *)GICD_IPRIORITYR(8);
	u32 whole = 0, byte = 0, value = 0x10203040;

	*word = value;
	BIG("ldr", whole, word);
	/* GICD_IPRIORITYR allows byte and word accesses (IHI 0048B 4.1.4). */
	BIG("ldrb", byte, (u32)word + 1);
	report(whole == 0x40302010 && byte == 0x30, "big-endian loads from a device");
	BIG("str", value, word);
	report(*word == 0x40302010, "a big-endian store to it");
	value = 0x78;
	BIG("strb", value, (u32)word + 2);
	report(*word == 0x40782010, "a big-endian store of a byte");
	*word = 0;
}

static void fault(const char *format, const char *what, u32 fn, u32 pl, u32 addr)
{
	const struct exc *exc = &this_cpu()->exc;

	exc_expect(NULL);
	call_at(pl, fn, addr);
	exc_done();
	if (!exc->type)
		say("%s, %s = no fault", format, what);
	else
		say("%s, %s = %s, dfsr 0x%03x, dfar 0x%08x, lr +%d", format, what,
		    exc_name(exc->type), exc->dfsr & 0xe3f, exc->dfar, (int)(exc->lr - fn));
}

static void hook_return(struct frame *frame)
{
	/* A jump to a bad address aborted: go back to the caller. */
	u32 lr;

	__asm__ volatile(".arch_extension virt\nmrs %0, lr_svc" : "=r"(lr));
	frame->pc = lr;
}

static void all_faults(const char *format)
{
	const struct exc *exc = &this_cpu()->exc;

	fault(format, "load from an unmapped page", (u32)access_ldr, 1, UNMAPPED_ADDRESS);
	fault(format, "store to an unmapped page", (u32)access_str, 1, UNMAPPED_ADDRESS + 4);
	fault(format, "load from PL0", (u32)access_ldr, 0, UNMAPPED_ADDRESS);
	/* A3.2.1: with SCTLR.A set, alignment is checked. */
	MCR(REG_SCTLR, MRC(REG_SCTLR) | SCTLR_A);
	isb();
	fault(format, "unaligned with SCTLR.A", (u32)access_ldr, 1, FROM + 2);
	MCR(REG_SCTLR, MRC(REG_SCTLR) & ~SCTLR_A);
	isb();
	fault(format, "load from a hole", (u32)access_ldr, 1, HOLE);
	fault(format, "store to a hole", (u32)access_str, 1, HOLE);

	exc_expect(hook_return);
	call_at(1, UNMAPPED_ADDRESS, 0);
	exc_done();
	report(exc->type == EXC_PABT && exc->lr == UNMAPPED_ADDRESS + 4 &&
		       exc->ifar == UNMAPPED_ADDRESS,
	       "%s: a jump to an unmapped page aborts there", format);
	say("%s, jump to an unmapped page = ifsr 0x%03x", format, exc->ifsr);
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	fresh_pages();
	write_pages("one word of each page", PAGE);
	unaligned();
	fresh_code("short", NEW);
	all_faults("short");
	big_endian_device();
	cache_flush((const void *)FROM, SIZE);
	mmu_off();
	write_pages("MMU off, one word of each page", PAGE);
	mmu_on(MMU_LPAE);
	write_pages("long descriptors, 64 words of each page", 64);
	fresh_code("long", FROM + (16u << 20));
	all_faults("long");
}
