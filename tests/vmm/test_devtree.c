// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "devtree.h"
#include "memmap.h"

static uint8_t tree[DEVTREE_ROOM];
static const struct ram ram = { .base = RAM_BASE, .size = 0xc0000000 };

static uint32_t cell(const void *fdt, const char *path, const char *name, unsigned int index)
{
	int length, node = fdt_path_offset(fdt, path);
	const fdt32_t *cells = fdt_getprop(fdt, node, name, &length);

	assert_true(node >= 0);
	assert_non_null(cells);
	assert_true(length >= 4 * (int)(index + 1));
	return fdt32_to_cpu(cells[index]);
}

static const char *string(const void *fdt, const char *path, const char *name)
{
	const char *value = fdt_getprop(fdt, fdt_path_offset(fdt, path), name, NULL);

	return value ? value : "(none)";
}

static bool has(const void *fdt, const char *path, const char *name)
{
	return fdt_getprop(fdt, fdt_path_offset(fdt, path), name, NULL);
}

static void machine_as_documented(void **state)
{
	static const struct {
		const char *path;
		uint32_t base, spi;
	} devices[] = {
		{ "/serial@9000000", 0x09000000, 1 },
		{ "/rtc@9010000", 0x09010000, 2 },
		{ "/gpio@9030000", 0x09030000, 7 },
		{ "/serial@9040000", 0x09040000, 8 },
	};
	const struct devtree_machine machine = {
		.cpu_compatible = "arm,cortex-a7",
		.cpus = 3,
		.timer_hz = 24000000,
		.channel = true,
		.virtio = 2,
	};

	(void)state;
	assert_int_equal(devtree_describe(tree, sizeof(tree), &machine), 0);
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		assert_int_equal(cell(tree, devices[i].path, "reg", 1), devices[i].base);
		assert_int_equal(cell(tree, devices[i].path, "reg", 3), 0x1000);
		assert_int_equal(cell(tree, devices[i].path, "interrupts", 0), 0);
		assert_int_equal(cell(tree, devices[i].path, "interrupts", 1), devices[i].spi);
		assert_int_equal(cell(tree, devices[i].path, "interrupts", 2), 4);
	}
	assert_int_equal(cell(tree, "/virtio_mmio@a000200", "reg", 1), 0x0a000200);
	assert_int_equal(cell(tree, "/virtio_mmio@a000200", "reg", 3), 0x200);
	assert_int_equal(cell(tree, "/virtio_mmio@a000200", "interrupts", 0), 0);
	assert_int_equal(cell(tree, "/virtio_mmio@a000200", "interrupts", 1), 17);
	assert_int_equal(cell(tree, "/virtio_mmio@a000200", "interrupts", 2), 1);
	assert_true(has(tree, "/virtio_mmio@a000000", "dma-coherent"));
	assert_int_equal(fdt_path_offset(tree, "/virtio_mmio@a000400"), -FDT_ERR_NOTFOUND);
	assert_int_equal(cell(tree, "/interrupt-controller@8000000", "reg", 1), 0x08000000);
	assert_int_equal(cell(tree, "/interrupt-controller@8000000", "reg", 5), 0x08010000);
	assert_int_equal(cell(tree, "/timer", "interrupts", 7), 11);
	assert_int_equal(cell(tree, "/timer", "interrupts", 8), 0x704);
	assert_int_equal(cell(tree, "/timer", "clock-frequency", 0), 24000000);
	assert_string_equal(string(tree, "/psci", "method"), "hvc");
	assert_string_equal(string(tree, "/cpus/cpu@2", "compatible"), "arm,cortex-a7");
	assert_string_equal(string(tree, "/cpus/cpu@0", "enable-method"), "psci");
	assert_int_equal(cell(tree, "/cpus/cpu@2", "reg", 0), 2);
	assert_int_equal(fdt_path_offset(tree, "/cpus/cpu@3"), -FDT_ERR_NOTFOUND);
	assert_string_equal(string(tree, "/aliases", "serial0"), "/serial@9000000");
	assert_string_equal(string(tree, "/aliases", "serial1"), "/serial@9040000");
	assert_int_equal(fdt_path_offset(tree, "/test-device@b000000"), -FDT_ERR_NOTFOUND);
	assert_int_equal(cell(tree, "/gpio-keys/key-power", "linux,code", 0), 116);
	assert_int_equal(cell(tree, "/gpio-keys/key-power", "gpios", 1), 3);
	assert_int_equal(cell(tree, "/gpio-keys/key-power", "gpios", 2), 0);
	assert_int_equal(cell(tree, "/gpio@9030000", "#gpio-cells", 0), 2);
	/* References to the clock, the GPIO controller and the GIC resolve. */
	assert_int_equal(fdt_node_offset_by_phandle(tree,
						    cell(tree, "/serial@9000000", "clocks", 0)),
			 fdt_path_offset(tree, "/apb-pclk"));
	assert_int_equal(fdt_node_offset_by_phandle(tree,
						    cell(tree, "/gpio-keys/key-power", "gpios", 0)),
			 fdt_path_offset(tree, "/gpio@9030000"));
	assert_int_equal(fdt_node_offset_by_phandle(tree, cell(tree, "/", "interrupt-parent", 0)),
			 fdt_path_offset(tree, "/interrupt-controller@8000000"));
}

