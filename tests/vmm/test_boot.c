// SPDX-License-Identifier: GPL-2.0-only
/* The loaders, with images built here, intact and damaged. */
#include "test.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "boot.h"
#include "memmap.h"

#define MB 0x100000u

static struct ram ram;
static struct boot boot;

static int fresh(void **state)
{
	(void)state;
	memset(&boot, 0, sizeof(boot));
	return ram_map(&ram, RAM_BASE, 32 * MB, false);
}

static int done(void **state)
{
	(void)state;
	ram_unmap(&ram);
	return 0;
}

static struct file image(const void *data, size_t size)
{
	struct file file = { .path = "image", .fd = memfd_create("image", 0), .size = size };

	assert_true(file.fd >= 0);
	assert_int_equal(pwrite(file.fd, data, size, 0), size);
	return file;
}

static int load(const void *data, size_t size)
{
	struct file file = image(data, size);
	int err;

	memset(&boot, 0, sizeof(boot));
	err = boot_load_kernel(&boot, &ram, &file);
	file_close(&file);
	return err;
}

static void le32(uint8_t *at, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		at[i] = value >> (8 * i);
}

/* ---- guest memory ---- */

static void ram_is_bounded(void **state)
{
	(void)state;
	assert_true(ram_covers(&ram, RAM_BASE, 32 * MB));
	assert_true(ram_covers(&ram, RAM_BASE + 32 * MB - 1, 1));
	assert_true(ram_covers(&ram, RAM_BASE + 32 * MB, 0));
	assert_false(ram_covers(&ram, RAM_BASE + 32 * MB, 1));
	assert_false(ram_covers(&ram, RAM_BASE, 32 * MB + 1));
	assert_false(ram_covers(&ram, RAM_BASE - 1, 1));
	assert_false(ram_covers(&ram, RAM_BASE + 1, UINT64_MAX));
	assert_false(ram_covers(&ram, UINT64_MAX, 2));
	assert_false(ram_covers(&ram, 0, 0));
	assert_ptr_equal(ram_at(&ram, RAM_BASE + 5, 1), ram.host + 5);
	assert_null(ram_at(&ram, RAM_BASE - 1, 2));
	assert_int_equal((uintptr_t)ram.host & 0x1fffff, 0);
	/* The last byte is mapped too. */
	ram.host[32 * MB - 1] = 1;
}

/* ---- zImage ---- */

static uint8_t zimage[64 * 1024];

/* A zImage of 64K whose table says 4M of kernel with 1M of bss, at 0x8000. */
static void make_zimage(void)
{
	for (size_t i = 0; i < sizeof(zimage); i++)
		zimage[i] = i * 13;
	le32(zimage + 0x24, 0x016f2818);
	le32(zimage + 0x28, 0);
	le32(zimage + 0x2c, sizeof(zimage));
	le32(zimage + 0x30, 0x04030201);
	le32(zimage + 0x34, 0x45454545);
	le32(zimage + 0x38, 0x100);
	/* A tag to skip, then the one that counts. */
	le32(zimage + 0x100, 3);
	le32(zimage + 0x104, 0x12345678);
	le32(zimage + 0x10c, 5);
	le32(zimage + 0x110, 0x5a534c4b);
	le32(zimage + 0x114, 0x200);
	le32(zimage + 0x118, MB);
	le32(zimage + 0x11c, 0x8000);
	le32(zimage + 0x200, 4 * MB);
}

static void zimage_is_placed_behind_its_kernel(void **state)
{
	(void)state;
	make_zimage();
	assert_int_equal(load(zimage, sizeof(zimage)), 0);
	assert_int_equal(boot.entry, RAM_BASE + 6 * MB);
	assert_true(boot.kernel_end >= boot.entry + sizeof(zimage) + MB);
	assert_memory_equal(ram_at(&ram, boot.entry, sizeof(zimage)), zimage, sizeof(zimage));
}

static void zimage_without_a_table(void **state)
{
	(void)state;
	make_zimage();
	le32(zimage + 0x34, 0);
	assert_int_equal(load(zimage, sizeof(zimage)), 0);
	assert_true(boot.entry >= RAM_BASE + 0x208000 + 4 * sizeof(zimage));
	/* The older table: four words. */
	make_zimage();
	le32(zimage + 0x10c, 4);
	assert_int_equal(load(zimage, sizeof(zimage)), 0);
	assert_int_equal(boot.entry, RAM_BASE + 8 * MB);
}

