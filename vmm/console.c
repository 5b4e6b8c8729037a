// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "console.h"

#define ESCAPE 0x01 /* Ctrl-a */

static struct termios saved;
static atomic_bool raw;

void console_open_standard(void)
{
	int fd;

	/* open() takes the lowest free number. */
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/*
 * Fatal signals that do not go through the main thread.  The handler runs once
 * (SA_RESETHAND), so raising the signal again ends armvm as it would have
 * without the handler.
 */
static void on_fatal_signal(int signal)
{
	console_leave();
	raise(signal);
}

void console_init(struct console *console, void (*quit)(void *owner), void *owner)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP };
	struct sigaction action = { .sa_handler = on_fatal_signal,
				    .sa_flags = SA_RESETHAND | SA_NODEFER };

	*console = (struct console){ .tty = isatty(STDIN_FILENO), .quit = quit, .owner = owner };
	if (!console->tty)
		return;
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		sigaction(fatal[i], &action, NULL);
	atexit(console_leave);
}

/*
 * Does another process group have the terminal?  -1 means that it is not
 * armvm's controlling terminal: there is no job control, and armvm may set it.
 */
static bool in_background(void)
{
	pid_t foreground = tcgetpgrp(STDIN_FILENO);

	return foreground >= 0 && foreground != getpgrp();
}

void console_enter(const struct console *console)
{
	struct termios mode;

	/* In the background this would stop armvm or take the terminal away from the shell. */
	if (!console->tty || raw || in_background())
		return;
	if (tcgetattr(STDIN_FILENO, &saved) < 0)
		return;
	mode = saved;
	cfmakeraw(&mode);
	/* Keep output processing, so that armvm's own lines begin in the first column. */
	mode.c_oflag = saved.c_oflag;
	raw = true;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
}

void console_leave(void)
{
	if (!atomic_exchange(&raw, false))
		return;
	/*
	 * After SIGSTOP and a continue in the background the shell has set its
	 * own mode, and setting another one would stop armvm again.
	 */
	if (in_background())
		return;
	/* TCSANOW: do not wait for output that nobody reads. */
	tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

bool console_is_raw(void)
{
	return raw;
}

int console_output(void)
{
	int fd = -1;

	/*
	 * O_NONBLOCK on the inherited file description would affect the shell
	 * too; opening the terminal again creates one of our own.
	 */
	if (isatty(STDOUT_FILENO))
		fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? STDOUT_FILENO : fd;
}

static void print_help(void)
{
	fputs("\narmvm: Ctrl-a x ends the guest, Ctrl-a a sends Ctrl-a, Ctrl-a h shows this\n",
	      stderr);
}

size_t console_filter(void *owner, uint8_t *data, size_t count)
{
	struct console *console = owner;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		uint8_t byte = data[i];

		if (!console->escaped) {
			console->escaped = byte == ESCAPE;
			if (byte != ESCAPE)
				data[kept++] = byte;
			continue;
		}
		console->escaped = false;
		switch (byte) {
		case 'x':
		case 'X':
			console->quit(console->owner);
			break;
		case 'h':
		case 'H':
		case '?':
			print_help();
			break;
		case 'a':
		case 'A':
		case ESCAPE:
			data[kept++] = ESCAPE;
			break;
		default: /* not an escape: drop both bytes */
			break;
		}
	}
	return kept;
}
