// SPDX-License-Identifier: GPL-2.0-only
/* `armvm ctl`: send one request to a running armvm and print its answer. */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "commands.h"
#include "ctl.h"
#include "error.h"
#include "loop.h"
#include "number.h"

/* More than the registers of all vCPUs. */
#define ANSWER_SIZE (1u << 18)

int ctl_connect_within(const char *path, unsigned int seconds)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval limit = { .tv_sec = seconds };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* It waits where as many clients as may are in the queue already; 0 is for ever. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int err = errno;

		close(fd);
		return -err;
	}
	return fd;
}

int ctl_connect(const char *path)
{
	return ctl_connect_within(path, 0);
}

/* A line, and with its first byte a descriptor, unless that is -1.  Returns as send() does. */
static ssize_t send_line(int fd, const char *text, int passed)
{
	struct iovec iov[] = { { .iov_base = (void *)text, .iov_len = strlen(text) },
			       { .iov_base = "\n", .iov_len = 1 } };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} space = { 0 };
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };

	if (passed >= 0) {
		message.msg_control = space.bytes;
		message.msg_controllen = sizeof(space.bytes);
		space.aligned = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
						  .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&space.aligned), &passed, sizeof(int));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static int ctl_send(int fd, json_t *request, int passed)
{
	char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	int err = 0;

	/* json_pack() refuses what is not UTF-8. */
	if (!text)
		err = fail(0, "ctl: a command or a name is not UTF-8");
	/* An armvm that refuses the connection has sent why, and closed it. */
	else if (send_line(fd, text, passed) < 0 && errno != EPIPE)
		err = fail(errno, "ctl: send");
	free(text);
	json_decref(request);
	return err;
}

/* As recv(), but with EAGAIN after the deadline, by loop_now(), unless that is -1. */
static ssize_t receive_until(int fd, void *to, size_t size, int64_t deadline)
{
	struct pollfd waits = { .fd = fd, .events = POLLIN };
	int64_t left = deadline < 0 ? -1 : deadline - loop_now();
	int ready = deadline >= 0 && left <= 0 ? 0 : poll(&waits, 1, left);

	if (!ready)
		errno = EAGAIN;
	return ready > 0 ? recv(fd, to, size, 0) : -1;
}

/* Returns the answer, or NULL after a message. */
static json_t *ctl_receive(int fd, int64_t deadline)
{
	char *text = malloc(ANSWER_SIZE);
	size_t length = 0;
	json_error_t error_at;
	json_t *answer = NULL;
	ssize_t got = 1;

	while (text && length < ANSWER_SIZE && !memchr(text, '\n', length) && got > 0) {
		got = receive_until(fd, text + length, ANSWER_SIZE - length, deadline);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			length += got;
	}
	if (text && got > 0)
		answer = json_loadb(text, length, 0, &error_at);
	if (!text)
		fail(ENOMEM, "ctl");
	else if (got < 0 && errno == EAGAIN)
		error("ctl: an armvm does not answer");
	else if (got < 0)
		fail(errno, "ctl: recv");
	else if (!got)
		error("ctl: armvm ended the connection without an answer");
	else if (!answer)
		error("ctl: this is no answer of armvm: %s", error_at.text);
	free(text);
	return answer;
}

json_t *ctl_request(int fd, json_t *request, int passed)
{
	return ctl_send(fd, request, passed) ? NULL : ctl_receive(fd, -1);
}

json_t *ctl_ask_within(int fd, const char *command, unsigned int seconds)
{
	json_t *request = json_pack("{s:s}", "command", command);
	int64_t deadline = loop_now() + seconds * INT64_C(1000);

	return ctl_send(fd, request, -1) ? NULL : ctl_receive(fd, deadline);
}

json_t *ctl_ask(int fd, const char *command, int passed)
{
	return ctl_request(fd, json_pack("{s:s}", "command", command), passed);
}

int ctl_connect_to(const char *path)
{
	int fd = ctl_connect(path);

	if (fd < 0)
		fail(-fd, "ctl: %s%s", path,
		     fd == -ECONNREFUSED ? ": no armvm listens there any more" : "");
	return fd;
}

bool ctl_succeeded(const struct json_t *answer)
{
	const char *why = json_string_value(json_object_get(answer, "error"));

	if (json_is_true(json_object_get(answer, "ok")))
		return true;
	if (answer)
		error("ctl: %s", why ? why : "armvm gives no reason");
	return false;
}

static int ctl_print(const json_t *answer)
{
	json_t *result = json_object_get(answer, "result");

	if (!ctl_succeeded(answer))
		return STATUS_SETUP;
	if (result && (json_dumpf(result, stdout, JSON_INDENT(2)) < 0 || putchar('\n') < 0 ||
		       fflush(stdout))) {
		error("ctl: cannot write to standard output");
		return STATUS_SETUP;
	}
	return 0;
}

static json_t *ctl_with_size(int fd, const char *command, const char *size)
{
	uint64_t memory;

	if (number_size(size, &memory) || memory > INT64_MAX) {
		error("ctl: %s: must be a size, a number which K, M or G may follow", size);
		return NULL;
	}
	return ctl_request(
		fd, json_pack("{s:s, s:I}", "command", command, "memory", (json_int_t)memory), -1);
}

/* words are a command and what follows it.  Returns the answer, or NULL after one message. */
static json_t *ctl_command(int fd, int count, char *const *words)
{
	bool attaches = !strcmp(words[0], "attach"), detaches = !strcmp(words[0], "detach");

	if (attaches && count == 3)
		return ctl_attach(fd, words[1], words[2]);
	if (detaches && count == 2)
		return ctl_detach(fd, words[1]);
	if (!attaches && !detaches && count == 2)
		return ctl_with_size(fd, words[0], words[1]);
	if (!attaches && !detaches && count == 1)
		return ctl_ask(fd, words[0], -1);
	error("ctl: %s: it takes %s, see armvm --help", words[0],
	      attaches	 ? "a disk and a file"
	      : detaches ? "a disk"
			 : "a size or nothing");
	return NULL;
}

int command_ctl(int argc, char *const *argv)
{
	int fd, status = STATUS_SETUP;
	json_t *answer;

	if (argc < 2) {
		error("ctl: give the path of a control socket and a command, see armvm --help");
		return STATUS_SETUP;
	}
	fd = ctl_connect_to(argv[0]);
	if (fd < 0)
		return STATUS_SETUP;
	answer = ctl_command(fd, argc - 1, argv + 1);
	if (answer)
		status = ctl_print(answer);
	json_decref(answer);
	close(fd);
	return status;
}
