/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device's side of a split virtqueue (virtio 1.2, 2.7).  All that it reads
 * is the guest's and may be anything, so each value is read once and checked:
 * whatever a driver does, the device stays inside the guest's RAM and every
 * loop ends.
 */
#ifndef ARMVM_VIRTIO_QUEUE_H
#define ARMVM_VIRTIO_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "ram.h"

/* Also the most buffers that one request can have, with an indirect table too. */
#define QUEUE_MAX_SIZE 256u

struct queue_desc;
struct queue_ring;

/* Protected by the lock of the device. */
struct queue {
	/* Set by the driver before queue_start(). */
	uint32_t size;
	uint64_t desc_address;
	uint64_t avail_address;
	uint64_t used_address;
	/* Set by queue_start(). */
	bool ready;
	bool indirect;
	bool event_idx;
	const struct ram *ram;
	const struct queue_desc *table;
	const struct queue_ring *avail;
	struct queue_ring *used;
	uint16_t next_avail; /* of the next request to take */
	uint16_t next_used;  /* of the next one to give back */
	uint16_t told_used;  /* next_used when queue_must_interrupt() was last asked */
	/* What the driver did wrong; the queue then serves nothing until queue_reset(). */
	const char *broken;
};

/* One request: buffers that the device reads, then buffers that it writes. */
struct queue_chain {
	uint16_t head;
	unsigned int nr_out;
	unsigned int nr_in;
	uint32_t out_length; /* in bytes */
	uint32_t in_length;
	struct iovec iov[QUEUE_MAX_SIZE]; /* of this process; none is empty */
};

/* Copy from what the driver wrote, beginning at a byte of it; returns how many bytes were there. */
size_t queue_chain_read(const struct queue_chain *chain, size_t at, void *to, size_t size);
/* Copy to the start of what the driver can read; returns how many bytes found room. */
size_t queue_chain_write(const struct queue_chain *chain, const void *from, size_t size);

void queue_reset(struct queue *queue);
/*
 * Begin to serve, with the features VIRTIO_RING_F_INDIRECT_DESC and
 * VIRTIO_RING_F_EVENT_IDX as negotiated.  Returns false, and sets broken, if
 * size or an address cannot be (2.7: alignment; all of it in RAM).
 */
bool queue_start(struct queue *queue, const struct ram *ram, bool indirect, bool event_idx);

/*
 * The kernel has served the queue, and stopped before this request: go on from there.  What it has
 * given back, the ring says.
 */
void queue_go_on(struct queue *queue, uint16_t next_avail);

/* Take the next request.  Returns false if there is none, or if broken is set. */
bool queue_pop(struct queue *queue, struct queue_chain *chain);
/* Undo the last queue_pop(), whose chain has not been given back. */
void queue_unpop(struct queue *queue);
/* Give a request back, of whose writable bytes the first `written` are new. */
void queue_push(struct queue *queue, const struct queue_chain *chain, uint32_t written);
/*
 * Ask the driver to notify of the next request.  Returns true if requests have
 * come meanwhile: then call queue_pop() again, as no notification may come.
 */
bool queue_rearm(struct queue *queue);
/* Does the driver want an interrupt for what was given back since the last call? */
bool queue_must_interrupt(struct queue *queue);

#endif
