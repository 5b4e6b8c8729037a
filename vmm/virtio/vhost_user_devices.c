// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>

#include "error.h"
#include "vhost_user.h"
#include "vhost_user_devices.h"

/* One queue, so not VIRTIO_BLK_F_MQ; the rest of 5.2.3 is the back end's and the driver's. */
#define BLK_FEATURES                                                                            \
	(BIT64(VIRTIO_BLK_F_SIZE_MAX) | BIT64(VIRTIO_BLK_F_SEG_MAX) |                           \
	 BIT64(VIRTIO_BLK_F_GEOMETRY) | BIT64(VIRTIO_BLK_F_RO) | BIT64(VIRTIO_BLK_F_BLK_SIZE) | \
	 BIT64(VIRTIO_BLK_F_FLUSH) | BIT64(VIRTIO_BLK_F_TOPOLOGY) |                             \
	 BIT64(VIRTIO_BLK_F_CONFIG_WCE) | BIT64(VIRTIO_BLK_F_DISCARD) |                         \
	 BIT64(VIRTIO_BLK_F_WRITE_ZEROES))
#define BLK_CONFIG (offsetof(struct virtio_blk_config, write_zeroes_may_unmap) + 4)
#define BLK_WCE	   offsetof(struct virtio_blk_config, wce)

_Static_assert(BLK_CONFIG == 60 && BLK_CONFIG <= VIRTIO_MAX_CONFIG, "5.2.4");

/* One pair of queues, and no control queue. */
#define NET_FEATURES                                                       \
	(BIT64(VIRTIO_NET_F_CSUM) | BIT64(VIRTIO_NET_F_HOST_TSO4) |        \
	 BIT64(VIRTIO_NET_F_HOST_TSO6) | BIT64(VIRTIO_NET_F_GUEST_CSUM) |  \
	 BIT64(VIRTIO_NET_F_GUEST_TSO4) | BIT64(VIRTIO_NET_F_GUEST_TSO6) | \
	 BIT64(VIRTIO_NET_F_MRG_RXBUF))

/* Only until the queues are handed over. */
static void device_serve(struct virtio *device, unsigned int queue)
{
	(void)device;
	(void)queue;
}

static void device_destroy(struct virtio *device)
{
	vhost_user_close(device->owner);
	free(device->owner);
}

static void blk_configured(struct virtio *device)
{
	vhost_user_set_config(device, BLK_WCE);
}

static const char *device_unsavable(const struct virtio *device, bool live)
{
	(void)device;
	(void)live;
	return "its requests are in another process";
}

static const struct virtio_kind blk_kind = {
	.name = "vhost-user disk",
	.id = VIRTIO_ID_BLOCK,
	.nr_queues = 1,
	.queue_size = QUEUE_MAX_SIZE,
	.thread = SANDBOX_VHOST_USER,
	.serve = device_serve,
	.ready = vhost_user_check,
	.configured = blk_configured,
	.started = vhost_user_start,
	.stopped = vhost_user_stop,
	.destroy = device_destroy,
	.unsavable = device_unsavable,
};

static const struct virtio_kind net_kind = {
	.name = "vhost-user net",
	.id = VIRTIO_ID_NET,
	.nr_queues = 2,
	.queue_size = QUEUE_MAX_SIZE,
	.thread = SANDBOX_VHOST_USER,
	.serve = device_serve,
	.ready = vhost_user_check,
	.started = vhost_user_start,
	.stopped = vhost_user_stop,
	.destroy = device_destroy,
	.unsavable = device_unsavable,
};

/* From here on virtio_destroy() frees the rest. */
static int create(struct virtio *device, const struct virtio_kind *kind, const struct ram *ram,
		  const char *path)
{
	struct vhost_user *user = malloc(sizeof(*user));

	if (!user)
		return fail(ENOMEM, "vhost-user %s", path);
	vhost_user_init(user, path);
	return virtio_create(device, kind, ram, user);
}

int vhost_user_blk_create(struct virtio *device, const struct ram *ram, const char *path)
{
	int err = create(device, &blk_kind, ram, path);

	if (!err)
		err = vhost_user_open(device->owner, "--vhost-user-blk ",
				      "qemu-storage-daemon, of the package qemu-utils (Debian 12: "
				      "qemu-system-common)");
	if (!err)
		err = vhost_user_get_config(device->owner, device->config, BLK_CONFIG);
	if (err)
		return err;
	vhost_user_adopt(device, BLK_FEATURES);
	device->config_size = BLK_CONFIG;
	device->config_writable = BLK_WCE;
	device->config_writable_size = device->features & BIT64(VIRTIO_BLK_F_CONFIG_WCE) ? 1 : 0;
	return 0;
}

int vhost_user_net_create(struct virtio *device, const struct ram *ram, const char *path,
			  const uint8_t address[ETH_ALEN])
{
	int err = create(device, &net_kind, ram, path);

	if (!err)
		err = vhost_user_open(device->owner, "--net vhost-user=",
				      "a switch or passt --vhost-user (package passt, from Debian "
				      "13 on)");
	if (err)
		return err;
	vhost_user_adopt(device, NET_FEATURES);
	device->features |= BIT64(VIRTIO_NET_F_MAC);
	memcpy(device->config, address, ETH_ALEN);
	device->config_size = ETH_ALEN;
	return 0;
}
