// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps time while the host gives it commands, one character each on its console:
 *
 *   c  prints its counter
 *   t  takes 200 timer ticks, 500 us apart, and prints how late the latest one was
 *   q  ends
 *
 * Only its own counter judges it: each tick must come, not before its time, and within a
 * minute.
 */
#include "lib/arm.h"
#include "lib/exception.h"
#include "lib/gic.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/timer.h"

#define UART_DR	     (UART_BASE + 0x00)
#define UART_FR	     (UART_BASE + 0x18)
#define UART_FR_RXFE (1 << 4)
#define TICKS	     200
#define PERIOD_US    500

static volatile u32 ticks;
static volatile bool wrong, early;
static u64 next, latest;

static char get_char(void)
{
	while (read32(UART_FR) & UART_FR_RXFE) {
		u64 end = timer_now() + timer_us(200);

		while (timer_now() < end)
			;
	}
	return (char)read32(UART_DR);
}

static void say_count(const char *name, u64 count)
{
	say("%s = %08x%08x", name, (u32)(count >> 32), (u32)count);
}

static void tick(void)
{
	u32 iar = gic_ack();
	u64 now = timer_now();

	wrong |= iar != IRQ_VTIMER;
	if (now < next)
		early = true;
	else if (now - next > latest)
		latest = now - next;
	if (++ticks < TICKS) {
		next = now + timer_us(PERIOD_US);
		timer_set(next, CNTV_CTL_ENABLE);
	} else {
		timer_off();
	}
	gic_eoi(iar);
}

static void take_ticks(void)
{
	u32 before;
	u64 end;

	ticks = 0;
	latest = 0;
	irq_hook = tick;
	next = timer_now() + timer_us(PERIOD_US);
	timer_set(next, CNTV_CTL_ENABLE);
	irq_enable();
	while (ticks < TICKS) {
		before = ticks;
		end = timer_now() + timer_ms(60000);
		while (ticks == before && timer_now() < end)
			;
		if (ticks == before)
			finish("a tick is lost");
	}
	irq_disable();
	timer_off();
	irq_hook = NULL;
	say_count("latest", latest);
}

void guest_main(void)
{
	u32 taken = 0;
	char c;

	mmu_on(MMU_SHORT);
	gic_init();
	gic_enable(IRQ_VTIMER, true);
	say("CNTFRQ = %u", MRC(REG_CNTFRQ));
	do {
		c = get_char();
		if (c == 'c') {
			say_count("counter", timer_now());
		} else if (c == 't') {
			take_ticks();
			taken += ticks;
		}
	} while (c != 'q');
	say("ticks = %u", taken);
	report(!wrong, "each tick is the timer's interrupt");
	report(!early, "no tick is early");
}
