/* SPDX-License-Identifier: GPL-2.0-only */
/* The block device (virtio 1.2, 5.2) on an image, which can be changed while the guest runs. */
#ifndef ARMVM_VIRTIO_DISK_H
#define ARMVM_VIRTIO_DISK_H

#include <linux/virtio_blk.h>

#include "device.h"
#include "device_options.h"
#include "image.h"

struct disk {
	struct image image; /* not open: the drive is empty, and has 0 sectors */
	char serial[VIRTIO_BLK_ID_BYTES];
};

/* Returns 0 or, after one message, a negative errno; virtio_destroy() closes the image. */
int disk_create(struct virtio *device, const struct ram *ram, const struct disk_options *options);

/*
 * For the main thread, beside the worker; both wait for the request that is being served, and tell
 * the driver that the capacity has changed.  They return NULL, or why it is not done.
 */

/* Put a file into an empty drive.  The drive closes fd; path is for messages. */
const char *disk_attach(struct virtio *device, int fd, const char *path);
/*
 * Take it out: what the guest has written is flushed first, and all later requests fail.  It is out
 * even if the flush failed, and the text says so.
 */
const char *disk_detach(struct virtio *device);
/* What `armvm ctl status` says of it. */
struct json_t *disk_status(const struct virtio *device);

#endif
