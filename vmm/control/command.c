// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control/command.h"
#include "error.h"
#include "gdb/stub.h"
#include "loop.h"
#include "memmap.h"
#include "save/save.h"
#include "virtio/balloon.h"
#include "virtio/disk.h"

/* How long a migrated guest may stand still, in ms: unless the request says it, and at most. */
#define DOWNTIME      300
#define MOST_DOWNTIME 3600000

static const char *begin_nothing(struct control_guest *guest, struct arguments *with)
{
	(void)guest;
	(void)with;
	return NULL;
}

static const char *state_name(const struct control_guest *guest)
{
	struct vm *vm = guest->vm;

	if (vm->status != VM_RUNNING)
		return "ended";
	if (guest->save->phase != SAVE_NOTHING)
		return "saving";
	if (pause_holds(vm, PAUSE_USER | PAUSE_HOLD))
		return pause_complete(vm, PAUSE_USER | PAUSE_HOLD) ? "paused" : "pausing";
	return pause_holds(vm, PAUSE_GDB) ? "stopped by gdb" : "running";
}

static json_t *disks_status(const struct control_guest *guest)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < guest->nr_disks; i++)
		json_array_append_new(list, disk_status(&guest->disks[i]));
	return list;
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
	if (guest->nr_disks)
		json_object_set_new(status, "disks", disks_status(guest));
	return status;
}

static const char *begin_pause(struct control_guest *guest, struct arguments *with)
{
	(void)with;
	pause_all(guest->vm, PAUSE_USER);
	return NULL;
}

static const char *begin_resume(struct control_guest *guest, struct arguments *with)
{
	(void)with;
	pause_resume(guest->vm, PAUSE_USER, ~0u);
	return NULL;
}

static const char *begin_hold(struct control_guest *guest, struct arguments *with)
{
	with->holds = true;
	pause_all(guest->vm, PAUSE_HOLD);
	return NULL;
}

static const char *begin_balloon(struct control_guest *guest, struct arguments *with)
{
	uint64_t memory = with->memory;

	if (!guest->balloon)
		return "the guest has no balloon (--balloon)";
	if (memory < MIN_MEMORY || memory > guest->memory)
		return "the size must be 16M to the guest's memory";
	balloon_ask(guest->balloon, guest->memory - memory);
	return NULL;
}

static const char *begin_power_button(struct control_guest *guest, struct arguments *with)
{
	(void)with;
	return power_press(guest->power) ? NULL : "nothing in the guest listens for the power key";
}

static const char *begin_reset(struct control_guest *guest, struct arguments *with)
{
	(void)with;
	guest->vm->restart = true;
	vm_end(guest->vm, STATUS_RESET);
	return NULL;
}

static const char *begin_quit(struct control_guest *guest, struct arguments *with)
{
	(void)with;
	vm_end(guest->vm, STATUS_ESCAPE);
	return NULL;
}

/* KVM accesses the registers of a vCPU only while it is outside KVM_RUN. */
static const char *begin_registers(struct control_guest *guest, struct arguments *with)
{
	(void)with;
	pause_all(guest->vm, PAUSE_REGISTERS);
	return NULL;
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

/* The save owns the descriptor from then on. */
static int take_fd(struct arguments *with)
{
	int fd = with->fd;

	with->fd = -1;
	return fd;
}

static const char *begin_save(struct control_guest *guest, struct arguments *with)
{
	const char *why = save_begin(guest->save, take_fd(with), gdb_has_client(*guest->gdb));

	if (!why)
		gdb_refuse_clients(*guest->gdb, true);
	return why;
}

static const char *begin_migrate(struct control_guest *guest, struct arguments *with)
{
	int64_t downtime = with->downtime < 0 ? DOWNTIME : with->downtime;
	const char *why;

	if (!downtime || downtime > MOST_DOWNTIME)
		return "the downtime must be 1 to 3600000 milliseconds";
	why = save_begin_migration(guest->save, take_fd(with), gdb_has_client(*guest->gdb),
				   downtime);
	if (!why)
		gdb_refuse_clients(*guest->gdb, true);
	return why;
}

/* Is it a disk, whose file can be changed now? */
static const char *needs_disk(const struct control_guest *guest, const struct arguments *with)
{
	if (with->disk < 1 || with->disk > guest->nr_disks)
		return "there is no such disk (--disk)";
	/* Where it goes it has to find the disks that it had here. */
	if (guest->save->phase != SAVE_NOTHING)
		return "the guest is being saved";
	return NULL;
}

static const char *begin_attach(struct control_guest *guest, struct arguments *with)
{
	const char *why = needs_disk(guest, with);
	int fd = with->fd;

	if (!why && fd < 0)
		return "this command needs the descriptor of a file: use `armvm ctl`";
	if (why)
		return why;
	with->fd = -1;
	return disk_attach(&guest->disks[with->disk - 1], fd, with->file);
}

static const char *begin_detach(struct control_guest *guest, struct arguments *with)
{
	const char *why = needs_disk(guest, with);

	return why ? why : disk_detach(&guest->disks[with->disk - 1]);
}

static json_t *migrate_result(struct control_guest *guest)
{
	const struct live *live = &guest->save->live;

	return json_pack("{s:i, s:I, s:I, s:I, s:I}", "rounds", (int)live->rounds, "pages",
			 (json_int_t)live->sent, "pages per second", (json_int_t)live->rate,
			 "pages while stopped", (json_int_t)live->sent_stopped,
			 "milliseconds while stopped", (json_int_t)(loop_now() - live->stopped_at));
}

static bool step_save(struct control_guest *guest, const char **why)
{
	return save_step(guest->save, why);
}

static void end_save(struct control_guest *guest)
{
	save_end(guest->save);
	gdb_refuse_clients(*guest->gdb, false);
}

static const struct command commands[] = {
	{
		.name = "status",
		.after_end = true,
		.begin = begin_nothing,
		.result = status_result,
	},
	{ .name = "pause", .begin = begin_pause, .owner = PAUSE_USER },
	{ .name = "resume", .begin = begin_resume },
	{ .name = "hold", .begin = begin_hold, .owner = PAUSE_HOLD },
	{ .name = "power-button", .begin = begin_power_button },
	{ .name = "balloon", .takes = TAKES_MEMORY, .begin = begin_balloon },
	{ .name = "attach", .takes = TAKES_DISK | TAKES_FILE, .begin = begin_attach },
	{ .name = "detach", .takes = TAKES_DISK, .begin = begin_detach },
	{ .name = "reset", .begin = begin_reset },
	{ .name = "quit", .after_end = true, .begin = begin_quit },
	{
		.name = "registers",
		.begin = begin_registers,
		.owner = PAUSE_REGISTERS,
		.result = registers_result,
		.end = end_registers,
	},
	{
		.name = "save",
		.begin = begin_save,
		.owner = PAUSE_SAVE,
		.step = step_save,
		.end = end_save,
	},
	{
		.name = "migrate",
		.takes = TAKES_DOWNTIME,
		.begin = begin_migrate,
		.owner = PAUSE_SAVE,
		.step = step_save,
		.result = migrate_result,
		.end = end_save,
	},
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}
