/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saving the machine, in steps on the main thread, so that everything but the guest goes on.
 * The guest stands still from the moment when all vCPUs have paused.
 */
#ifndef ARMVM_SAVE_SAVE_H
#define ARMVM_SAVE_SAVE_H

#include <poll.h>

#include "save/chunk.h"
#include "save/live.h"
#include "save/machine.h"

struct save {
	const struct machine_parts *parts;
	enum {
		SAVE_NOTHING,
		SAVE_LIVE,   /* the guest runs, and its memory is sent */
		SAVE_PAUSES, /* the vCPUs do not stand still yet */
		SAVE_RAM,
		SAVE_REST,
		SAVE_END,
		SAVE_ANSWER, /* the other armvm has not said that it has the guest */
		SAVE_CANCELLED
	} phase;
	int fd;
	bool migrates;
	struct live live;
	bool stopped;	    /* the devices' workers are */
	bool kept;	    /* they are, although it is over: see save_let_go() */
	int64_t give_up_at; /* by loop_now(), or 0: the guest has then stood still for too long */
	struct json_t *state;
	uint64_t at; /* the next byte of RAM */
	struct chunk_writer writer;
	char why[192]; /* it failed */
};

void save_init(struct save *save, const struct machine_parts *parts);
/*
 * Begin to save to a file, whose descriptor is the save's from here on.  Returns NULL, or why it
 * cannot; then nothing has begun, and save_end() need not be called.
 */
const char *save_begin(struct save *save, int fd, bool gdb);
/*
 * The same with a socket, to an armvm that will have the guest if all goes well.  The guest stands
 * still for about `downtime` ms at most, and never for more than 10 s longer.
 */
const char *save_begin_migration(struct save *save, int fd, bool gdb, unsigned int downtime);
/* Returns whether it is over; then *why is NULL or why it failed, and save_end() is due. */
bool save_step(struct save *save, const char **why);
/*
 * The guest goes on, unless it has ended.  Also if the save is not over, or never began.  While a
 * client holds the guest, the devices and their input stay stopped, too: what they did would be
 * done again where the guest is restored.
 */
void save_end(struct save *save);
/* No client holds the guest any more. */
void save_let_go(struct save *save);
/* The guest is reset: it goes on, and save_step() says so. */
void save_cancel(struct save *save);
/*
 * What save_step() waits for.  Lowers *timeout, in ms from now (-1: none), to when it gives up.
 */
struct pollfd save_poll(const struct save *save, int64_t now, int64_t *timeout);

#endif
