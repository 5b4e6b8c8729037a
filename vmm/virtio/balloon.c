// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page that goes back reads as zero when it is used again, so a driver that
 * takes pages out of the balloon need not wait for anybody.
 *
 * Queues have the numbers that they get without those that are not offered:
 * Linux and QEMU count so, while 5.5.2 gives each queue its own number.
 */
#include <errno.h>
#include <string.h>

#include <linux/virtio_balloon.h>
#include <linux/virtio_ids.h>

#include "balloon.h"

#define QUEUE_SIZE 128
#define PAGE_SHIFT VIRTIO_BALLOON_PFN_SHIFT
/* In one request; Linux puts 256 there.  The lock is held for so long. */
#define MOST_PAGES 65536u
#define BATCH	   256u

enum {
	INFLATE,
	DEFLATE,
	REPORTING, /* free pages, whose contents the guest does not need */
	NR_QUEUES,
};

#define CONFIG	  offsetof(struct virtio_balloon_config, free_page_hint_cmd_id)
#define NUM_PAGES offsetof(struct virtio_balloon_config, num_pages)
#define ACTUAL	  offsetof(struct virtio_balloon_config, actual)

/* Give up a batch of pages, those that follow one another at once. */
static void release(const struct ram *ram, const uint32_t *pages, unsigned int count)
{
	unsigned int first = 0;

	for (unsigned int i = 1; i <= count; i++) {
		if (i < count && pages[i] == pages[i - 1] + 1)
			continue;
		ram_release(ram, (uint64_t)pages[first] << PAGE_SHIFT,
			    (uint64_t)(i - first) << PAGE_SHIFT);
		first = i;
	}
}

static const char *inflate(const struct virtio *device, const struct queue_chain *chain)
{
	uint32_t pages[BATCH];

	if (chain->out_length % sizeof(pages[0]) ||
	    chain->out_length > MOST_PAGES * sizeof(pages[0]))
		return "a list of pages has a length that it cannot have";
	for (uint32_t at = 0; at < chain->out_length; at += sizeof(pages)) {
		unsigned int count =
			queue_chain_read(chain, at, pages, sizeof(pages)) / sizeof(pages[0]);

		for (unsigned int i = 0; i < count; i++) {
			if (!ram_covers(device->ram, (uint64_t)pages[i] << PAGE_SHIFT,
					1u << PAGE_SHIFT))
				return "a page in the balloon is not in RAM";
		}
		release(device->ram, pages, count);
	}
	return NULL;
}

/* The buffers themselves are the free pages. */
static void report(const struct virtio *device, const struct queue_chain *chain)
{
	for (unsigned int i = 0; i < chain->nr_in; i++) {
		const struct iovec *iov = &chain->iov[chain->nr_out + i];

		ram_release(device->ram,
			    device->ram->base + ((uint8_t *)iov->iov_base - device->ram->host),
			    iov->iov_len);
	}
}

static void balloon_serve(struct virtio *device, unsigned int n)
{
	struct queue *queue = &device->queues[n];
	struct queue_chain chain;

	do {
		while (queue_pop(queue, &chain)) {
			if (n == INFLATE)
				queue->broken = inflate(device, &chain);
			else if (n == REPORTING)
				report(device, &chain);
			if (queue->broken)
				return;
			queue_push(queue, &chain, 0);
			if (virtio_yields(device, n)) {
				virtio_used(device, n);
				return;
			}
		}
		virtio_used(device, n);
	} while (queue_rearm(queue));
}

/* The balloon is empty: the guest has all of its memory again. */
static void balloon_stopped(struct virtio *device)
{
	memset(device->config + ACTUAL, 0, sizeof(uint32_t));
}

/* What the guest is asked for; what it has given is in the part that it writes. */
static struct json_t *balloon_save(const struct virtio *device)
{
	struct json_t *to = state_save(NULL, 0, NULL);
	uint32_t pages;

	memcpy(&pages, device->config + NUM_PAGES, sizeof(pages));
	state_save_number(to, "num_pages", pages);
	return to;
}

static int balloon_load(struct virtio *device, const struct json_t *from, const char *where)
{
	uint64_t pages;
	int err = state_load(NULL, 0, NULL, from, 1, where);

	if (!err)
		err = state_load_number(from, "num_pages", device->ram->size >> PAGE_SHIFT, &pages,
					where);
	if (!err)
		memcpy(device->config + NUM_PAGES, &pages, sizeof(uint32_t));
	return err;
}

static const struct virtio_kind balloon_kind = {
	.name = "balloon",
	.id = VIRTIO_ID_BALLOON,
	.nr_queues = NR_QUEUES,
	.queue_size = QUEUE_SIZE,
	.thread = SANDBOX_BALLOON,
	.serve = balloon_serve,
	.stopped = balloon_stopped,
	.save = balloon_save,
	.load = balloon_load,
};

void balloon_ask(struct virtio *device, uint64_t size)
{
	uint32_t pages = size >> PAGE_SHIFT;

	virtio_lock(device);
	memcpy(device->config + NUM_PAGES, &pages, sizeof(pages));
	virtio_config_changed(device);
	virtio_unlock(device);
}

uint64_t balloon_size(struct virtio *device)
{
	uint32_t pages;

	virtio_lock(device);
	memcpy(&pages, device->config + ACTUAL, sizeof(pages));
	virtio_unlock(device);
	return (uint64_t)pages << PAGE_SHIFT;
}

int balloon_create(struct virtio *device, const struct ram *ram)
{
	int err = virtio_create(device, &balloon_kind, ram, NULL);

	/* A guest in need takes back what it gave rather than kill a process. */
	device->features = BIT64(VIRTIO_BALLOON_F_DEFLATE_ON_OOM) |
			   BIT64(VIRTIO_BALLOON_F_REPORTING);
	device->config_size = CONFIG;
	device->config_writable = ACTUAL;
	device->config_writable_size = sizeof(uint32_t);
	return err;
}
