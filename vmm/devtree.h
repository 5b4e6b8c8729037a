/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's device tree. */
#ifndef ARMVM_DEVTREE_H
#define ARMVM_DEVTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot.h"
#include "file.h"
#include "ram.h"

/* Room for what armvm writes; a --dtb file adds its own size, which has a limit. */
#define DEVTREE_ROOM	 0x10000u
#define DEVTREE_MAX_FILE 0x100000u

struct devtree_machine {
	const char *cpu_compatible; /* "arm,cortex-a15" or "arm,cortex-a7" */
	unsigned int cpus;
	uint32_t timer_hz; /* 0: CNTFRQ says */
	bool channel;
	bool testdev;
};

/* Each returns 0 or, after one message, a negative errno. */

/* Describe armvm's machine, all but its memory and /chosen. */
int devtree_describe(void *fdt, size_t size, const struct devtree_machine *machine);
/* The same from a file; size must be its size and DEVTREE_ROOM. */
int devtree_from_file(void *fdt, size_t size, const struct file *file);
/*
 * Memory, initrd and command line, in either kind of tree: every memory node is
 * replaced by one; bootargs is set where append is not NULL; the initrd
 * properties are set or removed; stdout-path is set where set_stdout says so;
 * rng-seed is set.  Packs the tree.
 */
int devtree_set_boot(void *fdt, const struct ram *ram, const struct boot *boot, const char *append,
		     bool set_stdout);
/* Put a finished tree into the guest's RAM, or into a file. */
int devtree_store(const void *fdt, const struct ram *ram, uint64_t address);
int devtree_write(const void *fdt, const char *path);

#endif
