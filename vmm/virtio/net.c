// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device's thread moves frames between the queues and the link, or
 * vhost-net does it in the kernel, from DRIVER_OK to the device's reset.
 *
 * A driver gets no frame that is longer than its MTU (no VIRTIO_NET_F_GUEST_TSO),
 * so each frame has one buffer; vhost-net has mergeable buffers, and no limit.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <linux/virtio_ids.h>

#include "error.h"
#include "net.h"
#include "passt.h"
#include "vhost_net.h"

enum {
	RX, /* filled by the device */
	TX,
	NR_QUEUES,
};

struct net {
	struct link *link;
	struct vhost vhost; /* closed: the device's thread serves the queues */
	struct passt passt;
	bool gone;     /* the link is */
	bool rx_waits; /* for buffers of the driver */
	bool tx_waits; /* for the link, with a request that is next in the queue */
};

void net_make_address(uint8_t address[ETH_ALEN], const char *name, unsigned int n)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */

	for (const char *c = name; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 0x100000001b3;
	hash = (hash ^ n) * 0x100000001b3;
	hash ^= hash >> 32;
	for (unsigned int i = 0; i < ETH_ALEN; i++)
		address[i] = hash >> (8 * i);
	/* Locally administered, and not a group's. */
	address[0] = (address[0] & ~1) | 2;
}

/* What the worker waits for. */
static void set_events(struct virtio *device)
{
	struct net *net = device->owner;
	bool live = virtio_live(device) && !net->gone && !device->delegated;
	struct pollfd *poll = &device->polls[0];

	device->nr_polls = 1;
	*poll = (struct pollfd){ .fd = net->link->fd };
	if (live && !net->rx_waits && device->queues[RX].ready)
		poll->events |= POLLIN;
	if (live && net->tx_waits)
		poll->events |= POLLOUT;
}

/* Returns false if there is no request, or the link has to take this one later. */
static bool transmit(struct virtio *device, void *arg)
{
	struct queue *queue = &device->queues[TX];
	struct net *net = arg;
	struct queue_chain chain;

	if (net->tx_waits)
		return false;
	if (!queue_pop(queue, &chain))
		return queue_rearm(queue);
	if (chain.nr_out && net->link->ops->send(net->link, chain.iov, chain.nr_out) == -EAGAIN) {
		queue_unpop(queue);
		net->tx_waits = true;
		return false;
	}
	queue_push(queue, &chain, 0);
	return true;
}

static void pump_tx(struct virtio *device)
{
	struct net *net = device->owner;

	net->tx_waits = net->link->ops->flush(net->link);
	virtio_pump(device, TX, transmit, net);
	/* The link may have kept a part of the last frame. */
	net->tx_waits |= net->link->ops->flush(net->link);
}

/* Take one frame.  Returns false if there is none, or no buffer for it. */
static bool receive(struct virtio *device, void *arg)
{
	struct queue *queue = &device->queues[RX];
	struct net *net = arg;
	struct queue_chain chain;
	int length;

	if (net->gone)
		return false;
	if (!queue_pop(queue, &chain)) {
		net->rx_waits = !queue_rearm(queue);
		return !net->rx_waits;
	}
	net->rx_waits = false;
	if (chain.in_length < NET_HEADER + ETH_HLEN) {
		queue->broken = "a receive buffer is too short for a frame";
		return false;
	}
	length = net->link->ops->receive(net->link, chain.iov + chain.nr_out, chain.nr_in);
	if (length > 0) {
		queue_push(queue, &chain, length);
		return true;
	}
	queue_unpop(queue);
	net->gone = length == -EPIPE;
	return !length;
}

static void net_serve(struct virtio *device, unsigned int queue)
{
	struct net *net = device->owner;

	if (device->delegated)
		return;
	if (queue == RX)
		virtio_pump(device, RX, receive, net);
	else
		pump_tx(device);
	set_events(device);
}

