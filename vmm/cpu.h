/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPU the host has, from /proc. */
#ifndef ARMVM_CPU_H
#define ARMVM_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct cpu_info {
	unsigned int cpus;	  /* how many the file describes */
	unsigned int implementer; /* 0x41 is Arm; 0 where not said */
	unsigned int part;	  /* of the first one */
	bool mixed;		  /* they are not all the same */
};

/* path: "/proc/cpuinfo".  False where it cannot be read. */
bool cpu_read(const char *path, struct cpu_info *info);
/* "Cortex-A15", or NULL for a CPU that has no virtualization or is not 32-bit. */
const char *cpu_name(const struct cpu_info *info);
/* What a guest's device tree calls the CPU. */
const char *cpu_compatible(void);
/* The timers' frequency if the host's own device tree has to say it, else 0. */
uint32_t cpu_timer_hz(void);

#endif
