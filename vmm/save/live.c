// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"
#include "save/live.h"

/* In one chunk. */
#define STEP (256u << 10)
/*
 * Stop the guest for no more than these pages, 1 MiB, or after so many rounds.  It is also the
 * least that is measured, because buffers on the way take less than that at once.
 */
#define FEW    256u
#define ROUNDS 16u

static uint64_t nr_pages(const struct live *live)
{
	return live->parts->ram->size / CHUNK_PAGE;
}

/* KVM writes whole words of the kernel's, which may have 64 bits. */
static size_t nr_words(const struct live *live)
{
	return (nr_pages(live) + 63) / 64 * 2;
}

static bool is_todo(const struct live *live, uint64_t page)
{
	return live->todo[page / 32] >> page % 32 & 1;
}

/*
 * Add what has been written since the last call.  A device's thread marks a page when it takes a
 * request, and writes it under its lock: with all locks held, all that is marked is written.
 */
static int take_dirty(struct live *live)
{
	struct virtio_set *virtio = live->parts->virtio;
	int err = vm_take_dirty(live->parts->vm, live->taken);

	if (err)
		return err;
	for (unsigned int i = 0; i < virtio->count; i++)
		virtio_lock(&virtio->devices[i]);
	ram_take_written(live->parts->ram, live->taken);
	for (unsigned int i = virtio->count; i-- > 0;)
		virtio_unlock(&virtio->devices[i]);
	for (size_t i = 0; i < nr_words(live); i++)
		live->todo[i] |= live->taken[i];
	live->at = 0;
	return 0;
}

int live_begin(struct live *live, const struct machine_parts *parts, unsigned int limit)
{
	int err;

	*live = (struct live){ .parts = parts, .limit = limit, .rate_since = loop_now() };
	live->todo = calloc(nr_words(live), sizeof(uint32_t));
	live->taken = calloc(nr_words(live), sizeof(uint32_t));
	err = live->todo && live->taken ? take_dirty(live) : -ENOMEM;
	if (err)
		return err;
	/*
	 * All pages that exist are sent, and no others, whatever was written before: a page that
	 * has gone back to the host reads as zero there too, and reading it here would take one.
	 */
	memset(live->todo, 0, nr_words(live) * sizeof(uint32_t));
	ram_existing(parts->ram, live->todo);
	return 0;
}

void live_end(struct live *live)
{
	free(live->todo);
	free(live->taken);
	live->todo = live->taken = NULL;
}

static uint64_t count_todo(const struct live *live)
{
	uint64_t count = 0;

	for (size_t i = 0; i < nr_words(live); i++)
		count += __builtin_popcount(live->todo[i]);
	return count;
}

/* Less than a few pages are measured together with the next round. */
static void measure(struct live *live)
{
	uint64_t pages = live->sent - live->rate_from;
	int64_t now = loop_now(), ms = now - live->rate_since;

	if (live->rate && pages < FEW)
		return;
	live->rate = pages * 1000 / (ms ? ms : 1);
	live->rate_from = live->sent;
	live->rate_since = now;
}

uint64_t live_rest_ms(const struct live *live)
{
	uint64_t rate = live->rate ? live->rate : 1;

	return (count_todo(live) * 1000 + rate - 1) / rate;
}

/* Queue the next run of pages.  Returns how many, or a negative errno. */
static int queue_pages(struct live *live, struct chunk_writer *writer)
{
	const struct ram *ram = live->parts->ram;
	uint64_t first = live->at / CHUNK_PAGE, end;
	void *from;

	while (first < nr_pages(live) && !is_todo(live, first))
		first++;
	for (end = first; end < nr_pages(live) && end - first < STEP / CHUNK_PAGE; end++) {
		if (!is_todo(live, end))
			break;
		live->todo[end / 32] &= ~(1u << end % 32);
	}
	live->at = end * CHUNK_PAGE;
	if (first == end)
		return 0;
	/* Away from the guest, which may write past the caches: it takes a fault, and is logged. */
	from = ram_fresh_at(ram, ram->base + first * CHUNK_PAGE, (end - first) * CHUNK_PAGE);
	if (!from)
		return -ENOMEM;
	memcpy(chunk_room(writer), from, (end - first) * CHUNK_PAGE);
	chunk_put(writer, CHUNK_PAGES, ram->base + first * CHUNK_PAGE, (end - first) * CHUNK_PAGE);
	live->sent += end - first;
	return end - first;
}

/* Returns whether the rest fits into the limit, or -ETIME if another round would not help. */
static int may_stop(const struct live *live)
{
	if (live_rest_ms(live) <= live->limit)
		return 1;
	return live->rounds < ROUNDS ? 0 : -ETIME;
}

int live_next(struct live *live, struct chunk_writer *writer)
{
	int count = queue_pages(live, writer);

	if (count)
		return count < 0 ? count : 0;
	live->rounds++;
	measure(live);
	count = take_dirty(live);
	if (count)
		return count;
	count = may_stop(live);
	return count == 1 && live->rounds < ROUNDS ? count_todo(live) <= FEW : count;
}

int live_stopped(struct live *live)
{
	int err = take_dirty(live);

	return err ? err : may_stop(live);
}

int live_rest(struct live *live, struct chunk_writer *writer)
{
	int count = queue_pages(live, writer);

	if (count < 0)
		return count;
	live->sent_stopped += count;
	return !count;
}
