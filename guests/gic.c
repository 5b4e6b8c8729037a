// SPDX-License-Identifier: GPL-2.0-only
/*
 * The GICv2 of one CPU: distributor registers, software-generated, private and
 * shared interrupts, priorities, masking, nesting.
 */
#include "lib/gic.h"
#include "lib/exception.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/timer.h"

#define SPI 50u /* no device drives it: software makes it pending */

static void registers(void)
{
	u32 typer = read32(GICD_TYPER);

	say("GICD_TYPER = 0x%08x", typer);
	say("GICD_IIDR = 0x%08x", read32(GICD_IIDR));
	say("GICC_IIDR = 0x%08x", read32(GICC_IIDR));
	report((typer >> 5 & 7) == 1, "GICD_TYPER.CPUNumber: two CPUs");
	report(((typer & 31) + 1) * 32 > SPI, "GICD_TYPER.ITLinesNumber covers the SPIs used");
	report((read32(GICD_ISENABLER(0)) & 0xffff) == 0xffff, "SGIs are enabled");
	say("GICD_ICFGR0 = 0x%08x", read32(GICD_ICFGR(0)));
	say("GICD_ITARGETSR0 = 0x%08x", read32(GICD_ITARGETSR(0)));

	write32(GICD_ISENABLER(1), 1u << (SPI - 32));
	report(read32(GICD_ISENABLER(1)) == 1u << (SPI - 32) &&
		       read32(GICD_ICENABLER(1)) == 1u << (SPI - 32),
	       "an SPI is enabled by GICD_ISENABLER");
	write32(GICD_ICENABLER(1), 1u << (SPI - 32));
	report(!read32(GICD_ISENABLER(1)), "and disabled by GICD_ICENABLER");

	gic_priority(SPI, 0xff);
	say("priority bits = 0x%02x", read32(GICD_IPRIORITYR(SPI / 4)) >> 8 * (SPI % 4) & 0xff);
	write32(GICD_ITARGETSR(SPI / 4), 0x02020202);
	say("GICD_ITARGETSR of an SPI, 2 written = 0x%08x", read32(GICD_ITARGETSR(SPI / 4)));
	write32(GICD_ITARGETSR(SPI / 4), 0x01010101);
	report(read32(GICD_ITARGETSR(SPI / 4)) == 0x01010101, "an SPI's target reads back");
	write32(GICD_ICFGR(SPI / 16), 2u << 2 * (SPI % 16));
	report(read32(GICD_ICFGR(SPI / 16)) == 2u << 2 * (SPI % 16),
	       "an SPI can be edge-triggered");
	write32(GICD_ICFGR(SPI / 16), 0);

	write32(GICC_PMR, 0xff);
	say("GICC_PMR, all ones written = 0x%02x", read32(GICC_PMR));
	write32(GICC_PMR, 0xf0);
	report(read32(GICC_PMR) == 0xf0, "GICC_PMR reads back");
	report(gic_ack() == IRQ_SPURIOUS, "nothing pending: GICC_IAR is 1023");
	report(read32(GICC_HPPIR) == IRQ_SPURIOUS, "nothing pending: GICC_HPPIR is 1023");
	say("GICC_RPR, idle = 0x%02x", read32(GICC_RPR));
}

static void sgis(void)
{
	u32 n, iar;
	bool good = true;

	for (n = 0; n < 16; n++) {
		gic_sgi(SGI_SELF, n);
		iar = gic_wait();
		good &= iar == n; /* the source, CPU 0, is in bits 12:10 */
		good &= (read32(GICD_ISACTIVER(0)) & 0xffff) == 1u << n;
		gic_eoi(iar);
		good &= !(read32(GICD_ISACTIVER(0)) & 0xffff);
	}
	report(good, "each SGI to this CPU: acknowledged, active, ended");

	gic_sgi(SGI_TO(1), 3);
	iar = gic_wait();
	gic_eoi(iar);
	report(iar == 3, "an SGI to a list with this CPU");
	gic_sgi(SGI_TO(4), 3);
	report(gic_quiet(), "an SGI to a CPU that is not there: nothing");

	write32(GICD_SPENDSGIR(1), 1u << 8); /* SGI 5 from CPU 0 */
	report(read32(GICD_SPENDSGIR(1)) == 1u << 8, "GICD_SPENDSGIR makes an SGI pending");
	write32(GICD_CPENDSGIR(1), 1u << 8);
	report(gic_quiet(), "GICD_CPENDSGIR clears it");
}

