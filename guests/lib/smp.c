// SPDX-License-Identifier: GPL-2.0-only
#include "smp.h"

#include "cache.h"
#include "cpu.h"
#include "psci.h"
#include "timer.h"

extern u8 secondary_start[], image_start[], image_end[];

u32 smp_number(void)
{
	return MRC(REG_MPIDR) & 0xff;
}

int smp_start(u32 n, void (*entry)(void))
{
	struct cpu *cpu = &cpus[n].cpu;

	cpu_init(n);
	cpu->entry = entry;
	cpu->number = n;
	/* The new CPU reads all of this with its caches off. */
	cache_clean(image_start, (u32)(image_end - image_start));
	return psci_call(PSCI_CPU_ON, n, (u32)secondary_start, (u32)cpu);
}

void smp_stop(void)
{
	psci_call(PSCI_CPU_OFF, 0, 0, 0);
}

/* A3.4.5; D7.2: the DMBs keep the accesses of the critical section inside it. */
void spin_lock(struct spinlock *lock)
{
	u32 seen, failed;

	__asm__ volatile("1: ldrex %0, [%2]\n"
			 "cmp %0, #0\n"
			 "wfene\n"
			 "bne 1b\n"
			 "strex %1, %3, [%2]\n"
			 "cmp %1, #0\n"
			 "bne 1b\n"
			 "dmb\n"
			 : "=&r"(seen), "=&r"(failed)
			 : "r"(&lock->locked), "r"(1)
			 : "cc", "memory");
}

void spin_unlock(struct spinlock *lock)
{
	dmb();
	lock->locked = 0;
	dsb();
	sev();
}

bool smp_wait(volatile u32 *p, u32 v, u32 ms)
{
	u64 end = timer_now() + timer_ms(ms);

	while (*p != v)
		if (timer_now() > end)
			return false;
	dmb();
	return true;
}
