// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "loop.h"
#include "pause.h"
#include "save/save.h"
#include "virtio/saved.h"

/* In one step.  The main thread does nothing else meanwhile. */
#define STEP (256u << 10)
/* A migrated guest stands still for this long, in ms, after its --downtime, and then goes on. */
#define GRACE 10000

_Static_assert(STEP <= CHUNK_MOST && STEP % CHUNK_PAGE == 0, "a step makes one chunk at most");

void save_init(struct save *save, const struct machine_parts *parts)
{
	*save = (struct save){ .parts = parts, .fd = -1 };
}

/* Why the guest cannot be saved at all now, or NULL. */
static const char *refuses(struct save *save, bool gdb, bool live)
{
	const char *name, *why;

	if (save->phase != SAVE_NOTHING)
		return "the guest is being saved already";
	if (gdb)
		return "gdb is connected, and has its breakpoints in the guest's memory";
	why = virtio_set_unsavable(save->parts->virtio, live, &name);
	if (!why)
		return NULL;
	snprintf(save->why, sizeof(save->why), "the guest's %s cannot be %s: %s", name,
		 live ? "migrated" : "saved", why);
	return save->why;
}

static bool has_type(int fd, mode_t type)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

static void begin(struct save *save, int fd)
{
	save->fd = fd;
	save->at = 0;
	save->migrates = false;
	save->phase = SAVE_PAUSES;
	pause_all(save->parts->vm, PAUSE_SAVE);
}