static void zimage_damaged(void **state)
{
	static const struct {
		uint32_t at, value;
	} harmful[] = {
		{ 0x24, 0 },	      { 0x24, 0x18286f01 }, { 0x2c, 0 },
		{ 0x2c, 16 },	      { 0x2c, ~0u },	    { 0x2c, sizeof(zimage) + 1 },
		{ 0x28, 0x80000000 }, { 0x118, ~0u },	    { 0x11c, ~0u },
		{ 0x200, ~0u },	      { 0x200, 32 * MB },
	}, harmless[] = {
		{ 0x38, ~0u },	{ 0x38, sizeof(zimage) - 4 }, { 0x100, 0 }, { 0x100, ~0u },
		{ 0x114, ~0u }, { 0x114, sizeof(zimage) },    { 0x110, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(harmful) / sizeof(harmful[0]); i++) {
		make_zimage();
		le32(zimage + harmful[i].at, harmful[i].value);
		assert_true(load(zimage, sizeof(zimage)) < 0);
	}
	/* A damaged table counts as none; it is never followed out of the file. */
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		make_zimage();
		le32(zimage + harmless[i].at, harmless[i].value);
		assert_int_equal(load(zimage, sizeof(zimage)), 0);
	}
	for (size_t size = 1; size < sizeof(zimage); size += size < 80 ? 1 : 4001) {
		make_zimage();
		assert_true(load(zimage, size) < 0);
	}
}

/* ---- ELF ---- */

static struct {
	Elf32_Ehdr header;
	Elf32_Phdr segments[3];
	uint8_t code[256];
	uint8_t data[64];
} elf;

static void make_elf(void)
{
	memset(&elf, 0, sizeof(elf));
	memcpy(elf.header.e_ident, ELFMAG "\1\1\1", 7);
	elf.header.e_type = ET_EXEC;
	elf.header.e_machine = EM_ARM;
	elf.header.e_version = 1;
	elf.header.e_entry = RAM_BASE + 0x10010;
	elf.header.e_phoff = offsetof(typeof(elf), segments);
	elf.header.e_ehsize = sizeof(elf.header);
	elf.header.e_phentsize = sizeof(Elf32_Phdr);
	elf.header.e_phnum = 3;
	elf.segments[0] = (Elf32_Phdr){
		.p_type = PT_LOAD,
		.p_offset = offsetof(typeof(elf), code),
		.p_vaddr = 0xc0010000,
		.p_paddr = RAM_BASE + 0x10000,
		.p_filesz = sizeof(elf.code),
		.p_memsz = sizeof(elf.code),
	};
	elf.segments[1] = (Elf32_Phdr){ .p_type = PT_NOTE, .p_paddr = 1, .p_memsz = ~0u };
	elf.segments[2] = (Elf32_Phdr){
		.p_type = PT_LOAD,
		.p_offset = offsetof(typeof(elf), data),
		.p_paddr = RAM_BASE + 0x20000,
		.p_filesz = sizeof(elf.data),
		.p_memsz = 0x5000,
	};
	memset(elf.code, 0xc5, sizeof(elf.code));
	memset(elf.data, 0xda, sizeof(elf.data));
}

static void elf_is_loaded_at_its_physical_addresses(void **state)
{
	(void)state;
	make_elf();
	assert_int_equal(load(&elf, sizeof(elf)), 0);
	assert_int_equal(boot.entry, RAM_BASE + 0x10010);
	assert_int_equal(boot.kernel_end, RAM_BASE + 0x25000);
	assert_memory_equal(ram.host + 0x10000, elf.code, sizeof(elf.code));
	assert_memory_equal(ram.host + 0x20000, elf.data, sizeof(elf.data));
	assert_int_equal(ram.host[0x20000 + sizeof(elf.data)], 0);
}

#define BROKEN(change)                                    \
	do {                                              \
		make_elf();                               \
		change;                                   \
		assert_true(load(&elf, sizeof(elf)) < 0); \
	} while (0)

