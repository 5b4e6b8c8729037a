// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients of --control that send anything, in any order and in pieces, with and without
 * descriptors, and hang up at any time, beside a guest that pauses late, is reset or ends.  The
 * oracle: each answer is one JSON object on a line of its own, and no client gets more of them than
 * it sent lines; once all clients are gone nothing of their requests is left, neither a pause nor a
 * save nor a descriptor; and a new client is still served.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/control.h"
#include "control_machine.h"
#include "error.h"
#include "input.h"
#include "listener.h"
#include "pause.h"

#define PEERS	  (CONTROL_CLIENTS + 2)
#define MAX_STEPS 100u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct control *control;

static struct peer {
	int fd, file, far; /* file was sent, and far is the other end of what was sent; or -1 */
	unsigned int lines, answers;
	size_t length;
	char text[65536];
} peers[PEERS], *connecting;

/* The listener hands out one end of a pair; connect() itself is the kernel's. */
int listener_open(struct listener *listener, const char *option, const char *path, int clients)
{
	(void)option;
	(void)path;
	(void)clients;
	listener->fd = eventfd(0, EFD_CLOEXEC);
	return 0;
}

void listener_close(struct listener *listener)
{
	close(listener->fd);
}

int listener_accept(const struct listener *listener)
{
	int fds[2];

	(void)listener;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		abort();
	connecting->fd = fds[0];
	return fds[1];
}

/* One turn of the main thread's loop. */
static void turn(void)
{
	struct pollfd fds[CONTROL_POLLFDS];
	int64_t timeout = -1;

	control_prepare(control, fds, 0, &timeout);
	/* libFuzzer's alarm interrupts it now and then. */
	while (poll(fds, CONTROL_POLLFDS, 0) < 0) {
		if (errno != EINTR)
			abort();
	}
	fds[0].revents = connecting ? POLLIN : 0;
	control_service(control, fds);
	connecting = NULL;
}

static void hang_up(struct peer *peer)
{
	const int fds[] = { peer->fd, peer->file, peer->far };

	for (unsigned int i = 0; i < 3; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	peer->fd = peer->file = peer->far = -1;
}

static void connect_peer(struct peer *peer)
{
	hang_up(peer);
	peer->lines = peer->answers = 0;
	peer->length = 0;
	connecting = peer;
	turn();
}

/* Read answers, and look at each of them. */
static void hear(struct peer *peer)
{
	ssize_t got =
		recv(peer->fd, peer->text + peer->length, sizeof(peer->text) - peer->length, 0);
	char *line = peer->text, *end;

	if (got > 0)
		peer->length += got;
	while ((end = memchr(line, '\n', peer->text + peer->length - line))) {
		json_t *answer = json_loadb(line, end - line, JSON_REJECT_DUPLICATES, NULL);
		json_t *error_text = json_object_get(answer, "error");

		if (!json_is_boolean(json_object_get(answer, "ok")) ||
		    json_is_false(json_object_get(answer, "ok")) != json_is_string(error_text))
			abort();
		json_decref(answer);
		/* One may be that there are too many clients, or that a line has no end. */
		if (++peer->answers > peer->lines + 1)
			abort();
		line = end + 1;
	}
	peer->length -= line - peer->text;
	memmove(peer->text, line, peer->length);
}

static void say(struct peer *peer, const char *text, size_t length, int fd)
{
	struct iovec iov = { .iov_base = (void *)text, .iov_len = length };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} space = { 0 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = space.bytes;
		message.msg_controllen = sizeof(space.bytes);
		*CMSG_FIRSTHDR(&message) = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
							     .cmsg_level = SOL_SOCKET,
							     .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &fd, sizeof(fd));
	}
	if (peer->fd < 0 || !length || sendmsg(peer->fd, &message, MSG_NOSIGNAL) < 0)
		return;
	for (size_t i = 0; i < length; i++)
		peer->lines += text[i] == '\n';
}

enum thing {
	NOTHING,
	FILE_OF_A_DISK,
	SOCKET,
	ODD_FILE
};

/* A descriptor to send; the peer keeps it, and the other end of a socket. */
static int make(struct peer *peer, enum thing what)
{
	int fds[2];

	if (what == NOTHING)
		return -1;
	if (what == SOCKET) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
			abort();
		if (peer->far >= 0)
			close(peer->far);
		peer->far = fds[1];
	} else {
		fds[0] = make_file("file", what == ODD_FILE ? byte() : DISK_SIZE);
	}
	if (peer->file >= 0)
		close(peer->file);
	return peer->file = fds[0];
}

enum {
	MEMORY = 1,
	DISK = 2,
	FILE_NAME = 4,
	DOWNTIME = 64
};

static const struct {
	const char *name;
	uint8_t members; /* what it needs */
	enum thing thing;
} commands[] = {
	{ "status", 0, NOTHING },
	{ "pause", 0, NOTHING },
	{ "resume", 0, NOTHING },
	{ "power-button", 0, NOTHING },
	{ "hold", 0, NOTHING },
	{ "balloon", MEMORY, NOTHING },
	{ "attach", DISK | FILE_NAME, FILE_OF_A_DISK },
	{ "detach", DISK, NOTHING },
	{ "reset", 0, NOTHING },
	{ "quit", 0, NOTHING },
	{ "save", 0, FILE_OF_A_DISK },
	{ "registers", 0, NOTHING },
	{ "migrate", DOWNTIME, SOCKET },
};