/* An SGI to itself in each state that the one before may be in. */
static void sgis_to_self(void)
{
	u32 n, iar;
	bool good;

	gic_sgi(SGI_SELF, 4);
	gic_sgi(SGI_SELF, 4);
	iar = gic_wait();
	gic_eoi(iar);
	report(iar == 4 && gic_quiet(), "sent twice before it is taken: one interrupt");

	gic_sgi(SGI_SELF, 4);
	iar = gic_wait();
	gic_sgi(SGI_SELF, 4);
	good = gic_quiet() && read32(GICD_ISPENDR(0)) & read32(GICD_ISACTIVER(0)) & 1u << 4;
	gic_eoi(iar);
	report(good, "sent while it is active: not taken again before it has ended");
	iar = gic_wait();
	gic_eoi(iar);
	report(iar == 4, "and taken again once it has ended");

	gic_sgi(SGI_SELF, 6);
	report(read32(GICD_SPENDSGIR(1)) == 1u << 16, "GICD_SPENDSGIR names who has sent it");
	write32(GICD_CPENDSGIR(1), 1u << 16);
	report(gic_quiet(), "and it does not come after GICD_CPENDSGIR");

	gic_priority(5, 0xf8);
	gic_sgi(SGI_SELF, 5);
	report(gic_quiet(), "too low a priority for GICC_PMR: it does not come");
	gic_priority(5, 0x40);
	iar = gic_wait();
	gic_eoi(iar);
	report(iar == 5, "but does when it gets a higher one");

	for (n = 0; n < 16; n++)
		gic_sgi(SGI_SELF, n);
	for (n = 0, good = true; n < 16; n++) {
		iar = gic_wait();
		gic_eoi(iar);
		good &= iar == (n == 0 ? 5 : n <= 5 ? n - 1 : n);
	}
	report(good && gic_quiet(), "all sixteen at once: each comes, in order of priority");
	gic_priority(5, 0xa0);
}

static void priorities(void)
{
	u32 first, second;

	gic_priority(1, 0x40);
	gic_priority(2, 0x80);
	gic_sgi(SGI_SELF, 2);
	gic_sgi(SGI_SELF, 1);
	first = gic_wait();
	report(first == 1, "the higher priority comes first");
	say("GICC_RPR, priority 0x40 active = 0x%02x", read32(GICC_RPR));
	report(gic_quiet(), "a lower priority does not preempt it");
	gic_eoi(first);
	second = gic_wait();
	report(second == 2, "and comes once that has ended");
	gic_sgi(SGI_SELF, 1);
	first = gic_wait();
	report(first == 1, "a higher priority preempts");
	report((read32(GICD_ISACTIVER(0)) & 6) == 6, "both are active");
	gic_eoi(first);
	gic_eoi(second);
	report(!(read32(GICD_ISACTIVER(0)) & 6), "both have ended");

	write32(GICC_PMR, 0x80);
	gic_sgi(SGI_SELF, 2);
	report(gic_quiet(), "GICC_PMR masks an interrupt of no higher priority");
	report((read32(GICD_ISPENDR(0)) & 4) == 4, "it stays pending");
	write32(GICC_PMR, 0xf0);
	second = gic_wait();
	report(second == 2, "and comes once GICC_PMR allows it");
	gic_eoi(second);

	write32(GICC_CTLR, 0);
	gic_sgi(SGI_SELF, 2);
	report(gic_quiet(), "a disabled CPU interface signals nothing");
	write32(GICC_CTLR, 1);
	second = gic_wait();
	report(second == 2, "and signals the interrupt once it is enabled");
	gic_eoi(second);

	write32(GICD_CTLR, 0);
	gic_sgi(SGI_SELF, 2);
	report(gic_quiet(), "a disabled distributor forwards nothing");
	write32(GICD_CTLR, 1);
	second = gic_wait();
	report(second == 2, "and forwards the interrupt once it is enabled");
	gic_eoi(second);
}

