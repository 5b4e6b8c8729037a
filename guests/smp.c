// SPDX-License-Identifier: GPL-2.0-only
/* Two CPUs: locks, events, interrupts between them, and the debug registers of each. */
#include "lib/smp.h"

#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/gic.h"
#include "lib/mmu.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/targets.h"
#include "lib/timer.h"

#define ROUNDS 5000
#define PINGS  500
#define CUES   1000
#define SPI    50u /* no device drives it: software makes it pending */

/* CPU 1 runs steps[] one by one: CPU 0 raises step to start one, CPU 1 then raises done. */
static volatile u32 step, done;
static volatile u32 up, first_psr, first_sctlr, first_mpidr, first_dscr, first_bcr;
static struct spinlock lock;
static volatile u32 counter, in_section, broken;
static volatile u32 pings, wrong_source;
static volatile u32 events;
static volatile u32 woken;
static volatile u32 stolen, spi_iar;
static volatile u32 cue;
static volatile u32 private_enabled, spis_enabled;

static struct {
	u32 word[2];
} own[2] __attribute__((aligned(64)));
static volatile u32 hits[2], wrong_hits[2];

static void count_locked(void)
{
	u32 i;

	for (i = 0; i < ROUNDS; i++) {
		spin_lock(&lock);
		if (in_section)
			broken++;
		in_section = 1;
		counter++;
		in_section = 0;
		spin_unlock(&lock);
	}
}

/* Answer each SGI 1 from CPU 0 with an SGI 2. */
static void answer_pings(void)
{
	u32 i;

	for (i = 0; i < PINGS; i++) {
		u32 iar = gic_wait();

		if (iar != 1) /* source CPU 0 in bits 12:10 */
			wrong_source++;
		gic_eoi(iar);
		pings++;
		gic_sgi(SGI_TO(1), 2);
	}
}

static void count_hits(struct frame *frame)
{
	struct cpu *cpu = this_cpu();
	u32 n = cpu->number;

	if (frame->type == EXC_DABT && cpu->exc.moe == MOE_WATCHPOINT &&
	    cpu->exc.dfar == (u32)&own[n])
		hits[n]++;
	else
		wrong_hits[n]++;
	wcr_write(0, 0);
	isb();
}

/* Each CPU watches its own word; both CPUs write both words. */
static void watch_own(void)
{
	u32 n = smp_number(), i;

	debug_enable();
	for (i = 0; i < 500; i++) {
		watch_set(0, (u32)&own[n], CR_E | CR_PL1 | WCR_STORE | WCR_BAS(0x0f));
		exc_expect(count_hits);
		call_at(1, (u32)access_str, (u32)&own[!n]);
		call_at(1, (u32)access_str, (u32)&own[n]);
		exc_done();
	}
	debug_clear();
}

static void wait_event(void)
{
	/* A3.4.5: WFE may end for any reason, so check the flag. */
	while (!events)
		wfe();
	woken = 1;
}

/* Become the target of the SPI while the other CPU handles it. */
static void take_target(void)
{
	gic_quiet(); /* take SGI 4, sent by ping() */
	write32(GICD_ITARGETSR(SPI / 4), 0x02020202);
	stolen = !gic_quiet();
}

static void take_spi(void)
{
	spi_iar = gic_wait();
	gic_eoi(spi_iar);
}

static void read_enables(void)
{
	private_enabled = read32(GICD_ISENABLER(0));
	spis_enabled = read32(GICD_ISENABLER(SPI / 32));
}

/* Make the SPI pending at about the time at which CPU 0 enables it. */
static void pend_on_cue(void)
{
	u32 i, n;

	for (i = 1; i <= CUES; i++) {
		while (cue < i)
			;
		for (n = 0; n < i % 64; n++)
			__asm__ volatile("");
		write32(GICD_ISPENDR(SPI / 32), 1u << (SPI - 32));
	}
}

static void (*const steps[])(void) = { count_locked, answer_pings, watch_own,
				       wait_event,   take_target,  take_spi,
				       read_enables, read_enables, pend_on_cue };

static void secondary(void)
{
	u32 i;

	first_psr = cpsr();
	first_sctlr = MRC(REG_SCTLR);
	first_mpidr = MRC(REG_MPIDR);
	first_dscr = MRC(REG_DBGDSCRINT);
	first_bcr = bcr_read(0) | wcr_read(0);
	mmu_on_secondary();
	gic_init_cpu();
	dmb();
	up = 1;
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		while (step <= i)
			;
		dmb();
		steps[i]();
		dmb();
		done = i + 1;
	}
	smp_stop();
}

static void start_step(u32 n)
{
	dmb();
	step = n;
	dsb();
}

static void start_second_cpu(void)
{
	/* CPU 1 must not see the points of CPU 0. */
	debug_enable();
	break_set(0, (u32)break_elsewhere, CR_E | CR_ANY | BCR_BAS(0xf));
	watch_set(0, (u32)break_elsewhere, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xff));
	report(smp_start(1, secondary) == PSCI_SUCCESS, "the second CPU starts");
	report(smp_wait(&up, 1, PATIENCE_MS), "it comes up");
	report((first_mpidr & 0xff) == 1, "it is CPU 1");
	say("MPIDR of CPU 1 = 0x%08x", first_mpidr);
	report((first_psr & (PSR_MODE | PSR_I | PSR_F | PSR_A)) ==
		       (MODE_SVC | PSR_I | PSR_F | PSR_A),
	       "it comes up with everything masked");
	report(!(first_sctlr & (SCTLR_M | SCTLR_C)), "it comes up with MMU and cache off");
	say("DBGDSCRint of CPU 1 = 0x%08x", first_dscr);
	report(!(first_bcr & 1), "it has none of the other CPU's points");
	debug_clear();
}