const char *save_begin(struct save *save, int fd, bool gdb)
{
	const char *why = refuses(save, gdb, false);

	if (!why && !has_type(fd, S_IFREG))
		why = "this command needs the descriptor of a file: use `armvm save`";
	if (!why)
		begin(save, fd);
	else if (fd >= 0)
		close(fd);
	return why;
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

/* The first chunk, which says what machine this is. */
static int begin_stream(struct save *save)
{
	int err = chunk_writer_open(&save->writer, save->fd, save->migrates);
	json_t *machine;

	if (!err)
		err = chunk_flush(&save->writer);
	if (err)
		return err;
	machine = machine_describe(save->parts);
	err = put_json(save, CHUNK_MACHINE, machine);
	json_decref(machine);
	return err;
}

const char *save_begin_migration(struct save *save, int fd, bool gdb, unsigned int downtime)
{
	const char *why = refuses(save, gdb, true);
	int err;

	if (!why && !save->parts->options->migratable)
		why = "the guest was not started with --migratable";
	if (!why && !has_type(fd, S_IFSOCK))
		why = "this command needs the descriptor of a socket: use `armvm migrate`";
	if (why) {
		if (fd >= 0)
			close(fd);
		return why;
	}
	save->fd = fd;
	save->migrates = true;
	save->phase = SAVE_LIVE;
	err = live_begin(&save->live, save->parts, downtime);
	if (!err)
		err = begin_stream(save);
	if (!err)
		return NULL;
	snprintf(save->why, sizeof(save->why), "cannot begin: %s", strerror(-err));
	save_end(save);
	return save->why;
}

/* The guest's memory could not be read, or it is written too fast. */
static bool memory_failed(struct save *save, int err)
{
	if (err != -ETIME)
		return failed(save, "cannot read the guest's memory", err);
	snprintf(save->why, sizeof(save->why),
		 "the guest writes faster than it is sent: it would stand still for %llu ms, and "
		 "--downtime allows %u: allow more, or try again when it does less",
		 (unsigned long long)live_rest_ms(&save->live), save->live.limit);
	return true;
}

/* It has written too much before it stood still: it goes on for another round. */
static bool go_on(struct save *save)
{
	/* An earlier save may have left them stopped: save_let_go() must not start them again. */
	save->stopped = save->kept = false;
	save->give_up_at = 0;
	if (virtio_set_start(save->parts->virtio))
		vm_end(save->parts->vm, STATUS_FAILURE);
	save->phase = SAVE_LIVE;
	pause_resume(save->parts->vm, PAUSE_SAVE, ~0u);
	return false;
}

static void stop_input(const struct machine_parts *parts, bool stop)
{
	pl011_rx_stop(&parts->uarts[0], stop);
	if (parts->options->channel)
		pl011_rx_stop(&parts->uarts[1], stop);
}

/* The vCPUs stand still: stop the workers, whose requests are complete then, and read all. */
static bool capture(struct save *save, const char **why)
{
	const struct machine_parts *parts = save->parts;
	int ret;

	*why = save->why;
	save->stopped = true;
	save->live.stopped_at = loop_now();
	virtio_set_stop(parts->virtio);
	if (virtio_set_settle(parts->virtio))
		return failed(save, "a disk could not be written, as armvm has said", 0);
	ret = save->migrates ? live_stopped(&save->live) : 1;
	if (ret <= 0)
		return ret ? memory_failed(save, ret) : go_on(save);
	/* Whoever sends more has to wait for who goes on with the guest. */
	stop_input(parts, true);
	save->state = machine_save(parts);
	if (!save->state)
		return failed(save, "KVM did not give the guest's state, as armvm has said", 0);
	ret = save->migrates ? 0 : begin_stream(save);
	save->phase = SAVE_RAM;
	return ret && failed(save, "cannot write the file", ret);
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

/* Memory: returns 1 if it is time for the next phase, or a negative errno. */
static int put_memory(struct save *save)
{
	if (save->phase == SAVE_LIVE)
		return live_next(&save->live, &save->writer);
	return save->migrates ? live_rest(&save->live, &save->writer) : next_pages(save);
}

/* Queue the next chunk. */
static bool advance(struct save *save, const char **why)
{
	int more = 0;

	switch (save->phase) {
	case SAVE_LIVE:
	case SAVE_RAM:
		more = put_memory(save);
		if (more < 0)
			return memory_failed(save, more);
		if (!more)
			return false;
		if (save->phase == SAVE_LIVE) {
			save->phase = SAVE_PAUSES;
			save->give_up_at = loop_now() + save->live.limit + GRACE;
			pause_all(save->parts->vm, PAUSE_SAVE);
			/* If all of them have paused before, none says so. */
			vm_wake(save->parts->vm);
			return false;
		}
		save->phase = SAVE_REST;
		more = put_json(save, CHUNK_STATE, save->state);
		return more && failed(save, "cannot write the guest's state", more);
	case SAVE_REST:
		chunk_put(&save->writer, CHUNK_END, 0, 0);
		save->phase = SAVE_END;
		return false;
	default:
		save->phase = SAVE_ANSWER;
		/* Of a migration the other armvm has to say that it has the guest. */
		if (save->migrates)
			return false;
		*why = NULL;
		return true;
	}
}

/*
 * The other armvm says that it has the guest, and we that it is its own.  Without our word it does
 * not start it; without its, we keep it: it never runs twice.
 */
static bool hand_over(struct save *save, const char **why)
{
	char byte;
	ssize_t got = recv(save->fd, &byte, 1, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got <= 0)
		return failed(save, "the other armvm did not take the guest, and says why", 0);
	virtio_set_hold(save->parts->virtio, false);
	if (send(save->fd, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1) {
		/* Nobody else can have taken them, as that takes our word. */
		virtio_set_hold(save->parts->virtio, true);
		return failed(save, "the other armvm has ended", 0);
	}
	vm_end(save->parts->vm, STATUS_ESCAPE);
	*why = NULL;
	return true;
}

/* What the guest has sent is not saved, so it is written first, if somebody reads it. */
static bool output_waits(const struct save *save)
{
	bool waits = pl011_tx_waits(&save->parts->uarts[0]);

	if (save->parts->options->channel)
		waits |= pl011_tx_waits(&save->parts->uarts[1]);
	return waits;
}

static bool stands_still(const struct save *save)
{
	return pause_complete(save->parts->vm, PAUSE_SAVE) && !output_waits(save);
}

static bool step(struct save *save, const char **why)
{
	int err;

	if (save->phase == SAVE_CANCELLED)
		return failed(save, "the guest was reset meanwhile", 0);
	if (save->phase == SAVE_PAUSES)
		return stands_still(save) && capture(save, why);
	if (save->phase == SAVE_ANSWER)
		return hand_over(save, why);
	err = chunk_flush(&save->writer);
	if (err == -EPIPE || err == -ECONNRESET)
		return failed(save, "the other armvm did not take the guest, and says why", 0);
	if (err)
		return err != -EAGAIN && failed(save, "cannot write the file", err);
	return advance(save, why);
}

/*
 * The connection has become slower or has stalled, the other armvm does not answer, or nobody
 * reads what the guest has sent.  Without our word the other armvm does not start the guest.
 */
static bool is_late(struct save *save)
{
	if (!save->give_up_at || loop_now() < save->give_up_at)
		return false;
	snprintf(save->why, sizeof(save->why),
		 "the guest has stood still for %u s longer than --downtime allows: the connection "
		 "or the other armvm is too slow, or nobody reads the guest's console",
		 GRACE / 1000);
	return true;
}

bool save_step(struct save *save, const char **why)
{
	*why = save->why;
	return step(save, why) || is_late(save);
}

/* Whatever has happened, leave no trace of the save. */
static void clean_up(struct save *save)
{
	if (save->fd >= 0)
		close(save->fd);
	chunk_writer_close(&save->writer);
	live_end(&save->live);
	json_decref(save->state);
	save->fd = -1;
	save->state = NULL;
	save->stopped = false;
	save->give_up_at = 0;
	if (!save->kept)
		stop_input(save->parts, false);
	pause_resume(save->parts->vm, PAUSE_SAVE, ~0u);
}

void save_end(struct save *save)
{
	struct vm *vm = save->parts->vm;
	bool restart = save->stopped && vm->status == VM_RUNNING;

	if (save->phase == SAVE_NOTHING)
		return;
	save->kept |= restart && pause_holds(vm, PAUSE_HOLD);
	if (restart && !save->kept && virtio_set_start(save->parts->virtio))
		vm_end(vm, STATUS_FAILURE);
	clean_up(save);
	save->phase = SAVE_NOTHING;
}

void save_let_go(struct save *save)
{
	struct vm *vm = save->parts->vm;

	if (!save->kept)
		return;
	save->kept = false;
	/* Another client's save has stopped them, too, and starts them at its end. */
	if (save->stopped)
		return;
	stop_input(save->parts, false);
	if (vm->status == VM_RUNNING && virtio_set_start(save->parts->virtio))
		vm_end(vm, STATUS_FAILURE);
}

void save_cancel(struct save *save)
{
	if (save->kept) {
		save->kept = false;
		stop_input(save->parts, false);
	}
	if (save->phase == SAVE_NOTHING)
		return;
	clean_up(save);
	save->phase = SAVE_CANCELLED;
}

struct pollfd save_poll(const struct save *save, int64_t now, int64_t *timeout)
{
	bool waits = save->phase == SAVE_NOTHING || save->phase == SAVE_PAUSES ||
		     save->parts->vm->status != VM_RUNNING;
	int64_t left = save->give_up_at > now ? save->give_up_at - now : 0;

	if (save->give_up_at && (*timeout < 0 || left < *timeout))
		*timeout = left;
	/* Pausing vCPUs wake the main thread.  A file can always be written. */
	return (struct pollfd){ .fd = waits ? -1 : save->fd,
				.events = save->phase == SAVE_ANSWER ? POLLIN : POLLOUT };
}
