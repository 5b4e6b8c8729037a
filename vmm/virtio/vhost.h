/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vhost: the kernel serves a device's queues.  It takes the driver's
 * notifications from the eventfds that KVM signals, and signals the one that is
 * the guest's interrupt, so a request costs armvm nothing.  vhost_net.c and
 * vsock.c have what is different between the kernel's devices.
 */
#ifndef ARMVM_VIRTIO_VHOST_H
#define ARMVM_VIRTIO_VHOST_H

#include <stdbool.h>
#include <stdint.h>

#include "device.h"

struct vhost {
	int fd;		   /* -1: not open */
	bool logs;	   /* the kernel notes what it writes */
	uint64_t features; /* what the kernel offers */
};

void vhost_init(struct vhost *vhost);
/* Both return 0 or, after one message, a negative errno; name is for messages. */

/* The kernel's device is open in vhost->fd: tell it where the guest's RAM is. */
int vhost_set_up(struct vhost *vhost, const char *name, const struct ram *ram);
/*
 * Then, if armvm notes what its devices write to this RAM, have the kernel do so, too.  The device
 * must be one that notes all that it writes.
 */
int vhost_note_writes(struct vhost *vhost, const char *name, const struct ram *ram);
void vhost_close(struct vhost *vhost);
bool vhost_is_open(const struct vhost *vhost);

/* With the device's lock held.  Each returns 0 or, after one message, a negative errno. */

/* What the driver chose: of the queues, and of these features. */
int vhost_set_features(struct vhost *vhost, const struct virtio *device, uint64_t features);
/* Hand queue n over; the kernel does not begin with it yet. */
int vhost_set_queue(struct vhost *vhost, const struct virtio *device, unsigned int n);
/* The kernel has stopped: take back queue n and its eventfds. */
void vhost_release_queue(struct vhost *vhost, struct virtio *device, unsigned int n);

#endif
