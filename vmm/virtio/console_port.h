/* SPDX-License-Identifier: GPL-2.0-only */
/* One port of a console device: bytes between its two queues and a descriptor. */
#ifndef ARMVM_VIRTIO_CONSOLE_PORT_H
#define ARMVM_VIRTIO_CONSOLE_PORT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "device.h"
#include "listener.h"
#include "options.h"

struct console_port {
	const char *name;
	unsigned int input; /* the queue with the driver's empty buffers; the next one is output */
	struct listener listener;
	int fd; /* -1: nobody is there */
	/*
	 * The other end of a character device comes and goes without our notice, so its end of
	 * file and its errors only mean: later.
	 */
	bool comes_back;
	bool rests;	 /* until later */
	bool input_ends; /* the other end sends no more, but may still receive */
	bool guest_open; /* a program in the guest has opened the port */
	bool in_waits;	 /* for buffers of the driver */
	bool out_waits;	 /* for the descriptor, with a request that is next in the queue */
	size_t out_done; /* bytes of that request */

	/* What the driver knows, and what it is to be told next; the control queues' affair. */
	bool ready;
	bool told_open;
	bool owes_add;
	bool owes_name;
};

/* Open what the option names.  Returns 0 or, after one message, a negative errno. */
int console_port_open(struct console_port *port, const struct port_options *options);
void console_port_close(struct console_port *port);
/* The driver is gone, and what is half done with it. */
void console_port_reset(struct console_port *port);

/* With the device's lock held, on the worker's thread. */

void console_port_receive(struct console_port *port, struct virtio *device);
void console_port_send(struct console_port *port, struct virtio *device);
/* The guest has ended: write what it sent, as far as the descriptor takes it at once. */
void console_port_drain(struct console_port *port, struct virtio *device);
/* The port's descriptor may be ready, as these events say. */
void console_port_service(struct console_port *port, struct virtio *device, short events);
/* For a saved machine; the latter as state.h says. */
struct json_t *console_port_save(const struct console_port *port);
int console_port_load(struct console_port *port, const struct json_t *from, const char *where);
/* What to wait for. */
struct pollfd console_port_poll(const struct console_port *port, const struct virtio *device);

#endif
