/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting other CPUs, and synchronisation between CPUs. */
#ifndef GUEST_SMP_H
#define GUEST_SMP_H

#include "types.h"

/*
 * Start CPU n in entry(), with its own stacks and with its MMU and caches off (see
 * mmu_on_secondary()).  Returns PSCI's result.
 */
int smp_start(u32 n, void (*entry)(void));
u32 smp_number(void);
/* Power this CPU off; returns only if PSCI refuses. */
void smp_stop(void);

struct spinlock {
	volatile u32 locked;
};
/* The MMU must be on: LDREX and STREX need Normal memory. */
void spin_lock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);

/* Wait until *p is v, for at most ms of the virtual counter; false if it never is. */
bool smp_wait(volatile u32 *p, u32 v, u32 ms);

#endif
