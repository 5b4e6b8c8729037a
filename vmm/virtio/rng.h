/* SPDX-License-Identifier: GPL-2.0-only */
/* The entropy device (virtio 1.2, 5.4): random bytes from the host's kernel. */
#ifndef ARMVM_VIRTIO_RNG_H
#define ARMVM_VIRTIO_RNG_H

#include "device.h"

/* Returns 0 or, after one message, a negative errno. */
int rng_create(struct virtio *device, const struct ram *ram);

#endif
