// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>

#include "error.h"
#include "vhost.h"

#define NR_QUEUES 2u

/* Of the transport and the queues: what a driver may choose here, vhost has to know. */
#define RING_FEATURES                                                     \
	(BIT64(VIRTIO_F_VERSION_1) | BIT64(VIRTIO_RING_F_INDIRECT_DESC) | \
	 BIT64(VIRTIO_RING_F_EVENT_IDX))

void vhost_init(struct vhost *vhost)
{
	*vhost = (struct vhost){ .fd = -1 };
}

static int set_up(struct vhost *vhost, const struct ram *ram)
{
	const struct vhost_memory_region region = {
		.guest_phys_addr = ram->base,
		.memory_size = ram->size,
		.userspace_addr = (uintptr_t)ram->host,
	};
	uint64_t map[(sizeof(struct vhost_memory) + sizeof(region)) / sizeof(uint64_t)] = { 0 };
	struct vhost_memory *memory = (struct vhost_memory *)map;
	uint64_t features;

	if (ioctl(vhost->fd, VHOST_SET_OWNER, NULL) < 0)
		return fail(errno, "VHOST_SET_OWNER");
	if (ioctl(vhost->fd, VHOST_GET_FEATURES, &features) < 0)
		return fail(errno, "VHOST_GET_FEATURES");
	if ((features & RING_FEATURES) != RING_FEATURES)
		return fail(0, "/dev/vhost-net lacks features of virtio 1 (%#llx): add vhost=off",
			    (unsigned long long)features);
	memory->nregions = 1;
	memory->regions[0] = region;
	if (ioctl(vhost->fd, VHOST_SET_MEM_TABLE, memory) < 0)
		return fail(errno, "VHOST_SET_MEM_TABLE");
	if (features & BIT64(VIRTIO_NET_F_MRG_RXBUF))
		vhost->features = BIT64(VIRTIO_NET_F_MRG_RXBUF) | BIT64(VIRTIO_NET_F_GUEST_TSO4) |
				  BIT64(VIRTIO_NET_F_GUEST_TSO6);
	return 0;
}

int vhost_open(struct vhost *vhost, const struct ram *ram, bool required)
{
	vhost->fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
	if (vhost->fd >= 0)
		return set_up(vhost, ram);
	if (!required)
		return 0;
	if (errno == ENOENT || errno == ENODEV)
		return fail(0, "--net: there is no /dev/vhost-net (modprobe vhost_net)");
	return fail(errno, "--net: /dev/vhost-net");
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

uint64_t vhost_features(const struct vhost *vhost)
{
	return vhost->features;
}

/* The kernel checks that the rings are in RAM: queue_start() has done so, too. */
static int start_queue(struct vhost *vhost, struct virtio *device, unsigned int n, int tap)
{
	const struct queue *queue = &device->queues[n];
	struct vhost_vring_state size = { .index = n, .num = queue->size }, base = { .index = n };
	struct vhost_vring_file kick = { .index = n, .fd = device->kick_fds[n] };
	struct vhost_vring_file call = { .index = n, .fd = device->irq_fd };
	struct vhost_vring_file backend = { .index = n, .fd = tap };
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
	if (ioctl(vhost->fd, VHOST_NET_SET_BACKEND, &backend) < 0)
		return fail(errno, "VHOST_NET_SET_BACKEND");
	return 0;
}

static void stop_queues(struct vhost *vhost)
{
	for (unsigned int n = 0; n < NR_QUEUES; n++) {
		struct vhost_vring_file none = { .index = n, .fd = -1 };

		ioctl(vhost->fd, VHOST_NET_SET_BACKEND, &none);
		ioctl(vhost->fd, VHOST_SET_VRING_KICK, &none);
		ioctl(vhost->fd, VHOST_SET_VRING_CALL, &none);
	}
}

int vhost_start(struct vhost *vhost, struct virtio *device, int tap)
{
	uint64_t features = device->driver_features &
			    (RING_FEATURES | BIT64(VIRTIO_NET_F_MRG_RXBUF));
	int err = 0;

	if (!device->queues[0].ready || !device->queues[1].ready)
		return fail(0, "virtio net: the guest's driver set up only one of two queues");
	if (ioctl(vhost->fd, VHOST_SET_FEATURES, &features) < 0)
		return fail(errno, "VHOST_SET_FEATURES");
	for (unsigned int n = 0; !err && n < NR_QUEUES; n++)
		err = start_queue(vhost, device, n, tap);
	if (err) {
		stop_queues(vhost);
		return err;
	}
	device->delegated = vhost->runs = true;
	return 0;
}

void vhost_stop(struct vhost *vhost, struct virtio *device)
{
	if (vhost->runs)
		stop_queues(vhost);
	device->delegated = vhost->runs = false;
}

bool vhost_runs(const struct vhost *vhost)
{
	return vhost->runs;
}
