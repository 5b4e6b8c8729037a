// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nothing is lost and nothing is kept here: input is read when the guest has a buffer for it, and
 * a request of which the descriptor took only a part stays the next one in its queue.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "channel.h"
#include "console_port.h"
#include "error.h"

/* In one call.  A request can be longer than a call may be. */
#define MOST 65536u

#define LISTEN "listen:"

int console_port_open(struct console_port *port, const struct port_options *options)
{
	const char *target = options->target;
	struct stat st;

	port->name = options->name;
	port->fd = port->listener.fd = -1;
	if (!strncmp(target, LISTEN, strlen(LISTEN)))
		return listener_open(&port->listener, "--port", target + strlen(LISTEN), 1);
	port->fd = channel_open("--port", target);
	if (port->fd < 0)
		return port->fd;
	port->comes_back = !fstat(port->fd, &st) && S_ISCHR(st.st_mode);
	return 0;
}

static void hang_up(struct console_port *port)
{
	close(port->fd);
	port->fd = -1;
	port->input_ends = port->out_waits = false;
	port->out_done = 0;
}

void console_port_close(struct console_port *port)
{
	if (port->fd >= 0)
		hang_up(port);
	listener_close(&port->listener);
}

void console_port_reset(struct console_port *port)
{
	port->guest_open = port->in_waits = port->out_waits = false;
	port->out_done = 0;
	port->ready = port->told_open = port->owes_add = port->owes_name = false;
}

/* A descriptor failed, with this errno. */
static void failed(struct console_port *port, int err)
{
	if (port->comes_back) {
		port->rests = true;
		return;
	}
	if (err != EPIPE && err != ECONNRESET)
		fail(err, "port %s", port->name);
	hang_up(port);
}

/* Cut the buffers down to what follows their first `skip` bytes; returns how many are left. */
static unsigned int cut(struct iovec *iov, unsigned int count, size_t skip)
{
	unsigned int n = 0;
	size_t room = MOST;

	for (unsigned int i = 0; i < count && room; i++) {
		size_t past = skip < iov[i].iov_len ? skip : iov[i].iov_len;
		size_t part = iov[i].iov_len - past < room ? iov[i].iov_len - past : room;

		skip -= past;
		if (!part)
			continue;
		iov[n++] = (struct iovec){ .iov_base = (uint8_t *)iov[i].iov_base + past,
					   .iov_len = part };
		room -= part;
	}
	return n;
}

static bool wants_input(const struct console_port *port)
{
	return port->fd >= 0 && port->guest_open && !port->input_ends && !port->rests;
}

/* Fill one buffer.  Returns false if there is none, or nothing to put into it. */
static bool receive(struct virtio *device, void *arg)
{
	struct console_port *port = arg;
	struct queue *queue = &device->queues[port->input];
	struct queue_chain chain;
	struct iovec *iov;
	ssize_t got;

	if (!wants_input(port))
		return false;
	if (!queue_pop(queue, &chain)) {
		port->in_waits = !queue_rearm(queue);
		return !port->in_waits;
	}
	port->in_waits = false;
	if (!chain.nr_in) {
		queue->broken = "a buffer for a port's input cannot be written";
		return false;
	}
	iov = chain.iov + chain.nr_out;
	got = readv(port->fd, iov, cut(iov, chain.nr_in, 0));
	if (got > 0) {
		queue_push(queue, &chain, got);
		return true;
	}
	queue_unpop(queue);
	if (got < 0 && errno == EINTR)
		return true;
	if (got < 0 && errno != EAGAIN)
		failed(port, errno);
	else if (!got && port->comes_back)
		port->rests = true;
	else if (!got)
		port->input_ends = true;
	return false;
}

/* Write a part of a request; returns false if it is not done with. */
static bool send_part(struct console_port *port, struct queue_chain *chain)
{
	ssize_t put = writev(port->fd, chain->iov, cut(chain->iov, chain->nr_out, port->out_done));

	if (put >= 0) {
		port->out_done += put;
		return port->out_done >= chain->out_length;
	}
	if (errno == EINTR)
		return false;
	if (errno != EAGAIN)
		failed(port, errno);
	/* What nobody receives is dropped. */
	if (port->fd < 0)
		return true;
	port->out_waits = true;
	return false;
}

/* Take one request, or a part of it.  Returns false if there is none, or it has to wait. */
static bool transmit(struct virtio *device, void *arg)
{
	struct console_port *port = arg;
	struct queue *queue = &device->queues[port->input + 1];
	struct queue_chain chain;

	if (port->out_waits)
		return false;
	if (!queue_pop(queue, &chain))
		return queue_rearm(queue);
	if (port->fd >= 0 && chain.out_length > port->out_done && !send_part(port, &chain)) {
		queue_unpop(queue);
		return !port->out_waits;
	}
	port->out_done = 0;
	queue_push(queue, &chain, 0);
	return true;
}

void console_port_receive(struct console_port *port, struct virtio *device)
{
	virtio_pump(device, port->input, receive, port);
}

void console_port_send(struct console_port *port, struct virtio *device)
{
	virtio_pump(device, port->input + 1, transmit, port);
}

void console_port_drain(struct console_port *port, struct virtio *device)
{
	port->out_waits = false;
	while (transmit(device, port))
		;
}

void console_port_service(struct console_port *port, struct virtio *device, short events)
{
	port->rests = false;
	if (port->fd < 0) {
		if (events)
			port->fd = listener_accept(&port->listener);
		return;
	}
	if (port->input_ends && events & (POLLHUP | POLLERR)) {
		hang_up(port);
		return;
	}
	if (port->out_waits) {
		port->out_waits = false;
		console_port_send(port, device);
	}
	if (!port->in_waits)
		console_port_receive(port, device);
	/* Hung up, and perhaps not writable: do not wait for the same again at once. */
	if (port->comes_back && events & (POLLHUP | POLLERR))
		port->rests = true;
}

struct pollfd console_port_poll(const struct console_port *port, const struct virtio *device)
{
	struct pollfd poll = { .fd = port->fd };

	if (!virtio_live(device) || port->rests)
		return poll;
	if (port->fd < 0) {
		poll.fd = port->listener.fd;
		/* The driver first has to learn that the last client is gone. */
		if (poll.fd >= 0 && port->ready && !port->told_open)
			poll.events = POLLIN;
		return poll;
	}
	if (wants_input(port) && !port->in_waits)
		poll.events |= POLLIN;
	if (port->out_waits)
		poll.events |= POLLOUT;
	if (port->input_ends)
		poll.events |= POLLHUP;
	return poll;
}

static const struct state_field fields[] = {
	STATE_FIELD(struct console_port, guest_open, 1),
	STATE_FIELD(struct console_port, out_done, UINT32_MAX),
	STATE_FIELD(struct console_port, ready, 1),
	STATE_FIELD(struct console_port, told_open, 1),
	STATE_FIELD(struct console_port, owes_add, 1),
	STATE_FIELD(struct console_port, owes_name, 1),
};

struct json_t *console_port_save(const struct console_port *port)
{
	return state_save(STATE_FIELDS(fields), port);
}

int console_port_load(struct console_port *port, const struct json_t *from, const char *where)
{
	return state_load(STATE_FIELDS(fields), port, from, 0, where);
}
