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

/* What a bit of a log stands for. */
#define VHOST_PAGE 0x1000u

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

/*
 * The bitmap is the one of armvm's own devices.  The kernel counts pages from guest address 0 on,
 * so for it the bitmap begins before ours; it checks and uses only what is of RAM.
 */
int vhost_note_writes(struct vhost *vhost, const char *name, const struct ram *ram)
{
	uint64_t log = (uintptr_t)ram->written - ram->base / VHOST_PAGE / 8;

	if (!ram->written)
		return 0;
	if (!(vhost->features & BIT64(VHOST_F_LOG_ALL)))
		return fail(0, "%s cannot note what it writes, which --migratable needs", name);
	if (ioctl(vhost->fd, VHOST_SET_LOG_BASE, &log) < 0)
		return fail(errno, "VHOST_SET_LOG_BASE (%s)", name);
	vhost->logs = true;
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

int vhost_set_features(struct vhost *vhost, const struct virtio *device, uint64_t features)
{
	uint64_t chosen = device->driver_features & (RING_FEATURES | features);

	if (vhost->logs)
		chosen |= BIT64(VHOST_F_LOG_ALL);
	if (ioctl(vhost->fd, VHOST_SET_FEATURES, &chosen) < 0)
		return fail(errno, "VHOST_SET_FEATURES");
	return 0;
}

/* The kernel checks that the rings are in RAM: queue_start() has done so, too. */
int vhost_set_queue(struct vhost *vhost, const struct virtio *device, unsigned int n)
{
	const struct queue *queue = &device->queues[n];
	struct vhost_vring_state size = { .index = n, .num = queue->size };
	struct vhost_vring_state base = { .index = n, .num = queue->next_avail };
	struct vhost_vring_file kick = { .index = n, .fd = device->kick_fds[n] };
	struct vhost_vring_file call = { .index = n, .fd = device->irq_fd };
	struct vhost_vring_addr address = {
		.index = n,
		.desc_user_addr = (uintptr_t)queue->table,
		.avail_user_addr = (uintptr_t)queue->avail,
		.used_user_addr = (uintptr_t)queue->used,
		.flags = vhost->logs ? 1u << VHOST_VRING_F_LOG : 0,
		.log_guest_addr = queue->used_address,
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

void vhost_release_queue(struct vhost *vhost, struct virtio *device, unsigned int n)
{
	struct vhost_vring_file none = { .index = n, .fd = -1 };
	struct vhost_vring_state base = { .index = n };

	ioctl(vhost->fd, VHOST_SET_VRING_KICK, &none);
	ioctl(vhost->fd, VHOST_SET_VRING_CALL, &none);
	if (ioctl(vhost->fd, VHOST_GET_VRING_BASE, &base) == 0)
		queue_go_on(&device->queues[n], base.num);
}
