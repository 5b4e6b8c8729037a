/* SPDX-License-Identifier: GPL-2.0-only */
/* All virtio devices of a machine, each in a slot of the memory map, from the first one on. */
#ifndef ARMVM_VIRTIO_VIRTIO_H
#define ARMVM_VIRTIO_VIRTIO_H

#include "device.h"
#include "memmap.h"
#include "notify.h"
#include "options.h"

struct virtio_set {
	struct notify notify;
	unsigned int count;
	struct virtio devices[VIRTIO_SLOTS];
	struct virtio *balloon; /* one of them, or NULL */
	struct virtio *disks;	/* the first --disk; the others follow */
	unsigned int nr_disks;
};

/* Each returns 0 or, after one message, a negative errno; virtio_set_destroy() releases all. */

/* Open what the devices need, before anything else of the machine exists. */
int virtio_set_create(struct virtio_set *set, const struct options *options, const struct ram *ram);
/* After vm_build(): put them on the bus and connect them to KVM. */
int virtio_set_connect(struct virtio_set *set, struct vm *vm);
/*
 * Start the workers.  After the vCPUs have ended, virtio_set_stop() ends them; then
 * virtio_set_reset() gives all devices their reset values, ready for another start.  It fails if
 * something may still write to the guest's memory.
 */
int virtio_set_start(struct virtio_set *set);
void virtio_set_stop(struct virtio_set *set);
int virtio_set_reset(struct virtio_set *set);
void virtio_set_destroy(struct virtio_set *set);

#endif
