// SPDX-License-Identifier: GPL-2.0-only
/* gdb's `monitor`: commands for the stub, and what it says to them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "gdb/request.h"

#define MAX_COMMAND 64u

static void say(struct gdb_request *request, const char *text)
{
	gdb_reply_put_hex(request->reply, text, strlen(text));
}

static void say_cp15(struct gdb_request *request)
{
	const struct gdb *gdb = request->gdb;

	for (unsigned int i = 0; i < gdb->regs.nr_sys; i++) {
		const struct gdb_sysreg *reg = &gdb_sysregs[gdb->regs.sys[i]];
		unsigned int n = gdb_regs_count(&gdb->regs) + i;
		uint64_t value;
		char line[64];

		if (strcmp(reg->group, "cp15") ||
		    gdb_regs_get(&gdb->regs, gdb_current_vcpu(gdb)->fd, n, &value))
			continue;
		snprintf(line, sizeof(line), "%-11s0x%0*llx\n", reg->name,
			 (int)(2 * gdb_sysreg_size(reg)), (unsigned long long)value);
		say(request, line);
	}
}

/* The guest starts again where the client stopped it, before its first instruction. */
static void reset_guest(struct gdb_request *request)
{
	request->gdb->vm->restart = true;
	vm_end(request->gdb->vm, STATUS_RESET);
	gdb_request_ok(request);
}

static void quit_guest(struct gdb_request *request)
{
	vm_end(request->gdb->vm, STATUS_ESCAPE);
	gdb_request_ok(request);
}

static void help(struct gdb_request *request);

static const struct {
	const char *name;
	const char *help;
	void (*obey)(struct gdb_request *request);
} commands[] = {
	{ "cp15", "coprocessor 15's registers of this thread's vCPU", say_cp15 },
	{ "reset", "start the guest again, stopped; then: maintenance flush register-cache",
	  reset_guest },
	{ "quit", "end the guest and armvm", quit_guest },
	{ "help", "this list", help },
};

static void help(struct gdb_request *request)
{
	char line[128];

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		snprintf(line, sizeof(line), "monitor %-7s%s\n", commands[i].name,
			 commands[i].help);
		say(request, line);
	}
}

/* The command in hexadecimal. */
void gdb_monitor(struct gdb_request *request)
{
	size_t length = (request->end - request->text) / 2;
	char name[MAX_COMMAND + 1];

	if (length > MAX_COMMAND || !gdb_parse_bytes(&request->text, (uint8_t *)name, length) ||
	    !gdb_request_at_end(request)) {
		gdb_request_refuse(request, EINVAL);
		return;
	}
	name[length] = '\0';
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(name, commands[i].name)) {
			commands[i].obey(request);
			return;
		}
	}
	say(request, "There is no such command, see monitor help.\n");
}
