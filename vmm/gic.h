/* SPDX-License-Identifier: GPL-2.0-only */
/* The in-kernel GICv2, and interrupt lines from armvm's devices to it. */
#ifndef ARMVM_GIC_H
#define ARMVM_GIC_H

#include <stdbool.h>
#include <stdint.h>

struct vm;

/* Before the vCPUs; returns 0 or, after one message, a negative errno. */
int gic_create(struct vm *vm);
/* After all vCPUs; returns 0 or, after one message, a negative errno. */
int gic_init(struct vm *vm);
/*
 * Give distributor and CPU interfaces their reset values (GICv2, IHI 0048B, 4.1.4 and 4.4); no
 * vCPU may run.  Returns 0 or, after one message, a negative errno.
 */
int gic_reset(struct vm *vm);

struct json_t;

/*
 * gic_state.c: all registers of the GIC, for a saved machine; no vCPU may run.  The first returns
 * NULL, after one message, if KVM does not give them.  The second is for a GIC that has just been
 * initialised, before any line is raised; it returns as state.h says.
 */
struct json_t *gic_save(struct vm *vm);
int gic_load(struct vm *vm, const struct json_t *from);

/* One level-triggered SPI, protected by the lock of the device that drives it. */
struct gic_line {
	struct vm *vm;
	uint32_t spi;
	bool level;
};

/* A failure ends the guest. */
void gic_set_line(struct gic_line *line, bool level);

#endif
