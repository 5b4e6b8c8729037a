/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a network device's frames go.  Buffers are the guest's; they begin with
 * the header of NET_HEADER bytes that virtio puts in front of each frame.
 */
#ifndef ARMVM_VIRTIO_LINK_H
#define ARMVM_VIRTIO_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include <linux/virtio_net.h>

#include "bit.h"

/* 5.1.6: with VIRTIO_F_VERSION_1, whatever else was negotiated. */
#define NET_HEADER sizeof(struct virtio_net_hdr_mrg_rxbuf)

struct link;

struct link_ops {
	/*
	 * Returns 0 if the link is done with the buffers, also if it dropped the frame, or
	 * -EAGAIN to be called again with them when the descriptor can be written to.
	 */
	int (*send)(struct link *link, const struct iovec *iov, unsigned int count);
	/*
	 * Put one frame with its header into the buffers.  Returns the bytes used; 0 if a frame
	 * was dropped; -EAGAIN if none is there; -EPIPE, after one message, if the link is gone.
	 */
	int (*receive)(struct link *link, const struct iovec *iov, unsigned int count);
	/* Write what send() kept. Returns whether something is left. */
	bool (*flush)(struct link *link);
	/* The driver took these features. */
	void (*start)(struct link *link, uint64_t features);
	void (*close)(struct link *link);
};

struct link {
	const struct link_ops *ops;
	int fd;
	uint64_t features; /* of the device, thanks to this link */
};

/* Both return 0 or, after one message, a negative errno. */

/* A tap interface of the host. */
int tap_open(struct link **link, const char *interface);
/* A connected stream socket, on which each frame follows its length; name is for messages. */
int stream_open(struct link **link, int fd, const char *name);

#endif
