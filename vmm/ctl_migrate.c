// SPDX-License-Identifier: GPL-2.0-only
/*
 * `armvm migrate`: have a running armvm send its guest to another one, which runs with --restore
 * listen:PATH.  The connection is made here, with the rights of the caller.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "ctl.h"
#include "error.h"
#include "number.h"

/* downtime is 0 if the other side is to choose it. */
static int migrate(int socket, int other, uint64_t downtime)
{
	json_t *request = json_pack("{s:s}", "command", "migrate"), *answer, *result;
	int status = STATUS_SETUP;

	if (downtime)
		json_object_set_new(request, "downtime", json_integer((json_int_t)downtime));
	answer = ctl_request(socket, request, other);
	result = json_object_get(answer, "result");

	if (ctl_succeeded(answer)) {
		status = 0;
		if (json_dumpf(result, stdout, JSON_INDENT(2)) < 0 || putchar('\n') < 0 ||
		    fflush(stdout)) {
			error("migrate: cannot write to standard output");
			status = STATUS_SETUP;
		}
	}
	json_decref(answer);
	return status;
}

/* Returns 0 or, after one message, a negative errno. */
static int parse_downtime(const char *text, uint64_t *downtime)
{
	const char *end = text;

	if (number_digits(&end, downtime) || *end || !*downtime || *downtime > INT32_MAX) {
		error("migrate: --downtime %s: must be a number of milliseconds", text);
		return -EINVAL;
	}
	return 0;
}

/* Returns how many words the option takes: none if it is not there.  Or a negative errno. */
static int take_downtime(int argc, char *const *argv, uint64_t *downtime)
{
	static const char joined[] = "--downtime=";
	size_t length = strlen(joined);
	int err;

	if (argc && !strncmp(argv[0], joined, length)) {
		err = parse_downtime(argv[0] + length, downtime);
		return err ? err : 1;
	}
	if (argc > 1 && !strcmp(argv[0], "--downtime")) {
		err = parse_downtime(argv[1], downtime);
		return err ? err : 2;
	}
	return 0;
}

int command_migrate(int argc, char *const *argv)
{
	uint64_t downtime = 0;
	int socket, other, status, words = take_downtime(argc, argv, &downtime);

	if (words < 0)
		return STATUS_SETUP;
	argc -= words;
	argv += words;
	if (argc != 2) {
		error("migrate: give the paths of a control socket and of the other armvm's "
		      "socket, see armvm --help");
		return STATUS_SETUP;
	}
	socket = ctl_connect_to(argv[0]);
	if (socket < 0)
		return STATUS_SETUP;
	other = ctl_connect(argv[1]);
	if (other < 0) {
		fail(-other, "migrate: %s", argv[1]);
		close(socket);
		return STATUS_SETUP;
	}
	status = migrate(socket, other, downtime);
	close(other);
	close(socket);
	return status;
}
