// SPDX-License-Identifier: GPL-2.0-only
#include "timer.h"

u64 timer_now(void)
{
	isb(); /* B8.1.2: otherwise the counter may be read early */
	return MRRC(REG_CNTVCT);
}

u64 timer_us(u32 us)
{
	return MRC(REG_CNTFRQ) / 1000 * us / 1000;
}

u64 timer_ms(u32 ms)
{
	return (u64)(MRC(REG_CNTFRQ) / 1000) * ms;
}

void timer_set(u64 cval, u32 ctl)
{
	__asm__ volatile("mcrr p15, 3, %0, %1, c14"
			 :
			 : "r"((u32)cval), "r"((u32)(cval >> 32))
			 : "memory");
	MCR(REG_CNTV_CTL, ctl);
	isb();
}

u64 timer_cval(void)
{
	return MRRC_(15, 3, 14);
}

void timer_off(void)
{
	MCR(REG_CNTV_CTL, 0);
	isb();
}

void timer_delay_ms(u32 ms)
{
	u64 end = timer_now() + timer_ms(ms);

	while (timer_now() < end)
		;
}
