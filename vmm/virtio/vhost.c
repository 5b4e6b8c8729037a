// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "error.h"
#include "vhost.h"

/* Of the transport and the queues: what a driver may choose here, vhost has to know. */
#define RING_FEATURES                                                     \
	(BIT64(VIRTIO_F_VERSION_1) | BIT64(VIRTIO_RING_F_INDIRECT_DESC) | \
	 BIT64(VIRTIO_RING_F_EVENT_IDX))

void vhost_init(struct vhost *vhost)
{
	*vhost = (struct vhost){ .fd = -1 };
}

int vhost_set_up(struct vhost *vhost, const char *name, const struct ram *ram)
{
	const struct vhost_memory_region region = {
		.guest_phys_addr = ram->base,
		.memory_size = ram->size,
		.userspace_addr = (uintptr_t)ram->host,
	};
	uint64_t map[(sizeof(struct vhost_memory) + sizeof(region)) / sizeof(uint64_t)] = { 0 };
	struct vhost_memory *memory = (struct vhost_memory *)map;

	if (ioctl(vhost->fd, VHOST_SET_OWNER, NULL) < 0)
		return fail(errno, "VHOST_SET_OWNER (%s)", name);
	if (ioctl(vhost->fd, VHOST_GET_FEATURES, &vhost->features) < 0)
		return fail(errno, "VHOST_GET_FEATURES (%s)", name);
	if ((vhost->features & RING_FEATURES) != RING_FEATURES)
		return fail(0, "%s lacks features of virtio 1 (%#llx)", name,
			    (unsigned long long)vhost->features);
	memory->nregions = 1;
	memory->regions[0] = region;
	if (ioctl(vhost->fd, VHOST_SET_MEM_TABLE, memory) < 0)
		return fail(errno, "VHOST_SET_MEM_TABLE (%s)", name);
	return 0;
}

void vhost_close(struct vhost *vhost)
{
	if (vhost->fd >= 0)
		close(vhost->fd);
	vhost_init(vhost);
}

bool vhost_is_open(const struct vhost *vhost)
{
	return vhost->fd >= 0;
}

bool vhost_runs(const struct vhost *vhost)
{
	return vhost->runs;
}

int vhost_set_features(struct vhost *vhost, const struct virtio *device, uint64_t features)
{
	uint64_t chosen = device->driver_features & (RING_FEATURES | features);

	if (ioctl(vhost->fd, VHOST_SET_FEATURES, &chosen) < 0)
		return fail(errno, "VHOST_SET_FEATURES");
	return 0;
}

/* The kernel checks that the rings are in RAM: queue_start() has done so, too. */
int vhost_set_queue(struct vhost *vhost, const struct virtio *device, unsigned int n)
{
	const struct queue *queue = &device->queues[n];
	struct vhost_vring_state size = { .index = n, .num = queue->size }, base = { .index = n };
	struct vhost_vring_file kick = { .index = n, .fd = device->kick_fds[n] };
	struct vhost_vring_file call = { .index = n, .fd = device->irq_fd };
	struct vhost_vring_addr address = {
		.index = n,
		.desc_user_addr = (uintptr_t)queue->table,
		.avail_user_addr = (uintptr_t)queue->avail,
		.used_user_addr = (uintptr_t)queue->used,
	};

	if (ioctl(vhost->fd, VHOST_SET_VRING_NUM, &size) < 0)
		return fail(errno, "VHOST_SET_VRING_NUM");
	if (ioctl(vhost->fd, VHOST_SET_VRING_BASE, &base) < 0)
		return fail(errno, "VHOST_SET_VRING_BASE");
	if (ioctl(vhost->fd, VHOST_SET_VRING_ADDR, &address) < 0)
		return fail(errno, "VHOST_SET_VRING_ADDR");
	if (ioctl(vhost->fd, VHOST_SET_VRING_KICK, &kick) < 0)
		return fail(errno, "VHOST_SET_VRING_KICK");
	if (ioctl(vhost->fd, VHOST_SET_VRING_CALL, &call) < 0)
		return fail(errno, "VHOST_SET_VRING_CALL");
	return 0;
}

void vhost_release_queue(struct vhost *vhost, unsigned int n)
{
	struct vhost_vring_file none = { .index = n, .fd = -1 };

	ioctl(vhost->fd, VHOST_SET_VRING_KICK, &none);
	ioctl(vhost->fd, VHOST_SET_VRING_CALL, &none);
}

void vhost_set_running(struct vhost *vhost, struct virtio *device, bool runs)
{
	device->delegated = vhost->runs = runs;
}
