/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console device (virtio 1.2, 5.3), which is used for ports with names: in a Linux guest
 * /dev/virtio-ports/NAME.  No port is a console.
 */
#ifndef ARMVM_VIRTIO_CONSOLE_H
#define ARMVM_VIRTIO_CONSOLE_H

#include "device.h"
#include "options.h"

/* With the ports of --port.  Returns 0 or, after one message, a negative errno. */
int console_create(struct virtio *device, const struct ram *ram, const struct port_options *ports,
		   unsigned int count);

#endif
