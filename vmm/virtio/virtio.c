// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "balloon.h"
#include "console.h"
#include "disk.h"
#include "error.h"
#include "net.h"
#include "rng.h"
#include "transport.h"
#include "vhost_user_devices.h"
#include "virtio.h"
#include "vm.h"
#include "vsock.h"

/* A file that stands for a guest without a name. */
static const char *first_file(const struct options *options)
{
	if (options->nr_disks && options->disks[0].path)
		return options->disks[0].path;
	return options->kernel ? options->kernel : options->firmware;
}

/* The nth network device, of the guest with this name or else this first disk or this kernel. */
static int create_net(struct virtio *device, const struct ram *ram, const struct options *options,
		      unsigned int n)
{
	const char *file = options->name ? options->name : first_file(options);
	const struct net_options *net = &options->nets[n];
	uint8_t address[ETH_ALEN];
	char *path;

	if (net->has_address) {
		memcpy(address, net->address, ETH_ALEN);
	} else {
		path = options->name ? NULL : realpath(file, NULL);
		net_make_address(address, path ? path : file, n);
		free(path);
	}
	return net->vhost_user ? vhost_user_net_create(device, ram, net->vhost_user, address)
			       : net_create(device, ram, net, address);
}

int virtio_set_create(struct virtio_set *set, const struct options *options, const struct ram *ram)
{
	int err = 0;

	if (options->rng)
		err = rng_create(&set->devices[set->count++], ram);
	set->disks = &set->devices[set->count];
	for (; !err && set->nr_disks < options->nr_disks; set->nr_disks++)
		err = disk_create(&set->devices[set->count++], ram, &options->disks[set->nr_disks]);
	for (unsigned int i = 0; !err && i < options->nr_vhost_user_blks; i++)
		err = vhost_user_blk_create(&set->devices[set->count++], ram,
					    options->vhost_user_blks[i]);
	for (unsigned int i = 0; !err && i < options->nr_nets; i++)
		err = create_net(&set->devices[set->count++], ram, options, i);
	if (!err && options->nr_ports)
		err = console_create(&set->devices[set->count++], ram, options->ports,
				     options->nr_ports);
	if (!err && options->vsock)
		err = vsock_create(&set->devices[set->count++], ram, options->vsock);
	if (!err && options->balloon) {
		set->balloon = &set->devices[set->count++];
		err = balloon_create(set->balloon, ram);
	}
	return err;
}

int virtio_set_connect(struct virtio_set *set, struct vm *vm)
{
	int err = 0;

	if (!set->count)
		return 0;
	notify_init(&set->notify, vm);
	for (unsigned int i = 0; !err && i < set->count; i++) {
		uint32_t base = VIRTIO_BASE + i * VIRTIO_SIZE;

		err = bus_add(&vm->bus, base, VIRTIO_SIZE, &transport_ops, &set->devices[i]);
		if (err)
			return fail(-err, "device at %#x", base);
		err = notify_connect(&set->notify, &set->devices[i], base, VIRTIO_SPI + i);
	}
	return err;
}

int virtio_set_start(struct virtio_set *set)
{
	int err = set->count ? notify_start(&set->notify) : 0;

	for (unsigned int i = 0; !err && i < set->count; i++)
		err = virtio_start(&set->devices[i]);
	return err;
}

void virtio_set_stop(struct virtio_set *set)
{
	for (unsigned int i = 0; i < set->count; i++)
		virtio_stop(&set->devices[i]);
	if (set->notify.vm)
		notify_stop(&set->notify);
}

int virtio_set_reset(struct virtio_set *set)
{
	int err = 0;

	for (unsigned int i = 0; i < set->count; i++) {
		virtio_restart(&set->devices[i]);
		if (set->devices[i].stuck)
			err = fail(EIO,
				   "virtio %s: its back end may still write to the guest's memory, "
				   "so the guest is not started again",
				   set->devices[i].kind->name);
	}
	return err;
}

void virtio_set_destroy(struct virtio_set *set)
{
	for (unsigned int i = 0; i < set->count; i++)
		virtio_destroy(&set->devices[i]);
	set->count = 0;
}
