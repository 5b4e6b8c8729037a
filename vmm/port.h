/* SPDX-License-Identifier: GPL-2.0-only */
/* A serial port's line: moves bytes between a PL011 and file descriptors, never blocking. */
#ifndef ARMVM_PORT_H
#define ARMVM_PORT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pl011.h"

/* More than anyone types ahead, and than most paste. */
#define PORT_KEPT 65536u

struct port {
	const char *name; /* for messages */
	struct pl011 *uart;
	int in;	 /* -1: nothing (more) to read */
	int out; /* -1: nobody to write to */
	/*
	 * A character device's other end comes and goes (a virtio port's
	 * reader, a pty's master): its end of file and its errors are looked at
	 * again after a while.  Elsewhere they are for good.
	 */
	bool comes_back;
	/*
	 * Takes bytes out of what was read for the guest; returns how many are
	 * left.  Or NULL.  It sees all input at once, whether or not the guest
	 * takes any: what does not even fit into kept is dropped behind it.
	 */
	size_t (*filter)(void *owner, uint8_t *data, size_t count);
	void *owner;
	int64_t retry_at;   /* milliseconds; 0: now */
	int64_t written_at; /* the last write */
	int64_t release_at; /* when held input is let in; 0: none is held */
	size_t nr_kept;
	uint8_t kept[PORT_KEPT]; /* read, and not yet taken by the guest */
};

/* What port_prepare() asked poll() for. */
struct port_poll {
	struct pollfd in;
	struct pollfd out;
};

void port_init(struct port *port, const char *name, struct pl011 *uart, int in, int out);
/* Fill fds and lower *timeout (milliseconds, -1: none) to when the port needs service again. */
void port_prepare(struct port *port, struct port_poll *fds, int64_t now, int64_t *timeout);
void port_service(struct port *port, const struct port_poll *fds, int64_t now);
/* Is there output that has someone to take it? */
bool port_pending(const struct port *port);

#endif
