/* SPDX-License-Identifier: GPL-2.0-only */
/* The socket device (virtio 1.2, 5.10), which the kernel serves (vhost-vsock). */
#ifndef ARMVM_VIRTIO_VSOCK_H
#define ARMVM_VIRTIO_VSOCK_H

#include "device.h"

/* cid is the guest's address.  Returns 0 or, after one message, a negative errno. */
int vsock_create(struct virtio *device, const struct ram *ram, uint32_t cid);

#endif
