// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints: each slot hits at PL1 and PL0 on ARM and Thumb instructions, with the
 * right IFSR, MOE, LR and SPSR.  Each hit is paired with settings that must not hit.
 */
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/targets.h"

static const char *const pl_name[] = { "PL0", "PL1" };
static const u32 pl_control[] = { CR_PL0, CR_PL1 };

/* Run the target; true if it returned the right result. */
static bool run_target(const struct break_target *target, u32 pl, u32 slot)
{
	u32 ret;

	debug_hook_slot = slot;
	exc_expect(debug_hook_break);
	ret = call_at(pl, target->fn, 39);
	exc_done();
	return ret == 42;
}

static bool hit(const struct break_target *target, u32 pl, u32 slot)
{
	const struct exc *exc = &this_cpu()->exc;
	bool ran = run_target(target, pl, slot);
	u32 mode = pl ? MODE_SVC : MODE_USR, t = target->fn & 1 ? PSR_T : 0;
	bool good = ran && exc->count == 1 && exc->type == EXC_PABT && is_debug_fsr(exc->ifsr) &&
		    exc->moe == MOE_BREAKPOINT && exc->lr == target->at + 4 &&
		    (exc->spsr & (PSR_MODE | PSR_T)) == (mode | t);

	if (!good)
		note("ran %d count %u %s ifsr 0x%x moe %u lr at%+d spsr 0x%x", ran, exc->count,
		     exc_name(exc->type), exc->ifsr, exc->moe, (int)(exc->lr - target->at),
		     exc->spsr);
	return good;
}

static bool no_hit(const struct break_target *target, u32 pl, u32 slot)
{
	return run_target(target, pl, slot) && !this_cpu()->exc.count;
}

static void positive(u32 slot)
{
	const struct exc *exc = &this_cpu()->exc;
	u32 i, pl;

	for (i = 0; i < BREAK_TARGETS; i++)
		for (pl = 0; pl < 2; pl++) {
			const struct break_target *target = &break_targets[i];
			bool own, any;

			break_set(slot, target->at, CR_E | pl_control[pl] | BCR_BAS(target->bas));
			own = hit(target, pl, slot);
			if (slot == 0)
				say("slot 0, %s %s = ifsr 0x%03x, moe %u, lr +%d, spsr 0x%03x",
				    pl_name[pl], target->name, exc->ifsr, exc->moe,
				    (int)(exc->lr - target->at), exc->spsr & 0x3ff);
			break_set(slot, target->at, CR_E | CR_ANY | BCR_BAS(target->bas));
			any = hit(target, pl, slot);
			report(own && any, "slot %u, %s %s: hits", slot, pl_name[pl], target->name);
			debug_clear();
		}
}

/* Each of these settings differs in exactly one respect from one that hits. */
static void negative(u32 slot)
{
	bool disabled = true, elsewhere = true, half = true, privilege = true, off = true;
	u32 i, pl;

	for (i = 0; i < BREAK_TARGETS; i++)
		for (pl = 0; pl < 2; pl++) {
			const struct break_target *target = &break_targets[i];
			u32 bcr = CR_E | pl_control[pl] | BCR_BAS(target->bas);

			break_set(slot, target->at, bcr & ~CR_E);
			disabled &= no_hit(target, pl, slot);
			break_set(slot, (u32)break_elsewhere, bcr);
			elsewhere &= no_hit(target, pl, slot);
			break_set(slot, target->at, (bcr & ~CR_ANY) | pl_control[!pl]);
			privilege &= no_hit(target, pl, slot);
			break_set(slot, target->at, bcr);
			debug_monitor(false);
			off &= no_hit(target, pl, slot);
			debug_monitor(true);
			off &= hit(target, pl, slot);
			debug_clear();
		}
	/* The other halfword of the word, where nothing is executed. */
	break_set(slot, break_targets[2].at + 2, CR_E | CR_ANY | BCR_BAS(0xc));
	half &= no_hit(&break_targets[2], 1, slot);
	debug_clear();

	report(disabled, "slot %u: E = 0 does not hit", slot);
	report(elsewhere, "slot %u: another address does not hit", slot);
	report(half, "slot %u: another halfword does not hit", slot);
	report(privilege, "slot %u: another privilege level does not hit", slot);
	report(off, "slot %u: MDBGen = 0 does not hit, and does once it is set", slot);
}

/*
 * C3.2: a linked breakpoint hits only while the context ID of the breakpoint that it
 * links to matches.  Try each context-aware breakpoint other than the slot itself.
 */
static void linked_context(u32 slot)
{
	u32 brps = debug_brps(), ctx, i, pl;

	for (ctx = brps - debug_ctx_brps(); ctx < brps; ctx++) {
		bool hits = true, others = true, disabled = true;
		u32 linked = CR_E | BCR_TYPE(1) | CR_LBN(ctx);
		u32 context = CR_E | CR_ANY | BCR_BAS(0xf) | BCR_TYPE(3);

		if (slot == ctx)
			continue;
		for (i = 0; i < BREAK_TARGETS; i++)
			for (pl = 0; pl < 2; pl++) {
				const struct break_target *target = &break_targets[i];
				u32 bcr = linked | pl_control[pl] | BCR_BAS(target->bas);

				MCR(REG_CONTEXTIDR, 0x1234);
				isb();
				bvr_write(ctx, 0x1234);
				bcr_write(ctx, context);
				break_set(slot, target->at, bcr);
				hits &= hit(target, pl, slot);
				break_set(slot, target->at, bcr);
				MCR(REG_CONTEXTIDR, 0x1235);
				isb();
				others &= no_hit(target, pl, slot);
				/* Now change the breakpoint's value instead of CONTEXTIDR. */
				bvr_write(ctx, 0x1235);
				isb();
				hits &= hit(target, pl, slot);
				break_set(slot, target->at, bcr);
				bcr_write(ctx, context & ~CR_E);
				isb();
				disabled &= no_hit(target, pl, slot);
				debug_clear();
			}
		report(hits, "slot %u linked to context ID of %u: hits in that context", slot, ctx);
		report(others, "slot %u linked to context ID of %u: not in another", slot, ctx);
		report(disabled, "slot %u linked to context ID of %u: not while that is off", slot,
		       ctx);
	}
	MCR(REG_CONTEXTIDR, 0);
	isb();
}

