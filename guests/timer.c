// SPDX-License-Identifier: GPL-2.0-only
/* The counters, and the virtual and the physical timer: B8. */
#include "lib/timer.h"
#include "lib/exception.h"
#include "lib/gic.h"
#include "lib/insn.h"
#include "lib/mmu.h"
#include "lib/report.h"

/* The two have the same registers. */
enum which {
	VIRTUAL,
	PHYSICAL,
};
static enum which which;
static const char name[] = { 'V', 'P' };
static const u32 irqs[] = { IRQ_VTIMER, IRQ_PTIMER };

static u64 now(void)
{
	if (which == VIRTUAL)
		return timer_now();
	isb();
	return MRRC(REG_CNTPCT);
}

static u32 ctl(void)
{
	return which == VIRTUAL ? MRC(REG_CNTV_CTL) : MRC(REG_CNTP_CTL);
}

static u32 tval(void)
{
	return which == VIRTUAL ? MRC(REG_CNTV_TVAL) : MRC(REG_CNTP_TVAL);
}

static void set_tval(u32 value)
{
	if (which == VIRTUAL)
		MCR(REG_CNTV_TVAL, value);
	else
		MCR(REG_CNTP_TVAL, value);
	isb();
}

static u64 cval(void)
{
	return which == VIRTUAL ? timer_cval() : MRRC_(15, 2, 14);
}

static void set(u64 at, u32 control)
{
	if (which == VIRTUAL) {
		timer_set(at, control);
		return;
	}
	__asm__ volatile("mcrr p15, 2, %0, %1, c14"
			 :
			 : "r"((u32)at), "r"((u32)(at >> 32))
			 : "memory");
	MCR(REG_CNTP_CTL, control);
	isb();
}

static void off(void)
{
	if (which == VIRTUAL)
		MCR(REG_CNTV_CTL, 0);
	else
		MCR(REG_CNTP_CTL, 0);
	isb();
}

static void counter(void)
{
	u64 last = now(), first = last;
	bool monotonic = true;
	u32 i;

	for (i = 0; i < 10000; i++) {
		u64 count = now();

		monotonic &= count >= last;
		last = count;
	}
	report(monotonic, "CNT%cCT never goes backwards", name[which]);
	report(last > first, "CNT%cCT advances", name[which]);
}

static void timer_condition(void)
{
	u64 at, before;
	u32 i;

	off();
	report(!(ctl() & 3), "CNT%c_CTL reads back 0", name[which]);
	at = now() + timer_ms(20);
	set(at, CNTV_CTL_ENABLE | CNTV_CTL_IMASK);
	report(cval() == at, "CNT%c_CVAL reads back", name[which]);
	report(ctl() == (CNTV_CTL_ENABLE | CNTV_CTL_IMASK) || now() >= at,
	       "CNT%c: before the deadline: ISTATUS is 0", name[which]);
	i = tval();
	report((i && i <= (u32)timer_ms(20)) || now() >= at, "CNT%c_TVAL counts down to it",
	       name[which]);
	while (now() < at)
		;
	/* The emulator's timer lags a little behind its counter. */
	while (!(ctl() & CNTV_CTL_ISTATUS) && now() < at + timer_ms(PATIENCE_MS))
		;
	report(ctl() == (CNTV_CTL_ENABLE | CNTV_CTL_IMASK | CNTV_CTL_ISTATUS),
	       "CNT%c: after the deadline: ISTATUS is 1", name[which]);
	report((int)tval() <= 0, "CNT%c_TVAL is no longer positive", name[which]);
	report(gic_quiet(), "CNT%c: IMASK: no interrupt", name[which]);
	off();

	before = now();
	set_tval(1000);
	at = cval();
	report(at >= before + 1000 && at <= now() + 1000, "CNT%c_TVAL sets CNT%c_CVAL", name[which],
	       name[which]);
}

static void timer_interrupt(void)
{
	u64 at;
	u32 iar;

	at = now() + timer_ms(2);
	set(at, CNTV_CTL_ENABLE);
	iar = gic_wait();
	report(now() >= at, "CNT%c: the interrupt is not early", name[which]);
	report(iar == irqs[which], "CNT%c: it is interrupt %u", name[which], irqs[which]);
	report(ctl() & CNTV_CTL_ISTATUS, "CNT%c: ISTATUS is 1 in the handler", name[which]);
	report(gic_quiet(), "CNT%c: while it is active it is not taken again", name[which]);
	gic_eoi(iar);
	iar = gic_wait();
	report(iar == irqs[which],
	       "CNT%c: level-sensitive: with the timer still on, it comes again", name[which]);
	off();
	gic_eoi(iar);
	report(gic_quiet(), "CNT%c: with the timer off, it does not", name[which]);

	gic_enable(irqs[which], false);
	set(now(), CNTV_CTL_ENABLE);
	report(gic_quiet(), "CNT%c: disabled in the distributor: no interrupt", name[which]);
	report(read32(GICD_ISPENDR(0)) >> irqs[which] & 1, "CNT%c: but it is pending there",
	       name[which]);
	gic_enable(irqs[which], true);
	iar = gic_wait();
	report(iar == irqs[which], "CNT%c: and it is taken once it is enabled", name[which]);
	off();
	gic_eoi(iar);

	set(now() - 1, CNTV_CTL_ENABLE);
	iar = gic_wait();
	report(iar == irqs[which], "CNT%c: a deadline in the past fires at once", name[which]);
	off();
	gic_eoi(iar);
	/*
	 * Not ~0: QEMU adds CNTVOFF to it, ignores the overflow, and hangs with all its
	 * CPUs.
	 */
	set(1ull << 62, CNTV_CTL_ENABLE);
	report(gic_quiet() && !(ctl() & CNTV_CTL_ISTATUS),
	       "CNT%c: a deadline in the far future does not fire", name[which]);
	off();
}

