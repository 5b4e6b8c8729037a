/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's own address translation (stage 1), for a debugger. */
#ifndef ARMVM_WALK_H
#define ARMVM_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "ram.h"

/* The registers of a vCPU that control its translation. */
struct walk {
	uint32_t sctlr;
	uint32_t ttbcr;
	uint64_t ttbr0;
	uint64_t ttbr1;
};

/*
 * Translate va to a guest physical address, whether or not the guest may access
 * it.  Returns false if va is not mapped or a table in its path is not in RAM.
 */
bool walk_translate(const struct walk *walk, const struct ram *ram, uint32_t va, uint64_t *pa);

#endif
