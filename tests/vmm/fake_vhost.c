// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fake /dev/vhost-vsock, which notes what it is told.
 *
 *   FAKE_VHOST=FILE     it is there, and writes to FILE
 *   FAKE_CID_USED=1     the guest's address is taken
 *   FAKE_NO_RUNNING=1   it does not start
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "fake.h"

static int log_fd = -1;
/* The two queues that it serves: their rings, and the next request of each. */
static struct vhost_vring_addr rings[2];
static uint16_t next[2];

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *fmt, ...)
{
	char line[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (write(log_fd, line, strlen(line)) < 0)
		abort();
}

int fake_vhost_open(void)
{
	const char *file = getenv("FAKE_VHOST");

	if (!file) {
		errno = ENOENT;
		return -1;
	}
	log_fd = creat(file, 0600);
	return eventfd(0, EFD_CLOEXEC);
}

static int no(int err)
{
	errno = err;
	return -1;
}

/* Where it is in the guest. */
static unsigned long long in_guest(uint64_t host)
{
	return host - (uintptr_t)fake_ram + RAM_BASE;
}

/* It has served all that is there. */
static void serve(unsigned int n)
{
	const uint16_t *avail = (const uint16_t *)(uintptr_t)rings[n].avail_user_addr;
	uint16_t *used = (uint16_t *)(uintptr_t)rings[n].used_user_addr;

	next[n] = used[1] = avail[1];
}

int fake_vhost_ioctl(unsigned long request, void *arg)
{
	struct vhost_vring_state *state = arg;
	const struct vhost_vring_file *file = arg;
	const struct vhost_vring_addr *ring = arg;
	const struct vhost_memory *memory = arg;
	uint64_t features = 1ull << VIRTIO_F_VERSION_1 | 1 << VIRTIO_RING_F_INDIRECT_DESC |
			    1 << VIRTIO_RING_F_EVENT_IDX | 0xff;

	switch (request) {
	case VHOST_SET_OWNER:
		return 0;
	case VHOST_GET_FEATURES:
		memcpy(arg, &features, sizeof(features));
		return 0;
	case VHOST_SET_FEATURES:
		memcpy(&features, arg, sizeof(features));
		note("features %llx\n", (unsigned long long)features);
		return 0;
	case VHOST_SET_MEM_TABLE:
		note("memory %u at %llx\n", memory->nregions,
		     (unsigned long long)memory->regions[0].guest_phys_addr);
		return 0;
	case VHOST_VSOCK_SET_GUEST_CID:
		memcpy(&features, arg, sizeof(features));
		note("cid %llu\n", (unsigned long long)features);
		return getenv("FAKE_CID_USED") ? no(EADDRINUSE) : 0;
	case VHOST_SET_VRING_NUM:
		note("queue %u size %u\n", state->index, state->num);
		return 0;
	case VHOST_SET_VRING_BASE:
		next[state->index & 1] = state->num;
		if (state->num)
			note("queue %u goes on at %u\n", state->index, state->num);
		return 0;
	case VHOST_GET_VRING_BASE:
		state->num = next[state->index & 1];
		return 0;
	case VHOST_SET_VRING_ADDR:
		rings[ring->index & 1] = *ring;
		note("queue %u at %llx %llx %llx\n", ring->index, in_guest(ring->desc_user_addr),
		     in_guest(ring->avail_user_addr), in_guest(ring->used_user_addr));
		return 0;
	case VHOST_SET_VRING_KICK:
		note("queue %u kick %s\n", file->index, file->fd < 0 ? "none" : "set");
		return 0;
	case VHOST_SET_VRING_CALL:
		return 0;
	case VHOST_VSOCK_SET_RUNNING:
		note("running %d\n", *(int *)arg);
		for (unsigned int n = 0; !*(int *)arg && n < 2; n++)
			serve(n);
		return *(int *)arg && getenv("FAKE_NO_RUNNING") ? no(EFAULT) : 0;
	}
	return no(ENOTTY);
}
