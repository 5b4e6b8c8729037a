// SPDX-License-Identifier: GPL-2.0-only
/*
 * `armvm save`: have a running armvm save its guest.  The file is made here, with the rights of
 * the caller: armvm gets its descriptor.  It has its name once all of it is on the disk.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fcntl.h>

#include "commands.h"
#include "ctl.h"
#include "error.h"

/* Of the unfinished file, for the handler of signals; empty: there is none. */
static char unfinished[PATH_MAX];

static void remove_unfinished(int number)
{
	unlink(unfinished);
	signal(number, SIG_DFL);
	raise(number);
}

/* Mode 0600: all of the guest's memory is in it. */
static int make_file(const char *path)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	int fd, length = snprintf(unfinished, sizeof(unfinished), "%s.XXXXXX", path);

	if (length >= (int)sizeof(unfinished))
		return fail(ENAMETOOLONG, "save: %s", path);
	fd = mkostemp(unfinished, O_CLOEXEC);
	if (fd < 0)
		return fail(errno, "save: %s", path);
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		if (signal(ending[i], remove_unfinished) == SIG_IGN)
			signal(ending[i], SIG_IGN);
	}
	return fd;
}

/* Returns 0 or, after one message, a negative errno. */
static int finish_file(int fd, const char *path)
{
	char copy[PATH_MAX];
	int directory;

	if (fsync(fd) < 0 || rename(unfinished, path) < 0)
		return fail(errno, "save: %s", path);
	/* It is there; if the directory cannot be synced, the old file may come back. */
	strcpy(copy, path);
	directory = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory >= 0) {
		fsync(directory);
		close(directory);
	}
	return 0;
}

static bool ask(int socket, const char *command, int passed)
{
	json_t *answer = ctl_ask(socket, command, passed);
	bool good = ctl_succeeded(answer);

	json_decref(answer);
	return good;
}

/* With quit the guest stands still from before it is saved until it ends, or we do. */
static int save_to(int socket, int fd, const char *path, bool quit)
{
	if (quit && !ask(socket, "hold", -1))
		return -EINVAL;
	if (!ask(socket, "save", fd) || finish_file(fd, path))
		return -EINVAL;
	return quit && !ask(socket, "quit", -1) ? -EINVAL : 0;
}

int command_save(int argc, char *const *argv)
{
	bool quit = argc && !strcmp(argv[0], "--quit");
	int socket, fd, status = STATUS_SETUP;
	const char *path;

	if (argc != 2 + quit) {
		error("save: give the path of a control socket and a file, see armvm --help");
		return STATUS_SETUP;
	}
	path = argv[1 + quit];
	socket = ctl_connect_to(argv[quit]);
	if (socket < 0)
		return STATUS_SETUP;
	fd = make_file(path);
	if (fd >= 0) {
		if (!save_to(socket, fd, path, quit))
			status = 0;
		else
			unlink(unfinished);
		close(fd);
	}
	close(socket);
	return status;
}