static void elf_damaged(void **state)
{
	(void)state;
	BROKEN(elf.header.e_ident[EI_CLASS] = ELFCLASS64);
	BROKEN(elf.header.e_ident[EI_DATA] = ELFDATA2MSB);
	BROKEN(elf.header.e_type = ET_DYN);
	BROKEN(elf.header.e_machine = EM_386);
	BROKEN(elf.header.e_phentsize = 16);
	BROKEN(elf.header.e_phnum = 0);
	BROKEN(elf.header.e_phnum = 0xffff);
	BROKEN(elf.header.e_phoff = ~0u);
	BROKEN(elf.header.e_phoff = sizeof(elf) - 32);
	BROKEN(elf.header.e_entry += 1);
	BROKEN(elf.header.e_entry += 2);
	BROKEN(elf.header.e_entry = RAM_BASE);
	BROKEN(elf.header.e_entry = RAM_BASE + 0x10000 + sizeof(elf.code));
	BROKEN(elf.header.e_entry = 0xc0010010);
	BROKEN(elf.segments[0].p_paddr = 0x10000);
	BROKEN(elf.segments[2].p_paddr = RAM_BASE - 4);
	BROKEN(elf.segments[2].p_paddr = RAM_BASE + 32 * MB - 0x4fff);
	BROKEN(elf.segments[2].p_paddr = 0xffffffff);
	BROKEN(elf.segments[2].p_memsz = ~0u);
	BROKEN(elf.segments[2].p_filesz = 0x5001);
	BROKEN(elf.segments[2].p_offset = ~0u);
	BROKEN(elf.segments[2].p_filesz = 0x4000);
	BROKEN(elf.segments[0].p_memsz = elf.segments[0].p_filesz - 1);
	for (size_t size = 1; size < sizeof(elf); size++) {
		make_elf();
		assert_true(load(&elf, size) < 0);
	}
}

/* ---- initrd and device tree ---- */

static int place(size_t dtb, size_t initrd)
{
	int err = boot_place_dtb(&boot, &ram, dtb);

	if (!err && initrd) {
		struct file file = { .path = "initrd",
				     .fd = memfd_create("initrd", 0),
				     .size = initrd };

		assert_int_equal(ftruncate(file.fd, initrd), 0);
		assert_int_equal(pwrite(file.fd, "first", 5, 0), 5);
		assert_int_equal(pwrite(file.fd, "l", 1, initrd - 1), 1);
		err = boot_load_initrd(&boot, &ram, &file);
		file_close(&file);
	}
	return err;
}

static void initrd_and_tree_lie_above_the_kernel(void **state)
{
	(void)state;
	make_zimage();
	assert_int_equal(load(zimage, sizeof(zimage)), 0);
	assert_int_equal(place(0x10001, 3 * MB + 17), 0);
	assert_int_equal(boot.dtb_start, RAM_BASE + 32 * MB - 0x11000);
	assert_true(boot.initrd_start >= boot.kernel_end);
	assert_true(boot.initrd_end <= boot.dtb_start);
	assert_int_equal(boot.initrd_end - boot.initrd_start, 3 * MB + 17);
	assert_int_equal(boot.initrd_start & 0xfff, 0);
	assert_memory_equal(ram_at(&ram, boot.initrd_start, 5), "first", 5);
	assert_memory_equal(ram_at(&ram, boot.initrd_end - 1, 1), "l", 1);
}

static void initrd_that_does_not_fit(void **state)
{
	uint64_t room;

	(void)state;
	make_zimage();
	assert_int_equal(load(zimage, sizeof(zimage)), 0);
	assert_int_equal(place(0x10000, 0), 0);
	room = boot.dtb_start - boot.kernel_end;
	assert_int_equal(place(0x10000, room & ~0xfff), 0);
	assert_true(place(0x10000, room + 1) < 0);
	assert_true(place(0x10000, 64 * MB) < 0);
	assert_true(place(40 * MB, 0) < 0);
	boot.kernel_end = RAM_BASE + 32 * MB - 0xffff;
	assert_true(place(0x10000, 0) < 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, done)
	const struct CMUnitTest tests[] = {
		TEST(ram_is_bounded),
		TEST(zimage_is_placed_behind_its_kernel),
		TEST(zimage_without_a_table),
		TEST(zimage_damaged),
		TEST(elf_is_loaded_at_its_physical_addresses),
		TEST(elf_damaged),
		TEST(initrd_and_tree_lie_above_the_kernel),
		TEST(initrd_that_does_not_fit),
	};

	RUN_TESTS("boot", tests);
}