static void options_show(void **state)
{
	const struct devtree_machine machine = {
		.cpu_compatible = "arm,cortex-a15",
		.cpus = 1,
		.testdev = true,
	};

	(void)state;
	assert_int_equal(devtree_describe(tree, sizeof(tree), &machine), 0);
	assert_int_equal(fdt_path_offset(tree, "/serial@9040000"), -FDT_ERR_NOTFOUND);
	assert_false(has(tree, "/aliases", "serial1"));
	assert_false(has(tree, "/timer", "clock-frequency"));
	assert_int_equal(cell(tree, "/test-device@b000000", "reg", 1), 0x0b000000);
}

static void boot_information(void **state)
{
	const struct devtree_machine machine = { .cpu_compatible = "arm,cortex-a15", .cpus = 8 };
	const struct boot boot = { .initrd_start = 0x48000000, .initrd_end = 0x48123456 };
	uint8_t seed[32];

	(void)state;
	assert_int_equal(devtree_describe(tree, sizeof(tree), &machine), 0);
	assert_int_equal(devtree_set_boot(tree, &ram, &boot, "a \"b\"", true), 0);
	assert_int_equal(fdt_check_full(tree, fdt_totalsize(tree)), 0);
	assert_string_equal(string(tree, "/chosen", "bootargs"), "a \"b\"");
	assert_string_equal(string(tree, "/chosen", "stdout-path"), "serial0:115200n8");
	assert_int_equal(cell(tree, "/chosen", "linux,initrd-start", 0), 0x48000000);
	assert_int_equal(cell(tree, "/chosen", "linux,initrd-end", 0), 0x48123456);
	assert_int_equal(cell(tree, "/memory@40000000", "reg", 0), 0);
	assert_int_equal(cell(tree, "/memory@40000000", "reg", 1), 0x40000000);
	assert_int_equal(cell(tree, "/memory@40000000", "reg", 2), 0);
	assert_int_equal(cell(tree, "/memory@40000000", "reg", 3), 0xc0000000);
	memcpy(seed, fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "rng-seed", NULL), 32);
	assert_int_equal(devtree_describe(tree, sizeof(tree), &machine), 0);
	assert_int_equal(devtree_set_boot(tree, &ram, &boot, NULL, true), 0);
	assert_false(has(tree, "/chosen", "bootargs"));
	assert_memory_not_equal(
		fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "rng-seed", NULL), seed, 32);
}

static void too_small_a_buffer(void **state)
{
	const struct devtree_machine machine = { .cpu_compatible = "arm,cortex-a15", .cpus = 8 };

	(void)state;
	for (size_t size = 0; size < 2000; size += 16) {
		uint8_t *small = malloc(size);

		assert_true(devtree_describe(small, size, &machine) < 0);
		free(small);
	}
}

/* ---- --dtb ---- */

#define CHECK(call) assert_true((call) >= 0)

