// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "passt.h"

extern char **environ;

/* The number that passt knows its end of the socket by; the standard ones are taken. */
#define CHILD_FD 3
/* How long it may take to end after its socket is closed. */
#define END_MS 2000

bool passt_is_installed(void)
{
	const char *path = getenv("PATH");
	char file[4096];

	/* Without PATH, posix_spawnp() searches these as well. */
	for (path = path ? path : "/bin:/usr/bin"; path; path = strchr(path, ':')) {
		path += *path == ':';
		snprintf(file, sizeof(file), "%.*s/passt", (int)strcspn(path, ":"), path);
		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}

void passt_init(struct passt *passt)
{
	passt->pid = 0;
	passt->pid_fd = -1;
}

static int spawn(struct passt *passt, const struct net_options *options, int fd)
{
	char *argv[6 + 2 * NET_MAX_FORWARDS + 1] = { "passt", "--foreground", "--quiet", "--fd",
						     "3" };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	unsigned int n = 5;
	sigset_t none, all;
	int err;

	for (unsigned int i = 0; i < options->nr_forwards; i++) {
		argv[n++] = options->forwards[i].udp ? "--udp-ports" : "--tcp-ports";
		argv[n++] = (char *)options->forwards[i].ports;
	}
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fd, CHILD_FD);
	/* The console is the guest's. */
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	/* The terminal's signals are for armvm; passt ends when its socket does. */
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	err = posix_spawnp(&passt->pid, "passt", &files, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	if (!err) {
		passt->pid_fd = pidfd_open(passt->pid, 0);
		if (passt->pid_fd >= 0)
			return 0;
		err = errno;
	}
	passt->pid = 0;
	if (err == ENOENT)
		return fail(0, "--net user needs the program passt: install the package passt");
	return fail(err, "--net user: cannot start passt");
}

int passt_start(struct passt *passt, const struct net_options *options)
{
	int fds[2], err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return fail(errno, "--net user: socketpair");
	err = spawn(passt, options, fds[1]);
	close(fds[1]);
	if (!err)
		return fds[0];
	close(fds[0]);
	return err;
}

void passt_end(struct passt *passt)
{
	struct pollfd ended = { .fd = passt->pid_fd, .events = POLLIN };

	if (!passt->pid)
		return;
	/* By the descriptor: the sandbox allows a signal to nobody else. */
	if (poll(&ended, 1, END_MS) > 0 || pidfd_send_signal(passt->pid_fd, SIGKILL, NULL, 0) == 0)
		waitpid(passt->pid, NULL, 0);
	else
		error("passt (process %d) neither ends nor can be killed", passt->pid);
	close(passt->pid_fd);
	passt_init(passt);
}
