// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "port.h"

/* A write of up to PIPE_BUF bytes (POSIX: at least 512) to a writable pipe does not block. */
#define CHUNK 512
/*
 * A guest writes byte by byte.  The first byte goes out at once; those that
 * follow within this time after a write are collected for the next one, up to
 * PL011_TX_BATCH.
 */
#define COLLECT_MS 5
/* How long input is held after the guest enables its receiver: see pl011_rx_release(). */
#define HOLD_MS	 50
#define RETRY_MS 100
/*
 * How long the guest gets no input after each batch: as long as it took to read the batch, so
 * that at least half of its time is left for other things.  The limits are for batches that
 * took less than a tick of this clock, and for those that came slowly.
 */
#define REST_MIN_MS 1
#define REST_MAX_MS 20

void port_init(struct port *port, const char *name, struct pl011 *uart, int in, int out)
{
	struct stat st;

	*port = (struct port){ .name = name, .uart = uart, .in = in, .out = out };
	port->comes_back = in == out && in >= 0 && !fstat(in, &st) && S_ISCHR(st.st_mode);
	port->terminal = in >= 0 && isatty(in);
	if (out < 0)
		pl011_close(uart);
}

static void lower_timeout(int64_t *timeout, int64_t ms)
{
	if (ms < 0)
		ms = 0;
	if (*timeout < 0 || ms < *timeout)
		*timeout = ms;
}

static void port_serve_hold(struct port *port, int64_t now, int64_t *timeout)
{
	if (!pl011_rx_held(port->uart)) {
		port->release_at = 0;
		return;
	}
	if (!port->release_at)
		port->release_at = now + HOLD_MS;
	if (now >= port->release_at) {
		pl011_rx_release(port->uart);
		port->release_at = 0;
	} else {
		lower_timeout(timeout, port->release_at - now);
	}
}

static void port_serve_rest(struct port *port, int64_t now, int64_t *timeout)
{
	if (!pl011_rx_resting(port->uart))
		return;
	if (!port->resume_at) {
		int64_t rest = now - port->batch_at;

		if (rest < REST_MIN_MS)
			rest = REST_MIN_MS;
		port->resume_at = now + (rest < REST_MAX_MS ? rest : REST_MAX_MS);
	}
	if (now >= port->resume_at) {
		pl011_rx_resume(port->uart);
		port->resume_at = 0;
		port->batch_at = now;
	} else {
		lower_timeout(timeout, port->resume_at - now);
	}
}

/* Give the guest as much of the waiting input as it has room for. */
static void port_deliver(struct port *port)
{
	size_t taken;

	if (!port->nr_kept)
		return;
	taken = pl011_receive(port->uart, port->kept, port->nr_kept);
	port->nr_kept -= taken;
	memmove(port->kept, port->kept + taken, port->nr_kept);
}

/*
 * With a filter, the user's escapes must be seen whatever the guest does: it
 * could keep them out by draining nothing, or by loopback.  Without a filter
 * the sender waits.
 */
static bool port_wants_input(const struct port *port)
{
	return port->filter || (!port->nr_kept && pl011_rx_room(port->uart));
}

bool port_pending(const struct port *port)
{
	return port->out >= 0 && pl011_tx_count(port->uart);
}

void port_prepare(struct port *port, struct port_poll *fds, int64_t now, int64_t *timeout)
{
	/* poll() ignores negative descriptors, and always reports POLLHUP on others. */
	fds->in = (struct pollfd){ .fd = -1 };
	fds->out = (struct pollfd){ .fd = -1 };
	port_serve_hold(port, now, timeout);
	port_serve_rest(port, now, timeout);
	port_deliver(port);
	if (port->retry_at > now) {
		lower_timeout(timeout, port->retry_at - now);
		return;
	}
	port->retry_at = 0;
	if (port->read_at > now)
		lower_timeout(timeout, port->read_at - now);
	else if (port->in >= 0 && port_wants_input(port))
		fds->in = (struct pollfd){ .fd = port->in, .events = POLLIN };
	if (!port_pending(port))
		return;
	if (now < port->written_at + COLLECT_MS && pl011_tx_count(port->uart) < PL011_TX_BATCH)
		lower_timeout(timeout, port->written_at + COLLECT_MS - now);
	else
		fds->out = (struct pollfd){ .fd = port->out, .events = POLLOUT };
}

/* err is a positive errno, or 0 for end of file. */
static void port_input_ended(struct port *port, int err, int64_t now)
{
	/* EIO of a terminal: armvm is in its background, and the input is the shell's. */
	if (port->comes_back || (err == EIO && port->terminal)) {
		port->read_at = now + RETRY_MS;
	} else {
		if (err)
			fail(err, "%s: read failed", port->name);
		port->in = -1;
	}
}

static void port_serve_input(struct port *port, int64_t now)
{
	uint8_t data[CHUNK];
	size_t room = port->filter ? sizeof(data) : pl011_rx_room(port->uart);
	ssize_t got;

	if (!room)
		return;
	got = read(port->in, data, room < sizeof(data) ? room : sizeof(data));
	if (got > 0) {
		size_t count = got;

		if (port->filter)
			count = port->filter(port->owner, data, count);
		/* Only a filtered port can have more input than this. */
		if (count > sizeof(port->kept) - port->nr_kept)
			count = sizeof(port->kept) - port->nr_kept;
		/* Append to what waits already: the guest may have entered loopback meanwhile. */
		memcpy(port->kept + port->nr_kept, data, count);
		port->nr_kept += count;
		port_deliver(port);
	} else if (!got) {
		port_input_ended(port, 0, now);
	} else if (errno != EAGAIN && errno != EINTR) {
		port_input_ended(port, errno, now);
	}
}

static ssize_t port_write(int fd, const uint8_t *data, size_t count)
{
	ssize_t done = send(fd, data, count, MSG_DONTWAIT | MSG_NOSIGNAL);

	return done < 0 && errno == ENOTSOCK ? write(fd, data, count) : done;
}

static void port_serve_output(struct port *port, int64_t now)
{
	uint8_t data[CHUNK];
	size_t count = pl011_peek(port->uart, data, sizeof(data));
	ssize_t done = count ? port_write(port->out, data, count) : 0;

	if (done >= 0) {
		port->written_at = now;
		pl011_sent(port->uart, done);
	} else if (errno != EAGAIN && errno != EINTR) {
		if (port->comes_back) {
			port->retry_at = now + RETRY_MS;
			return;
		}
		/* Nobody reads any more.  The guest runs on, as if the cable were pulled. */
		fail(errno, "%s: write failed", port->name);
		port->out = -1;
		pl011_close(port->uart);
	}
}

void port_service(struct port *port, const struct port_poll *fds, int64_t now)
{
	if (fds->out.revents & (POLLOUT | POLLERR | POLLHUP))
		port_serve_output(port, now);
	if (fds->in.revents & POLLIN)
		port_serve_input(port, now);
	else if (fds->in.revents & (POLLERR | POLLHUP | POLLNVAL))
		port_input_ended(port, fds->in.revents & POLLHUP ? 0 : EIO, now);
	/* Hung up and not writable: do not poll again at once. */
	if (port->comes_back && ((fds->in.revents | fds->out.revents) & POLLHUP))
		port->retry_at = now + RETRY_MS;
}
