// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/vhost.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_vsock.h>

#include "error.h"
#include "state.h"
#include "vhost.h"
#include "vsock.h"

#define NAME	   "/dev/vhost-vsock"
#define QUEUE_SIZE 128

/* Of the three queues the kernel serves the first two; the event of 5.10.6.7 is ours. */
enum {
	RX,
	TX,
	NR_SERVED,
	EVENT = NR_SERVED,
	NR_QUEUES,
};

#define FEATURES BIT64(VIRTIO_VSOCK_F_SEQPACKET)

static int set_running(struct vhost *vhost, int runs)
{
	return ioctl(vhost->fd, VHOST_VSOCK_SET_RUNNING, &runs);
}

static void vsock_recall(struct virtio *device)
{
	struct vhost *vhost = device->owner;

	set_running(vhost, 0);
	for (unsigned int n = 0; n < NR_SERVED; n++)
		vhost_release_queue(vhost, device, n);
}

static int start(struct vhost *vhost, struct virtio *device)
{
	int err;

	if (!device->queues[RX].ready || !device->queues[TX].ready)
		return -EINVAL; /* Without a word: a guest can do this as often as it likes. */
	err = vhost_set_features(vhost, device, FEATURES);
	if (err)
		return err;
	for (unsigned int n = 0; !err && n < NR_SERVED; n++)
		err = vhost_set_queue(vhost, device, n);
	if (!err && set_running(vhost, 1) < 0)
		err = fail(errno, "VHOST_VSOCK_SET_RUNNING");
	if (err)
		vsock_recall(device);
	return err;
}

static void vsock_delegate(struct virtio *device)
{
	if (start(device->owner, device))
		virtio_broken(device, "vhost-vsock does not take it");
	else
		device->delegated = true;
}

/* Only until the queues are handed over. */
static void vsock_serve(struct virtio *device, unsigned int queue)
{
	(void)device;
	(void)queue;
}

static const char *vsock_unsavable(const struct virtio *device, bool live)
{
	(void)device;
	return live ? "the kernel does not note what it writes for one (--vsock)" : NULL;
}

/* Its connections have stayed with the kernel: the driver ends its own, and reads the CID again. */
static int vsock_load(struct virtio *device, const struct json_t *from, const char *where)
{
	const struct virtio_vsock_event event = { .id = VIRTIO_VSOCK_EVENT_TRANSPORT_RESET };
	struct queue *queue = &device->queues[EVENT];
	struct queue_chain chain;

	if (!json_is_null(from))
		return state_wrong(where, "more");
	if (!virtio_live(device) || !queue_pop(queue, &chain))
		return 0;
	queue_push(queue, &chain, queue_chain_write(&chain, &event, sizeof(event)));
	virtio_used(device, EVENT);
	return 0;
}

static void vsock_destroy(struct virtio *device)
{
	vhost_close(device->owner);
	free(device->owner);
}

static const struct virtio_kind vsock_kind = {
	.name = "vsock",
	.id = VIRTIO_ID_VSOCK,
	.nr_queues = NR_QUEUES,
	.queue_size = QUEUE_SIZE,
	.thread = SANDBOX_VSOCK,
	.serve = vsock_serve,
	.delegate = vsock_delegate,
	.recall = vsock_recall,
	.destroy = vsock_destroy,
	.unsavable = vsock_unsavable,
	.load = vsock_load,
};

static int open_vhost(struct vhost *vhost, const struct ram *ram, uint32_t cid)
{
	uint64_t wide = cid;
	int err;

	vhost->fd = open(NAME, O_RDWR | O_CLOEXEC);
	if (vhost->fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
		return fail(0, "--vsock: there is no " NAME
			       " (modprobe vhost_vsock, which Debian's kernels have)");
	if (vhost->fd < 0)
		return fail(errno, "--vsock: " NAME);
	err = vhost_set_up(vhost, NAME, ram);
	if (err)
		return err;
	if (ioctl(vhost->fd, VHOST_VSOCK_SET_GUEST_CID, &wide) == 0)
		return 0;
	if (errno == EADDRINUSE)
		return fail(0, "--vsock %u: another guest has this CID", cid);
	return fail(errno, "--vsock %u: VHOST_VSOCK_SET_GUEST_CID", cid);
}

int vsock_create(struct virtio *device, const struct ram *ram, uint32_t cid)
{
	const uint64_t config = cid; /* struct virtio_vsock_config */
	struct vhost *vhost = malloc(sizeof(*vhost));
	int err;

	if (!vhost)
		return fail(ENOMEM, "--vsock");
	vhost_init(vhost);
	/* From here on virtio_destroy() frees the rest. */
	err = virtio_create(device, &vsock_kind, ram, vhost);
	if (!err)
		err = open_vhost(vhost, ram, cid);
	device->features = vhost->features & FEATURES;
	memcpy(device->config, &config, sizeof(config));
	device->config_size = sizeof(config);
	return err;
}