/* Mostly a request that can be done. */
static size_t request(char *text, size_t room, enum thing *thing)
{
	static const char *const members[] = { ",\"memory\":%d",       ",\"disk\":%d",
					       ",\"file\":\"f\"",      ",\"id\":%d",
					       ",\"id\":[{\"a\":%d}]", ",\"x\":%d",
					       ",\"downtime\":%d" };
	static const int numbers[] = { 0, -1, 2, RAM_SIZE, 64 << 20, 65 << 20, 0x7fffffff, 8 };
	unsigned int which = byte() % (sizeof(commands) / sizeof(commands[0]));
	uint8_t how = byte(), with = how & 0x80 ? how : commands[which].members;
	size_t length = snprintf(text, room, "{\"command\":\"%s\"", commands[which].name);

	for (unsigned int i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		uint8_t choice = with >> i & 1 ? byte() : 0;
		int number = choice & 8 ? numbers[choice & 7] : i ? 1 : 16 << 20;

		if (with >> i & 1)
			length += snprintf(text + length, room - length, members[i], number);
	}
	*thing = how & 0x40 ? byte() & 3 : commands[which].thing;
	return length + snprintf(text + length, room - length, (how & 0xf) == 0xf ? "}}\n" : "}\n");
}

static void send_request(struct peer *peer)
{
	char text[512];
	enum thing thing;
	size_t length = request(text, sizeof(text), &thing), first;
	uint8_t how = byte();

	if (how & 1) { /* an input's byte instead of one of its own */
		first = byte() % length;
		text[first] = byte();
	}
	first = how & 2 ? 1 + byte() % length : length;
	say(peer, text, first, make(peer, thing));
	if (how & 4)
		turn();
	say(peer, text + first, length - first, -1);
}

static void send_bytes(struct peer *peer)
{
	size_t length = byte();

	if (length > left)
		length = left;
	say(peer, (const char *)input, length, -1);
	input += length;
	left -= length;
}

static void send_long_line(struct peer *peer)
{
	static char text[65536 + 1];

	memset(text, 'x', sizeof(text));
	say(peer, text, sizeof(text) - 2 + byte() % 3, -1);
}

/* The other end of a migration: it reads, it answers, it ends. */
static void far_end(struct peer *peer)
{
	static char text[65536];
	uint8_t how = byte();

	if (peer->far < 0)
		return;
	while (how & 1 && recv(peer->far, text, sizeof(text), 0) > 0)
		;
	if (how & 2)
		send(peer->far, "x", 1, MSG_NOSIGNAL);
	if (!(how & 12)) {
		close(peer->far);
		peer->far = -1;
	}
}

static void step(void)
{
	uint8_t what = byte();
	struct peer *peer = &peers[(what >> 4) % PEERS];

	switch (what & 15) {
	case 0:
		connect_peer(peer);
		break;
	case 1:
	case 2:
	case 3:
	case 4:
		if (peer->fd < 0)
			connect_peer(peer);
		send_request(peer);
		break;
	case 5:
		send_bytes(peer);
		break;
	case 6:
		hang_up(peer);
		break;
	case 7:
		if (peer->fd >= 0)
			shutdown(peer->fd, what & 16 ? SHUT_WR : SHUT_RD);
		break;
	case 8:
		far_end(peer);
		break;
	case 9:
		if (!byte())
			send_long_line(peer);
		break;
	case 10:
		pl061_ops.write(&gpio, 0x410, byte(), 4); /* GPIOIE */
		break;
	case 11:
		has_gdb_client = what & 16;
		break;
	case 12:
		machine_restart();
		break;
	case 13:
		if (!(byte() & 15))
			vm_end(&vm, STATUS_POWEROFF);
		break;
	default:
		machine_move_vcpu(&vm.vcpus[what >> 4 & 1]);
	}
	turn();
	if (peer->fd >= 0)
		hear(peer);
}

/* Nobody is there any more: what a client who is gone has sent is done, and leaves nothing. */
static void check_nothing_left(void)
{
	const unsigned int theirs = PAUSE_REGISTERS | PAUSE_SAVE;
	unsigned int turns = 2;

	/* A request that waits for the vCPUs is done in the next turn, a save in a few. */
	for (unsigned int i = 0; i < PEERS; i++) {
		turns += 8 * (peers[i].fd >= 0 ? peers[i].lines : 1);
		hang_up(&peers[i]);
	}
	while (turns--) {
		machine_restart();
		for (unsigned int n = 0; n < vm.cpus; n++)
			machine_move_vcpu(&vm.vcpus[n]);
		turn();
	}
	if (vm.status != VM_RUNNING)
		return;
	if (save.phase != SAVE_NOTHING || save.fd >= 0)
		abort();
	for (unsigned int n = 0; n < vm.cpus; n++) {
		if (vm.vcpus[n].pause_owners & theirs)
			abort();
	}
}

static void check_still_serves(void)
{
	static const char status[] = "{\"command\":\"status\"}\n";
	struct peer *peer = &peers[0];

	connect_peer(peer);
	say(peer, status, strlen(status), -1);
	turn();
	hear(peer);
	if (peer->answers != 1)
		abort();
	hang_up(peer);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	signal(SIGPIPE, SIG_IGN); /* as armvm does */
	for (unsigned int i = 0; i < PEERS; i++)
		peers[i].fd = peers[i].file = peers[i].far = -1;
	return 0;
}

/* The lowest descriptor that is free, if so many above it are free, too. */
static int lowest_free(void)
{
	int fd = dup(0);

	close(fd);
	for (int above = fd; above < fd + 64; above++) {
		if (fcntl(above, F_GETFD) >= 0)
			return -1;
	}
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int before = lowest_free();

	input = data;
	left = size;
	machine_create();
	if (control_create(&control, "control", &machine))
		abort();
	for (unsigned int i = 0; left && i < MAX_STEPS; i++)
		step();
	check_nothing_left();
	check_still_serves();
	control_destroy(control);
	machine_destroy();
	if (lowest_free() != before)
		abort();
	return 0;
}
