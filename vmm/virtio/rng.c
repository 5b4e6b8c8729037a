// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/random.h>

#include <linux/virtio_ids.h>

#include "rng.h"

/* Enough for any driver; a request can be as long as RAM, and the device may fill less. */
#define MOST 4096u

static uint32_t fill(const struct queue_chain *chain)
{
	const struct iovec *iov = &chain->iov[chain->nr_out];
	uint32_t done = 0;

	for (unsigned int i = 0; i < chain->nr_in && done < MOST; i++) {
		size_t left = iov[i].iov_len < MOST - done ? iov[i].iov_len : MOST - done;
		uint8_t *to = iov[i].iov_base;

		while (left) {
			ssize_t got = getrandom(to, left, 0);

			if (got < 0 && errno == EINTR)
				continue;
			if (got < 0)
				return done;
			to += got;
			left -= got;
			done += got;
		}
	}
	return done;
}

static void rng_serve(struct virtio *device, unsigned int n)
{
	struct queue *queue = &device->queues[n];
	struct queue_chain chain;

	do {
		while (queue_pop(queue, &chain)) {
			queue_push(queue, &chain, fill(&chain));
			if (virtio_yields(device, n)) {
				virtio_used(device, n);
				return;
			}
		}
		virtio_used(device, n);
	} while (queue_rearm(queue));
}

static const struct virtio_kind rng_kind = {
	.name = "rng",
	.id = VIRTIO_ID_RNG,
	.nr_queues = 1,
	.queue_size = 8,
	.thread = SANDBOX_RNG,
	.serve = rng_serve,
};

int rng_create(struct virtio *device, const struct ram *ram)
{
	return virtio_create(device, &rng_kind, ram, NULL);
}
