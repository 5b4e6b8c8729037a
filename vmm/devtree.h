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

/* Room for what armvm writes; a --dtb file adds its own size, up to DEVTREE_MAX_FILE. */
#define DEVTREE_ROOM	 0x10000u
#define DEVTREE_MAX_FILE 0x100000u

struct devtree_machine {
	const char *cpu_compatible; /* "arm,cortex-a15" or "arm,cortex-a7" */
	unsigned int cpus;
	uint32_t timer_hz; /* 0: the guest reads CNTFRQ */
	bool channel;
	bool testdev;
	bool pmu;	     /* performance monitors */
	unsigned int virtio; /* virtio devices, in the first slots */
};

/* Each returns 0 or, after one message, a negative errno. */

/* Describe armvm's machine, except for memory and /chosen. */
int devtree_describe(void *fdt, size_t size, const struct devtree_machine *machine);
/* Read the tree from a file instead; size must be the file's size plus DEVTREE_ROOM. */
int devtree_from_file(void *fdt, size_t size, const struct file *file);
/*
 * Complete either kind of tree: replace all memory nodes by one; set bootargs
 * if append is not NULL; set or remove the initrd properties; set stdout-path
 * if set_stdout; set rng-seed.  Packs the tree.
 */
int devtree_set_boot(void *fdt, const struct ram *ram, const struct boot *boot, const char *append,
		     bool set_stdout);
/* Copy a finished tree into the guest's RAM or into a file. */
int devtree_store(const void *fdt, const struct ram *ram, uint64_t address);
int devtree_write(const void *fdt, const char *path);

#endif
