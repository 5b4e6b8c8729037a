// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI SYSTEM_RESET in a guest: the program leaves as much state as it can and resets; its
 * second run looks for what is left.  The real-time clock, which a reset does not change,
 * tells the runs apart.  On the bare board the emulator would end instead.
 */
#include "lib/debug.h"
#include "lib/gic.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/smp.h"
#include "lib/timer.h"

#define RTCDR	      0x09010000u
#define RTCMR	      0x09010004u
#define RTCLR	      0x09010008u
#define RTCIMSC	      0x09010010u
#define RTCRIS	      0x09010014u
#define GPIODIR	      0x09030400u
#define GPIOIE	      0x09030410u
#define UARTIMSC      0x09000038u
#define VIRTIO_MAGIC  0x0a000000u
#define VIRTIO_STATUS 0x0a000070u
#define GICC_ABPR     GICC(0x1c)
#define GICC_RPR_IDLE 0xffu

/* The clock's seconds in the second run: no host's time. */
#define SECOND_RUN 1000u
#define LATEST	   (SECOND_RUN + 100000u)

#define SPI	      50u
#define PENDING_SPI   51u
#define MARK	      0x600df00du
#define MARKED_RAM    (RAM_BASE + 0x02000000u)
#define PRIORITIES    0x40404040u
#define EVERY_PRIVATE 0xffff0000u

static volatile u32 other_runs;

static void spin(void)
{
	other_runs = 1;
	dsb();
	for (;;)
		;
}

/* An interrupt that is active, one that is pending, private ones enabled. */
static void dirty_gic(void)
{
	u32 iar;

	gic_init();
	write32(GICD_ISENABLER(0), EVERY_PRIVATE);
	write32(GICD_IPRIORITYR(SPI / 4), PRIORITIES);
	write32(GICD_IPRIORITYR(IRQ_VTIMER / 4), PRIORITIES);
	write32(GICD_ITARGETSR(SPI / 4), 0x03030303);
	write32(GICD_ICFGR(SPI / 16), 2u << 2 * (SPI % 16));
	gic_enable(SPI, true);
	gic_enable(PENDING_SPI, true);
	write32(GICD_ISPENDR(SPI / 32), 1u << SPI % 32);
	iar = gic_wait();
	if (iar != SPI)
		note("interrupt %u instead of %u", iar, SPI);
	write32(GICD_ISPENDR(SPI / 32), 1u << PENDING_SPI % 32);
	gic_sgi(SGI_SELF, 5);
	write32(GICC_BPR, 5);
	write32(GICC_ABPR, 6);
}

static void first_run(void)
{
	dirty_gic();
	if (smp_start(1, spin) != PSCI_SUCCESS || !smp_wait(&other_runs, 1, PATIENCE_MS))
		note("the other CPU does not start");
	timer_set(timer_now(), CNTV_CTL_ENABLE);
	debug_enable();
	break_set(0, MARKED_RAM, CR_ANY | BCR_BAS(15) | CR_E);
	MCR(REG_TPIDRURO, MARK);
	MCR(REG_TTBR0, RAM_BASE);
	write32(MARKED_RAM, MARK);
	write32(TESTDEV_BASE, MARK);
	write32(UARTIMSC, 0x7ff);
	write32(VIRTIO_STATUS, 3);
	write32(GPIODIR, 0xf0);
	write32(GPIOIE, 0xff);
	write32(RTCLR, SECOND_RUN);
	write32(RTCMR, SECOND_RUN);
	write32(RTCIMSC, 1);
	note("first run ends");
	psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	finish("SYSTEM_RESET returned");
}

static void distributor(void)
{
	u32 word = SPI / 32;

	report(!read32(GICD_CTLR), "GICD_CTLR");
	report(!read32(GICD_ISENABLER(word)), "no SPI is enabled");
	report(!(read32(GICD_ISENABLER(0)) & EVERY_PRIVATE), "no PPI is enabled");
	report(!read32(GICD_ISPENDR(word)) && !(read32(GICD_ISPENDR(0)) & 0xffff),
	       "no SPI and no SGI is pending");
	report(!read32(GICD_ISACTIVER(word)) && !read32(GICD_ISACTIVER(0)), "none is active");
	report(!read32(GICD_IPRIORITYR(SPI / 4)) && !read32(GICD_IPRIORITYR(IRQ_VTIMER / 4)),
	       "priorities are 0");
	report(!read32(GICD_ITARGETSR(SPI / 4)), "an SPI has no target");
	report(!read32(GICD_ICFGR(SPI / 16)), "SPIs are level-sensitive");
}

static void cpu_interface(void)
{
	report(!read32(GICC_CTLR), "GICC_CTLR");
	report(!read32(GICC_PMR), "GICC_PMR");
	report(read32(GICC_BPR) < 4 && read32(GICC_ABPR) < 5, "GICC_BPR and GICC_ABPR");
	report(read32(GICC_RPR) == GICC_RPR_IDLE, "GICC_RPR: idle");
}

static void cpu(void)
{
	report(psci_call(PSCI_AFFINITY_INFO, 1, 0, 0) == 1, "the other CPU is off");
	report(!(MRC(REG_CNTV_CTL) & CNTV_CTL_ENABLE), "CNTV_CTL.ENABLE");
	report(!bcr_read(0), "DBGBCR0");
	report(!(MRC(REG_DBGDSCRINT) & DSCR_MDBGEN), "DBGDSCR.MDBGen");
	report(!MRC(REG_TTBR0) && !MRC(REG_TPIDRURO), "TTBR0 and TPIDRURO");
}

static void devices(void)
{
	report(!read32(MARKED_RAM), "RAM is zero");
	report(!read32(TESTDEV_BASE), "the test device's page is zero");
	report(!read32(UARTIMSC), "UARTIMSC");
	report(read32(VIRTIO_MAGIC) == 0x74726976 && !read32(VIRTIO_STATUS),
	       "a virtio device's Status");
	report(!read32(GPIODIR) && !read32(GPIOIE), "GPIODIR and GPIOIE");
	report(!read32(RTCIMSC) && !read32(RTCRIS) && !read32(RTCMR), "the clock has no alarm");
}

void guest_main(void)
{
	u32 now = read32(RTCDR);

	if (now < SECOND_RUN || now > LATEST)
		first_run();
	report(!other_runs, "the program's own data is new");
	distributor();
	cpu_interface();
	cpu();
	devices();
	report(smp_start(1, spin) == PSCI_SUCCESS, "the other CPU starts");
	report(smp_wait(&other_runs, 1, PATIENCE_MS), "and runs");
	finish(NULL);
}
