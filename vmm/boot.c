// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "boot.h"
#include "error.h"
#include "memmap.h"

#define PAGE 0x1000ull

/*
 * Linux finds the initrd and the device tree only in memory that it maps
 * directly: the first 760M with the usual split.  Stay well below that.
 */
#define LOW_MEMORY (512ull << 20)

static uint64_t low_memory_end(const struct ram *ram)
{
	return ram->base + (ram->size < LOW_MEMORY ? ram->size : LOW_MEMORY);
}

int boot_load_kernel(struct boot *boot, const struct ram *ram, const struct file *file)
{
	uint8_t header[BOOT_HEADER] = { 0 };
	int err;

	err = file_read(file, 0, header, file->size < BOOT_HEADER ? file->size : BOOT_HEADER);
	if (err)
		return err;
	if (!memcmp(header, "\177ELF", 4))
		return elf_load(boot, ram, file, header);
	if (boot_get_le32(header + 0x24) == 0x016f2818)
		return zimage_load(boot, ram, file, header);
	if (boot_get_le32(header + 0x24) == 0x18286f01)
		return fail(0, "%s: a big-endian zImage, which armvm cannot boot", file->path);
	return fail(0, "%s: neither a zImage nor an ELF file", file->path);
}

void boot_set_firmware(struct boot *boot, const struct ram *ram)
{
	boot->entry = FLASH_BASE;
	boot->dtb_start = ram->base;
}

int boot_place_dtb(struct boot *boot, const struct ram *ram, uint64_t size)
{
	size = (size + PAGE - 1) & ~(PAGE - 1);
	boot->dtb_start = low_memory_end(ram) - size;
	if (size > low_memory_end(ram) - ram->base || boot->dtb_start < boot->kernel_end)
		return fail(0, "no room for the device tree after the kernel, in the first 512 MiB "
			       "of memory");
	return 0;
}

int boot_load_initrd(struct boot *boot, const struct ram *ram, const struct file *file)
{
	uint64_t room = boot->dtb_start - boot->kernel_end;

	if (file->size > room)
		return fail(0, "%s: %llu bytes do not fit after the kernel (%llu are free)%s",
			    file->path, (unsigned long long)file->size, (unsigned long long)room,
			    ram->size < LOW_MEMORY ? ": increase --memory" : "");
	boot->initrd_start = (boot->dtb_start - file->size) & ~(PAGE - 1);
	if (boot->initrd_start < boot->kernel_end)
		return fail(0, "%s: does not fit after the kernel", file->path);
	boot->initrd_end = boot->initrd_start + file->size;
	return file_read(file, 0, ram_at(ram, boot->initrd_start, file->size), file->size);
}
