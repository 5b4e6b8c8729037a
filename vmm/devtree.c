// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "error.h"
#include "devtree.h"
#include "memmap.h"

#define IRQ_SPI		0
#define IRQ_PPI		1
#define IRQ_EDGE_RISING 1
#define IRQ_LEVEL_HIGH	4
#define PHANDLE_GIC	1
#define PHANDLE_CLOCK	2
#define PHANDLE_GPIO	3
#define KEY_POWER	116 /* <linux/input-event-codes.h> */
#define ACTIVE_HIGH	0

static int fdt_failed(const char *call, int err)
{
	error("device tree: %s: %s", call, fdt_strerror(err));
	return err == -FDT_ERR_NOSPACE ? -ENOSPC : -EINVAL;
}

/* Every libfdt call that can fail goes through this: on failure it names the call and returns. */
#define FDT_TRY(call)                                       \
	do {                                                \
		int fdt_err_ = (call);                      \
		if (fdt_err_ < 0)                           \
			return fdt_failed(#call, fdt_err_); \
	} while (0)

#define TRY(call)                    \
	do {                         \
		int err_ = (call);   \
		if (err_)            \
			return err_; \
	} while (0)

#define CELLS(...) (const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4

static int add_cells(void *fdt, const char *name, const uint32_t *values, size_t count)
{
	fdt32_t out[16];

	if (count > sizeof(out) / sizeof(out[0]))
		return fdt_failed(name, -FDT_ERR_INTERNAL);
	for (size_t i = 0; i < count; i++)
		out[i] = cpu_to_fdt32(values[i]);
	FDT_TRY(fdt_property(fdt, name, out, count * sizeof(out[0])));
	return 0;
}

/*
 * Begin a node for an AMBA PrimeCell at base with one level-triggered interrupt; the caller ends
 * it.
 */
static int begin_primecell(void *fdt, const char *type, const char *node, uint32_t base,
			   uint32_t spi, bool uart)
{
	static const char uart_clocks[] = "uartclk\0apb_pclk";
	char compatible[64], name[32];
	int length;

	snprintf(name, sizeof(name), "%s@%x", node, base);
	FDT_TRY(fdt_begin_node(fdt, name));
	/* Two strings in one property, each with its NUL. */
	length = snprintf(compatible, sizeof(compatible), "arm,%s%carm,primecell", type, 0) + 1;
	FDT_TRY(fdt_property(fdt, "compatible", compatible, length));
	TRY(add_cells(fdt, "reg", CELLS(0, base, 0, DEVICE_SIZE)));
	TRY(add_cells(fdt, "interrupts", CELLS(IRQ_SPI, spi, IRQ_LEVEL_HIGH)));
	if (uart) {
		TRY(add_cells(fdt, "clocks", CELLS(PHANDLE_CLOCK, PHANDLE_CLOCK)));
		FDT_TRY(fdt_property(fdt, "clock-names", uart_clocks, sizeof(uart_clocks)));
	} else {
		TRY(add_cells(fdt, "clocks", CELLS(PHANDLE_CLOCK)));
		FDT_TRY(fdt_property_string(fdt, "clock-names", "apb_pclk"));
	}
	return 0;
}

static int describe_primecell(void *fdt, const char *type, const char *node, uint32_t base,
			      uint32_t spi, bool uart)
{
	TRY(begin_primecell(fdt, type, node, base, spi, uart));
	FDT_TRY(fdt_end_node(fdt));
	return 0;
}

/* The GPIO controller, and the power key on one of its lines. */
static int describe_power_key(void *fdt)
{
	TRY(begin_primecell(fdt, "pl061", "gpio", GPIO_BASE, GPIO_SPI, false));
	FDT_TRY(fdt_property(fdt, "gpio-controller", NULL, 0));
	FDT_TRY(fdt_property_u32(fdt, "#gpio-cells", 2));
	FDT_TRY(fdt_property(fdt, "interrupt-controller", NULL, 0));
	FDT_TRY(fdt_property_u32(fdt, "#interrupt-cells", 2));
	FDT_TRY(fdt_property_u32(fdt, "#address-cells", 0));
	FDT_TRY(fdt_property_u32(fdt, "phandle", PHANDLE_GPIO));
	FDT_TRY(fdt_end_node(fdt));

	FDT_TRY(fdt_begin_node(fdt, "gpio-keys"));
	FDT_TRY(fdt_property_string(fdt, "compatible", "gpio-keys"));
	FDT_TRY(fdt_begin_node(fdt, "key-power"));
	FDT_TRY(fdt_property_string(fdt, "label", "Power"));
	FDT_TRY(fdt_property_u32(fdt, "linux,code", KEY_POWER));
	TRY(add_cells(fdt, "gpios", CELLS(PHANDLE_GPIO, POWER_KEY_LINE, ACTIVE_HIGH)));
	FDT_TRY(fdt_end_node(fdt));
	FDT_TRY(fdt_end_node(fdt));
	return 0;
}

static int describe_cpus(void *fdt, const struct devtree_machine *machine)
{
	static const char psci[] = "arm,psci-1.0\0arm,psci-0.2";

	FDT_TRY(fdt_begin_node(fdt, "cpus"));
	FDT_TRY(fdt_property_u32(fdt, "#address-cells", 1));
	FDT_TRY(fdt_property_u32(fdt, "#size-cells", 0));
	for (unsigned int i = 0; i < machine->cpus; i++) {
		char name[16];

		snprintf(name, sizeof(name), "cpu@%x", i);
		FDT_TRY(fdt_begin_node(fdt, name));
		FDT_TRY(fdt_property_string(fdt, "device_type", "cpu"));
		FDT_TRY(fdt_property_string(fdt, "compatible", machine->cpu_compatible));
		FDT_TRY(fdt_property_u32(fdt, "reg", i));
		FDT_TRY(fdt_property_string(fdt, "enable-method", "psci"));
		FDT_TRY(fdt_end_node(fdt));
	}
	FDT_TRY(fdt_end_node(fdt));

	FDT_TRY(fdt_begin_node(fdt, "psci"));
	FDT_TRY(fdt_property(fdt, "compatible", psci, sizeof(psci)));
	FDT_TRY(fdt_property_string(fdt, "method", "hvc"));
	FDT_TRY(fdt_end_node(fdt));
	return 0;
}

static int describe_timer(void *fdt, const struct devtree_machine *machine)
{
	/* In the third cell of a PPI, bits 15:8 are the mask of CPUs that have it. */
	uint32_t flags = ((1u << machine->cpus) - 1) << 8 | IRQ_LEVEL_HIGH;

	FDT_TRY(fdt_begin_node(fdt, "timer"));
	FDT_TRY(fdt_property_string(fdt, "compatible", "arm,armv7-timer"));
	TRY(add_cells(fdt, "interrupts",
		      CELLS(IRQ_PPI, TIMER_PPI_SECURE_PHYS, flags, IRQ_PPI, TIMER_PPI_PHYS, flags,
			    IRQ_PPI, TIMER_PPI_VIRT, flags, IRQ_PPI, TIMER_PPI_HYP, flags)));
	/* The guest reads the host's CNTFRQ, which may be wrong. */
	if (machine->timer_hz)
		FDT_TRY(fdt_property_u32(fdt, "clock-frequency", machine->timer_hz));
	/* The timer of a vCPU keeps counting while the vCPU idles. */
	FDT_TRY(fdt_property(fdt, "always-on", NULL, 0));
	FDT_TRY(fdt_end_node(fdt));
	return 0;
}

static int describe_pmu(void *fdt, const struct devtree_machine *machine)
{
	uint32_t flags = ((1u << machine->cpus) - 1) << 8 | IRQ_LEVEL_HIGH;
	char compatible[64];

	snprintf(compatible, sizeof(compatible), "%s-pmu", machine->cpu_compatible);
	FDT_TRY(fdt_begin_node(fdt, "pmu"));
	FDT_TRY(fdt_property_string(fdt, "compatible", compatible));
	TRY(add_cells(fdt, "interrupts", CELLS(IRQ_PPI, PMU_PPI, flags)));
	FDT_TRY(fdt_end_node(fdt));
	return 0;
}

static int describe_gic(void *fdt)
{
	char name[32];

	snprintf(name, sizeof(name), "interrupt-controller@%x", GICD_BASE);
	FDT_TRY(fdt_begin_node(fdt, name));
	FDT_TRY(fdt_property_string(fdt, "compatible", "arm,cortex-a15-gic"));
	TRY(add_cells(fdt, "reg", CELLS(0, GICD_BASE, 0, GICD_SIZE, 0, GICC_BASE, 0, GICC_SIZE)));
	FDT_TRY(fdt_property(fdt, "interrupt-controller", NULL, 0));
	FDT_TRY(fdt_property_u32(fdt, "#interrupt-cells", 3));
	FDT_TRY(fdt_property_u32(fdt, "#address-cells", 0));
	FDT_TRY(fdt_property_u32(fdt, "phandle", PHANDLE_GIC));
	FDT_TRY(fdt_end_node(fdt));
	return 0;
}

static int describe_clock(void *fdt)
{
	FDT_TRY(fdt_begin_node(fdt, "apb-pclk"));
	FDT_TRY(fdt_property_string(fdt, "compatible", "fixed-clock"));
	FDT_TRY(fdt_property_u32(fdt, "#clock-cells", 0));
	FDT_TRY(fdt_property_u32(fdt, "clock-frequency", UART_CLOCK_HZ));
	FDT_TRY(fdt_property_string(fdt, "clock-output-names", "clk24mhz"));
	FDT_TRY(fdt_property_u32(fdt, "phandle", PHANDLE_CLOCK));
	FDT_TRY(fdt_end_node(fdt));
	return 0;
}

static int describe_virtio(void *fdt, unsigned int slot)
{
	uint32_t base = VIRTIO_BASE + slot * VIRTIO_SIZE;
	char name[32];

	snprintf(name, sizeof(name), "virtio_mmio@%x", base);
	FDT_TRY(fdt_begin_node(fdt, name));
	FDT_TRY(fdt_property_string(fdt, "compatible", "virtio,mmio"));
	TRY(add_cells(fdt, "reg", CELLS(0, base, 0, VIRTIO_SIZE)));
	TRY(add_cells(fdt, "interrupts", CELLS(IRQ_SPI, VIRTIO_SPI + slot, IRQ_EDGE_RISING)));
	/* armvm sees memory through caches, as the guest does. */
	FDT_TRY(fdt_property(fdt, "dma-coherent", NULL, 0));
	FDT_TRY(fdt_end_node(fdt));
	return 0;
}

static int describe_devices(void *fdt, const struct devtree_machine *machine)
{
	char name[32];

	TRY(describe_primecell(fdt, "pl011", "serial", UART0_BASE, UART0_SPI, true));
	TRY(describe_primecell(fdt, "pl031", "rtc", RTC_BASE, RTC_SPI, false));
	TRY(describe_power_key(fdt));
	if (machine->channel)
		TRY(describe_primecell(fdt, "pl011", "serial", UART1_BASE, UART1_SPI, true));
	for (unsigned int i = 0; i < machine->virtio; i++)
		TRY(describe_virtio(fdt, i));
	if (machine->testdev) {
		snprintf(name, sizeof(name), "test-device@%x", TESTDEV_BASE);
		FDT_TRY(fdt_begin_node(fdt, name));
		FDT_TRY(fdt_property_string(fdt, "compatible", "kvm-armv7,test-device"));
		TRY(add_cells(fdt, "reg", CELLS(0, TESTDEV_BASE, 0, DEVICE_SIZE)));
		FDT_TRY(fdt_end_node(fdt));
	}
	return 0;
}

/* Aliases make the console ttyAMA0 and the channel ttyAMA1, in whatever order Linux probes them. */
static int describe_aliases(void *fdt, const struct devtree_machine *machine)
{
	char path[32];

	FDT_TRY(fdt_begin_node(fdt, "aliases"));
	snprintf(path, sizeof(path), "/serial@%x", UART0_BASE);
	FDT_TRY(fdt_property_string(fdt, "serial0", path));
	if (machine->channel) {
		snprintf(path, sizeof(path), "/serial@%x", UART1_BASE);
		FDT_TRY(fdt_property_string(fdt, "serial1", path));
	}
	FDT_TRY(fdt_end_node(fdt));
	return 0;
}

int devtree_describe(void *fdt, size_t size, const struct devtree_machine *machine)
{
	FDT_TRY(fdt_create(fdt, size));
	FDT_TRY(fdt_finish_reservemap(fdt));
	FDT_TRY(fdt_begin_node(fdt, ""));
	FDT_TRY(fdt_property_u32(fdt, "#address-cells", 2));
	FDT_TRY(fdt_property_u32(fdt, "#size-cells", 2));
	FDT_TRY(fdt_property_u32(fdt, "interrupt-parent", PHANDLE_GIC));
	/* The compatible string that Linux accepts for a machine without board code. */
	FDT_TRY(fdt_property_string(fdt, "compatible", "linux,dummy-virt"));
	FDT_TRY(fdt_property_string(fdt, "model", "armvm"));
	TRY(describe_aliases(fdt, machine));
	TRY(describe_cpus(fdt, machine));
	TRY(describe_timer(fdt, machine));
	if (machine->pmu)
		TRY(describe_pmu(fdt, machine));
	TRY(describe_gic(fdt));
	TRY(describe_clock(fdt));
	TRY(describe_devices(fdt, machine));
	FDT_TRY(fdt_end_node(fdt));
	FDT_TRY(fdt_finish(fdt));
	FDT_TRY(fdt_open_into(fdt, fdt, size));
	return 0;
}

int devtree_from_file(void *fdt, size_t size, const struct file *file)
{
	int err;

	if (file->size < sizeof(struct fdt_header) || file->size > DEVTREE_MAX_FILE ||
	    size < file->size)
		return fail(0, "%s: too short or too long for a device tree blob (%llu bytes)",
			    file->path, (unsigned long long)file->size);
	TRY(file_read(file, 0, fdt, file->size));
	err = fdt_check_full(fdt, file->size);
	if (err)
		return fail(0, "%s: not a usable device tree blob: %s", file->path,
			    fdt_strerror(err));
	FDT_TRY(fdt_open_into(fdt, fdt, size));
	return 0;
}

static int remove_memory_nodes(void *fdt)
{
	int node;

	for (;;) {
		node = fdt_node_offset_by_prop_value(fdt, -1, "device_type", "memory", 7);
		if (node == -FDT_ERR_NOTFOUND)
			return 0;
		FDT_TRY(node);
		FDT_TRY(fdt_del_node(fdt, node));
	}
}

static int set_memory(void *fdt, const struct ram *ram)
{
	int address_cells = fdt_address_cells(fdt, 0), size_cells = fdt_size_cells(fdt, 0);
	char name[32];
	int node;

	FDT_TRY(address_cells);
	FDT_TRY(size_cells);
	if (address_cells < 1 || address_cells > 2 || size_cells < 1 || size_cells > 2)
		return fail(0, "device tree: the root has %d address and %d size cells, not 1 or 2",
			    address_cells, size_cells);
	TRY(remove_memory_nodes(fdt));
	snprintf(name, sizeof(name), "memory@%llx", (unsigned long long)ram->base);
	node = fdt_add_subnode(fdt, 0, name);
	FDT_TRY(node);
	FDT_TRY(fdt_setprop_string(fdt, node, "device_type", "memory"));
	FDT_TRY(fdt_appendprop_addrrange(fdt, 0, node, "reg", ram->base, ram->size));
	return 0;
}

static int set_initrd(void *fdt, int chosen, const struct boot *boot)
{
	if (boot->initrd_end) {
		FDT_TRY(fdt_setprop_u32(fdt, chosen, "linux,initrd-start", boot->initrd_start));
		FDT_TRY(fdt_setprop_u32(fdt, chosen, "linux,initrd-end", boot->initrd_end));
		return 0;
	}
	if (fdt_getprop(fdt, chosen, "linux,initrd-start", NULL))
		FDT_TRY(fdt_delprop(fdt, chosen, "linux,initrd-start"));
	if (fdt_getprop(fdt, chosen, "linux,initrd-end", NULL))
		FDT_TRY(fdt_delprop(fdt, chosen, "linux,initrd-end"));
	return 0;
}

/* Linux seeds its random numbers from this; without it early readers block. */
static int set_rng_seed(void *fdt, int chosen)
{
	uint8_t seed[32];

	if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		return 0;
	FDT_TRY(fdt_setprop(fdt, chosen, "rng-seed", seed, sizeof(seed)));
	return 0;
}

int devtree_set_boot(void *fdt, const struct ram *ram, const struct boot *boot, const char *append,
		     bool set_stdout)
{
	int chosen;

	TRY(set_memory(fdt, ram));
	chosen = fdt_path_offset(fdt, "/chosen");
	if (chosen == -FDT_ERR_NOTFOUND)
		chosen = fdt_add_subnode(fdt, 0, "chosen");
	FDT_TRY(chosen);
	if (append)
		FDT_TRY(fdt_setprop_string(fdt, chosen, "bootargs", append));
	if (set_stdout)
		FDT_TRY(fdt_setprop_string(fdt, chosen, "stdout-path", "serial0:115200n8"));
	TRY(set_initrd(fdt, chosen, boot));
	TRY(set_rng_seed(fdt, chosen));
	FDT_TRY(fdt_pack(fdt));
	return 0;
}

int devtree_store(const void *fdt, const struct ram *ram, uint64_t address)
{
	uint32_t size = fdt_totalsize(fdt);
	void *to = ram_at(ram, address, size);

	if (!to)
		return fail(0, "device tree: no memory at %#llx", (unsigned long long)address);
	memcpy(to, fdt, size);
	return 0;
}

int devtree_write(const void *fdt, const char *path)
{
	return file_write_new(path, fdt, fdt_totalsize(fdt));
}
