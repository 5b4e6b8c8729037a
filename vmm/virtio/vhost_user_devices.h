/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices whose queues another process serves. */
#ifndef ARMVM_VIRTIO_VHOST_USER_DEVICES_H
#define ARMVM_VIRTIO_VHOST_USER_DEVICES_H

#include <stdint.h>

#include <linux/if_ether.h>

#include "device.h"

/* Both return 0 or, after one message, a negative errno; virtio_destroy() disconnects. */

/* A disk: qemu-storage-daemon's, for one. */
int vhost_user_blk_create(struct virtio *device, const struct ram *ram, const char *path);
int vhost_user_net_create(struct virtio *device, const struct ram *ram, const char *path,
			  const uint8_t address[ETH_ALEN]);

#endif
