// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "pause.h"
#include "save/save.h"
#include "virtio/saved.h"

/* In one step.  The main thread does nothing else meanwhile. */
#define STEP (256u << 10)

_Static_assert(STEP <= CHUNK_MOST && STEP % CHUNK_PAGE == 0, "a step makes one chunk at most");

void save_init(struct save *save, const struct machine_parts *parts)
{
	*save = (struct save){ .parts = parts, .fd = -1 };
}

const char *save_begin(struct save *save, int fd, bool gdb)
{
	const struct machine_parts *parts = save->parts;
	const char *name, *why = NULL;
	struct stat st;

	if (save->phase != SAVE_NOTHING)
		why = "the guest is being saved already";
	else if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		why = "this command needs the descriptor of a file: use `armvm save`";
	else if (gdb)
		why = "gdb is connected, and has its breakpoints in the guest's memory";
	if (why) {
		if (fd >= 0)
			close(fd);
		return why;
	}
	why = virtio_set_unsavable(parts->virtio, &name);
	if (why) {
		close(fd);
		snprintf(save->why, sizeof(save->why), "the guest's %s cannot be saved: %s", name,
			 why);
		return save->why;
	}
	save->fd = fd;
	save->at = 0;
	save->phase = SAVE_PAUSES;
	pause_all(parts->vm, PAUSE_SAVE);
	return NULL;
}

static bool failed(struct save *save, const char *what, int err)
{
	if (err)
		snprintf(save->why, sizeof(save->why), "%s: %s", what, strerror(-err));
	else
		snprintf(save->why, sizeof(save->why), "%s", what);
	return true;
}

/* Returns 0 or, if memory is short or the text too long, a negative errno. */
static int put_json(struct save *save, enum chunk_kind kind, json_t *value)
{
	size_t length = json_dumpb(value, chunk_room(&save->writer), CHUNK_MOST, JSON_COMPACT);

	if (!length || length > CHUNK_MOST)
		return -ENOMEM;
	chunk_put(&save->writer, kind, 0, length);
	return 0;
}

/* The vCPUs stand still: stop the workers, whose requests are complete then, and read all. */
static bool capture(struct save *save, const char **why)
{
	const struct machine_parts *parts = save->parts;
	int err;

	*why = save->why;
	save->stopped = true;
	virtio_set_stop(parts->virtio);
	if (virtio_set_settle(parts->virtio))
		return failed(save, "a disk could not be written, as armvm has said", 0);
	save->state = machine_save(parts);
	if (!save->state)
		return failed(save, "KVM did not give the guest's state, as armvm has said", 0);
	err = chunk_writer_open(&save->writer, save->fd);
	if (!err)
		err = chunk_flush(&save->writer);
	if (!err) {
		json_t *machine = machine_describe(parts);

		err = put_json(save, CHUNK_MACHINE, machine);
		json_decref(machine);
	}
	save->phase = SAVE_RAM;
	return err && failed(save, "cannot write the file", err);
}

static bool is_zero(const uint8_t *page)
{
	return !*page && !memcmp(page, page + 1, CHUNK_PAGE - 1);
}

/*
 * Queue the next run of pages that are not zero.  Holes of the file that RAM is are not looked
 * at: a load there would take a page from the host.  Returns 1 if there are no more, or an errno.
 */
static int next_pages(struct save *save)
{
	const struct ram *ram = save->parts->ram;
	off_t data = lseek(ram->fd, save->at, SEEK_DATA), hole;
	uint64_t length, start = 0, end;
	const uint8_t *from;

	if (data < 0)
		return errno == ENXIO ? 1 : -errno;
	hole = lseek(ram->fd, data, SEEK_HOLE);
	if (hole < 0)
		return -errno;
	length = (uint64_t)(hole - data) < STEP ? (uint64_t)(hole - data) : STEP;
	/* The guest may have written past the caches. */
	from = ram_fresh_at(ram, ram->base + data, length);
	if (!from)
		return -ENOMEM;
	while (start < length && is_zero(from + start))
		start += CHUNK_PAGE;
	for (end = start; end < length && !is_zero(from + end);)
		end += CHUNK_PAGE;
	save->at = data + end;
	if (start == end)
		return 0;
	memcpy(chunk_room(&save->writer), from + start, end - start);
	chunk_put(&save->writer, CHUNK_PAGES, ram->base + data + start, end - start);
	return 0;
}

/* Queue the next chunk. */
static bool advance(struct save *save, const char **why)
{
	int more = 0;

	switch (save->phase) {
	case SAVE_RAM:
		more = next_pages(save);
		if (more < 0)
			return failed(save, "cannot read the guest's memory", more);
		if (!more)
			return false;
		save->phase = SAVE_REST;
		more = put_json(save, CHUNK_STATE, save->state);
		return more && failed(save, "cannot write the guest's state", more);
	case SAVE_REST:
		chunk_put(&save->writer, CHUNK_END, 0, 0);
		save->phase = SAVE_END;
		return false;
	default:
		*why = NULL;
		return true;
	}
}

bool save_step(struct save *save, const char **why)
{
	int err;

	*why = save->why;
	if (save->phase == SAVE_CANCELLED)
		return failed(save, "the guest was reset meanwhile", 0);
	if (save->phase == SAVE_PAUSES)
		return pause_complete(save->parts->vm, PAUSE_SAVE) && capture(save, why);
	err = chunk_flush(&save->writer);
	if (err)
		return err != -EAGAIN && failed(save, "cannot write the file", err);
	return advance(save, why);
}

/* Whatever has happened, leave no trace of the save. */
static void clean_up(struct save *save)
{
	if (save->fd >= 0)
		close(save->fd);
	chunk_writer_close(&save->writer);
	json_decref(save->state);
	save->fd = -1;
	save->state = NULL;
	save->stopped = false;
	pause_resume(save->parts->vm, PAUSE_SAVE, ~0u);
}

void save_end(struct save *save)
{
	struct vm *vm = save->parts->vm;
	bool restart = save->stopped && vm->status == VM_RUNNING;

	if (save->phase == SAVE_NOTHING)
		return;
	if (restart && virtio_set_start(save->parts->virtio))
		vm_end(vm, STATUS_FAILURE);
	clean_up(save);
	save->phase = SAVE_NOTHING;
}

void save_cancel(struct save *save)
{
	if (save->phase == SAVE_NOTHING)
		return;
	clean_up(save);
	save->phase = SAVE_CANCELLED;
}

struct pollfd save_poll(const struct save *save)
{
	bool writes = save->phase > SAVE_PAUSES && save->parts->vm->status == VM_RUNNING;

	/* Before that, pausing vCPUs wake the main thread.  A file can always be written. */
	return (struct pollfd){ .fd = writes ? save->fd : -1, .events = POLLOUT };
}
