// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/command.h"
#include "control/request.h"
#include "save/save.h"

static void request_clear(struct request *request)
{
	json_decref(request->id);
	*request = (struct request){ 0 };
}

/* The answer as a line; it takes over the reference to body. */
static char *answer(struct request *request, json_t *body)
{
	char *text, *line = NULL;

	if (request->id)
		json_object_set(body, "id", request->id);
	text = json_dumps(body, JSON_COMPACT);
	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	json_decref(body);
	request_clear(request);
	return line ? line : strdup("{\"ok\":false,\"error\":\"out of memory\"}\n");
}

static char *refuse(struct request *request, const char *why)
{
	json_t *body = json_pack("{s:b, s:s}", "ok", 0, "error", why);

	/* json_pack() refuses text that is not UTF-8, such as what a parser's error quotes. */
	return answer(request,
		      body ? body : json_pack("{s:b, s:s}", "ok", 0, "error", "not UTF-8"));
}

static char *succeed(struct request *request, struct control_guest *guest)
{
	json_t *body = json_pack("{s:b}", "ok", 1);

	if (request->command->result)
		json_object_set_new(body, "result", request->command->result(guest));
	return answer(request, body);
}

char *request_refuse(const char *why)
{
	struct request none = { 0 };

	return refuse(&none, why);
}

/* Does the command take what it comes with?  Returns NULL or why not. */
static const char *mismatch(const struct command *command, const struct arguments *with)
{
	const struct {
		unsigned int bit;
		bool given;
		const char *lacks, *has; /* lacks is NULL: it is optional */
	} members[] = {
		{ TAKES_MEMORY, with->memory >= 0, "this command needs a size",
		  "this command takes no size" },
		{ TAKES_DISK, with->disk >= 0, "this command needs a disk",
		  "this command takes no disk" },
		{ TAKES_FILE, with->file, "this command needs a file",
		  "this command takes no file" },
		{ TAKES_DOWNTIME, with->downtime >= 0, NULL, "this command takes no downtime" },
	};

	if (!command)
		return "unknown command";
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		bool takes = command->takes & members[i].bit;

		if (takes != members[i].given && (!takes || members[i].lacks))
			return takes ? members[i].lacks : members[i].has;
	}
	return NULL;
}

/* Fill request and with from what was sent.  Returns NULL, or a refusal. */
static char *parse(struct request *request, json_t *root, struct arguments *with)
{
	json_int_t memory = -1, disk = -1, downtime = -1;
	const char *name, *why;
	json_error_t problem;
	json_t *id = NULL;

	if (json_unpack_ex(root, &problem, JSON_STRICT, "{s:s, s?:o, s?:I, s?:I, s?:s, s?:I}",
			   "command", &name, "id", &id, "memory", &memory, "disk", &disk, "file",
			   &with->file, "downtime", &downtime))
		return refuse(request, problem.text);
	with->memory = memory;
	with->disk = disk;
	with->downtime = downtime;
	request->id = json_incref(id);
	request->command = command_find(name);
	why = mismatch(request->command, with);
	return why ? refuse(request, why) : NULL;
}

static char *begin(struct request *request, struct control_guest *guest, json_t *root, int *fd,
		   bool *holds)
{
	struct arguments with = { .fd = *fd };
	char *refusal = parse(request, root, &with);
	const char *why;

	if (refusal)
		return refusal;
	if (guest->vm->status != VM_RUNNING && !request->command->after_end)
		return refuse(request, "the guest has ended");
	why = request->command->begin(guest, &with);
	*fd = with.fd;
	*holds |= with.holds;
	if (why)
		return refuse(request, why);
	return request->command->owner ? request_finish(request, guest) : succeed(request, guest);
}

char *request_begin(struct request *request, struct control_guest *guest, const char *line,
		    size_t length, int *fd, bool *holds)
{
	json_error_t problem;
	json_t *root = json_loadb(line, length, JSON_REJECT_DUPLICATES, &problem);
	char *text;

	*request = (struct request){ 0 };
	text = root ? begin(request, guest, root, fd, holds) : refuse(request, problem.text);
	json_decref(root);
	return text;
}

/* What wait_for_vcpus() returns as long as they have not paused. */
static const char not_yet[] = "";

/* Returns NULL, not_yet, or why the command fails. */
static const char *wait_for_vcpus(const struct request *request, struct vm *vm)
{
	enum pause_owner owner = request->command->owner;

	if (!pause_holds(vm, owner)) {
		if (owner == PAUSE_USER)
			return "another client has resumed the guest";
		if (owner == PAUSE_REGISTERS)
			pause_all(vm, owner); /* another client has read the registers */
	}
	return pause_complete(vm, owner) ? NULL : not_yet;
}

char *request_finish(struct request *request, struct control_guest *guest)
{
	const struct command *command = request->command;
	const char *why = NULL;
	char *text;

	/* A guest that is reset pauses at its next start; one that has ended never does. */
	if (guest->vm->status != VM_RUNNING)
		return NULL;
	if (command->step) {
		if (!command->step(guest, &why))
			return NULL;
	} else {
		why = wait_for_vcpus(request, guest->vm);
		if (why == not_yet)
			return NULL;
	}
	text = why ? refuse(request, why) : succeed(request, guest);
	if (command->end)
		command->end(guest);
	return text;
}

bool request_needs_client(const struct request *request)
{
	return request->command &&
	       (request->command->step || request->command->owner == PAUSE_HOLD);
}

void request_let_go(struct control_guest *guest)
{
	save_let_go(guest->save);
	pause_resume(guest->vm, PAUSE_HOLD, ~0u);
}

void request_drop(struct request *request, struct control_guest *guest)
{
	if (request->command && request->command->end)
		request->command->end(guest);
	request_clear(request);
}
