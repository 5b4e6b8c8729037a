// SPDX-License-Identifier: GPL-2.0-only
/* The socket of --control and its connections: lines in, lines out, and nothing that blocks. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/control.h"
#include "control/request.h"
#include "error.h"

/* A line and its end. */
#define LINE_SIZE 65536

struct client {
	int fd;	      /* -1: this place is free */
	bool hung_up; /* nobody will send or read any more */
	struct request request;
	size_t length;
	char *input; /* LINE_SIZE bytes, of which length are from the client */
};

struct control {
	struct control_guest *guest;
	int listener;
	struct sockaddr_un address;
	struct stat bound; /* the socket's file, in case another one takes its place */
	struct client clients[CONTROL_CLIENTS];
};

/* A socket that nobody listens on is left over from an armvm that was killed. */
static bool is_stale(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool stale;

	if (fd < 0)
		return false;
	stale = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
		errno == ECONNREFUSED;
	close(fd);
	return stale;
}

static int control_bind(struct control *control)
{
	const struct sockaddr *address = (const struct sockaddr *)&control->address;
	const char *path = control->address.sun_path;
	struct stat found;
	int err;

	if (!lstat(path, &found) && S_ISSOCK(found.st_mode) && is_stale(&control->address))
		unlink(path);
	/* The file gets the mode that the socket has now: at no time may others connect. */
	if (fchmod(control->listener, 0600) < 0 ||
	    bind(control->listener, address, sizeof(control->address)) < 0) {
		if (errno == EADDRINUSE)
			return fail(0, "--control %s: exists; another armvm may be using it", path);
		return fail(errno, "--control %s", path);
	}
	if (lstat(path, &control->bound) < 0 || listen(control->listener, CONTROL_CLIENTS) < 0) {
		err = fail(errno, "--control %s", path);
		unlink(path);
		return err;
	}
	return 0;
}

int control_create(struct control **created, const char *path, struct control_guest *guest)
{
	struct control *control;
	int err;

	if (strlen(path) >= sizeof(control->address.sun_path))
		return fail(0, "--control %s: the path is longer than %zu bytes", path,
			    sizeof(control->address.sun_path) - 1);
	control = calloc(1, sizeof(*control));
	if (!control)
		return fail(ENOMEM, "--control: cannot allocate it");
	control->guest = guest;
	control->address.sun_family = AF_UNIX;
	strcpy(control->address.sun_path, path);
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		control->clients[i].fd = -1;
	control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err = control->listener < 0 ? fail(errno, "--control: socket") : control_bind(control);
	if (err) {
		if (control->listener >= 0)
			close(control->listener);
		free(control);
		return err;
	}
	/* Now, because later there may be no reading from /dev/urandom. */
	json_object_seed(0);
	*created = control;
	return 0;
}

static void drop(struct control *control, struct client *client)
{
	request_drop(&client->request, control->guest);
	close(client->fd);
	free(client->input);
	*client = (struct client){ .fd = -1 };
}

void control_destroy(struct control *control)
{
	struct stat found;

	if (!control)
		return;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		if (control->clients[i].fd >= 0)
			drop(control, &control->clients[i]);
	}
	close(control->listener);
	if (!lstat(control->address.sun_path, &found) && found.st_dev == control->bound.st_dev &&
	    found.st_ino == control->bound.st_ino)
		unlink(control->address.sun_path);
	free(control);
}

void control_prepare(const struct control *control, struct pollfd fds[CONTROL_POLLFDS])
{
	for (unsigned int i = 0; i < CONTROL_POLLFDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	if (!control)
		return;
	fds[0] = (struct pollfd){ .fd = control->listener, .events = POLLIN };
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		const struct client *client = &control->clients[i];
		bool waits = client->request.command;

		/* While a request waits for the vCPUs, the next one waits for its answer. */
		if (client->fd >= 0 && !(waits && client->hung_up))
			fds[1 + i] =
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
	*text = request_begin(&client->request, control->guest, client->input, length);
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

static void receive(struct control *control, struct client *client)
{
	ssize_t got;

	if (client->length == LINE_SIZE) {
		send_answer(client, request_refuse("the line is longer than 64 KiB"));
		drop(control, client);
		return;
	}
	got = recv(client->fd, client->input + client->length, LINE_SIZE - client->length,
		   MSG_DONTWAIT);
	if (got > 0) {
		client->length += got;
		obey(control, client);
	} else if (!got || (errno != EAGAIN && errno != EINTR)) {
		drop(control, client);
	}
}

static void connects(struct control *control)
{
	int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client client = { .fd = fd };

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
		short events = fds[1 + i].fd >= 0 ? fds[1 + i].revents : 0;

		if (client->fd < 0)
			continue;
		if (client->request.command) {
			client->hung_up |= (events & (POLLHUP | POLLERR)) != 0;
			obey(control, client);
		} else if (events) {
			receive(control, client);
		}
	}
	if (fds[0].revents)
		connects(control);
}
