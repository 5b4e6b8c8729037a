// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "cpu.h"
#include "error.h"
#include "load.h"
#include "vm.h"

int images_open(struct images *images, const struct options *options)
{
	int err;

	images->machine = (struct devtree_machine){
		.cpu_compatible = cpu_compatible(),
		.cpus = options->cpus,
		.timer_hz = cpu_timer_hz(),
		.channel = options->channel,
		.testdev = options->testdev,
		.pmu = vm_offers_pmu(),
		.virtio = options_virtio_devices(options),
	};
	images->kernel.fd = images->initrd.fd = images->dtb.fd = -1;
	err = options->kernel ? file_open(&images->kernel, options->kernel) : 0;
	if (!err && options->initrd)
		err = file_open(&images->initrd, options->initrd);
	if (!err && options->dtb)
		err = file_open(&images->dtb, options->dtb);
	return err;
}

void images_close(struct images *images)
{
	file_close(&images->kernel);
	file_close(&images->initrd);
	file_close(&images->dtb);
}

/* Build or read the tree in a new buffer of *size bytes, which the caller frees. */
static int make_tree(const struct images *images, const struct options *options, void **tree,
		     size_t *size)
{
	const struct file *dtb = &images->dtb;
	int err;

	*size = DEVTREE_ROOM;
	if (options->dtb)
		*size += dtb->size < DEVTREE_MAX_FILE ? dtb->size : DEVTREE_MAX_FILE;
	*tree = calloc(1, *size);
	if (!*tree)
		return fail(ENOMEM, "cannot allocate the device tree");
	err = options->dtb ? devtree_from_file(*tree, *size, dtb)
			   : devtree_describe(*tree, *size, &images->machine);
	if (err)
		free(*tree);
	return err;
}

int images_load(struct images *images, const struct ram *ram, const struct options *options)
{
	struct boot *boot = &images->boot;
	void *tree;
	size_t size;
	int err = 0;

	*boot = (struct boot){ 0 };
	if (options->kernel)
		err = boot_load_kernel(boot, ram, &images->kernel);
	else
		boot_set_firmware(boot, ram);
	if (err)
		return err;
	err = make_tree(images, options, &tree, &size);
	if (err)
		return err;
	if (options->kernel)
		err = boot_place_dtb(boot, ram, size);
	if (!err && options->initrd)
		err = boot_load_initrd(boot, ram, &images->initrd);
	if (!err)
		err = devtree_set_boot(tree, ram, boot, options->append, !options->dtb);
	if (!err)
		err = devtree_store(tree, ram, boot->dtb_start);
	if (!err && options->dump_dtb)
		err = devtree_write(tree, options->dump_dtb);
	free(tree);
	return err;
}
