/* SPDX-License-Identifier: GPL-2.0-only */
/* What a good driver writes to a device's registers (virtio 1.2, 3.1.1 and 4.2.3.2). */
#ifndef TESTS_VMM_VIRTIO_DRIVER_H
#define TESTS_VMM_VIRTIO_DRIVER_H

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include "virtio/transport.h"

static inline void driver_write(struct virtio *device, uint32_t reg, uint32_t value)
{
	transport_ops.write(device, reg, value, 4);
}

/* Up to FEATURES_OK, with these features of the device and VIRTIO_F_VERSION_1. */
static inline void driver_begin(struct virtio *device, uint32_t features)
{
	uint32_t status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;

	driver_write(device, VIRTIO_MMIO_STATUS, 0);
	driver_write(device, VIRTIO_MMIO_STATUS, status);
	driver_write(device, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_write(device, VIRTIO_MMIO_DRIVER_FEATURES, features);
	driver_write(device, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	driver_write(device, VIRTIO_MMIO_DRIVER_FEATURES, 1u << (VIRTIO_F_VERSION_1 - 32));
	driver_write(device, VIRTIO_MMIO_STATUS, status | VIRTIO_CONFIG_S_FEATURES_OK);
}

static inline void driver_queue(struct virtio *device, uint32_t n, uint32_t size, uint32_t desc,
				uint32_t avail, uint32_t used)
{
	driver_write(device, VIRTIO_MMIO_QUEUE_SEL, n);
	driver_write(device, VIRTIO_MMIO_QUEUE_NUM, size);
	driver_write(device, VIRTIO_MMIO_QUEUE_DESC_LOW, desc);
	driver_write(device, VIRTIO_MMIO_QUEUE_AVAIL_LOW, avail);
	driver_write(device, VIRTIO_MMIO_QUEUE_USED_LOW, used);
	driver_write(device, VIRTIO_MMIO_QUEUE_READY, 1);
}

/* DRIVER_OK. */
static inline void driver_ready(struct virtio *device)
{
	driver_write(device, VIRTIO_MMIO_STATUS,
		     VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
			     VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK);
}

#endif
