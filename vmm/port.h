/* SPDX-License-Identifier: GPL-2.0-only */
/* The line of a serial port: moves bytes between a PL011 and descriptors without blocking. */
#ifndef ARMVM_PORT_H
#define ARMVM_PORT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pl011.h"

/* More than anyone types ahead and most people paste. */
#define PORT_KEPT 65536u

struct port {
	const char *name; /* for messages */
	struct pl011 *uart;
	int in;	 /* -1: nothing left to read */
	int out; /* -1: nobody to write to */
	/*
	 * The other end of a character device comes and goes (a virtio port's
	 * reader, a pty's master): retry after its end of file and its errors.
	 * On other descriptors these are final.
	 */
	bool comes_back;
	bool terminal; /* the input is one */
	/*
	 * Removes bytes from the input and returns how many are left; or NULL.
	 * It sees all input at once, whether or not the guest takes any; what
	 * does not fit into kept is dropped after the filter has seen it.
	 */
	size_t (*filter)(void *owner, uint8_t *data, size_t count);
	void *owner;
	int64_t retry_at;   /* in milliseconds; 0: now */
	int64_t read_at;    /* when input is looked for again that has ended for now */
	int64_t written_at; /* time of the last write */
	int64_t release_at; /* when to release held input; 0: none is held */
	int64_t resume_at;  /* when the line's rest ends; 0: it does not rest */
	int64_t batch_at;   /* when the last rest ended */
	size_t nr_kept;
	uint8_t kept[PORT_KEPT]; /* read but not yet taken by the guest */
};

/* What port_prepare() wants poll() to wait for. */
struct port_poll {
	struct pollfd in;
	struct pollfd out;
};

void port_init(struct port *port, const char *name, struct pl011 *uart, int in, int out);
/* Fill fds, and lower *timeout (milliseconds, -1: none) to when the port needs service again. */
void port_prepare(struct port *port, struct port_poll *fds, int64_t now, int64_t *timeout);
void port_service(struct port *port, const struct port_poll *fds, int64_t now);
/* Is there output, and a descriptor to write it to? */
bool port_pending(const struct port *port);

#endif
