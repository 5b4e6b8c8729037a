// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"
#include "file.h"
#include "firmware.h"
#include "memmap.h"
#include "virtio/passt.h"

/* Where Debian's package u-boot-qemu has it. */
#define DEFAULT_FIRMWARE "/usr/lib/u-boot/qemu_arm/u-boot.bin"

static int add_user_network(struct options *options)
{
	if (passt_is_installed())
		return net_options_parse(&options->nets[options->nr_nets++], "user");
	error("--image: the guest has no network: install the package passt, or give a --net");
	return 0;
}

int firmware_complete_image(struct options *options)
{
	if (!options->firmware && access(DEFAULT_FIRMWARE, F_OK) < 0)
		return fail(0, "--image: no U-Boot at " DEFAULT_FIRMWARE ": install the package "
			       "u-boot-qemu, or give a --firmware");
	if (!options->firmware)
		options->firmware = DEFAULT_FIRMWARE;
	if (options->nr_disks == MAX_DISKS)
		return fail(0, "--image %s: there can be %u disks at most", options->image.path,
			    MAX_DISKS);
	/* U-Boot looks for an operating system on the first disk only. */
	memmove(options->disks + 1, options->disks, options->nr_disks * sizeof(*options->disks));
	options->disks[0] = options->image;
	options->nr_disks++;
	options->image = (struct disk_options){ 0 };
	return options->nr_nets ? 0 : add_user_network(options);
}

static void *map_zeroes(size_t size, int protection)
{
	void *map = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? NULL : map;
}

static int read_file(struct firmware *firmware, const struct file *file)
{
	uint32_t page = sysconf(_SC_PAGESIZE);

	if (file->size > FLASH_SIZE)
		return fail(0, "%s: %llu bytes are too many for firmware: %u MiB is the limit",
			    file->path, (unsigned long long)file->size, FLASH_SIZE >> 20);
	firmware->size = (file->size + page - 1) & ~(page - 1);
	firmware->host = map_zeroes(firmware->size, PROT_READ | PROT_WRITE);
	if (firmware->host)
		firmware->empty = map_zeroes(FLASH1_SIZE, PROT_READ);
	if (!firmware->empty)
		return fail(ENOMEM, "%s", file->path);
	return file_read(file, 0, firmware->host, file->size);
}

int firmware_open(struct firmware *firmware, const char *path)
{
	struct file file;
	int err = file_open(&file, path);

	if (err)
		return err;
	err = read_file(firmware, &file);
	file_close(&file);
	return err;
}

int firmware_connect(const struct firmware *firmware, struct vm *vm)
{
	int err = vm_add_rom(vm, FLASH_BASE, firmware->host, firmware->size);

	return err ? err : vm_add_rom(vm, FLASH1_BASE, firmware->empty, FLASH1_SIZE);
}

void firmware_close(struct firmware *firmware)
{
	if (firmware->host)
		munmap(firmware->host, firmware->size);
	if (firmware->empty)
		munmap(firmware->empty, FLASH1_SIZE);
	*firmware = (struct firmware){ 0 };
}
