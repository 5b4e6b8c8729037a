// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk's file is taken out and another one put in.  The device stays, with the features that its
 * driver has chosen: all that changes is the capacity, which 5.2.5 lets a device change at any
 * time, with a configuration change interrupt.
 */
#include <jansson.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"

/* The device is locked. */
static void set_capacity(struct virtio *device)
{
	const struct disk *disk = device->owner;
	uint64_t capacity = disk->image.size / IMAGE_SECTOR;

	memcpy(device->config + offsetof(struct virtio_blk_config, capacity), &capacity,
	       sizeof(capacity));
	virtio_config_changed(device);
}

const char *disk_attach(struct virtio *device, int fd, const char *path)
{
	struct disk *disk = device->owner;
	const char *why = "the disk has a file: detach that first";

	virtio_lock(device);
	if (disk->image.fd < 0)
		why = image_attach(&disk->image, fd, path);
	if (!why)
		set_capacity(device);
	virtio_unlock(device);
	if (why)
		close(fd);
	return why;
}

const char *disk_detach(struct virtio *device)
{
	struct disk *disk = device->owner;
	struct image *image = &disk->image;
	const char *why = NULL;

	virtio_lock(device);
	if (image->fd < 0) {
		why = "the disk has no file";
	} else {
		if (!image->readonly && image->dirty && image_flush(image))
			why = "the file is detached, but what the guest wrote last may be lost, as "
			      "flushing it failed";
		/* Whoever passed the descriptor may have it still, and with it the lock. */
		image_unlock(image);
		image_close(image);
		set_capacity(device);
	}
	virtio_unlock(device);
	return why;
}

/* Only the main thread changes what is read here.  A name need not be UTF-8. */
struct json_t *disk_status(const struct virtio *device)
{
	const struct disk *disk = device->owner;
	const struct image *image = &disk->image;
	char serial[VIRTIO_BLK_ID_BYTES + 1] = { 0 };
	json_t *file = image->fd < 0 ? NULL : json_string(image->path);

	memcpy(serial, disk->serial, sizeof(disk->serial));
	return json_pack("{s:s, s:o?, s:I, s:b}", "serial", serial, "file", file, "size",
			 (json_int_t)image->size, "readonly", (int)image->readonly);
}
