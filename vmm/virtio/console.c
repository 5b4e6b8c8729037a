// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control queues of the console device (5.3.6.2).  Which message the driver gets next follows
 * from what it has been told of each port, so a driver that takes none makes nothing grow.
 *
 * A driver without VIRTIO_CONSOLE_F_MULTIPORT has the first port, without name and always open.
 */
#include <errno.h>
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>

#include "console.h"
#include "console_port.h"
#include "error.h"

/* How long a port rests whose other end is gone for now. */
#define RETRY_MS 100
/* A Linux driver fills the input queues with buffers of a page each. */
#define QUEUE_SIZE 64

/* The first port's queues are 0 and 1, those of port n from 1 on 2n + 2 and 2n + 3 (5.3.2). */
enum {
	CONTROL_IN = 2, /* to the driver */
	CONTROL_OUT,
	FIRST_QUEUES,
};

/* struct virtio_console_control, in this machine's order of bytes. */
struct message {
	uint32_t id;
	uint16_t event;
	uint16_t value;
};

#define MAX_MESSAGE (sizeof(struct message) + PORT_NAME_MAX)
#define CONFIG	    offsetof(struct virtio_console_config, emerg_wr)
#define NR_PORTS    offsetof(struct virtio_console_config, max_nr_ports)

_Static_assert(VIRTIO_MAX_QUEUES >= 2 + 2 * MAX_PORTS && VIRTIO_MAX_POLLS >= MAX_PORTS, "");

struct console {
	struct virtio_kind kind; /* the number of queues depends on that of ports */
	unsigned int count;
	struct console_port ports[MAX_PORTS];
};

static bool multiport(const struct virtio *device)
{
	return virtio_has(device, VIRTIO_CONSOLE_F_MULTIPORT);
}

static void set_polls(struct virtio *device)
{
	struct console *console = device->owner;

	device->poll_timeout = -1;
	for (unsigned int i = 0; i < console->count; i++) {
		device->polls[i] = console_port_poll(&console->ports[i], device);
		if (console->ports[i].rests && virtio_live(device))
			device->poll_timeout = RETRY_MS;
	}
}

/* Returns false if the driver has no room for the message now. */
static bool tell(struct virtio *device, unsigned int id, uint16_t event, uint16_t value,
		 const char *name)
{
	const struct message head = { .id = id, .event = event, .value = value };
	struct queue *queue = &device->queues[CONTROL_IN];
	uint8_t message[MAX_MESSAGE];
	size_t size = sizeof(head) + strlen(name);
	struct queue_chain chain;

	memcpy(message, &head, sizeof(head));
	memcpy(message + sizeof(head), name, size - sizeof(head));
	do {
		if (!queue_pop(queue, &chain))
			continue;
		if (queue_chain_write(&chain, message, size) < size) {
			queue->broken = "a buffer is too short for a message about ports";
			return false;
		}
		queue_push(queue, &chain, size);
		return true;
	} while (queue_rearm(queue));
	return false;
}

/* The next message about one port; returns false if there is none, or no room for it. */
static bool tell_next(struct virtio *device, unsigned int id, struct console_port *port)
{
	bool open = port->fd >= 0;

	if (port->owes_add) {
		port->owes_add = !tell(device, id, VIRTIO_CONSOLE_PORT_ADD, 0, "");
		return !port->owes_add;
	}
	if (port->owes_name) {
		port->owes_name = !tell(device, id, VIRTIO_CONSOLE_PORT_NAME, 1, port->name);
		return !port->owes_name;
	}
	if (!port->ready || port->told_open == open ||
	    !tell(device, id, VIRTIO_CONSOLE_PORT_OPEN, open, ""))
		return false;
	port->told_open = open;
	return true;
}

static void tell_all(struct virtio *device)
{
	struct console *console = device->owner;

	for (unsigned int i = 0; i < console->count; i++) {
		struct console_port *port = &console->ports[i];

		if (!multiport(device))
			port->told_open = port->fd >= 0;
		else
			while (tell_next(device, i, port))
				;
	}
	virtio_used(device, CONTROL_IN);
}

static void obey(struct virtio *device, const struct message *message)
{
	struct console *console = device->owner;
	struct console_port *port = message->id < console->count ? &console->ports[message->id]
								 : NULL;

	if (message->event == VIRTIO_CONSOLE_DEVICE_READY && message->value) {
		for (unsigned int i = 0; i < console->count; i++)
			console->ports[i].owes_add = true;
	} else if (port && message->event == VIRTIO_CONSOLE_PORT_READY && message->value) {
		port->ready = port->owes_name = true;
		port->told_open = false;
	} else if (port && message->event == VIRTIO_CONSOLE_PORT_OPEN) {
		port->guest_open = message->value;
		console_port_receive(port, device);
	}
}

