/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a guest that runs while it is sent: all of it, then round by round what the guest
 * and the devices have written since, until that is little.  The guest stops only if the rest can
 * be sent within a limit, at the rate of the rounds before.
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
	unsigned int limit;    /* how long it may stand still, in ms */
	uint64_t rate;	       /* pages a second; 0: not measured yet */
	uint64_t rate_from;    /* what was sent when the measuring began .. */
	int64_t rate_since;    /* .. at this time, as of loop_now() */
	int64_t stopped_at;    /* the guest stands still, as of loop_now() */
};

/* Begin with all of RAM; limit is in ms.  Returns 0 or a negative errno; prints no message. */
int live_begin(struct live *live, const struct machine_parts *parts, unsigned int limit);
void live_end(struct live *live);
/*
 * Queue a chunk, or nothing.  Returns 1 if it is time to stop the guest, or a negative errno:
 * -ETIME if no number of rounds would bring it below the limit.
 */
int live_next(struct live *live, struct chunk_writer *writer);
/*
 * The guest and the devices have stopped: what is left is the last round.  Returns 1 if it may stay
 * stopped for that, 0 if it has to go on for another round, or as live_next().
 */
int live_stopped(struct live *live);
/* How long the rest takes by the rate of the last rounds, in ms. */
uint64_t live_rest_ms(const struct live *live);
/* The same for that round; 1 if all of it is queued. */
int live_rest(struct live *live, struct chunk_writer *writer);

#endif
