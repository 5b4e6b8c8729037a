/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vhost-net: the kernel serves a network device's queues.  It takes the
 * driver's notifications from the eventfds that KVM signals, and signals the one
 * that is the guest's interrupt, so a frame costs armvm nothing.
 */
#ifndef ARMVM_VIRTIO_VHOST_H
#define ARMVM_VIRTIO_VHOST_H

#include <stdbool.h>
#include <stdint.h>

#include "device.h"

struct vhost {
	int fd; /* -1: not open */
	bool runs;
	uint64_t features;
};

void vhost_init(struct vhost *vhost);
/*
 * Open /dev/vhost-net and tell it where the guest's RAM is.  Returns 0, also without the device
 * unless it is required; or, after one message, a negative errno.
 */
int vhost_open(struct vhost *vhost, const struct ram *ram, bool required);
void vhost_close(struct vhost *vhost);
bool vhost_is_open(const struct vhost *vhost);
/* Features of the network device that it adds; 0 if it is not open. */
uint64_t vhost_features(const struct vhost *vhost);

/*
 * With the device's lock held: serve its first two queues, with the tap interface of this
 * descriptor.  Returns 0 or, after one message, a negative errno.
 */
int vhost_start(struct vhost *vhost, struct virtio *device, int tap);
/* When this returns, the kernel has stopped. */
void vhost_stop(struct vhost *vhost, struct virtio *device);
bool vhost_runs(const struct vhost *vhost);

#endif
