// SPDX-License-Identifier: GPL-2.0-only
/*
 * `armvm migrate`: have a running armvm send its guest to another one, which runs with --restore
 * listen:PATH.  The connection is made here, with the rights of the caller.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "ctl.h"
#include "error.h"

static int migrate(int socket, int other)
{
	json_t *answer = ctl_ask(socket, "migrate", other);
	json_t *result = json_object_get(answer, "result");
	int status = STATUS_SETUP;

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

int command_migrate(int argc, char *const *argv)
{
	int socket, other, status;

	if (argc != 2) {
		error("migrate: give the paths of a control socket and of the other armvm's "
		      "socket, "
		      "see armvm --help");
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
	status = migrate(socket, other);
	close(other);
	close(socket);
	return status;
}