#define TICKS 200
static volatile u32 ticks;
static volatile bool wrong, early;
static u64 next;

static void tick(void)
{
	u32 iar = gic_ack();

	wrong |= iar != irqs[which];
	early |= now() < next;
	ticks++;
	next += timer_us(500);
	/* No tick after the last: where a tick takes longer, nothing else would ever run. */
	if (ticks < TICKS)
		set(next, CNTV_CTL_ENABLE);
	else
		off();
	gic_eoi(iar);
}

static void periodic_ticks(void)
{
	u64 start = now();
	u32 slept = 0;

	ticks = 0;
	irq_hook = tick;
	next = start + timer_us(500);
	set(next, CNTV_CTL_ENABLE);
	while (ticks < TICKS) {
		/* IRQs stay masked so that no tick is lost between the test and the WFI. */
		irq_disable();
		if (ticks < TICKS) {
			wfi();
			slept++;
		}
		irq_enable();
		isb();
	}
	irq_disable();
	off();
	irq_hook = NULL;
	report(!wrong, "CNT%c: %u ticks with WFI between them: each is interrupt %u", name[which],
	       TICKS, irqs[which]);
	report(!early, "CNT%c: no tick is early", name[which]);
	report(now() - start >= timer_us(100000), "CNT%c: they took 100 ms of the counter",
	       name[which]);
	report(slept <= 1000, "CNT%c: WFI sleeps", name[which]);
}

/* B8.1.4, CNTKCTL: what User mode can use. */
static void from_pl0(void)
{
	static const struct {
		const char *name;
		u32 insn, bit;
	} regs[] = {
		{ "CNTPCT", INSN_MRRC(15, 0, 14, 0, 1), 1u << 0 },
		{ "CNTVCT", INSN_MRRC(15, 1, 14, 0, 1), 1u << 1 },
		{ "CNTV_CTL", INSN_MRC(15, 0, 14, 3, 1, 0), 1u << 8 },
		{ "CNTV_CVAL", INSN_MRRC(15, 3, 14, 0, 1), 1u << 8 },
		{ "CNTP_CTL", INSN_MRC(15, 0, 14, 2, 1, 0), 1u << 9 },
		{ "CNTP_TVAL", INSN_MRC(15, 0, 14, 2, 0, 0), 1u << 9 },
		{ "CNTP_CVAL", INSN_MRRC(15, 2, 14, 0, 1), 1u << 9 },
	};
	u32 i, on, r0 = 0, r1 = 0;

	for (i = 0; i < ARRAY_SIZE(regs); i++)
		for (on = 0; on < 2; on++) {
			/* Shut: every other bit is set. */
			MCR(REG_CNTKCTL, on ? regs[i].bit : 0x303 & ~regs[i].bit);
			isb();
			report(insn_run(regs[i].insn, INSN_PL0, &r0, &r1) == (on ? 0 : EXC_UND),
			       "%s from PL0 with CNTKCTL %s", regs[i].name, on ? "open" : "shut");
		}
	MCR(REG_CNTKCTL, 0);
}

/* Both at once: each has its own deadline, line and interrupt. */
static void both(void)
{
	u32 iar, n, came = 0;

	for (which = VIRTUAL; which <= PHYSICAL; which++)
		set(now() + timer_ms(1), CNTV_CTL_ENABLE);
	for (n = 0; n < 2; n++) {
		iar = gic_wait();
		which = iar == IRQ_VTIMER ? VIRTUAL : PHYSICAL;
		off();
		gic_eoi(iar);
		came |= 1u << (iar & 31);
	}
	report(came == (1u << IRQ_VTIMER | 1u << IRQ_PTIMER), "both timers are on: each fires");

	/* If the deadline passes before the next write, the line falls again unseen. */
	which = PHYSICAL;
	set(now() + timer_ms(1), CNTV_CTL_ENABLE);
	off();
	timer_delay_ms(2);
	report(gic_quiet(), "CNTP: turned off before its deadline, it does not fire");
	set(now() + timer_ms(1), CNTV_CTL_ENABLE);
	set(now() + timer_ms(PATIENCE_MS), CNTV_CTL_ENABLE);
	timer_delay_ms(2);
	report(gic_quiet(), "CNTP: nor does a deadline that was moved");
	off();
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	gic_init();
	say("CNTFRQ = %u", MRC(REG_CNTFRQ));
	for (which = VIRTUAL; which <= PHYSICAL; which++) {
		gic_enable(irqs[which], true);
		counter();
		timer_condition();
		timer_interrupt();
		periodic_ticks();
	}
	both();
	from_pl0();
}
