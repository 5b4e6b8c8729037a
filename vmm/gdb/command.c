// SPDX-License-Identifier: GPL-2.0-only
/* One packet of gdb's remote protocol, and its answer.  The guest is stopped. */
#include <errno.h>
#include <string.h>

#include "error.h"
#include "gdb/request.h"

void gdb_ok(struct request *request)
{
	gdb_printf(request->reply, "OK");
}

void gdb_refuse(struct request *request, int err)
{
	gdb_printf(request->reply, "E%02x", err & 0xff);
}

void gdb_done(struct request *request, int err)
{
	if (err)
		gdb_refuse(request, -err);
	else
		gdb_ok(request);
}

/* ---- the client's coming and going ---- */

static void tell_stop(struct request *request)
{
	gdb_tell_stop(request->gdb, request->reply);
}

static void detach(struct request *request)
{
	struct gdb *gdb = request->gdb;

	gdb_link_send(&gdb->link, "OK", 2);
	gdb_link_flush(&gdb->link);
	gdb_link_drop(&gdb->link);
	gdb_leave(gdb);
	request->silent = true;
}

static void kill_guest(struct request *request)
{
	vm_end(request->gdb->vm, STATUS_ESCAPE);
	request->silent = true;
}

static void kill_process(struct request *request)
{
	vm_end(request->gdb->vm, STATUS_ESCAPE);
	gdb_ok(request);
}

/* ---- what we are ---- */

static void supported(struct request *request)
{
	struct gdb *gdb = request->gdb;

	gdb->names_reasons = strstr(request->text, "swbreak+") && strstr(request->text, "hwbreak+");
	gdb_printf(request->reply,
		   "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;vContSupported+%s",
		   GDB_PACKET_MAX, gdb->names_reasons ? ";swbreak+;hwbreak+" : "");
}

static void no_ack(struct request *request)
{
	request->gdb->link.ack = false;
	gdb_ok(request);
}

/* It was there before the client: leaving means detaching. */
static void attached(struct request *request)
{
	gdb_printf(request->reply, "1");
}

/* target.xml:OFFSET,LENGTH */
static void features(struct request *request)
{
	static const char name[] = "target.xml:";
	struct gdb_reply xml;
	uint64_t offset, length;

	if (strncmp(request->text, name, strlen(name))) {
		gdb_printf(request->reply, "E00"); /* no such annex */
		return;
	}
	request->text += strlen(name);
	if (!gdb_number(&request->text, &offset) || !gdb_char(&request->text, ',') ||
	    !gdb_number(&request->text, &length) || !at_end(request)) {
		gdb_refuse(request, EINVAL);
		return;
	}
	xml.length = 0;
	gdb_regs_describe(&request->gdb->regs, &xml);
	if (offset > xml.length)
		offset = xml.length;
	/* One byte of the answer says whether there is more. */
	if (length > GDB_PACKET_MAX - 1)
		length = GDB_PACKET_MAX - 1;
	if (length > xml.length - offset)
		length = xml.length - offset;
	gdb_put(request->reply, offset + length < xml.length ? "m" : "l", 1);
	gdb_put(request->reply, xml.data + offset, length);
}

static const struct command {
	const char *name;
	char then; /* what follows the name: '*' anything, '.' nothing, else that character */
	void (*obey)(struct request *request);
} commands[] = {
	{ "?", '.', tell_stop },
	{ "C", '*', gdb_continue_signal },
	{ "D", '*', detach },
	{ "G", '*', gdb_write_registers },
	{ "H", '*', gdb_select_thread },
	{ "M", '*', gdb_write_memory },
	{ "P", '*', gdb_write_register },
	{ "QStartNoAckMode", '.', no_ack },
	{ "T", '*', gdb_thread_alive },
	{ "X", '*', gdb_write_binary },
	{ "Z", '*', gdb_set_point },
	{ "c", '*', gdb_continue },
	{ "g", '.', gdb_read_registers },
	{ "k", '.', kill_guest },
	{ "m", '*', gdb_read_memory },
	{ "p", '*', gdb_read_register },
	{ "qAttached", '*', attached },
	{ "qC", '.', gdb_current_thread },
	{ "qSupported", '*', supported },
	{ "qThreadExtraInfo", ',', gdb_describe_thread },
	{ "qXfer:features:read", ':', features },
	{ "qfThreadInfo", '.', gdb_first_threads },
	{ "qsThreadInfo", '.', gdb_more_threads },
	{ "vCont", ';', gdb_resume_some },
	{ "vCont?", '.', gdb_resume_how },
	{ "vKill", ';', kill_process },
	{ "z", '*', gdb_clear_point },
};

static const struct command *find(const char *packet)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *command = &commands[i];
		size_t length = strlen(command->name);

		if (strncmp(packet, command->name, length))
			continue;
		if (command->then == '*' ||
		    packet[length] == (command->then == '.' ? '\0' : command->then))
			return command;
	}
	return NULL;
}

void gdb_command(struct gdb *gdb, const char *packet, size_t length)
{
	const struct command *command = find(packet);
	struct request request = { .gdb = gdb, .end = packet + length, .reply = &gdb->reply };

	request.reply->length = 0;
	if (command) {
		request.text = packet + strlen(command->name);
		if (command->then == ',' || command->then == ':')
			request.text++;
		command->obey(&request);
	}
	/* What is not known is answered with nothing: so the protocol says. */
	if (!request.silent)
		gdb_link_send(&gdb->link, request.reply->data, request.reply->length);
}
