/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vhost-user: another process serves a device's queues.  It maps the guest's RAM, and takes the
 * driver's notifications and raises the interrupt by the device's eventfds, so armvm has no part
 * in a request.  What is said on the socket is in QEMU's docs/interop/vhost-user.rst.
 */
#ifndef ARMVM_VIRTIO_VHOST_USER_H
#define ARMVM_VIRTIO_VHOST_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "device.h"

struct vhost_user {
	const char *path;    /* of the socket */
	int fd;		     /* -1: not connected */
	uint64_t features;   /* that the back end offers */
	uint64_t protocol;   /* what both sides know of the protocol */
	bool gone;	     /* nothing is asked of the back end any more */
	bool ended;	     /* because it has closed the connection */
	unsigned int queues; /* that it serves now */
};

void vhost_user_init(struct vhost_user *user, const char *path);
/*
 * Connect and agree on the protocol; `option` and `help` are for the message if nobody listens.
 * Returns 0 or, after one message, a negative errno.
 */
int vhost_user_open(struct vhost_user *user, const char *option, const char *help);
void vhost_user_close(struct vhost_user *user);
/* Read the configuration space; returns as vhost_user_open() does. */
int vhost_user_get_config(struct vhost_user *user, void *config, unsigned int size);

/* Those below find the struct vhost_user in the device's owner. */

/* Let the device offer of these features what the back end has, and watch the socket. */
void vhost_user_adopt(struct virtio *device, uint64_t features);

/* Callbacks of struct virtio_kind, called with the device's lock held. */

/* DRIVER_OK: hand the queues over.  If that fails, the device needs a reset. */
void vhost_user_start(struct virtio *device);
/*
 * When this returns, the back end does not touch the queues any more; or device->stuck is set, as
 * it has not said so.
 */
void vhost_user_stop(struct virtio *device);
/* The socket is readable, though nothing was asked: has the back end ended? */
void vhost_user_check(struct virtio *device);
/* The driver wrote this byte of the configuration space. */
void vhost_user_set_config(struct virtio *device, unsigned int offset);

#endif
