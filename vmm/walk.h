/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's own translation of an address (stage 1), as a debugger wants it. */
#ifndef ARMVM_WALK_H
#define ARMVM_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "ram.h"

/* A vCPU's registers that say how it translates. */
struct walk {
	uint32_t sctlr;
	uint32_t ttbcr;
	uint64_t ttbr0;
	uint64_t ttbr1;
};

/*
 * Where va lies in the guest's physical memory, whether or not anyone may
 * access it there.  False where it is not mapped, or where a table that it
 * takes is not in RAM.
 */
bool walk_translate(const struct walk *walk, const struct ram *ram, uint32_t va, uint64_t *pa);

#endif
