/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the kernel, the initial RAM disk and the device tree go in the guest's RAM. */
#ifndef ARMVM_BOOT_H
#define ARMVM_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "file.h"
#include "ram.h"

/* Guest addresses; each end is exclusive. */
struct boot {
	uint64_t entry;
	uint64_t kernel_end;   /* end of what the kernel occupies until it reads its device tree */
	uint64_t initrd_start; /* start and end are 0 without an initrd */
	uint64_t initrd_end;
	uint64_t dtb_start;
	bool zimage; /* otherwise an ELF file, or firmware */
};

/* Each returns 0 or, after one message, a negative errno. */

/* Load a zImage or an ELF file, by its magic number. */
int boot_load_kernel(struct boot *boot, const struct ram *ram, const struct file *file);
/* Call after boot_load_kernel() and boot_place_dtb(). */
int boot_load_initrd(struct boot *boot, const struct ram *ram, const struct file *file);
/*
 * Instead of a kernel: firmware at FLASH_BASE, which finds its device tree at the start of RAM.
 * U-Boot has its first stack 2 MiB further on.
 */
void boot_set_firmware(struct boot *boot, const struct ram *ram);
/* Reserve room for a device tree of at most size bytes. */
int boot_place_dtb(struct boot *boot, const struct ram *ram, uint64_t size);

/* The loaders that boot_load_kernel() calls; header is the file's first BOOT_HEADER bytes. */
#define BOOT_HEADER 64
int zimage_load(struct boot *boot, const struct ram *ram, const struct file *file,
		const uint8_t *header);
int elf_load(struct boot *boot, const struct ram *ram, const struct file *file,
	     const uint8_t *header);

static inline uint32_t boot_get_le32(const uint8_t *from)
{
	return from[0] | from[1] << 8 | from[2] << 16 | (uint32_t)from[3] << 24;
}

#endif
