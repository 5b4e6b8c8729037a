/* SPDX-License-Identifier: GPL-2.0-only */
/* The block device (virtio 1.2, 5.2) on an image. */
#ifndef ARMVM_VIRTIO_DISK_H
#define ARMVM_VIRTIO_DISK_H

#include "device.h"
#include "device_options.h"

/* Returns 0 or, after one message, a negative errno; virtio_destroy() closes the image. */
int disk_create(struct virtio *device, const struct ram *ram, const struct disk_options *options);

#endif
