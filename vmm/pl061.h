/* SPDX-License-Identifier: GPL-2.0-only */
/* PL061 GPIO controller (DDI 0190): eight lines, each with an interrupt by edge or by level. */
#ifndef ARMVM_PL061_H
#define ARMVM_PL061_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "state.h"

/* A byte has a bit for each line. */
struct pl061 {
	pthread_mutex_t lock;
	uint8_t pins; /* what armvm drives */
	uint8_t seen; /* the guest has read the line since armvm last changed it */
	uint8_t data; /* what the guest drives */
	uint8_t dir;
	uint8_t is;
	uint8_t ibe;
	uint8_t iev;
	uint8_t ie;
	uint8_t afsel;
	uint8_t edges; /* the edges that GPIORIS shows */
	/* Both are called with lock held and must not call back. */
	void (*set_irq)(void *owner, bool level);
	void (*wake)(void *owner); /* pl061_was_read() would return something else now */
	void *owner;
};

extern const struct bus_ops pl061_ops;

void pl061_init(struct pl061 *gpio, void (*set_irq)(void *owner, bool level),
		void (*wake)(void *owner), void *owner);
/* The guest is reset.  The pins keep their levels.  No vCPU may run. */
void pl061_reset(struct pl061 *gpio);
/* Drive a line from outside. */
void pl061_drive(struct pl061 *gpio, unsigned int line, bool level);
/* Is the line an input whose interrupt the guest has enabled? */
bool pl061_listens(struct pl061 *gpio, unsigned int line);
/* Has the guest read the line since pl061_drive() last changed it? */
bool pl061_was_read(struct pl061 *gpio, unsigned int line);

/* For a saved machine; no vCPU may run.  The latter as state.h says. */
struct json_t *pl061_save(struct pl061 *gpio);
int pl061_load(struct pl061 *gpio, const struct json_t *from);

#endif
