/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --control: a Unix socket on which programs of this machine watch and steer the guest.  Requests
 * and answers are lines, each of them one JSON object (docs/armvm.md).
 */
#ifndef ARMVM_CONTROL_H
#define ARMVM_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "power.h"
#include "vm.h"

#define CONTROL_CLIENTS 8
/* The listener's, the file's that the guest is saved to, and the clients'. */
#define CONTROL_POLLFDS (2 + CONTROL_CLIENTS)

struct virtio;

/* What requests are about. */
struct control_guest {
	struct vm *vm;
	struct power *power;
	uint64_t memory;	/* in bytes */
	struct virtio *balloon; /* NULL without --balloon */
	struct virtio *disks;	/* the first --disk; the others follow */
	unsigned int nr_disks;
	struct save *save;
	struct gdb **gdb;   /* NULL there without --gdb */
	int64_t started_at; /* CLOCK_MONOTONIC in milliseconds */
};

struct control;

/* Create the socket.  Returns 0 or, after one message, a negative errno. */
int control_create(struct control **created, const char *path, struct control_guest *guest);
/* Close all connections and delete the socket.  NULL is allowed. */
void control_destroy(struct control *control);
/*
 * Fill fds with what poll() is to wait for, and lower *timeout, in ms from now (-1: none).  NULL
 * waits for nothing.
 */
void control_prepare(const struct control *control, struct pollfd fds[CONTROL_POLLFDS], int64_t now,
		     int64_t *timeout);
void control_service(struct control *control, const struct pollfd fds[CONTROL_POLLFDS]);

#endif
