// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory order.  The driver writes a request, then avail's index: the index is
 * loaded with acquire.  The device writes data and the used element, then
 * used's index: a store with release.  queue_rearm() and queue_must_interrupt()
 * write one side's index and then read the other's, as the driver does on its
 * side, so both have a full barrier in between.
 */
#include <stddef.h>
#include <string.h>

#include <linux/virtio_ring.h>

#include "queue.h"

/* All fields are little-endian, as every machine is that this is built for. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fields are not swapped");

struct queue_desc {
	uint64_t address;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};

/* avail has entries of 2 bytes, used has struct used_entry; the event index follows them. */
struct queue_ring {
	uint16_t flags;
	uint16_t index;
	uint8_t entries[];
};

struct used_entry {
	uint32_t head;
	uint32_t length;
};

_Static_assert(sizeof(struct queue_desc) == 16 && sizeof(struct used_entry) == 8, "2.7.5, 2.7.8");

static bool broken(struct queue *queue, const char *why)
{
	queue->broken = why;
	return false;
}

static uint16_t load16(const void *from)
{
	return __atomic_load_n((const uint16_t *)from, __ATOMIC_RELAXED);
}

static uint16_t avail_entry(const struct queue *queue, uint16_t n)
{
	return load16(queue->avail->entries + 2 * (n & (queue->size - 1)));
}

static uint16_t avail_index(const struct queue *queue)
{
	return __atomic_load_n(&queue->avail->index, __ATOMIC_ACQUIRE);
}

/* Where the driver says of which used index it wants to be told. */
static const void *used_event(const struct queue *queue)
{
	return queue->avail->entries + 2 * queue->size;
}

static void *avail_event(const struct queue *queue)
{
	return queue->used->entries + sizeof(struct used_entry) * queue->size;
}

size_t queue_chain_read(const struct queue_chain *chain, size_t at, void *to, size_t size)
{
	size_t done = 0;

	for (unsigned int i = 0; i < chain->nr_out && done < size; i++) {
		const struct iovec *iov = &chain->iov[i];
		size_t skip = at < iov->iov_len ? at : iov->iov_len;
		size_t part = iov->iov_len - skip < size - done ? iov->iov_len - skip : size - done;

		memcpy((uint8_t *)to + done, (const uint8_t *)iov->iov_base + skip, part);
		done += part;
		at -= skip;
	}
	return done;
}

size_t queue_chain_write(const struct queue_chain *chain, const void *from, size_t size)
{
	size_t done = 0;

	for (unsigned int i = 0; i < chain->nr_in && done < size; i++) {
		const struct iovec *iov = &chain->iov[chain->nr_out + i];
		size_t part = iov->iov_len < size - done ? iov->iov_len : size - done;

		memcpy(iov->iov_base, (const uint8_t *)from + done, part);
		done += part;
	}
	return done;
}

void queue_reset(struct queue *queue)
{
	memset(queue, 0, sizeof(*queue));
}

static void *ring_at(const struct ram *ram, uint64_t address, uint64_t size, unsigned int align)
{
	return address % align ? NULL : ram_at(ram, address, size);
}

bool queue_start(struct queue *queue, const struct ram *ram, bool indirect, bool event_idx)
{
	uint64_t size = queue->size;

	if (!size || size > QUEUE_MAX_SIZE || size & (size - 1))
		return broken(queue, "its size is not a power of two up to 256");
	queue->table = ring_at(ram, queue->desc_address, sizeof(struct queue_desc) * size, 16);
	queue->avail = ring_at(ram, queue->avail_address, 6 + 2 * size, 2);
	queue->used = ring_at(ram, queue->used_address, 6 + sizeof(struct used_entry) * size, 4);
	if (!queue->table || !queue->avail || !queue->used)
		return broken(queue, "one of its addresses is not aligned or not in RAM");
	queue->ram = ram;
	queue->indirect = indirect;
	queue->event_idx = event_idx;
	queue->next_avail = queue->next_used = queue->told_used = 0;
	queue->ready = true;
	return true;
}

void queue_go_on(struct queue *queue, uint16_t next_avail)
{
	queue->next_avail = next_avail;
	queue->next_used = queue->told_used = load16(&queue->used->index);
}

static bool add_buffer(struct queue *queue, struct queue_chain *chain,
		       const struct queue_desc *desc)
{
	bool in = desc->flags & VRING_DESC_F_WRITE;
	uint32_t *length = in ? &chain->in_length : &chain->out_length;
	void *host = ram_at(queue->ram, desc->address, desc->length);

	if (!in && chain->nr_in)
		return broken(queue, "a readable buffer follows a writable one");
	if (!host)
		return broken(queue, "a buffer is not in RAM");
	if (__builtin_add_overflow(*length, desc->length, length))
		return broken(queue, "a request is longer than 4 GiB");
	if (!desc->length)
		return true;
	if (in)
		ram_wrote(queue->ram, host, desc->length);
	chain->iov[chain->nr_out + chain->nr_in] =
		(struct iovec){ .iov_base = host, .iov_len = desc->length };
	if (in)
		chain->nr_in++;
	else
		chain->nr_out++;
	return true;
}

