/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page of MMIO that keeps what is stored in it, byte by byte, for programs
 * that examine how accesses to devices behave (size, order, debug events).
 */
#ifndef ARMVM_TESTDEV_H
#define ARMVM_TESTDEV_H

#include <pthread.h>
#include <stdint.h>

#include "bus.h"
#include "memmap.h"
#include "state.h"

struct testdev {
	pthread_mutex_t lock;
	uint8_t bytes[DEVICE_SIZE];
};

extern const struct bus_ops testdev_ops;

void testdev_init(struct testdev *dev);
/* The page reads as zero again.  No vCPU may run. */
void testdev_reset(struct testdev *dev);
/* For a saved machine; no vCPU may run.  The latter as state.h says. */
struct json_t *testdev_save(const struct testdev *dev);
int testdev_load(struct testdev *dev, const struct json_t *from);

#endif
