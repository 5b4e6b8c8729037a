// SPDX-License-Identifier: GPL-2.0-only
/* `armvm list`: the guests that have a control socket where --name and the service put it. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "ctl.h"
#include "error.h"
#include "guest_name.h"

/*
 * How long an armvm may take for each of connection and answer, in seconds: it may have been
 * stopped (SIGSTOP), and another user's program may answer a byte at a time.
 */
#define LIMIT 5

static long long number(const json_t *status, const char *key)
{
	return json_integer_value(json_object_get(status, key));
}

/* Another user's program may answer: nothing but words goes to this terminal. */
static const char *word(const json_t *value)
{
	const char *text = json_string_value(value);
	size_t length = text ? strlen(text) : 0;

	if (!length || length > 20 || strspn(text, "abcdefghijklmnopqrstuvwxyz- ") != length)
		return "?";
	return text;
}

static void print_status(const char *name, const json_t *status)
{
	long long seconds = number(status, "uptime");

	printf("%-15s %7lld  %-14s %5lld %6lldM %4lld:%02lld:%02lld\n", name, number(status, "pid"),
	       word(json_object_get(status, "state")), number(status, "vcpus"),
	       number(status, "memory") >> 20, seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static int list_guest(const char *directory, const char *name)
{
	char path[GUEST_PATH_SIZE];
	json_t *answer;
	int fd, status = 0;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s/control", directory, name) >= sizeof(path))
		return 0;
	fd = ctl_connect_within(path, LIMIT);
	if (fd == -EAGAIN) {
		error("list: %s: an armvm does not answer", path);
		return STATUS_SETUP;
	}
	if (fd == -EACCES || fd == -EPERM)
		printf("%-15s %7s  %s\n", name, "?", "(another user's)");
	/* Else it has ended, and left its directory or, if it was killed, its socket. */
	if (fd < 0)
		return 0;
	answer = ctl_ask_within(fd, "status", LIMIT);
	if (ctl_succeeded(answer))
		print_status(name, json_object_get(answer, "result"));
	else
		status = STATUS_SETUP;
	json_decref(answer);
	close(fd);
	return status;
}

static int list_directory(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, alphasort), status = 0;

	for (int i = 0; i < count; i++) {
		if (guest_name_is_valid(names[i]->d_name) && list_guest(path, names[i]->d_name))
			status = STATUS_SETUP;
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return status;
}

int command_list(int argc, char *const *argv)
{
	char path[GUEST_PATH_SIZE];
	int status = 0;

	(void)argv;
	if (argc) {
		error("list: takes no arguments, see armvm --help");
		return STATUS_SETUP;
	}
	printf("%-15s %7s  %-14s %5s %7s %10s\n", "NAME", "PID", "STATE", "VCPUS", "MEMORY",
	       "UPTIME");
	for (unsigned int n = 0; guest_name_directory(n, path); n++) {
		if (list_directory(path))
			status = STATUS_SETUP;
	}
	if (fflush(stdout)) {
		error("list: cannot write to standard output");
		return STATUS_SETUP;
	}
	return status;
}
