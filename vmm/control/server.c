// SPDX-License-Identifier: GPL-2.0-only
/* The socket of --control and its connections: lines in, lines out, and nothing that blocks. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/control.h"
#include "control/request.h"
#include "error.h"
#include "listener.h"
#include "save/save.h"

/* A line and its end. */
#define LINE_SIZE 65536

struct client {
	int fd;	      /* -1: this place is free */
	int passed;   /* a descriptor that came with the input, or -1 */
	bool hung_up; /* nobody will send or read any more */
	bool holds;   /* the guest stands still until this client is gone */
	struct request request;
	size_t length;
	char *input; /* LINE_SIZE bytes, of which length are from the client */
};

struct control {
	struct control_guest *guest;
	struct listener listener;
	struct client clients[CONTROL_CLIENTS];
};

int control_create(struct control **created, const char *path, struct control_guest *guest)
{
	struct control *control = calloc(1, sizeof(*control));
	int err;

	if (!control)
		return fail(ENOMEM, "--control: cannot allocate it");
	control->guest = guest;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		control->clients[i].fd = control->clients[i].passed = -1;
	err = listener_open(&control->listener, "--control", path, CONTROL_CLIENTS);
	if (err) {
		free(control);
		return err;
	}
	/* Now, because later there may be no reading from /dev/urandom. */
	json_object_seed(0);
	*created = control;
	return 0;
}

static bool anybody_holds(const struct control *control)
{
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		if (control->clients[i].holds)
			return true;
	}
	return false;
}

static void drop(struct control *control, struct client *client)
{
	bool held = client->holds;

	request_drop(&client->request, control->guest);
	close(client->fd);
	if (client->passed >= 0)
		close(client->passed);
	free(client->input);
	*client = (struct client){ .fd = -1, .passed = -1 };
	if (held && !anybody_holds(control))
		request_let_go(control->guest);
}

void control_destroy(struct control *control)
{
	if (!control)
		return;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		if (control->clients[i].fd >= 0)
			drop(control, &control->clients[i]);
	}
	listener_close(&control->listener);
	free(control);
}

void control_prepare(const struct control *control, struct pollfd fds[CONTROL_POLLFDS], int64_t now,
		     int64_t *timeout)
{
	for (unsigned int i = 0; i < CONTROL_POLLFDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	if (!control)
		return;
	fds[0] = (struct pollfd){ .fd = control->listener.fd, .events = POLLIN };
	fds[1] = save_poll(control->guest->save, now, timeout);
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		const struct client *client = &control->clients[i];
		bool waits = client->request.command;

		/* While a request waits for the vCPUs, the next one waits for its answer. */
		if (client->fd >= 0 && !(waits && client->hung_up))
			fds[2 + i] =
				(struct pollfd){ .fd = client->fd, .events = waits ? 0 : POLLIN };
	}
}

/*
 * Send an answer and free it.  Returns false if the client has left so many answers unread that
 * this one does not fit; then it must go.  A client that is gone still gets done what it sent.
 */
static bool send_answer(struct client *client, char *text)
{
	size_t length = text ? strlen(text) : 0;
	ssize_t sent = send(client->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);

	free(text);
	return text &&
	       (sent == (ssize_t)length || (sent < 0 && (errno == EPIPE || errno == ECONNRESET)));
}

/* Take the first line out of the input and begin its request.  Returns false without a line. */
static bool next_line(struct control *control, struct client *client, char **text)
{
	char *end = memchr(client->input, '\n', client->length);
	size_t length = end ? end - client->input : 0;

	if (!end)
		return false;
	*text = request_begin(&client->request, control->guest, client->input, length,
			      &client->passed, &client->holds);
	client->length -= length + 1;
	memmove(client->input, end + 1, client->length);
	return true;
}

/* Obey as much of the client's input as the guest's state allows. */
static void obey(struct control *control, struct client *client)
{
	char *text = NULL;

	if (client->request.command)
		text = request_finish(&client->request, control->guest);
	for (;;) {
		if (text && !send_answer(client, text)) {
			drop(control, client);
			return;
		}
		text = NULL;
		if (client->request.command || !next_line(control, client, &text))
			return;
	}
}

/* As recv(); a descriptor that comes along replaces an earlier one. */
static ssize_t receive_with_fd(struct client *client)
{
	struct iovec iov = { .iov_base = client->input + client->length,
			     .iov_len = LINE_SIZE - client->length };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} space;
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = space.bytes,
				  /* Not the padding: the kernel closes what has no room. */
				  .msg_controllen = CMSG_LEN(sizeof(int)) };
	ssize_t got = recvmsg(client->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *part = got >= 0 ? CMSG_FIRSTHDR(&message) : NULL;

	if (part && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS &&
	    part->cmsg_len == CMSG_LEN(sizeof(int))) {
		if (client->passed >= 0)
			close(client->passed);
		memcpy(&client->passed, CMSG_DATA(part), sizeof(int));
	}
	return got;
}

static void receive(struct control *control, struct client *client)
{
	ssize_t got;

	if (client->length == LINE_SIZE) {
		send_answer(client, request_refuse("the line is longer than 64 KiB"));
		drop(control, client);
		return;
	}
	got = receive_with_fd(client);
	if (got > 0) {
		client->length += got;
		obey(control, client);
	} else if (!got || (errno != EAGAIN && errno != EINTR)) {
		drop(control, client);
	}
}

static void connects(struct control *control)
{
	int fd = listener_accept(&control->listener);
	struct client client = { .fd = fd, .passed = -1 };

	if (fd < 0)
		return;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		if (control->clients[i].fd < 0) {
			client.input = malloc(LINE_SIZE);
			if (!client.input)
				break;
			control->clients[i] = client;
			return;
		}
	}
	send_answer(&client, request_refuse("too many clients"));
	close(fd);
}

void control_service(struct control *control, const struct pollfd fds[CONTROL_POLLFDS])
{
	if (!control)
		return;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		struct client *client = &control->clients[i];
		short events = fds[2 + i].fd >= 0 ? fds[2 + i].revents : 0;

		if (client->fd < 0)
			continue;
		if (client->request.command) {
			client->hung_up |= (events & (POLLHUP | POLLERR)) != 0;
			if (client->hung_up && request_needs_client(&client->request))
				drop(control, client);
			else
				obey(control, client);
		} else if (events) {
			receive(control, client);
		}
	}
	if (fds[0].revents)
		connects(control);
}