static void hook_clear(struct frame *frame)
{
	if (frame->type == EXC_PABT)
		debug_clear();
	else
		exc_skip(frame);
}

/* Exactly one exception at the target, whatever else is set. */
static bool first_hit(u32 i)
{
	const struct exc *exc = &this_cpu()->exc;
	u32 ret;

	exc_expect(hook_clear);
	ret = call_at(1, break_targets[i].fn, 39);
	exc_done();
	return ret == 42 && exc->count == 1 && exc->type == EXC_PABT &&
	       exc->lr == break_targets[i].at + 4;
}

/* All slots at once: first on different functions, then all on one address. */
static void together(void)
{
	static const u8 in[] = { 0, 1, 3 };
	u32 i, n, brps = debug_brps();
	bool good = true;

	for (i = 0; i < ARRAY_SIZE(in); i++) {
		for (n = 0; n < brps; n++)
			break_set(n, (u32)break_elsewhere, CR_E | CR_ANY | BCR_BAS(0xf));
		for (n = 0; n < ARRAY_SIZE(in); n++)
			break_set(n, break_targets[in[n]].at,
				  CR_E | CR_ANY | BCR_BAS(break_targets[in[n]].bas));
		good &= first_hit(in[i]);
	}
	report(good, "all slots in use: each hits at its own address");
	for (n = 0; n < brps; n++)
		break_set(n, break_targets[0].at, CR_E | CR_ANY | BCR_BAS(0xf));
	report(first_hit(0), "all slots on one instruction: one exception");
	debug_clear();
}

/*
 * u32 f(u32 n): enters the mode, computes n + 3 at `at`, and returns.  It does not rely on
 * LR, which the exception overwrites in Abort mode.
 */
#define IN_MODES(X) X(fiq) X(irq) X(abt) X(und) X(sys)
#define MODE_CODE(mode)                                                    \
	__asm__(".arm\n.balign 4\n.global in_" #mode ", in_" #mode "_at\n" \
		"in_" #mode ": mov r3, lr\n"                               \
		"cps #MODE_" #mode "\n"                                    \
		"in_" #mode "_at: add r0, r0, #3\n"                        \
		"cps #0x13\n"                                              \
		"bx r3\n");                                                \
	extern u8 in_##mode[], in_##mode##_at[];
__asm__(".equ MODE_fiq, 0x11\n.equ MODE_irq, 0x12\n.equ MODE_abt, 0x17\n"
	".equ MODE_und, 0x1b\n.equ MODE_sys, 0x1f\n");
IN_MODES(MODE_CODE)

/* C3.3.1: a breakpoint for PL1 hits in each mode of PL1, and SPSR says which mode it was. */
static void other_modes(u32 slot)
{
#define MODE_TARGET(mode) { #mode, (u32)in_##mode, (u32)in_##mode##_at, 0xf },
	static const struct break_target modes[] = { IN_MODES(MODE_TARGET) };
	static const u32 psr[] = { MODE_FIQ, MODE_IRQ, MODE_ABT, MODE_UND, MODE_SYS };
	const struct exc *exc = &this_cpu()->exc;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		bool hits, others;

		break_set(slot, modes[i].at, CR_E | CR_PL1 | BCR_BAS(0xf));
		hits = run_target(&modes[i], 1, slot) && exc->count == 1 && exc->type == EXC_PABT &&
		       exc->moe == MOE_BREAKPOINT && exc->lr == modes[i].at + 4 &&
		       (exc->spsr & (PSR_MODE | PSR_T)) == psr[i];
		break_set(slot, modes[i].at, CR_E | CR_PL0 | BCR_BAS(0xf));
		others = no_hit(&modes[i], 1, slot);
		break_set(slot, modes[i].at + 0x1000, CR_E | CR_PL1 | BCR_BAS(0xf));
		others &= no_hit(&modes[i], 1, slot);
		report(hits, "slot %u, PL1 in %s mode: hits", slot, modes[i].name);
		report(others, "slot %u, PL1 in %s mode: one for PL0 does not", slot,
		       modes[i].name);
	}
	debug_clear();
}

static void os_lock(void)
{
	const struct break_target *target = &break_targets[0];

	/* C7.3: no debug exceptions while the lock is set.  The emulator does not model this. */
	break_set(0, target->at, CR_E | CR_ANY | BCR_BAS(0xf));
	MCR(REG_DBGOSLAR, OSLAR_KEY);
	isb();
	say("with the OS lock set = %s", no_hit(target, 1, 0) ? "no hit" : "hit");
	break_set(0, target->at, CR_E | CR_ANY | BCR_BAS(0xf));
	MCR(REG_DBGOSLAR, 0);
	isb();
	report(hit(target, 1, 0), "with the OS lock cleared: hits");
}

void guest_main(void)
{
	u32 slot;

	mmu_on(MMU_SHORT);
	report(debug_enable(), "monitor mode can be turned on");
	say("breakpoints = %u, context-aware %u", debug_brps(), debug_ctx_brps());
	for (slot = 0; slot < debug_brps(); slot++) {
		positive(slot);
		negative(slot);
		linked_context(slot);
		other_modes(slot);
	}
	together();
	os_lock();
}
