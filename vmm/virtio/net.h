/* SPDX-License-Identifier: GPL-2.0-only */
/* The network device (virtio 1.2, 5.1), with one pair of queues. */
#ifndef ARMVM_VIRTIO_NET_H
#define ARMVM_VIRTIO_NET_H

#include <stdint.h>

#include <linux/if_ether.h>

#include "device.h"
#include "device_options.h"
#include "link.h"

/*
 * The address of the guest's nth network device: the same at each start of the guest of this
 * name, and hardly one that another guest has.
 */
void net_make_address(uint8_t address[ETH_ALEN], const char *name, unsigned int n);

/* Both return 0 or, after one message, a negative errno; virtio_destroy() closes the link. */

int net_create(struct virtio *device, const struct ram *ram, const struct net_options *options,
	       const uint8_t address[ETH_ALEN]);
/* The same with a link that is open, which is closed if this fails. */
int net_create_on(struct virtio *device, const struct ram *ram, struct link *link,
		  const uint8_t address[ETH_ALEN]);

#endif