/* Follow a chain in a table; it can have no more descriptors than `left`, which bounds loops. */
static bool follow(struct queue *queue, struct queue_chain *chain, const struct queue_desc *table,
		   uint32_t size, uint32_t at, uint32_t left, struct queue_desc *indirect)
{
	for (;;) {
		struct queue_desc desc;

		if (at >= size)
			return broken(queue, "a descriptor's number is too large");
		if (!left--)
			return broken(queue,
				      "a request has more buffers than the queue, or is a loop");
		/* A copy that the guest cannot change after it has been checked. */
		desc = *(const volatile struct queue_desc *)&table[at];
		if (desc.flags & VRING_DESC_F_INDIRECT) {
			if (!indirect || desc.flags & VRING_DESC_F_NEXT)
				return broken(queue, "an indirect table where none may be");
			*indirect = desc;
			return true;
		}
		if (!add_buffer(queue, chain, &desc))
			return false;
		if (!(desc.flags & VRING_DESC_F_NEXT))
			return true;
		at = desc.next;
	}
}

/* 2.7.5.3: the table's first descriptor begins the chain; its own WRITE flag means nothing. */
static bool follow_indirect(struct queue *queue, struct queue_chain *chain,
			    const struct queue_desc *indirect)
{
	uint32_t count = indirect->length / sizeof(struct queue_desc);
	const void *table = ram_at(queue->ram, indirect->address, indirect->length);

	if (indirect->length % sizeof(struct queue_desc) || !count)
		return broken(queue, "an indirect table's length is not that of a table");
	if (!table || indirect->address % sizeof(uint64_t))
		return broken(queue, "an indirect table is not aligned or not in RAM");
	/* Direct buffers may come before the table. */
	return follow(queue, chain, table, count, 0, QUEUE_MAX_SIZE - chain->nr_out - chain->nr_in,
		      NULL);
}

bool queue_pop(struct queue *queue, struct queue_chain *chain)
{
	struct queue_desc indirect = { 0 };
	uint16_t waiting;

	if (!queue->ready || queue->broken)
		return false;
	waiting = avail_index(queue) - queue->next_avail;
	if (!waiting)
		return false;
	if (waiting > queue->size)
		return broken(queue, "more requests are available than the queue holds");
	chain->head = avail_entry(queue, queue->next_avail);
	chain->nr_out = chain->nr_in = 0;
	chain->out_length = chain->in_length = 0;
	if (!follow(queue, chain, queue->table, queue->size, chain->head, queue->size,
		    queue->indirect ? &indirect : NULL))
		return false;
	if (indirect.flags && !follow_indirect(queue, chain, &indirect))
		return false;
	queue->next_avail++;
	return true;
}

void queue_unpop(struct queue *queue)
{
	queue->next_avail--;
}

void queue_push(struct queue *queue, const struct queue_chain *chain, uint32_t written)
{
	const struct used_entry entry = { .head = chain->head, .length = written };
	uint8_t *to = queue->used->entries + sizeof(entry) * (queue->next_used & (queue->size - 1));

	memcpy(to, &entry, sizeof(entry));
	ram_wrote(queue->ram, to, sizeof(entry));
	ram_wrote(queue->ram, queue->used, sizeof(*queue->used));
	queue->next_used++;
	__atomic_store_n(&queue->used->index, queue->next_used, __ATOMIC_RELEASE);
}

bool queue_rearm(struct queue *queue)
{
	if (!queue->ready || queue->broken)
		return false;
	if (queue->event_idx) {
		ram_wrote(queue->ram, avail_event(queue), sizeof(uint16_t));
		__atomic_store_n((uint16_t *)avail_event(queue), queue->next_avail,
				 __ATOMIC_RELAXED);
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return avail_index(queue) != queue->next_avail;
}

bool queue_must_interrupt(struct queue *queue)
{
	uint16_t before = queue->told_used, now = queue->next_used;

	if (!queue->ready || before == now)
		return false;
	queue->told_used = now;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!queue->event_idx)
		return !(load16(&queue->avail->flags) & VRING_AVAIL_F_NO_INTERRUPT);
	/* 2.7.10: is the index that the driver waits for among those just passed? */
	return (uint16_t)(now - load16(used_event(queue)) - 1) < (uint16_t)(now - before);
}
