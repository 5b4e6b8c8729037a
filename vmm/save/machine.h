/* SPDX-License-Identifier: GPL-2.0-only */
/* All of a machine but its RAM, as JSON. */
#ifndef ARMVM_SAVE_MACHINE_H
#define ARMVM_SAVE_MACHINE_H

#include "firmware.h"
#include "options.h"
#include "pl011.h"
#include "pl031.h"
#include "pl061.h"
#include "power.h"
#include "ram.h"
#include "testdev.h"
#include "virtio/virtio.h"
#include "vm.h"

/* Where the parts of the machine are. */
struct machine_parts {
	const struct options *options;
	const struct firmware *firmware;
	const struct ram *ram;
	struct vm *vm;
	struct pl011 *uarts; /* the second one only with --channel */
	struct pl031 *rtc;
	struct pl061 *gpio;
	struct power *power;
	struct testdev *testdev;
	struct virtio_set *virtio;
};

/* What has to be the same where the machine is restored.  NULL: no memory. */
struct json_t *machine_describe(const struct machine_parts *parts);
/* Refuse a machine that differs from this one, naming what differs.  Returns as state.h says. */
int machine_compare(const struct json_t *saved, const struct json_t *here);
/* The state.  The vCPUs and the workers must have stopped.  NULL after one message. */
struct json_t *machine_save(const struct machine_parts *parts);
/* Before the vCPUs and the workers start.  Returns as state.h says. */
int machine_load(const struct machine_parts *parts, const struct json_t *from);

#endif
