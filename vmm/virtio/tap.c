// SPDX-License-Identifier: GPL-2.0-only
/* A tap interface: the kernel reads and writes the guest's buffers, header and all. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/if_tun.h>

#include "error.h"
#include "link.h"

/* An interface that is down or a header that is wrong lose a frame, and no more. */
static int tap_send(struct link *link, const struct iovec *iov, unsigned int count)
{
	while (writev(link->fd, iov, count) < 0 && errno == EINTR)
		;
	return 0;
}

/* The kernel fills the header but for num_buffers, which may be in any of the buffers. */
static void set_num_buffers(const struct iovec *iov, uint16_t value)
{
	size_t at = offsetof(struct virtio_net_hdr_mrg_rxbuf, num_buffers);

	for (unsigned int i = 0; i < sizeof(value); i++) {
		for (; at >= iov->iov_len; iov++)
			at -= iov->iov_len;
		((uint8_t *)iov->iov_base)[at++] = value >> (8 * i);
	}
}

static int tap_receive(struct link *link, const struct iovec *iov, unsigned int count)
{
	ssize_t length;

	do {
		length = readv(link->fd, iov, count);
	} while (length < 0 && errno == EINTR);
	if (length < 0 && errno != EAGAIN) {
		error("the tap interface is gone (%s): the guest's network is dead",
		      strerror(errno));
		return -EPIPE;
	}
	if (length < 0)
		return -EAGAIN;
	if (length < (ssize_t)NET_HEADER)
		return 0;
	set_num_buffers(iov, 1);
	return length;
}

static bool tap_flush(struct link *link)
{
	(void)link;
	return false;
}

static void tap_start(struct link *link, uint64_t features)
{
	unsigned int offload = 0;

	if (features & BIT64(VIRTIO_NET_F_GUEST_CSUM))
		offload |= TUN_F_CSUM;
	if (features & BIT64(VIRTIO_NET_F_GUEST_TSO4))
		offload |= TUN_F_TSO4;
	if (features & BIT64(VIRTIO_NET_F_GUEST_TSO6))
		offload |= TUN_F_TSO6;
	/* tap_open() has seen it work. */
	ioctl(link->fd, TUNSETOFFLOAD, offload);
}

static void tap_close(struct link *link)
{
	close(link->fd);
	free(link);
}

static const struct link_ops tap_ops = {
	.send = tap_send,
	.receive = tap_receive,
	.flush = tap_flush,
	.start = tap_start,
	.close = tap_close,
};

static int set_up(struct link *link, const char *interface)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int header = NET_HEADER;

	if (!*interface || strlen(interface) >= sizeof(request.ifr_name))
		return fail(0, "--net tap=%s: not the name of an interface", interface);
	link->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (link->fd < 0 && (errno == ENOENT || errno == ENODEV))
		return fail(0, "--net tap=%s: there is no /dev/net/tun (modprobe tun)", interface);
	if (link->fd < 0)
		return fail(errno, "--net tap=%s: /dev/net/tun", interface);
	strcpy(request.ifr_name, interface);
	if (ioctl(link->fd, TUNSETIFF, &request) < 0) {
		if (errno == EPERM)
			return fail(0,
				    "--net tap=%s: you may not use it (root: ip tuntap add %s mode "
				    "tap user %u)",
				    interface, interface, getuid());
		return fail(errno, "--net tap=%s", interface);
	}
	if (ioctl(link->fd, TUNSETVNETHDRSZ, &header) < 0)
		return fail(errno, "--net tap=%s: TUNSETVNETHDRSZ", interface);
	/* Without offloads there are only the features that the guest's sending side has. */
	link->features = BIT64(VIRTIO_NET_F_CSUM) | BIT64(VIRTIO_NET_F_HOST_TSO4) |
			 BIT64(VIRTIO_NET_F_HOST_TSO6);
	if (ioctl(link->fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) == 0)
		link->features |= BIT64(VIRTIO_NET_F_GUEST_CSUM);
	ioctl(link->fd, TUNSETOFFLOAD, 0);
	return 0;
}

int tap_open(struct link **link, const char *interface)
{
	struct link *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return fail(ENOMEM, "--net tap=%s", interface);
	new->ops = &tap_ops;
	new->fd = -1;
	err = set_up(new, interface);
	if (err) {
		if (new->fd >= 0)
			close(new->fd);
		free(new);
		return err;
	}
	*link = new;
	return 0;
}
