/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory balloon (virtio 1.2, 5.5): pages that the guest does without go back to the host. */
#ifndef ARMVM_VIRTIO_BALLOON_H
#define ARMVM_VIRTIO_BALLOON_H

#include "device.h"

/* Returns 0 or, after one message, a negative errno. */
int balloon_create(struct virtio *device, const struct ram *ram);

/* Both for other threads; in bytes. */

/* Ask the guest to do without this much, for as long as nothing else is asked. */
void balloon_ask(struct virtio *device, uint64_t size);
/* What it says that it does without. */
uint64_t balloon_size(struct virtio *device);

#endif
