/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's MMIO space: address ranges, each owned by one device. */
#ifndef ARMVM_BUS_H
#define ARMVM_BUS_H

#include <stdbool.h>
#include <stdint.h>

/* Called on any vCPU's thread, so a device does its own locking.  size is 1, 2 or 4. */
struct bus_ops {
	uint32_t (*read)(void *owner, uint32_t offset, unsigned int size);
	void (*write)(void *owner, uint32_t offset, uint32_t value, unsigned int size);
};

struct bus_device {
	uint32_t base;
	uint32_t size;
	const struct bus_ops *ops;
	void *owner;
};

#define BUS_MAX_DEVICES 24

/* Filled before the first vCPU runs and constant from then on. */
struct bus {
	struct bus_device devices[BUS_MAX_DEVICES];
	unsigned int count;
};

/*
 * Returns -ENOSPC if the bus is full, -EEXIST if the range overlaps another
 * one, -EINVAL if it is empty or wraps.
 */
int bus_add(struct bus *bus, uint32_t base, uint32_t size, const struct bus_ops *ops, void *owner);

/*
 * Perform one guest access of size bytes at data.  An access that no single
 * device covers, or of another size than 1, 2 or 4, reads as zero and writes
 * nothing; the function then returns false.
 */
bool bus_access(const struct bus *bus, uint64_t address, uint8_t *data, uint32_t size, bool write);

#endif