static void spis(void)
{
	u32 iar;

	gic_priority(SPI, 0x80);
	write32(GICD_ITARGETSR(SPI / 4), 0x01010101);
	write32(GICD_ICFGR(SPI / 16), 2u << 2 * (SPI % 16)); /* edge */
	write32(GICD_ISPENDR(1), 1u << (SPI - 32));
	report(gic_quiet(), "a pending SPI that is disabled: nothing");
	gic_enable(SPI, true);
	iar = gic_wait();
	report(iar == SPI, "it comes once it is enabled");
	report(read32(GICD_ISACTIVER(1)) == 1u << (SPI - 32), "it is active");
	report(!read32(GICD_ISPENDR(1)), "it is no longer pending");
	write32(GICD_ISPENDR(1), 1u << (SPI - 32));
	report(gic_quiet(), "pended while active: not taken again before it has ended");
	gic_eoi(iar);
	iar = gic_wait();
	report(iar == SPI, "but taken again after it has ended");
	gic_eoi(iar);
	write32(GICD_ITARGETSR(SPI / 4), 0x02020202);
	write32(GICD_ISPENDR(1), 1u << (SPI - 32));
	report(gic_quiet(), "an SPI for the other CPU: nothing here");
	write32(GICD_ICPENDR(1), 1u << (SPI - 32));
	report(!read32(GICD_ISPENDR(1)), "GICD_ICPENDR clears it");
	write32(GICD_ITARGETSR(SPI / 4), 0x01010101);
	gic_enable(SPI, false);
}

/*
 * Three that nest leave one of the usual four list registers for two that are more urgent: the
 * second of these must not wait until the three have ended.
 */
static void nested(void)
{
	static const u8 priorities[] = { 0xc0, 0xb0, 0xa0, 0x90, 0x80 };
	u32 n, iar = 0, first = SPI - 32, icfgr = read32(GICD_ICFGR(SPI / 16));
	bool good = true;

	write32(GICD_ITARGETSR(SPI / 4), 0x01010101);
	write32(GICD_ITARGETSR(SPI / 4 + 1), 0x01010101);
	for (n = 0; n < 5; n++) {
		write32(GICD_ICFGR(SPI / 16),
			read32(GICD_ICFGR(SPI / 16)) | 2u << 2 * ((SPI + n) % 16));
		gic_priority(SPI + n, priorities[n]);
		gic_enable(SPI + n, true);
	}
	for (n = 0; n < 3; n++) {
		write32(GICD_ISPENDR(1), 1u << (first + n));
		good &= gic_wait() == SPI + n;
	}
	report(good, "three interrupts nest");
	write32(GICD_ISPENDR(1), 3u << (first + 3));
	/* Until the second one is here nothing exits, and the host has hardly an interrupt. */
	good = gic_wait() == SPI + 4;
	gic_eoi(SPI + 4);
	for (n = 0; n < 100 && iar != SPI + 3; n++)
		iar = read32(GICC_HPPIR);
	report(good, "of two more, the more urgent one comes first");
	report(iar == SPI + 3, "the other one follows while the three are active");
	report(gic_wait() == SPI + 3, "and is taken");
	for (n = 4; n--;)
		gic_eoi(SPI + n);
	report(!read32(GICD_ISACTIVER(1)), "all have ended");
	for (n = 0; n < 5; n++)
		gic_enable(SPI + n, false);
	write32(GICD_ICFGR(SPI / 16), icfgr);
}