static void serve_control(struct virtio *device)
{
	struct queue *queue = &device->queues[CONTROL_OUT];
	struct message message;
	struct queue_chain chain;

	do {
		while (queue_pop(queue, &chain)) {
			/* A message of a later version may be longer. */
			if (queue_chain_read(&chain, 0, &message, sizeof(message)) <
			    sizeof(message)) {
				queue->broken = "a message about ports is too short";
				return;
			}
			obey(device, &message);
			queue_push(queue, &chain, 0);
			if (virtio_yields(device, CONTROL_OUT)) {
				virtio_used(device, CONTROL_OUT);
				return;
			}
		}
		virtio_used(device, CONTROL_OUT);
	} while (queue_rearm(queue));
}

static void console_serve(struct virtio *device, unsigned int n)
{
	struct console *console = device->owner;
	unsigned int id = n < CONTROL_IN ? 0 : n / 2 - 1;

	if (n == CONTROL_OUT)
		serve_control(device);
	else if (n != CONTROL_IN && !(n & 1))
		console_port_receive(&console->ports[id], device);
	else if (n != CONTROL_IN)
		console_port_send(&console->ports[id], device);
	tell_all(device);
	set_polls(device);
}

static void console_ready(struct virtio *device)
{
	struct console *console = device->owner;

	for (unsigned int i = 0; i < console->count && virtio_live(device); i++)
		console_port_service(&console->ports[i], device, device->polls[i].revents);
	if (virtio_live(device))
		tell_all(device);
	set_polls(device);
}

static void console_ending(struct virtio *device)
{
	struct console *console = device->owner;

	for (unsigned int i = 0; i < console->count && virtio_live(device); i++)
		console_port_drain(&console->ports[i], device);
}

static void console_started(struct virtio *device)
{
	struct console *console = device->owner;

	if (!multiport(device))
		console->ports[0].ready = console->ports[0].guest_open = true;
	set_polls(device);
}

static void console_stopped(struct virtio *device)
{
	struct console *console = device->owner;

	for (unsigned int i = 0; i < console->count; i++)
		console_port_reset(&console->ports[i]);
	set_polls(device);
}

static void console_destroy(struct virtio *device)
{
	struct console *console = device->owner;

	for (unsigned int i = 0; i < console->count; i++)
		console_port_close(&console->ports[i]);
	free(console);
}

static void console_describe(const struct virtio *device, struct json_t *to)
{
	const struct console *console = device->owner;
	json_t *names = json_array();

	for (unsigned int i = 0; i < console->count; i++)
		json_array_append_new(names, json_string(console->ports[i].name));
	json_object_set_new(to, "ports", names);
}

static struct json_t *console_save(const struct virtio *device)
{
	const struct console *console = device->owner;
	json_t *ports = json_array();

	for (unsigned int i = 0; i < console->count; i++)
		json_array_append_new(ports, console_port_save(&console->ports[i]));
	return json_pack("{s:o}", "ports", ports);
}

static int console_load(struct virtio *device, const struct json_t *from, const char *where)
{
	struct console *console = device->owner;
	const json_t *ports;
	int err = state_load_list(from, "ports", console->count, &ports, where);

	for (unsigned int i = 0; !err && i < console->count; i++)
		err = console_port_load(&console->ports[i], json_array_get(ports, i), where);
	set_polls(device);
	return err;
}

static const struct virtio_kind console_kind = {
	.name = "console",
	.id = VIRTIO_ID_CONSOLE,
	.queue_size = QUEUE_SIZE,
	.thread = SANDBOX_CONSOLE,
	.serve = console_serve,
	.ready = console_ready,
	.ending = console_ending,
	.started = console_started,
	.stopped = console_stopped,
	.destroy = console_destroy,
	.describe = console_describe,
	.save = console_save,
	.load = console_load,
};

int console_create(struct virtio *device, const struct ram *ram, const struct port_options *ports,
		   unsigned int count)
{
	struct console *console = calloc(1, sizeof(*console));
	uint32_t nr_ports = count;
	int err;

	if (!console)
		return fail(ENOMEM, "--port");
	console->kind = console_kind;
	console->kind.nr_queues = 2 + 2 * count;
	/* From here on virtio_destroy() frees the rest. */
	err = virtio_create(device, &console->kind, ram, console);
	for (unsigned int i = 0; !err && i < count; i++) {
		console->ports[i].input = i ? 2 * i + 2 : 0;
		err = console_port_open(&console->ports[i], &ports[i]);
		console->count++;
	}
	device->nr_polls = count;
	device->features = BIT64(VIRTIO_CONSOLE_F_MULTIPORT);
	memcpy(device->config + NR_PORTS, &nr_ports, sizeof(nr_ports));
	device->config_size = CONFIG;
	set_polls(device);
	return err;
}