/* A tree like a board's: one-cell addresses, two memory nodes, its own /chosen. */
static uint32_t make_board(void *fdt, size_t size, uint32_t address_cells)
{
	int node;

	CHECK(fdt_create_empty_tree(fdt, size));
	CHECK(fdt_setprop_u32(fdt, 0, "#address-cells", address_cells));
	CHECK(fdt_setprop_u32(fdt, 0, "#size-cells", 1));
	for (unsigned int i = 0; i < 2; i++) {
		node = fdt_add_subnode(fdt, 0, i ? "memory@80000000" : "memory");
		CHECK(node);
		CHECK(fdt_setprop_string(fdt, node, "device_type", "memory"));
	}
	node = fdt_add_subnode(fdt, 0, "chosen");
	CHECK(fdt_setprop_string(fdt, node, "bootargs", "the file's"));
	CHECK(fdt_setprop_string(fdt, node, "stdout-path", "/theirs"));
	CHECK(fdt_setprop_u32(fdt, node, "linux,initrd-start", 1));
	CHECK(fdt_setprop_u32(fdt, node, "linux,initrd-end", 2));
	node = fdt_add_subnode(fdt, 0, "keep");
	CHECK(fdt_setprop_string(fdt, node, "me", "as I am"));
	CHECK(fdt_pack(fdt));
	return fdt_totalsize(fdt);
}

static int from_file(const void *data, size_t size)
{
	struct file file = { .path = "dtb", .fd = memfd_create("dtb", 0), .size = size };
	int err;

	assert_int_equal(pwrite(file.fd, data, size, 0), size);
	err = devtree_from_file(tree, sizeof(tree), &file);
	file_close(&file);
	return err;
}

static void file_keeps_what_is_not_ours(void **state)
{
	static uint8_t board[4096];
	const struct boot boot = { 0 };
	int memories = 0, node = -1;

	(void)state;
	assert_int_equal(from_file(board, make_board(board, sizeof(board), 1)), 0);
	assert_int_equal(devtree_set_boot(tree, &ram, &boot, NULL, false), 0);
	while ((node = fdt_node_offset_by_prop_value(tree, node, "device_type", "memory", 7)) >= 0)
		memories++;
	assert_int_equal(memories, 1);
	assert_int_equal(cell(tree, "/memory@40000000", "reg", 0), 0x40000000);
	assert_int_equal(cell(tree, "/memory@40000000", "reg", 1), 0xc0000000);
	assert_string_equal(string(tree, "/keep", "me"), "as I am");
	assert_string_equal(string(tree, "/chosen", "bootargs"), "the file's");
	assert_string_equal(string(tree, "/chosen", "stdout-path"), "/theirs");
	assert_false(has(tree, "/chosen", "linux,initrd-start"));
	assert_false(has(tree, "/chosen", "linux,initrd-end"));

	assert_int_equal(from_file(board, make_board(board, sizeof(board), 1)), 0);
	assert_int_equal(devtree_set_boot(tree, &ram, &boot, "ours", false), 0);
	assert_string_equal(string(tree, "/chosen", "bootargs"), "ours");
}

static void file_damaged(void **state)
{
	static uint8_t board[4096], copy[4096];
	const struct boot boot = { 0 };
	uint32_t size = make_board(board, sizeof(board), 1);

	(void)state;
	for (uint32_t cut = 1; cut < size; cut++)
		assert_true(from_file(board, cut) < 0);
	/*
	 * With each byte wrong in turn: refused or harmless, never followed
	 * (this runs under ASan).
	 */
	for (uint32_t at = 0; at < size; at++) {
		memcpy(copy, board, size);
		copy[at] ^= 0xff;
		if (!from_file(copy, size))
			devtree_set_boot(tree, &ram, &boot, "x", false);
	}
	size = make_board(board, sizeof(board), 3);
	assert_int_equal(from_file(board, size), 0);
	assert_true(devtree_set_boot(tree, &ram, &boot, NULL, false) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machine_as_documented),
		cmocka_unit_test(options_show),
		cmocka_unit_test(boot_information),
		cmocka_unit_test(too_small_a_buffer),
		cmocka_unit_test(file_keeps_what_is_not_ours),
		cmocka_unit_test(file_damaged),
	};

	RUN_TESTS("devtree", tests);
}
