// SPDX-License-Identifier: GPL-2.0-only
/* The virtual counter and timer: B8. */
#include "lib/timer.h"
#include "lib/exception.h"
#include "lib/gic.h"
#include "lib/insn.h"
#include "lib/mmu.h"
#include "lib/report.h"

static u32 ctl(void)
{
	return MRC(REG_CNTV_CTL);
}

static void counter(void)
{
	u64 last = timer_now(), first = last;
	bool monotonic = true;
	u32 i;

	say("CNTFRQ = %u", MRC(REG_CNTFRQ));
	for (i = 0; i < 10000; i++) {
		u64 now = timer_now();

		monotonic &= now >= last;
		last = now;
	}
	report(monotonic, "CNTVCT never goes backwards");
	report(last > first, "CNTVCT advances");
}

static void timer_condition(void)
{
	u64 cval, before;
	u32 i;

	timer_off();
	report(!(ctl() & 3), "CNTV_CTL reads back 0");
	cval = timer_now() + timer_ms(20);
	timer_set(cval, CNTV_CTL_ENABLE | CNTV_CTL_IMASK);
	report(timer_cval() == cval, "CNTV_CVAL reads back");
	report(ctl() == (CNTV_CTL_ENABLE | CNTV_CTL_IMASK) || timer_now() >= cval,
	       "before the deadline: ISTATUS is 0");
	i = MRC(REG_CNTV_TVAL);
	report((i && i <= (u32)timer_ms(20)) || timer_now() >= cval, "CNTV_TVAL counts down to it");
	while (timer_now() < cval)
		;
	/* The emulator's timer lags a little behind its counter. */
	while (!(ctl() & CNTV_CTL_ISTATUS) && timer_now() < cval + timer_ms(PATIENCE_MS))
		;
	report(ctl() == (CNTV_CTL_ENABLE | CNTV_CTL_IMASK | CNTV_CTL_ISTATUS),
	       "after the deadline: ISTATUS is 1");
	report((int)MRC(REG_CNTV_TVAL) <= 0, "CNTV_TVAL is no longer positive");
	report(gic_quiet(), "IMASK: no interrupt");
	timer_off();

	before = timer_now();
	MCR(REG_CNTV_TVAL, 1000);
	isb();
	cval = timer_cval();
	report(cval >= before + 1000 && cval <= timer_now() + 1000, "CNTV_TVAL sets CNTV_CVAL");
}

static void timer_interrupt(void)
{
	u64 cval;
	u32 iar;

	cval = timer_now() + timer_ms(2);
	timer_set(cval, CNTV_CTL_ENABLE);
	iar = gic_wait();
	report(timer_now() >= cval, "the interrupt is not early");
	report(iar == IRQ_VTIMER, "it is interrupt 27");
	report(ctl() & CNTV_CTL_ISTATUS, "ISTATUS is 1 in the handler");
	report(gic_quiet(), "while it is active it is not taken again");
	gic_eoi(iar);
	iar = gic_wait();
	report(iar == IRQ_VTIMER, "level-sensitive: with the timer still on, it comes again");
	timer_off();
	gic_eoi(iar);
	report(gic_quiet(), "with the timer off, it does not");

	gic_enable(IRQ_VTIMER, false);
	timer_set(timer_now(), CNTV_CTL_ENABLE);
	report(gic_quiet(), "disabled in the distributor: no interrupt");
	report(read32(GICD_ISPENDR(0)) >> IRQ_VTIMER & 1, "but it is pending there");
	gic_enable(IRQ_VTIMER, true);
	iar = gic_wait();
	report(iar == IRQ_VTIMER, "and it is taken once it is enabled");
	timer_off();
	gic_eoi(iar);

	timer_set(timer_now() - 1, CNTV_CTL_ENABLE);
	iar = gic_wait();
	report(iar == IRQ_VTIMER, "a deadline in the past fires at once");
	timer_off();
	gic_eoi(iar);
	/*
	 * Not ~0: QEMU adds CNTVOFF to it, ignores the overflow, and hangs with all its
	 * CPUs.
	 */
	timer_set(1ull << 62, CNTV_CTL_ENABLE);
	report(gic_quiet() && !(ctl() & CNTV_CTL_ISTATUS),
	       "a deadline in the far future does not fire");
	timer_off();
}

static volatile u32 ticks;
static volatile bool wrong, early;
static u64 next;

static void tick(void)
{
	u32 iar = gic_ack();

	wrong |= iar != IRQ_VTIMER;
	early |= timer_now() < next;
	ticks++;
	next += timer_us(500);
	timer_set(next, CNTV_CTL_ENABLE);
	gic_eoi(iar);
}

static void periodic_ticks(void)
{
	u64 start = timer_now();
	u32 slept = 0;

	irq_hook = tick;
	next = start + timer_us(500);
	timer_set(next, CNTV_CTL_ENABLE);
	while (ticks < 200) {
		/* IRQs stay masked so that no tick is lost between the test and the WFI. */
		irq_disable();
		if (ticks < 200) {
			wfi();
			slept++;
		}
		irq_enable();
		isb();
	}
	irq_disable();
	timer_off();
	irq_hook = NULL;
	report(!wrong, "200 ticks with WFI between them: each is interrupt 27");
	report(!early, "no tick is early");
	report(timer_now() - start >= timer_us(100000), "they took 100 ms of the counter");
	report(slept <= 1000, "WFI sleeps");
}

/* B8.1.4, CNTKCTL: what User mode can use. */
static void from_pl0(void)
{
	static const struct {
		const char *name;
		u32 insn, bit;
	} regs[] = {
		{ "CNTVCT", INSN_MRRC(15, 1, 14, 0, 1), 1u << 1 },
		{ "CNTV_CTL", INSN_MRC(15, 0, 14, 3, 1, 0), 1u << 8 },
		{ "CNTV_CVAL", INSN_MRRC(15, 3, 14, 0, 1), 1u << 8 },
	};
	u32 i, on, r0 = 0, r1 = 0;

	for (i = 0; i < ARRAY_SIZE(regs); i++)
		for (on = 0; on < 2; on++) {
			MCR(REG_CNTKCTL, on ? regs[i].bit : 0);
			isb();
			report(insn_run(regs[i].insn, INSN_PL0, &r0, &r1) == (on ? 0 : EXC_UND),
			       "%s from PL0 with CNTKCTL %s", regs[i].name, on ? "open" : "shut");
		}
	MCR(REG_CNTKCTL, 0);
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	gic_init();
	gic_enable(IRQ_VTIMER, true);
	counter();
	timer_condition();
	timer_interrupt();
	periodic_ticks();
	from_pl0();
}
