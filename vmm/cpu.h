/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's CPU, as /proc describes it. */
#ifndef ARMVM_CPU_H
#define ARMVM_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct cpu_info {
	unsigned int cpus;	  /* number of CPUs in the file */
	unsigned int implementer; /* 0x41 is Arm; 0 if the file has none */
	unsigned int part;	  /* of the first CPU */
	bool mixed;		  /* the CPUs are not all of one kind */
	bool lpae;		  /* some CPU has the Large Physical Address Extension */
};

/* path is "/proc/cpuinfo".  Returns false if it cannot be read. */
bool cpu_read(const char *path, struct cpu_info *info);
/* For example "Cortex-A15"; NULL unless it is a 32-bit CPU with virtualization. */
const char *cpu_name(const struct cpu_info *info);
/* The compatible string of the CPU nodes in a guest's device tree. */
const char *cpu_compatible(void);
/* The timer frequency in the host's device tree, or 0 if it has none (CNTFRQ is right then). */
uint32_t cpu_timer_hz(void);

#endif
