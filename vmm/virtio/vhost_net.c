// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include <linux/vhost.h>
#include <linux/virtio_net.h>

#include "error.h"
#include "vhost_net.h"

#define NR_QUEUES 2u
#define NAME	  "/dev/vhost-net"

int vhost_net_open(struct vhost *vhost, const struct ram *ram, bool required)
{
	int err;

	vhost->fd = open(NAME, O_RDWR | O_CLOEXEC);
	if (vhost->fd < 0) {
		if (!required)
			return 0;
		if (errno == ENOENT || errno == ENODEV)
			return fail(0, "--net: there is no " NAME " (modprobe vhost_net)");
		return fail(errno, "--net: " NAME);
	}
	err = vhost_set_up(vhost, NAME, ram);
	return err ? err : vhost_note_writes(vhost, NAME, ram);
}

uint64_t vhost_net_features(const struct vhost *vhost)
{
	return vhost->features & BIT64(VIRTIO_NET_F_MRG_RXBUF)
		       ? BIT64(VIRTIO_NET_F_MRG_RXBUF) | BIT64(VIRTIO_NET_F_GUEST_TSO4) |
				 BIT64(VIRTIO_NET_F_GUEST_TSO6)
		       : 0;
}

static int set_backend(struct vhost *vhost, unsigned int n, int tap)
{
	struct vhost_vring_file backend = { .index = n, .fd = tap };

	return ioctl(vhost->fd, VHOST_NET_SET_BACKEND, &backend);
}

void vhost_net_stop(struct vhost *vhost, struct virtio *device)
{
	for (unsigned int n = 0; n < NR_QUEUES; n++) {
		set_backend(vhost, n, -1);
		vhost_release_queue(vhost, device, n);
	}
}

int vhost_net_start(struct vhost *vhost, struct virtio *device, int tap)
{
	int err;

	if (!device->queues[0].ready || !device->queues[1].ready)
		return -EINVAL; /* Without a word: a guest can do this as often as it likes. */
	err = vhost_set_features(vhost, device, BIT64(VIRTIO_NET_F_MRG_RXBUF));
	if (err)
		return err;
	for (unsigned int n = 0; !err && n < NR_QUEUES; n++) {
		err = vhost_set_queue(vhost, device, n);
		if (!err && set_backend(vhost, n, tap) < 0)
			err = fail(errno, "VHOST_NET_SET_BACKEND");
	}
	if (err)
		vhost_net_stop(vhost, device);
	return err;
}