/* 4.3.12: changing the targets of an active interrupt does not affect it. */
static void targets_while_active(void)
{
	static const struct {
		const char *name;
		u32 targets;
	} to[] = { { "the other CPU", 0x02020202 }, { "no CPU", 0 } };
	u32 i, iar, bit = 1u << (SPI - 32);

	gic_enable(SPI, true);
	for (i = 0; i < ARRAY_SIZE(to); i++) {
		write32(GICD_ITARGETSR(SPI / 4), 0x01010101);
		write32(GICD_ISPENDR(1), bit);
		iar = gic_wait();
		report(iar == SPI, "an SPI, to be retargeted to %s, is taken here", to[i].name);
		write32(GICD_ITARGETSR(SPI / 4), to[i].targets);
		report(read32(GICD_ISACTIVER(1)) == bit, "retargeted to %s, it stays active",
		       to[i].name);
		gic_eoi(iar);
		report(!read32(GICD_ISACTIVER(1)), "retargeted to %s, it ends here", to[i].name);
		write32(GICD_ISPENDR(1), bit);
		report(gic_quiet(), "retargeted to %s, the next one does not come here",
		       to[i].name);
		write32(GICD_ICPENDR(1), bit);
		write32(GICD_ICACTIVER(1), bit);
	}
	write32(GICD_ITARGETSR(SPI / 4), 0x01010101);

	write32(GICD_ISACTIVER(1), bit);
	write32(GICD_ISPENDR(1), bit);
	report(gic_quiet(), "an SPI that GICD_ISACTIVER made active is not taken");
	write32(GICD_ICACTIVER(1), bit);
	iar = gic_wait();
	report(iar == SPI, "but is taken once GICD_ICACTIVER has cleared that");
	gic_eoi(iar);
	gic_enable(SPI, false);
}

static bool ppi_is(u32 reg)
{
	return read32(reg) >> IRQ_VTIMER & 1;
}

/* Checks GICD_ISPENDR first: on the emulated board writing it does nothing, so do not wait. */
static bool ppi_comes(void)
{
	return ppi_is(GICD_ISPENDR(0)) && gic_wait() == IRQ_VTIMER;
}

/* The timer's PPI, made pending by software and by its line: 4.3.7, 4.3.8. */
static void ppi(void)
{
	u32 iar, bit = 1u << IRQ_VTIMER;
	bool good;

	timer_off();
	gic_enable(IRQ_VTIMER, true);
	write32(GICD_ISPENDR(0), bit);
	good = ppi_comes();
	report(good && ppi_is(GICD_ISACTIVER(0)), "a PPI is pended by GICD_ISPENDR");
	report(!ppi_is(GICD_ISPENDR(0)), "acknowledged, it is no longer pending");
	if (good)
		gic_eoi(IRQ_VTIMER);
	report(gic_quiet(), "and does not come again");

	write32(GICD_ISPENDR(0), bit);
	good = ppi_comes();
	write32(GICD_ISPENDR(0), bit);
	good &= ppi_is(GICD_ISPENDR(0)) && gic_quiet();
	if (good) {
		gic_eoi(IRQ_VTIMER);
		good = ppi_comes();
	}
	report(good, "a PPI that is pended while it is active comes after its end");
	if (good)
		gic_eoi(IRQ_VTIMER);
	report(gic_quiet(), "and comes only once");

	gic_enable(IRQ_VTIMER, false);
	write32(GICD_ISPENDR(0), bit);
	write32(GICD_ICPENDR(0), bit);
	gic_enable(IRQ_VTIMER, true);
	report(gic_quiet(), "GICD_ICPENDR clears a pending PPI");

	gic_enable(IRQ_VTIMER, false);
	timer_set(timer_now(), CNTV_CTL_ENABLE);
	timer_delay_ms(2); /* the emulator raises the line late */
	write32(GICD_ISPENDR(0), bit);
	write32(GICD_ICPENDR(0), bit);
	report(ppi_is(GICD_ISPENDR(0)), "GICD_ICPENDR does not lower a line");
	write32(GICD_ISPENDR(0), bit);
	gic_enable(IRQ_VTIMER, true);
	iar = gic_wait();
	report(iar == IRQ_VTIMER && ppi_is(GICD_ISPENDR(0)),
	       "pended by software and by its line: after the acknowledge the line still counts");
	timer_off();
	report(!ppi_is(GICD_ISPENDR(0)), "with the timer off, nothing is pending");
	gic_eoi(iar);
	report(gic_quiet(), "and the PPI does not come again");
	gic_enable(IRQ_VTIMER, false);
}