static void locks(void)
{
	start_step(1);
	count_locked();
	report(smp_wait(&done, 1, PATIENCE_MS), "both CPUs finish the locked loop");
	report(counter == 2 * ROUNDS && !broken, "the lock excludes: %u rounds on each", ROUNDS);
}

static void ping(void)
{
	u32 i, bad = 0;

	start_step(2);
	for (i = 0; i < PINGS; i++) {
		u32 iar;

		gic_sgi(SGI_TO(2), 1);
		iar = gic_wait();
		if (iar != (1u << 10 | 2)) /* from CPU 1 */
			bad++;
		gic_eoi(iar);
	}
	report(smp_wait(&done, 2, PATIENCE_MS), "the other CPU answered");
	report(!bad && !wrong_source && pings == PINGS,
	       "%u SGIs back and forth, each from the right CPU", PINGS);
	gic_sgi(SGI_OTHERS, 4);
	report(gic_quiet(), "an SGI to all others does not come here");
}

static void watch(void)
{
	start_step(3);
	watch_own();
	report(smp_wait(&done, 3, PATIENCE_MS), "both CPUs finish the watched loop");
	report(hits[0] == 500 && hits[1] == 500, "each CPU takes each of its own watchpoints");
	report(!wrong_hits[0] && !wrong_hits[1], "and none of the other's");
	if (hits[0] != 500 || hits[1] != 500 || wrong_hits[0] || wrong_hits[1])
		note("hits %u %u wrong %u %u", hits[0], hits[1], wrong_hits[0], wrong_hits[1]);
}

static void event(void)
{
	start_step(4);
	timer_delay_ms(5);
	report(!woken, "WFE waits");
	events = 1;
	dsb();
	sev();
	report(smp_wait(&done, 4, PATIENCE_MS), "SEV ends it");
}

/*
 * IHI 0048B 4.3.12: an active SPI stays with the CPU that took it until it ends; only then
 * do changed targets take effect.
 */
static void targets(void)
{
	u32 iar, bit = 1u << (SPI - 32);

	gic_priority(SPI, 0x80);
	write32(GICD_ICFGR(SPI / 16), 2u << 2 * (SPI % 16)); /* edge */
	write32(GICD_ITARGETSR(SPI / 4), 0x01010101);
	gic_enable(SPI, true);
	write32(GICD_ISPENDR(1), bit);
	iar = gic_wait();
	report(iar == SPI, "an SPI, taken by the first CPU");
	start_step(5);
	report(smp_wait(&done, 5, PATIENCE_MS), "the other CPU made itself its target");
	report(!stolen, "it is not signalled there");
	report(read32(GICD_ISACTIVER(1)) == bit, "it is still active");
	gic_eoi(iar);
	report(!read32(GICD_ISACTIVER(1)), "it ends where it was taken");

	write32(GICD_ITARGETSR(SPI / 4), 0x01010101);
	write32(GICD_ISPENDR(1), bit);
	iar = gic_wait();
	report(iar == SPI, "the next one, for the first CPU again");
	write32(GICD_ITARGETSR(SPI / 4), 0x02020202);
	write32(GICD_ISPENDR(1), bit);
	gic_eoi(iar);
	report(gic_quiet(), "retargeted and pended while active: does not come here after its end");
	start_step(6);
	report(smp_wait(&done, 6, PATIENCE_MS) && spi_iar == SPI, "but comes to its new target");
	report(!read32(GICD_ISACTIVER(1)) && !read32(GICD_ISPENDR(1)),
	       "it is neither active nor pending at the end");
	gic_enable(SPI, false);
}

/* IHI 0048B 4.3.5: SPIs are enabled for all CPUs, PPIs for each by itself. */
static void enables(void)
{
	u32 bit = 1u << (SPI - 32), ppi = 1u << IRQ_VTIMER;

	gic_enable(SPI, true);
	gic_enable(IRQ_VTIMER, true);
	start_step(7);
	report(smp_wait(&done, 7, PATIENCE_MS) && spis_enabled == bit,
	       "the other CPU sees that an SPI was enabled");
	report(!(private_enabled & ppi), "a PPI is enabled for one CPU only");
	gic_enable(SPI, false);
	gic_enable(IRQ_VTIMER, false);
	start_step(8);
	report(smp_wait(&done, 8, PATIENCE_MS) && !spis_enabled, "and that it was disabled");
}

/* Each of them has to see what the other did, whoever comes first. */
static void enabled_while_pended(void)
{
	u32 i, n, iar = SPI;

	write32(GICD_ICFGR(SPI / 16), 2u << 2 * (SPI % 16)); /* edge */
	write32(GICD_ITARGETSR(SPI / 4), 0x01010101);
	start_step(9);
	for (i = 1; i <= CUES && iar == SPI; i++) {
		gic_enable(SPI, false);
		cue = i;
		for (n = 0; n < i * 7 % 128; n++)
			__asm__ volatile("");
		gic_enable(SPI, true);
		iar = gic_wait();
		gic_eoi(iar);
	}
	cue = CUES;
	report(iar == SPI, "an SPI that is pended while it is being enabled comes");
	report(smp_wait(&done, 9, PATIENCE_MS), "the other CPU has pended all of them");
	write32(GICD_ICPENDR(SPI / 32), 1u << (SPI - 32));
	gic_enable(SPI, false);
	write32(GICD_ICFGR(SPI / 16), 0);
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	gic_init();
	start_second_cpu();
	locks();
	ping();
	watch();
	event();
	targets();
	enables();
	enabled_while_pended();
}
