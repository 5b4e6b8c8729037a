// SPDX-License-Identifier: GPL-2.0-only
/*
 * BKPT in ARM and Thumb, at PL0 and PL1: it raises an exception whatever the debug
 * registers hold (C3.1), and only MOE distinguishes it from a breakpoint.
 */
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/targets.h"

extern u8 bkpt_arm[], bkpt_thumb[];
__asm__(".syntax unified\n.arm\n.balign 4\n"
	"bkpt_arm: bkpt #0x1234\n"
	"add r0, r0, #1\n"
	"bx lr\n"
	".thumb\n"
	"bkpt_thumb: bkpt #0x56\n"
	"adds r0, #1\n"
	"bx lr\n"
	".balign 4\n.arm\n");

static const struct {
	const char *name;
	u8 *fn;
	u32 thumb;
} insns[] = { { "ARM", bkpt_arm, 0 }, { "Thumb", bkpt_thumb, 1 } };

static void all_bkpts(const char *when)
{
	const struct exc *exc = &this_cpu()->exc;
	u32 i, pl;

	for (i = 0; i < ARRAY_SIZE(insns); i++)
		for (pl = 0; pl < 2; pl++) {
			u32 at = (u32)insns[i].fn, ret;
			u32 spsr = (pl ? MODE_SVC : MODE_USR) | (insns[i].thumb ? PSR_T : 0);

			exc_expect(NULL);
			ret = call_at(pl, at + insns[i].thumb, 41);
			exc_done();
			report(ret == 42 && exc->count == 1 && exc->type == EXC_PABT &&
				       is_debug_fsr(exc->ifsr) && exc->moe == MOE_BKPT &&
				       exc->lr == at + 4 &&
				       (exc->spsr & (PSR_MODE | PSR_T)) == spsr,
			       "%s, %s PL%u: taken", when, insns[i].name, pl);
			say("%s, %s PL%u = ifsr 0x%03x, moe %u, lr +%d, spsr 0x%03x", when,
			    insns[i].name, pl, exc->ifsr, exc->moe, (int)(exc->lr - at),
			    exc->spsr & 0x3ff);
		}
}

static u32 moes[4], taken;

static void hook_both(struct frame *frame)
{
	u32 moe = this_cpu()->exc.moe;

	if (taken < ARRAY_SIZE(moes))
		moes[taken++] = moe;
	if (moe == MOE_BREAKPOINT)
		debug_clear();
	else
		exc_skip(frame);
}

/* With a breakpoint on a BKPT the CPU takes both, the breakpoint first. */
static void on_a_bkpt(void)
{
	u32 pl;

	for (pl = 0; pl < 2; pl++) {
		taken = 0;
		break_set(0, (u32)bkpt_arm, CR_E | CR_ANY | BCR_BAS(0xf));
		exc_expect(hook_both);
		call_at(pl, (u32)bkpt_arm, 0);
		exc_done();
		report(taken == 2 && moes[0] == MOE_BREAKPOINT && moes[1] == MOE_BKPT,
		       "a breakpoint on a BKPT, PL%u: MOE tells one, then the other", pl);
	}
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	all_bkpts("untouched debug registers");
	report(debug_enable(), "monitor mode can be turned on");
	all_bkpts("monitor mode, no point set");
	break_set(0, (u32)break_elsewhere, CR_E | CR_ANY | BCR_BAS(0xf));
	watch_set(0, (u32)break_elsewhere, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xff));
	all_bkpts("with points set elsewhere");
	MCR(REG_DBGOSLAR, OSLAR_KEY);
	isb();
	all_bkpts("with the OS lock set");
	MCR(REG_DBGOSLAR, 0);
	isb();
	debug_monitor(false);
	all_bkpts("with monitor mode off again");
	debug_monitor(true);

	on_a_bkpt();

	mmu_off();
	mmu_on(MMU_LPAE);
	debug_clear();
	all_bkpts("long descriptors, no point set");
	break_set(0, (u32)break_elsewhere, CR_E | CR_ANY | BCR_BAS(0xf));
	all_bkpts("long descriptors, a point set elsewhere");
}
