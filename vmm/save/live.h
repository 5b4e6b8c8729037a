/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a guest that runs while it is sent: all of it, then round by round what the guest
 * and the devices have written since, until that is little or does not become less.
 */
#ifndef ARMVM_SAVE_LIVE_H
#define ARMVM_SAVE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "save/chunk.h"
#include "save/machine.h"

struct live {
	const struct machine_parts *parts;
	uint32_t *todo;	 /* a bit for each page that is still to be sent; NULL: not live */
	uint32_t *taken; /* room for KVM's log */
	uint64_t at;	 /* the next byte of RAM of this round */
	unsigned int rounds;
	uint64_t sent;	       /* pages */
	uint64_t sent_stopped; /* .. of them while the guest stood still */
};

/* Begin with all of RAM.  Returns 0 or a negative errno; prints no message. */
int live_begin(struct live *live, const struct machine_parts *parts);
void live_end(struct live *live);
/*
 * Queue a chunk, or nothing.  Returns 1 if it is time to stop the guest, or a negative errno.
 */
int live_next(struct live *live, struct chunk_writer *writer);
/* The guest and the devices have stopped: what is left is the last round. */
int live_stopped(struct live *live);
/* The same for that round; 1 if all of it is queued. */
int live_rest(struct live *live, struct chunk_writer *writer);

#endif
