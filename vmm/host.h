/* SPDX-License-Identifier: GPL-2.0-only */
/* What this machine has left for a guest. */
#ifndef ARMVM_HOST_H
#define ARMVM_HOST_H

#include <stdbool.h>
#include <stdint.h>

struct host {
	unsigned int cpus;  /* that armvm may run on; 0: unknown */
	bool mixed;	    /* they can be of several kinds */
	uint64_t available; /* memory without swapping, in bytes; 0: unknown */
};

/* Ask the kernel.  Call it before the sandbox. */
void host_ask(struct host *host);
/* MemAvailable of path, which is "/proc/meminfo", in bytes; 0 if it is not there. */
uint64_t host_available(const char *path);

#endif
