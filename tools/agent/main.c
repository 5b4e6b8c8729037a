// SPDX-License-Identifier: GPL-2.0-only
/*
 * The agent runs commands for the host's tools, on the board and in a guest.
 *
 * tools/init ends by executing it, so it is process 1. It reaps every orphan. If it dies, the
 * kernel panics, which the host sees at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "command.h"

static int channel;
static struct channel_reader reader;

static void hello(void)
{
	char text[4096];
	int fd = open("/run/hello", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

	if (fd >= 0)
		close(fd);
	channel_send(channel, FRAME_HELLO, 0, text, n < 0 ? 0 : (size_t)n);
}

static void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	die("power-off");
}

static uint32_t number(const struct frame_header *header, const uint8_t *payload)
{
	uint32_t value = 0;

	if (header->length == sizeof(value))
		memcpy(&value, payload, sizeof(value));
	return value;
}

static void on_frame(const struct frame_header *header, const uint8_t *payload)
{
	struct command *command = command_find(header->id);
	uint32_t value = number(header, payload);

	switch (header->type) {
	case FRAME_RUN:
		command_start(channel, header->id, payload, header->length);
		return;
	case FRAME_PING:
		hello();
		return;
	case FRAME_POWEROFF:
		power_off();
		return;
	}
	/* These frames may cross the command's end on the wire. */
	if (!command)
		return;
	switch (header->type) {
	case FRAME_STDIN:
		command_stdin(command, payload, header->length);
		break;
	case FRAME_EOF:
		command_eof(command);
		break;
	case FRAME_SIGNAL:
		command_signal(command, (int)value);
		break;
	case FRAME_WINDOW:
		command_window(command, (uint16_t)value, (uint16_t)(value >> 16));
		break;
	default:
		errno = EPROTO;
		die("unknown frame");
	}
}

int main(int argc, char **argv)
{
	struct pollfd polls[2 + 3 * MAX_COMMANDS];
	/* A brief wait gathers what programs, such as a guest's console, write byte by byte. */
	const struct timespec gather = { .tv_nsec = 4000000 };
	struct signalfd_siginfo info;
	sigset_t child;
	int signals;

	if (argc != 2) {
		fprintf(stderr, "usage: agent DEVICE\n");
		return 2;
	}
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	signal(SIGPIPE, SIG_IGN);
	signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		die("signalfd");
	channel = channel_open(argv[1]);
	hello();
	for (;;) {
		size_t n = 2;

		polls[0] = (struct pollfd){ .fd = channel, .events = POLLIN };
		polls[1] = (struct pollfd){ .fd = signals, .events = POLLIN };
		for (size_t i = 0; i < MAX_COMMANDS; i++)
			if (commands[i].used)
				n += command_poll(&commands[i], polls + n);
		if (poll(polls, n, -1) < 0 && errno != EINTR)
			die("poll");
		if (!polls[0].revents && !polls[1].revents)
			nanosleep(&gather, NULL);
		while (read(signals, &info, sizeof(info)) > 0)
			;
		command_reap();
		if (polls[0].revents)
			channel_read(channel, &reader, on_frame);
		for (size_t i = 0; i < MAX_COMMANDS; i++)
			if (commands[i].used)
				command_serve(channel, &commands[i]);
	}
}
