/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers of a virtio device over MMIO, version 2 (virtio 1.2, 4.2.2). */
#ifndef ARMVM_VIRTIO_TRANSPORT_H
#define ARMVM_VIRTIO_TRANSPORT_H

#include "bus.h"

/* The owner is a struct virtio.  Registers are accessed by aligned words, others read as zero. */
extern const struct bus_ops transport_ops;

#endif
