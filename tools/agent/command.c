// SPDX-License-Identifier: GPL-2.0-only
/* Runs programs for the host: descriptors, input and output, exit status. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "command.h"

struct command commands[MAX_COMMANDS];

struct command *command_find(uint16_t id)
{
	for (size_t i = 0; i < MAX_COMMANDS; i++)
		if (commands[i].used && commands[i].id == id)
			return &commands[i];
	return NULL;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void make_pipe(int *ours, int *theirs, bool ours_reads)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		die("pipe");
	*ours = ends[ours_reads ? 0 : 1];
	*theirs = ends[ours_reads ? 1 : 0];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
}

static void set_window(int fd, uint16_t rows, uint16_t columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	ioctl(fd, TIOCSWINSZ, &size);
}

static int open_terminal(struct command *command, const struct run_request *request)
{
	int other;

	command->out = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (command->out < 0 || grantpt(command->out) < 0 || unlockpt(command->out) < 0)
		die("no terminal");
	other = open(ptsname(command->out), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (other < 0)
		die("no terminal");
	command->in = fcntl(command->out, F_DUPFD_CLOEXEC, 0);
	set_window(command->out, request->rows, request->columns);
	return other;
}

static void become(char **argv, int in, int out, int err, bool pty)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	if (pty)
		ioctl(in, TIOCSCTTY, 0);
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* The arguments in a frame. All lengths are checked: the host is not trusted. */
static char **arguments(const uint8_t *data, size_t length, size_t count)
{
	char **argv = calloc(count + 1, sizeof(*argv));
	size_t at = 0;

	if (!argv || !count)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *end = memchr(data + at, 0, length - at);

		if (!end)
			return NULL;
		argv[i] = (char *)data + at;
		at = (size_t)(end - data) + 1;
	}
	return argv;
}

static void start_program(struct command *command, const struct run_request *request, char **argv)
{
	int in, out, err;

	if (command->pty) {
		in = out = err = open_terminal(command, request);
	} else {
		make_pipe(&command->in, &in, false);
		make_pipe(&command->out, &out, true);
		make_pipe(&command->err, &err, true);
	}
	command->pid = fork();
	if (command->pid < 0)
		die("fork");
	if (command->pid == 0)
		become(argv, in, out, err, command->pty);
	close(in);
	if (!command->pty) {
		close(out);
		close(err);
	}
}

void command_start(int channel, uint16_t id, const uint8_t *data, size_t length)
{
	const uint32_t credit = STDIN_CREDIT;
	const uint32_t refused = 125 << 8; /* An exit with 125, as wait(2) reports it. */
	struct run_request request;
	struct command *command = NULL;
	char **argv = NULL;

	for (size_t i = 0; i < MAX_COMMANDS && !command; i++)
		if (!commands[i].used)
			command = &commands[i];
	if (length >= sizeof(request)) {
		memcpy(&request, data, sizeof(request));
		argv = arguments(data + sizeof(request), length - sizeof(request), request.argc);
	}
	if (!command || !argv || command_find(id)) {
		static const char text[] = "agent: request refused\n";

		channel_send(channel, FRAME_STDERR, id, text, sizeof(text) - 1);
		channel_send(channel, FRAME_EXIT, id, &refused, sizeof(refused));
		free(argv);
		return;
	}
	*command = (struct command){
		.used = true, .id = id, .in = -1, .out = -1, .err = -1, .pty = request.pty
	};
	start_program(command, &request, argv);
	free(argv);
	channel_send(channel, FRAME_CREDIT, id, &credit, sizeof(credit));
}

void command_stdin(struct command *command, const uint8_t *data, size_t length)
{
	/* The program has closed its input. Drop the bytes; the host need not know. */
	if (command->in < 0)
		return;
	errno = EPROTO;
	if (length > sizeof(command->stdin_buffer) - command->pending)
		die("the host sent more standard input than its credit");
	memcpy(command->stdin_buffer + command->pending, data, length);
	command->pending += length;
}

void command_eof(struct command *command)
{
	command->eof = true;
}

void command_signal(struct command *command, int signal)
{
	if (!command->exited)
		kill(-command->pid, signal);
}

void command_window(struct command *command, uint16_t rows, uint16_t columns)
{
	if (command->pty)
		set_window(command->out, rows, columns);
}

void command_reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < MAX_COMMANDS; i++) {
			if (commands[i].used && commands[i].pid == pid) {
				commands[i].exited = true;
				commands[i].status = status;
			}
		}
	}
}

size_t command_poll(struct command *command, struct pollfd *polls)
{
	size_t n = 0;

	if (command->out >= 0)
		polls[n++] = (struct pollfd){ .fd = command->out, .events = POLLIN };
	if (command->err >= 0)
		polls[n++] = (struct pollfd){ .fd = command->err, .events = POLLIN };
	if (command->in >= 0 && command->pending)
		polls[n++] = (struct pollfd){ .fd = command->in, .events = POLLOUT };
	return n;
}

static void feed(int channel, struct command *command)
{
	ssize_t n;
	uint32_t credit;

	if (command->in >= 0 && command->pending) {
		n = write(command->in, command->stdin_buffer, command->pending);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			n = (ssize_t)command->pending;
			close_fd(&command->in);
		}
		if (n > 0) {
			command->pending -= (size_t)n;
			memmove(command->stdin_buffer, command->stdin_buffer + n, command->pending);
			credit = (uint32_t)n;
			channel_send(channel, FRAME_CREDIT, command->id, &credit, sizeof(credit));
		}
	}
	if (command->eof && !command->pending && command->in >= 0) {
		/* On a terminal a character means the end of input. */
		if (command->pty && write(command->in, "\004", 1) < 0 && errno == EAGAIN)
			return;
		close_fd(&command->in);
	}
}

/* Sends what the program has written so far; returns false at the end of its output. */
static bool drain(int channel, uint8_t type, uint16_t id, int fd)
{
	static uint8_t buffer[64 << 10];

	for (int rounds = 0; rounds < 4; rounds++) {
		ssize_t n = read(fd, buffer, sizeof(buffer));

		if (n > 0)
			channel_send(channel, type, id, buffer, (size_t)n);
		else if (n < 0 && errno == EINTR)
			continue;
		else
			return n < 0 && errno == EAGAIN;
	}
	return true;
}

static bool has_input(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN);
}

void command_serve(int channel, struct command *command)
{
	uint32_t status;

	feed(channel, command);
	if (command->out >= 0 && !drain(channel, FRAME_STDOUT, command->id, command->out))
		close_fd(&command->out);
	if (command->err >= 0 && !drain(channel, FRAME_STDERR, command->id, command->err))
		close_fd(&command->err);
	/*
	 * When the program has exited, all that it wrote is in the pipes. Do not wait for their
	 * end: children that it left behind may hold them open for ever.
	 */
	if (!command->exited || has_input(command->out) || has_input(command->err))
		return;
	close_fd(&command->in);
	close_fd(&command->out);
	close_fd(&command->err);
	status = (uint32_t)command->status;
	channel_send(channel, FRAME_EXIT, command->id, &status, sizeof(status));
	command->used = false;
}
