// SPDX-License-Identifier: GPL-2.0-only
/* One packet of gdb's remote protocol and its reply.  The guest is stopped. */
#include <errno.h>
#include <string.h>

#include "error.h"
#include "gdb/request.h"

void gdb_request_ok(struct gdb_request *request)
{
	gdb_reply_printf(request->reply, "OK");
}

void gdb_request_refuse(struct gdb_request *request, int err)
{
	gdb_reply_printf(request->reply, "E%02x", err & 0xff);
}

void gdb_request_done(struct gdb_request *request, int err)
{
	if (err)
		gdb_request_refuse(request, -err);
	else
		gdb_request_ok(request);
}

/* ---- stop reply, detach, kill ---- */

static void query_stop(struct gdb_request *request)
{
	gdb_stop_reply(request->gdb, request->reply);
}

static void detach_client(struct gdb_request *request)
{
	struct gdb *gdb = request->gdb;

	gdb_link_send(&gdb->link, "OK", 2);
	gdb_link_flush(&gdb->link);
	gdb_link_drop(&gdb->link);
	gdb_release_guest(gdb);
	request->silent = true;
}

static void kill_guest(struct gdb_request *request)
{
	vm_end(request->gdb->vm, STATUS_ESCAPE);
	request->silent = true;
}

static void kill_process(struct gdb_request *request)
{
	vm_end(request->gdb->vm, STATUS_ESCAPE);
	gdb_request_ok(request);
}

/* ---- features ---- */

static void query_supported(struct gdb_request *request)
{
	struct gdb *gdb = request->gdb;

	gdb->names_reasons = strstr(request->text, "swbreak+") && strstr(request->text, "hwbreak+");
	gdb_reply_printf(request->reply,
			 "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;vContSupported+%s",
			 GDB_PACKET_MAX, gdb->names_reasons ? ";swbreak+;hwbreak+" : "");
}

static void start_no_ack(struct gdb_request *request)
{
	request->gdb->link.ack = false;
	gdb_request_ok(request);
}

/* The guest existed before the client attached, so gdb detaches instead of killing it. */
static void query_attached(struct gdb_request *request)
{
	gdb_reply_printf(request->reply, "1");
}

/* target.xml:OFFSET,LENGTH */
static void read_features(struct gdb_request *request)
{
	static const char name[] = "target.xml:";
	struct gdb_reply xml;
	uint64_t offset, length;

	if (strncmp(request->text, name, strlen(name))) {
		gdb_reply_printf(request->reply, "E00"); /* no such annex */
		return;
	}
	request->text += strlen(name);
	if (!gdb_parse_number(&request->text, &offset) || !gdb_parse_char(&request->text, ',') ||
	    !gdb_parse_number(&request->text, &length) || !gdb_request_at_end(request)) {
		gdb_request_refuse(request, EINVAL);
		return;
	}
	xml.length = 0;
	gdb_regs_describe(&request->gdb->regs, &xml);
	if (offset > xml.length)
		offset = xml.length;
	/* The first byte of the reply says whether there is more. */
	if (length > GDB_PACKET_MAX - 1)
		length = GDB_PACKET_MAX - 1;
	if (length > xml.length - offset)
		length = xml.length - offset;
	gdb_reply_put(request->reply, offset + length < xml.length ? "m" : "l", 1);
	gdb_reply_put(request->reply, xml.data + offset, length);
}

static const struct command {
	const char *name;
	char then; /* what follows the name: '*' anything, '.' nothing, else that character */
	void (*obey)(struct gdb_request *request);
} commands[] = {
	{ "?", '.', query_stop },
	{ "C", '*', gdb_thread_continue_signal },
	{ "D", '*', detach_client },
	{ "G", '*', gdb_data_write_registers },
	{ "H", '*', gdb_thread_select },
	{ "M", '*', gdb_data_write_memory },
	{ "P", '*', gdb_data_write_register },
	{ "QStartNoAckMode", '.', start_no_ack },
	{ "T", '*', gdb_thread_alive },
	{ "X", '*', gdb_data_write_binary },
	{ "Z", '*', gdb_data_set_point },
	{ "c", '*', gdb_thread_continue },
	{ "g", '.', gdb_data_read_registers },
	{ "k", '.', kill_guest },
	{ "m", '*', gdb_data_read_memory },
	{ "p", '*', gdb_data_read_register },
	{ "qAttached", '*', query_attached },
	{ "qC", '.', gdb_thread_current },
	{ "qRcmd", ',', gdb_monitor },
	{ "qSupported", '*', query_supported },
	{ "qThreadExtraInfo", ',', gdb_thread_describe },
	{ "qXfer:features:read", ':', read_features },
	{ "qfThreadInfo", '.', gdb_thread_list_first },
	{ "qsThreadInfo", '.', gdb_thread_list_more },
	{ "vCont", ';', gdb_thread_vcont },
	{ "vCont?", '.', gdb_thread_vcont_query },
	{ "vKill", ';', kill_process },
	{ "z", '*', gdb_data_clear_point },
};

static const struct command *find_command(const char *packet)
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
	const struct command *command = find_command(packet);
	struct gdb_request request = { .gdb = gdb, .end = packet + length, .reply = &gdb->reply };

	request.reply->length = 0;
	if (command) {
		request.text = packet + strlen(command->name);
		if (command->then == ',' || command->then == ':')
			request.text++;
		command->obey(&request);
	}
	/* The protocol's reply to an unknown packet is an empty one. */
	if (!request.silent)
		gdb_link_send(&gdb->link, request.reply->data, request.reply->length);
}
