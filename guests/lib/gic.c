// SPDX-License-Identifier: GPL-2.0-only
#include "gic.h"

#include "timer.h"

static void write8(u32 addr, u8 v)
{
	__asm__ volatile("strb %0, [%1]" : : "r"(v), "r"(addr) : "memory");
}

void gic_init_cpu(void)
{
	u32 n;

	write32(GICD_ICENABLER(0), 0xffff0000u); /* PPIs only */
	write32(GICD_ISENABLER(0), 0x0000ffffu);
	for (n = 0; n < 8; n++)
		write32(GICD_IPRIORITYR(n), 0xa0a0a0a0u);
	write32(GICC_PMR, 0xf0);
	write32(GICC_BPR, 0);
	write32(GICC_CTLR, 1);
	dsb();
}

void gic_init(void)
{
	write32(GICD_CTLR, 1);
	gic_init_cpu();
}

void gic_enable(u32 irq, bool on)
{
	write32(on ? GICD_ISENABLER(irq / 32) : GICD_ICENABLER(irq / 32), 1u << irq % 32);
	dsb();
}

void gic_priority(u32 irq, u8 priority)
{
	write8(GICD_IPRIORITYR(0) + irq, priority);
	dsb();
}

u32 gic_ack(void)
{
	return read32(GICC_IAR);
}

void gic_eoi(u32 iar)
{
	write32(GICC_EOIR, iar);
	dsb();
}

void gic_sgi(u32 target, u32 irq)
{
	dsb(); /* the CPU that takes it must see what was written before */
	write32(GICD_SGIR, target | irq);
	dsb();
}

u32 gic_wait(void)
{
	u64 end = timer_now() + timer_ms(PATIENCE_MS);
	u32 iar;

	do {
		iar = gic_ack();
		if ((iar & 1023) != IRQ_SPURIOUS)
			return iar;
	} while (timer_now() < end);
	return iar;
}

bool gic_quiet(void)
{
	u64 end = timer_now() + timer_ms(2);

	do {
		u32 iar = gic_ack();

		if ((iar & 1023) != IRQ_SPURIOUS) {
			gic_eoi(iar);
			return false;
		}
	} while (timer_now() < end);
	return true;
}
