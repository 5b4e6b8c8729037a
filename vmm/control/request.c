// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/request.h"
#include "error.h"
#include "gdb/stub.h"
#include "loop.h"
#include "memmap.h"
#include "pause.h"
#include "save/save.h"
#include "virtio/balloon.h"

/*
 * begin() returns NULL or why it cannot; or begin_with(), if the command comes with a size, or
 * begin_on(), if it comes with a descriptor, which is its own then.  A command with an owner then
 * waits until the vCPUs have paused for it, or calls step() until that returns true; *why is NULL
 * then, or why it failed.  result() returns the answer's result, or NULL if there is none.  end()
 * follows each begin() that returned NULL, also if the client is gone.
 */
struct command {
	const char *name;
	const char *(*begin)(struct control_guest *guest);
	const char *(*begin_with)(struct control_guest *guest, uint64_t memory);
	const char *(*begin_on)(struct control_guest *guest, int fd);
	enum pause_owner owner; /* 0: it does not wait */
	bool (*step)(struct control_guest *guest, const char **why);
	void (*end)(struct control_guest *guest);
	json_t *(*result)(struct control_guest *guest);
};

static const char *begin_nothing(struct control_guest *guest)
{
	(void)guest;
	return NULL;
}

static const char *needs_guest(const struct control_guest *guest)
{
	return guest->vm->status == VM_RUNNING ? NULL : "the guest has ended";
}

static const char *state_name(const struct control_guest *guest)
{
	struct vm *vm = guest->vm;

	if (vm->status != VM_RUNNING)
		return "ended";
	if (guest->save->phase != SAVE_NOTHING)
		return "saving";
	if (pause_holds(vm, PAUSE_USER))
		return pause_complete(vm, PAUSE_USER) ? "paused" : "pausing";
	return pause_holds(vm, PAUSE_GDB) ? "stopped by gdb" : "running";
}

static json_t *status_result(struct control_guest *guest)
{
	json_t *status = json_pack("{s:s, s:i, s:i, s:I, s:I, s:s}", "state", state_name(guest),
				   "pid", (int)getpid(), "vcpus", (int)guest->vm->cpus, "memory",
				   (json_int_t)guest->memory, "uptime",
				   (json_int_t)((loop_now() - guest->started_at) / 1000), "version",
				   ARMVM_VERSION);

	if (guest->balloon)
		json_object_set_new(status, "balloon",
				    json_integer((json_int_t)balloon_size(guest->balloon)));
	return status;
}

static const char *begin_pause(struct control_guest *guest)
{
	const char *why = needs_guest(guest);

	if (!why)
		pause_all(guest->vm, PAUSE_USER);
	return why;
}

static const char *begin_resume(struct control_guest *guest)
{
	const char *why = needs_guest(guest);

	if (!why)
		pause_resume(guest->vm, PAUSE_USER, ~0u);
	return why;
}

static const char *begin_balloon(struct control_guest *guest, uint64_t memory)
{
	const char *why = needs_guest(guest);

	if (!why && !guest->balloon)
		return "the guest has no balloon (--balloon)";
	if (!why && (memory < MIN_MEMORY || memory > guest->memory))
		return "the size must be 16M to the guest's memory";
	if (!why)
		balloon_ask(guest->balloon, guest->memory - memory);
	return why;
}

static const char *begin_power_button(struct control_guest *guest)
{
	const char *why = needs_guest(guest);

	if (!why && !power_press(guest->power))
		return "nothing in the guest listens for the power key";
	return why;
}

static const char *begin_reset(struct control_guest *guest)
{
	const char *why = needs_guest(guest);

	if (!why) {
		guest->vm->restart = true;
		vm_end(guest->vm, STATUS_RESET);
	}
	return why;
}

static const char *begin_quit(struct control_guest *guest)
{
	vm_end(guest->vm, STATUS_ESCAPE);
	return NULL;
}

/* KVM accesses the registers of a vCPU only while it is outside KVM_RUN. */
static const char *begin_registers(struct control_guest *guest)
{
	const char *why = needs_guest(guest);

	if (!why)
		pause_all(guest->vm, PAUSE_REGISTERS);
	return why;
}

static json_t *vcpu_registers(const struct vcpu *vcpu)
{
	json_t *all = json_pack("{s:i}", "vcpu", (int)vcpu->index);
	const char *name;

	for (unsigned int i = 0; (name = vcpu_register_name(i)); i++) {
		char text[16];
		uint32_t value;
		json_t *shown = NULL;

		if (!vcpu_register_get(vcpu, i, &value)) {
			snprintf(text, sizeof(text), "0x%08x", value);
			shown = json_string(text);
		}
		json_object_set_new(all, name, shown ? shown : json_null());
	}
	return all;
}