/* The line rises while the PPI is enabled and interrupts are masked. */
static void timer_fires(void)
{
	timer_set(timer_now(), CNTV_CTL_ENABLE);
	timer_delay_ms(2);
}

static void timer_line(void)
{
	u32 n, iar;
	bool good = true;

	gic_enable(IRQ_VTIMER, true);
	timer_fires();
	gic_enable(IRQ_VTIMER, false);
	report(gic_quiet(), "the timer's PPI, disabled after its line has risen, does not come");
	timer_off();
	gic_enable(IRQ_VTIMER, true);
	report(gic_quiet(), "nor once it is enabled, after its line has fallen");
	timer_fires();
	timer_off();
	report(!ppi_is(GICD_ISPENDR(0)) && gic_quiet(),
	       "nor when its line has fallen before it is taken");
	for (n = 0; n < 100; n++) {
		timer_fires();
		iar = gic_wait();
		timer_off();
		good &= iar == IRQ_VTIMER && (n & 1 || ppi_is(GICD_ISACTIVER(0)));
		gic_eoi(iar);
		good &= gic_ack() == IRQ_SPURIOUS;
	}
	report(good, "each deadline causes one interrupt");

	for (n = 0; n < 8; n++)
		gic_sgi(SGI_SELF, n);
	timer_fires();
	for (n = 0, good = true; n < 8; n++) {
		iar = gic_wait();
		gic_eoi(iar);
		good &= iar == n;
	}
	iar = gic_wait();
	timer_off();
	gic_eoi(iar);
	report(good && iar == IRQ_VTIMER, "it comes after eight SGIs that are as urgent");
	gic_enable(IRQ_VTIMER, false);
}

static volatile u32 taken, taken_iar;

static void take_irq(void)
{
	taken_iar = gic_ack();
	taken++;
	gic_eoi(taken_iar);
}

/* The IRQ exception itself, and WFI. */
static void exceptions(void)
{
	u32 i;
	u64 end;

	irq_hook = take_irq;
	taken = 0;
	gic_sgi(SGI_SELF, 7);
	timer_delay_ms(1);
	report(!taken, "an interrupt masked by CPSR.I: no exception");
	irq_enable();
	end = timer_now() + timer_ms(PATIENCE_MS);
	while (!taken && timer_now() < end)
		;
	irq_disable();
	report(taken == 1 && taken_iar == 7, "unmasked: one IRQ exception");

	taken = 0;
	for (i = 0; i < 1000; i++) {
		u32 before = taken;

		gic_sgi(SGI_SELF, i & 15);
		irq_enable();
		end = timer_now() + timer_ms(PATIENCE_MS);
		while (taken == before && timer_now() < end)
			;
		irq_disable();
		if (taken != before + 1 || (taken_iar & 15) != (i & 15))
			break;
	}
	report(i == 1000, "1000 SGIs: each is taken once");

	taken = 0;
	gic_sgi(SGI_SELF, 9);
	wfi(); /* a masked interrupt ends it and stays pending */
	report(!taken, "WFI ends for a masked interrupt, without an exception");
	irq_enable();
	end = timer_now() + timer_ms(PATIENCE_MS);
	while (!taken && timer_now() < end)
		;
	irq_disable();
	report(taken == 1, "which is taken once it is unmasked");
	irq_hook = NULL;
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	gic_init();
	registers();
	sgis();
	sgis_to_self();
	priorities();
	gic_init_cpu();
	spis();
	nested();
	targets_while_active();
	ppi();
	timer_line();
	exceptions();
}
