/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARMVM_VIRTIO_BIT_H
#define ARMVM_VIRTIO_BIT_H

/* The mask of feature n, VIRTIO_*_F_*: features are 64 bits (2.2). */
#define BIT64(n) (1ull << (n))

#endif