static json_t *registers_result(struct control_guest *guest)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < guest->vm->cpus; i++)
		json_array_append_new(list, vcpu_registers(&guest->vm->vcpus[i]));
	return json_pack("{s:o}", "vcpus", list);
}

static void end_registers(struct control_guest *guest)
{
	pause_resume(guest->vm, PAUSE_REGISTERS, ~0u);
}

/* begin() owns fd from then on; without a guest to save, nobody needs it. */
static const char *begin_saving(struct control_guest *guest, int fd,
				const char *(*begin)(struct save *save, int fd, bool gdb))
{
	const char *why = needs_guest(guest);

	if (!why)
		return begin(guest->save, fd, gdb_has_client(*guest->gdb));
	if (fd >= 0)
		close(fd);
	return why;
}

static const char *begin_save(struct control_guest *guest, int fd)
{
	return begin_saving(guest, fd, save_begin);
}

static const char *begin_migrate(struct control_guest *guest, int fd)
{
	return begin_saving(guest, fd, save_begin_migration);
}

static json_t *migrate_result(struct control_guest *guest)
{
	const struct live *live = &guest->save->live;

	return json_pack("{s:i, s:I, s:I}", "rounds", (int)live->rounds, "pages",
			 (json_int_t)live->sent, "pages while stopped",
			 (json_int_t)live->sent_stopped);
}

static bool step_save(struct control_guest *guest, const char **why)
{
	return save_step(guest->save, why);
}

static void end_save(struct control_guest *guest)
{
	save_end(guest->save);
}

static const struct command commands[] = {
	{ .name = "status", .begin = begin_nothing, .result = status_result },
	{ .name = "pause", .begin = begin_pause, .owner = PAUSE_USER },
	{ .name = "resume", .begin = begin_resume },
	{ .name = "power-button", .begin = begin_power_button },
	{ .name = "balloon", .begin_with = begin_balloon },
	{ .name = "reset", .begin = begin_reset },
	{ .name = "quit", .begin = begin_quit },
	{
		.name = "registers",
		.begin = begin_registers,
		.owner = PAUSE_REGISTERS,
		.result = registers_result,
		.end = end_registers,
	},
	{
		.name = "save",
		.begin_on = begin_save,
		.owner = PAUSE_SAVE,
		.step = step_save,
		.end = end_save,
	},
	{
		.name = "migrate",
		.begin_on = begin_migrate,
		.owner = PAUSE_SAVE,
		.step = step_save,
		.result = migrate_result,
		.end = end_save,
	},
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

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

/* Fill request, and memory, -1 without one, from the line.  Returns NULL, or a refusal. */
static char *parse(struct request *request, const char *line, size_t length, json_int_t *memory)
{
	const char *name;
	json_error_t problem;
	json_t *id = NULL, *root = json_loadb(line, length, JSON_REJECT_DUPLICATES, &problem);
	char *refusal = NULL;

	if (!root)
		return refuse(request, problem.text);
	*memory = -1;
	if (json_unpack_ex(root, &problem, JSON_STRICT, "{s:s, s?:o, s?:I}", "command", &name, "id",
			   &id, "memory", memory)) {
		refusal = refuse(request, problem.text);
	} else {
		request->id = json_incref(id);
		request->command = find_command(name);
		if (!request->command)
			refusal = refuse(request, "unknown command");
		else if (request->command->begin_with && *memory < 0)
			refusal = refuse(request, "this command needs a size");
		else if (!request->command->begin_with && *memory >= 0)
			refusal = refuse(request, "this command takes no size");
	}
	json_decref(root);
	return refusal;
}

static const char *begin(const struct command *command, struct control_guest *guest,
			 uint64_t memory, int *fd)
{
	int taken = *fd;

	if (command->begin)
		return command->begin(guest);
	if (command->begin_with)
		return command->begin_with(guest, memory);
	*fd = -1;
	return command->begin_on(guest, taken);
}

char *request_begin(struct request *request, struct control_guest *guest, const char *line,
		    size_t length, int *fd)
{
	json_int_t memory;
	const char *why;
	char *refusal;

	*request = (struct request){ 0 };
	refusal = parse(request, line, length, &memory);
	if (refusal)
		return refusal;
	why = begin(request->command, guest, memory, fd);
	if (why)
		return refuse(request, why);
	return request->command->owner ? request_finish(request, guest) : succeed(request, guest);
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
	return request->command && request->command->step;
}

void request_drop(struct request *request, struct control_guest *guest)
{
	if (request->command && request->command->end)
		request->command->end(guest);
	request_clear(request);
}
