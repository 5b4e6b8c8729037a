// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI: by HVC in a guest, by SMC on the bare board, where the emulator itself is the
 * firmware.  guest_only() marks what only a guest has.
 */
#include "lib/psci.h"

#include "lib/arm.h"
#include "lib/gic.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/smp.h"
#include "lib/timer.h"

static volatile u32 runs, release;

static void secondary(void)
{
	mmu_on_secondary();
	runs++;
	dsb();
	smp_wait(&release, runs, PATIENCE_MS);
	smp_stop();
}

static int affinity(u32 mpidr)
{
	return psci_call(PSCI_AFFINITY_INFO, mpidr, 0, 0);
}

static bool goes_off(void)
{
	u64 end = timer_now() + timer_ms(PATIENCE_MS);

	while (timer_now() < end)
		if (affinity(1) == 1)
			return true;
	return false;
}

static void on_and_off(void)
{
	u32 round;

	report(affinity(0) == 0, "AFFINITY_INFO: this CPU is on");
	report(affinity(1) == 1, "AFFINITY_INFO: the other one is off");
	report(psci_call(PSCI_CPU_ON, 0, 0, 0) == PSCI_ALREADY_ON,
	       "CPU_ON of this CPU: already on");
	for (round = 1; round <= 3; round++) {
		report(smp_start(1, secondary) == PSCI_SUCCESS, "CPU_ON, round %u", round);
		report(smp_wait(&runs, round, PATIENCE_MS), "it runs, round %u", round);
		report(affinity(1) == 0, "AFFINITY_INFO: it is on, round %u", round);
		report(smp_start(1, secondary) == PSCI_ALREADY_ON, "CPU_ON again, round %u", round);
		release = round;
		dsb();
		report(goes_off(), "after CPU_OFF it is off, round %u", round);
	}
}

static void bad_arguments(void)
{
	static const u32 mpidrs[] = { 2, 0x100, 0x10000, 0x01000001, 0xff };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(mpidrs); i++) {
		report(psci_call(PSCI_CPU_ON, mpidrs[i], 0x40010000, 0) == PSCI_INVALID_PARAMETERS,
		       "CPU_ON of 0x%x, which does not exist: invalid", mpidrs[i]);
		say("AFFINITY_INFO of 0x%x = %d", mpidrs[i], affinity(mpidrs[i]));
	}
	/* SMCCC 2.3: an unknown function returns NOT_SUPPORTED. */
	report(psci_call(0x840000ff, 0, 0, 0) == PSCI_NOT_SUPPORTED, "an unknown PSCI function");
	say("the 64-bit id of CPU_ON = %d", psci_call(0xc4000003, 1, 0, 0));
}

static void versions(void)
{
	static const struct {
		const char *name;
		u32 id;
	} functions[] = {
		{ "PSCI_VERSION", PSCI_VERSION },
		{ "CPU_SUSPEND", PSCI_CPU_SUSPEND },
		{ "CPU_OFF", PSCI_CPU_OFF },
		{ "CPU_ON", PSCI_CPU_ON },
		{ "AFFINITY_INFO", PSCI_AFFINITY_INFO },
		{ "SYSTEM_OFF", PSCI_SYSTEM_OFF },
		{ "SYSTEM_RESET", PSCI_SYSTEM_RESET },
		{ "PSCI_FEATURES", PSCI_FEATURES },
		{ "SMCCC_VERSION", SMCCC_VERSION },
		{ "unknown", 0x840000ff },
	};
	u32 i;

	say("PSCI_VERSION = 0x%x", psci_call(PSCI_VERSION, 0, 0, 0));
	say("MIGRATE_INFO_TYPE = %d", psci_call(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0));
	for (i = 0; i < ARRAY_SIZE(functions); i++)
		say("PSCI_FEATURES of %s = %d", functions[i].name,
		    psci_call(PSCI_FEATURES, functions[i].id, 0, 0));
	guest_only(in_guest());
	if (in_guest()) {
		/* SMCCC 7.2: PSCI_FEATURES says that it exists. */
		report(psci_call(SMCCC_VERSION, 0, 0, 0) >= 0x10000,
		       "SMCCC_VERSION is 1.0 or later");
		report(hvc_unknown() == PSCI_NOT_SUPPORTED, "an unknown HVC: -1");
	}
	guest_only(false);
}

/* SMCCC 2.6: the registers that a call must preserve. */
static void registers_kept(void)
{
	register u32 r0 __asm__("r0") = 0x86001234;
	u32 bad;

	__asm__ volatile("push {r4-r11}\n"
			 "mov r4, #4\n mov r5, #5\n mov r6, #6\n mov r7, #7\n"
			 "mov r8, #8\n mov r9, #9\n mov r10, #10\n mov r11, #11\n"
			 "hvc #0\n"
			 "sub r4, #4\n sub r5, #5\n sub r6, #6\n sub r7, #7\n"
			 "sub r8, #8\n sub r9, #9\n sub r10, #10\n sub r11, #11\n"
			 "orr r4, r5\n orr r4, r6\n orr r4, r7\n orr r4, r8\n"
			 "orr r4, r9\n orr r4, r10\n orr r4, r11\n"
			 "mov r1, r4\n"
			 "pop {r4-r11}\n"
			 "mov %1, r1\n"
			 : "+r"(r0), "=r"(bad)
			 :
			 : "r1", "r2", "r3", "r12", "memory", "cc");
	report(!bad, "an HVC keeps r4 to r11");
}

/* CPU_SUSPEND to a standby state acts like WFI; the timer's interrupt ends it. */
static void suspend(void)
{
	u32 iar;

	gic_init();
	gic_enable(IRQ_VTIMER, true);
	timer_set(timer_now() + timer_ms(1), CNTV_CTL_ENABLE);
	report(psci_call(PSCI_CPU_SUSPEND, 0, 0, 0) == PSCI_SUCCESS,
	       "CPU_SUSPEND, standby: returns");
	iar = gic_wait();
	timer_off();
	report(iar == IRQ_VTIMER, "the timer woke it");
	gic_eoi(iar);
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	versions();
	bad_arguments();
	on_and_off();
	registers_kept();
	suspend();
}
