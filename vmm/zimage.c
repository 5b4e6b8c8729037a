// SPDX-License-Identifier: GPL-2.0-only
/*
 * zImage: Documentation/arch/arm/booting.rst.  The magic number is at 0x24, the
 * address that the image was linked at and its end are at 0x28 and 0x2c, the
 * byte order is at 0x30.  Since 4.15 there is another magic number at 0x34 and,
 * at 0x38, the offset of a table of tags.  One of them gives the memory that
 * the decompressed kernel takes.
 */
#include "boot.h"
#include "error.h"

#define MEGABYTE    (1ull << 20)
#define TABLE_MAGIC 0x45454545u
#define TAG_KERNEL  0x5a534c4bu
#define TEXT_OFFSET 0x208000u /* the largest in use, for kernels without the tag */
/* The decompressor's bss, stack, heap and slack after its image take just over 1M. */
#define WORKSPACE (2 * MEGABYTE)

/*
 * Compute the offset in RAM of the end of the decompressed kernel and its bss
 * from the tag { words, name, offset of the size's place, bytes of bss, offset
 * of the kernel in RAM (absent in older ones) }; 0 if there is no tag.
 * Whatever the table says, only the file is read.
 */
static int zimage_kernel_end(const struct file *file, const uint8_t *header, uint64_t *end)
{
	uint64_t at = boot_get_le32(header + 0x38), place;
	uint8_t tag[20], size[4];
	int err;

	*end = 0;
	if (boot_get_le32(header + 0x34) != TABLE_MAGIC)
		return 0;
	while (at + sizeof(tag) <= file->size) {
		uint32_t words;

		err = file_read(file, at, tag, sizeof(tag));
		if (err)
			return err;
		words = boot_get_le32(tag);
		if (words < 2 || words > 64)
			return 0;
		if (words < 4 || boot_get_le32(tag + 4) != TAG_KERNEL) {
			at += words * 4;
			continue;
		}
		place = boot_get_le32(tag + 8);
		if (place + sizeof(size) > file->size)
			return 0;
		err = file_read(file, place, size, sizeof(size));
		if (!err)
			*end = (uint64_t)boot_get_le32(size) + boot_get_le32(tag + 12) +
			       (words > 4 ? boot_get_le32(tag + 16) : TEXT_OFFSET);
		return err;
	}
	return 0;
}

int zimage_load(struct boot *boot, const struct ram *ram, const struct file *file,
		const uint8_t *header)
{
	uint64_t start = boot_get_le32(header + 0x28), end = boot_get_le32(header + 0x2c), needed,
		 place;
	int err;

	if (end <= start || end - start < BOOT_HEADER)
		return fail(0, "%s: the header of the zImage is damaged", file->path);
	if (end - start > file->size)
		return fail(0, "%s: the zImage is truncated: %llu bytes of %llu", file->path,
			    (unsigned long long)file->size, (unsigned long long)(end - start));
	err = zimage_kernel_end(file, header, &needed);
	if (err)
		return err;
	/* No tag: kernels compress to a quarter at best, usually to a third. */
	if (!needed)
		needed = 4 * file->size + TEXT_OFFSET;
	/*
	 * If the image lies right after the place of the decompressed kernel,
	 * the decompressor need not move itself out of the way.
	 */
	place = (ram->base + needed + MEGABYTE - 1) & ~(MEGABYTE - 1);
	if (!ram_covers(ram, place, file->size + WORKSPACE))
		return fail(0, "%s: the kernel needs %llu MiB of memory: increase --memory",
			    file->path,
			    (unsigned long long)((place - ram->base + file->size + WORKSPACE) /
						 MEGABYTE) +
				    1);
	boot->kernel_end = place + file->size + WORKSPACE;
	boot->entry = place;
	boot->zimage = true;
	return file_read(file, 0, ram_at(ram, place, file->size), file->size);
}
