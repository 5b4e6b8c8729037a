// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints on instructions that themselves trap or raise an exception, and on the next
 * instruction: in each slot, from PL1 and PL0, in ARM and Thumb.  The instruction must do
 * the same as without breakpoints, and in the right order.
 */
#include "lib/actions.h"
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/gic.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/timer.h"

#define MAX_EVENTS 6
/* Mode, T and IT. */
#define SPSR_COMPARED (PSR_MODE | PSR_T | 0x0600fc00u)

struct events {
	u32 count, ret;
	struct event {
		u32 type, offset, moe, spsr;
	} event[MAX_EVENTS];
};

static struct events now;
static const struct action *action;
static u32 slots[2];

static void hook(struct frame *frame)
{
	const struct exc *exc = &this_cpu()->exc;
	bool debug = exc->type == EXC_PABT && is_debug_fsr(exc->ifsr);
	u32 n;

	if (now.count < MAX_EVENTS)
		now.event[now.count] = (struct event){
			exc->type,
			exc->pc - action->at,
			exc->type == EXC_PABT ? exc->moe : 0,
			exc->spsr & SPSR_COMPARED,
		};
	now.count++;
	if (!debug || exc->moe != MOE_BREAKPOINT) {
		exc_skip(frame);
		return;
	}
	for (n = 0; n < ARRAY_SIZE(slots); n++)
		if (bvr_read(slots[n]) == (exc->pc & ~3u) &&
		    bcr_read(slots[n]) >> 5 & action_bas(action, exc->pc))
			bcr_write(slots[n], 0);
	isb();
}

static bool is_wfi(void)
{
	return action == &actions[ACT_wfi] || action == &actions[ACT_t_wfi];
}

static const struct events *run_action(u32 pl, u32 addr)
{
	now.count = 0;
	/* A pending interrupt ends WFI even while it is masked. */
	if (is_wfi())
		timer_set(timer_now() + timer_us(50), CNTV_CTL_ENABLE);
	exc_expect(hook);
	now.ret = call_at(pl, action->fn, addr);
	exc_done();
	if (is_wfi())
		timer_off();
	debug_clear();
	return &now;
}

static bool same_events(const struct event *a, const struct event *b, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (a[i].type != b[i].type || a[i].offset != b[i].offset || a[i].moe != b[i].moe ||
		    a[i].spsr != b[i].spsr)
			return false;
	return true;
}

/* A2.5.2: ITSTATE at the last instruction of an IT block. */
static u32 it_state(const struct action *act)
{
	u32 n = (u32)(act - actions);

	if (n == ACT_t_itfails)
		return 0x1800; /* NE */
	return n == ACT_t_it || n == ACT_t_itcp14 || n == ACT_t_itload ? 0x0800 : 0;
}

/* got must be plain with a breakpoint before it (at), after it (next), or both. */
static bool is_right(const struct events *got, const struct events *plain, u32 pl, bool at,
		     bool next)
{
	struct event hit = { EXC_PABT, 0, MOE_BREAKPOINT,
			     (pl ? MODE_SVC : MODE_USR) | (action->fn & 1 ? PSR_T : 0) |
				     it_state(action) };
	bool good = got->count == plain->count + at + next && got->ret == plain->ret;
	const struct event *event = got->event;

	if (at)
		good &= same_events(event++, &hit, 1);
	good &= same_events(event, plain->event, plain->count);
	hit.spsr &= ~0x0600fc00u;
	hit.offset = action->next - action->at;
	if (next)
		good &= same_events(event + plain->count, &hit, 1);
	if (!good)
		note("%s PL%u at %d next %d: %u events, %u plain, left 0x%x, 0x%x; first %s %+d "
		     "moe %u spsr 0x%x",
		     action->name, pl, at, next, got->count, plain->count, got->ret, plain->ret,
		     exc_name(got->event[0].type), (int)got->event[0].offset, got->event[0].moe,
		     got->event[0].spsr);
	return good;
}

static void set_break(u32 slot, u32 at, u32 control)
{
	break_set(slot, at, control | BCR_BAS(action_bas(action, at)));
}

/* What the action does by itself: type, offset and MOE of each exception. */
static void describe_events(const struct events *plain, char *text)
{
	u32 i;

	for (i = 0; i < plain->count && i < MAX_EVENTS; i++) {
		*text++ = "?uspd"[plain->event[i].type < 5 ? plain->event[i].type : 0];
		*text++ = (char)('0' + plain->event[i].offset % 10);
		*text++ = (char)('0' + plain->event[i].moe % 10);
	}
	if (!i)
		*text++ = '-';
	*text = 0;
}

static bool at_level(u32 pl, u32 addr, const struct events *plain)
{
	u32 own = pl ? CR_PL1 : CR_PL0, brps = debug_brps(), slot;
	bool good = true;

	for (slot = 0; slot < brps; slot++) {
		slots[0] = slot;
		slots[1] = (slot + 1) % brps;
		set_break(slot, action->at, CR_E | own);
		good &= is_right(run_action(pl, addr), plain, pl, true, false);
		set_break(slot, action->next, CR_E | CR_ANY);
		good &= is_right(run_action(pl, addr), plain, pl, false, true);
		set_break(slot, action->at, CR_E | own);
		set_break(slots[1], action->next, CR_E | own);
		good &= is_right(run_action(pl, addr), plain, pl, true, true);

		/* These must not hit: disabled, for the other level, with MDBGen clear. */
		set_break(slot, action->at, own);
		set_break(slots[1], action->next, CR_E | (own ^ CR_ANY));
		good &= is_right(run_action(pl, addr), plain, pl, false, false);
		set_break(slot, action->at, CR_E | own);
		debug_monitor(false);
		good &= is_right(run_action(pl, addr), plain, pl, false, false);
		debug_monitor(true);
	}
	return good;
}

static void one_action(const char *where, u32 addr)
{
	char text[2][3 * MAX_EVENTS + 1];
	bool good = true;
	u32 pl;

	for (pl = 0; pl < 2; pl++) {
		struct events plain;

		debug_clear();
		plain = *run_action(pl, addr);
		describe_events(&plain, text[pl]);
		good &= at_level(pl, addr, &plain);
	}
	say("%s%s by itself = PL0 %s, PL1 %s", action->name, where, text[0], text[1]);
	report(good, "%s%s: with breakpoints", action->name, where);
}

static u32 word[2] __attribute__((aligned(8)));

void guest_main(void)
{
	u32 i;

	mmu_on(MMU_SHORT);
	gic_init();
	gic_enable(IRQ_VTIMER, true);
	report(debug_enable(), "monitor mode can be turned on");
	for (i = 0; i < ACTIONS; i++) {
		action = &actions[i];
		one_action("", (u32)word);
		if (i != ACT_load && i != ACT_t_load && i != ACT_t_itload && i != ACT_store &&
		    i != ACT_t_store)
			continue;
		one_action(" of the distributor", GICD_IPRIORITYR(8));
		/* UARTILPR: writing it has no visible effect. */
		one_action(" of the UART", UART_BASE + 0x20);
		one_action(" of nothing mapped", UNMAPPED_ADDRESS);
	}
}
