/* SPDX-License-Identifier: GPL-2.0-only */
/* vhost-net: the kernel moves the frames between a network device and a tap interface. */
#ifndef ARMVM_VIRTIO_VHOST_NET_H
#define ARMVM_VIRTIO_VHOST_NET_H

#include "vhost.h"

/*
 * Open /dev/vhost-net.  Returns 0, also without the device unless it is required; or, after one
 * message, a negative errno.
 */
int vhost_net_open(struct vhost *vhost, const struct ram *ram, bool required);
/* Features of the network device that it adds; 0 if it is not open. */
uint64_t vhost_net_features(const struct vhost *vhost);

/*
 * With the device's lock held: serve its first two queues, with the tap interface of this
 * descriptor.  Returns 0 or, after one message, a negative errno.
 */
int vhost_net_start(struct vhost *vhost, struct virtio *device, int tap);
/* When this returns, the kernel has stopped. */
void vhost_net_stop(struct vhost *vhost, struct virtio *device);

#endif
