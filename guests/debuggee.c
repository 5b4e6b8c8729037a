// SPDX-License-Identifier: GPL-2.0-only
/*
 * A target for a debugger outside the guest, which also debugs itself: both CPUs keep
 * counting, and in each round CPU 0 takes a watchpoint, a breakpoint and a BKPT of its
 * own.  It runs until the debugger sets finish_now.
 *
 *   lpae=1  long descriptors
 */
#include "lib/bootargs.h"
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/mmu.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/smp.h"
#include "lib/timer.h"

#define SCRATCH (TESTDEV_BASE + 8)

extern u8 own_bkpt[], own_break[];
u32 work(u32 n);
u32 work_thumb(u32 n);
u32 tick(u32 n);

/* What the debugger inspects. */
static volatile u32 finish_now, rounds, ticks[2], target_word, beside, readme, scratch;
static volatile u32 own_word, own_hits, own_breaks, own_bkpts, wrong;
static volatile u32 marker __attribute__((used, aligned(64))) = 0x12345678;

__asm__(".arm\n.balign 4\n"
	"own_bkpt: bkpt #0x77\n"
	"own_break: add r0, r0, #1\n"
	"bx lr\n");

/*
 * One path through instructions that a debugger steps, each with a label:
 * at_00, at_01, .. in the order of execution.  What must be skipped is UDF.
 */
__asm__(".arm\n.balign 4\n.global stepped\n"
	"stepped:\n"
	"at_00: push {r4, lr}\n"
	"at_01: movs r4, #0\n"
	"at_02: addne r4, r4, #1\n"
	"at_03: bne stepped\n"
	"at_04: adr r4, at_06\n"
	"at_05: mov pc, r4\n"
	"udf #0\n"
	"at_06: blx stepped_thumb\n"
	"at_22: pop {r4, pc}\n"
	".thumb\n.thumb_func\n"
	"stepped_thumb:\n"
	"at_07: push {r4, lr}\n"
	"at_08: movw r4, #2\n"
	"at_09: cmp r4, #2\n"
	"at_10: ite eq\n"
	"at_11: addeq r4, #1\n"
	"at_12: addne r4, #4\n"
	"at_13: cbz r4, at_15\n"
	"at_14: tbb [pc, r4]\n"
	"1: .byte 0, 0, 0, (at_15 - 1b) / 2\n"
	"udf #0\n"
	/* LDREX to STREX is one step. */
	"at_15: ldrex r1, [sp]\n"
	"adds r1, #0\n"
	"strex r2, r1, [sp]\n"
	"at_16: cbnz r2, at_19\n"
	"at_17: mrs r1, cpsr\n"
	"at_18: msr spsr_fsxc, r1\n" /* T reads as 0 */
	"at_19: ldr.w lr, =at_21\n"
	"at_20: subs pc, lr, #0\n"
	"udf #0\n"
	".balign 4\n.ltorg\n.arm\n"
	"at_21: pop {r4, pc}\n");

void stepped(void);

/* Runs the BKPT, then own_break's ADD and BX. */
#define OWN(n) (((u32(*)(u32))own_bkpt)(n))

u32 __attribute__((noinline)) work(u32 n)
{
	beside = n;
	target_word = n;
	return readme + n;
}

u32 __attribute__((noinline, target("thumb"))) work_thumb(u32 n)
{
	n += 3;
	scratch = n;
	return n;
}

u32 __attribute__((noinline)) tick(u32 n)
{
	ticks[n]++;
	return n;
}

static void own_event(struct frame *frame)
{
	const struct exc *exc = &this_cpu()->exc;

	if (exc->moe == MOE_WATCHPOINT && exc->dfar == (u32)&own_word) {
		own_hits++;
		wcr_write(0, 0);
	} else if (exc->moe == MOE_BREAKPOINT && frame->pc == (u32)own_break) {
		own_breaks++;
		bcr_write(0, 0);
	} else {
		if (exc->moe == MOE_BKPT && frame->pc == (u32)own_bkpt)
			own_bkpts++;
		else
			wrong++;
		exc_skip(frame);
	}
	isb();
}

static void one_round(u32 n)
{
	watch_set(0, (u32)&own_word, CR_E | CR_PL1 | WCR_STORE | WCR_BAS(0x0f));
	break_set(0, (u32)own_break, CR_E | CR_ANY | BCR_BAS(0xf));
	exc_expect(own_event);
	own_word = n;
	OWN(n);
	work(n);
	work_thumb(n);
	stepped();
	write32(SCRATCH, n);
	tick(0);
	exc_done();
	rounds = n;
}

static void secondary(void)
{
	mmu_on_secondary();
	for (;;)
		tick(1);
}

void guest_main(void)
{
	u32 n = 0;

	mmu_on(bootargs_number("lpae", 0) ? MMU_LPAE : MMU_SHORT);
	report(debug_enable(), "monitor mode can be turned on");
	if (smp_start(1, secondary) != PSCI_SUCCESS)
		note("no second CPU");
	note("ready");
	while (!finish_now) {
		one_round(++n);
		timer_delay_ms(1);
	}
	report(own_bkpts == rounds, "it took each of its own BKPTs");
	report(!wrong, "no other exception came");
	note("%u rounds, %u watchpoints, %u breakpoints", rounds, own_hits, own_breaks);
}