static void net_ready(struct virtio *device)
{
	struct net *net = device->owner;

	if (virtio_live(device) && !device->delegated) {
		/* Also if the driver has stopped the queue: the link may keep a part of a frame. */
		if (net->tx_waits)
			pump_tx(device);
		if (!net->rx_waits && device->queues[RX].ready)
			virtio_pump(device, RX, receive, net);
	}
	set_events(device);
}

static void net_started(struct virtio *device)
{
	struct net *net = device->owner;

	net->link->ops->start(net->link, device->driver_features);
	set_events(device);
}

static void net_stopped(struct virtio *device)
{
	struct net *net = device->owner;

	net->rx_waits = net->tx_waits = false;
	set_events(device);
}

static void net_delegate(struct virtio *device)
{
	struct net *net = device->owner;

	if (!vhost_is_open(&net->vhost))
		return;
	if (vhost_net_start(&net->vhost, device, net->link->fd))
		virtio_broken(device, "vhost-net does not take it");
	else
		device->delegated = true;
	set_events(device);
}

static void net_recall(struct virtio *device)
{
	struct net *net = device->owner;

	vhost_net_stop(&net->vhost, device);
	device->delegated = false;
	set_events(device);
}

static void net_destroy(struct virtio *device)
{
	struct net *net = device->owner;

	vhost_close(&net->vhost);
	if (net->link)
		net->link->ops->close(net->link);
	passt_end(&net->passt);
	free(net);
}

static void net_describe(const struct virtio *device, struct json_t *to)
{
	state_save_bytes(to, "address", device->config, ETH_ALEN);
}

static const struct virtio_kind net_kind = {
	.name = "net",
	.id = VIRTIO_ID_NET,
	.nr_queues = NR_QUEUES,
	.queue_size = QUEUE_MAX_SIZE,
	.thread = SANDBOX_NET,
	.serve = net_serve,
	.ready = net_ready,
	.started = net_started,
	.stopped = net_stopped,
	.delegate = net_delegate,
	.recall = net_recall,
	.destroy = net_destroy,
	.describe = net_describe,
};

/* From here on virtio_destroy() frees the rest. */
static int create(struct virtio *device, const struct ram *ram, const uint8_t address[ETH_ALEN])
{
	struct net *net = calloc(1, sizeof(*net));
	int err;

	if (!net)
		return fail(ENOMEM, "--net");
	vhost_init(&net->vhost);
	passt_init(&net->passt);
	err = virtio_create(device, &net_kind, ram, net);
	device->features = BIT64(VIRTIO_NET_F_MAC);
	memcpy(device->config, address, ETH_ALEN);
	device->config_size = ETH_ALEN;
	return err;
}

static void take_link(struct virtio *device, struct link *link)
{
	struct net *net = device->owner;

	net->link = link;
	device->features |= link->features;
}

int net_create_on(struct virtio *device, const struct ram *ram, struct link *link,
		  const uint8_t address[ETH_ALEN])
{
	int err = create(device, ram, address);

	if (err)
		link->ops->close(link);
	else
		take_link(device, link);
	return err;
}

int net_create(struct virtio *device, const struct ram *ram, const struct net_options *options,
	       const uint8_t address[ETH_ALEN])
{
	int err = create(device, ram, address);
	struct net *net = device->owner;
	struct link *link = NULL;

	if (err)
		return err;
	if (options->tap) {
		err = tap_open(&link, options->tap);
	} else {
		int fd = passt_start(&net->passt, options);

		err = fd < 0 ? fd : stream_open(&link, fd, "passt");
	}
	if (err)
		return err;
	take_link(device, link);
	if (options->tap && options->vhost != NET_VHOST_OFF) {
		err = vhost_net_open(&net->vhost, ram, options->vhost == NET_VHOST_ON);
		device->features |= vhost_net_features(&net->vhost);
	}
	return err;
}
