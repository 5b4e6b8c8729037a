// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/vhost.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_vsock.h>

#include "error.h"
#include "vhost.h"
#include "vsock.h"

#define NAME	   "/dev/vhost-vsock"
#define QUEUE_SIZE 128

/* Of the three queues the kernel serves the first two; nothing here causes an event (5.10.6.7). */
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

static void stop(struct vhost *vhost)
{
	set_running(vhost, 0);
	for (unsigned int n = 0; n < NR_SERVED; n++)
		vhost_release_queue(vhost, n);
}

static int start(struct vhost *vhost, struct virtio *device)
{
	int err;

	if (!device->queues[RX].ready || !device->queues[TX].ready)
		return fail(0, "virtio vsock: the guest's driver did not set up both queues");
	err = vhost_set_features(vhost, device, FEATURES);
	if (err)
		return err;
	for (unsigned int n = 0; !err && n < NR_SERVED; n++)
		err = vhost_set_queue(vhost, device, n);
	if (!err && set_running(vhost, 1) < 0)
		err = fail(errno, "VHOST_VSOCK_SET_RUNNING");
	if (err)
		stop(vhost);
	else
		vhost_set_running(vhost, device, true);
	return err;
}

static void vsock_started(struct virtio *device)
{
	if (start(device->owner, device))
		virtio_broken(device, "vhost-vsock does not take it");
}

static void vsock_stopped(struct virtio *device)
{
	struct vhost *vhost = device->owner;

	if (vhost_runs(vhost))
		stop(vhost);
	vhost_set_running(vhost, device, false);
}

/* Only until the queues are handed over. */
static void vsock_serve(struct virtio *device, unsigned int queue)
{
	(void)device;
	(void)queue;
}

static const char *vsock_unsavable(const struct virtio *device)
{
	(void)device;
	return "its connections are the kernel's (--vsock)";
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
	.started = vsock_started,
	.stopped = vsock_stopped,
	.destroy = vsock_destroy,
	.unsavable = vsock_unsavable,
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
