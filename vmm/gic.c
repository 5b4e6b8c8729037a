// SPDX-License-Identifier: GPL-2.0-only
/* The in-kernel GICv2: Documentation/virt/kvm/devices/arm-vgic.rst. */
#include <errno.h>
#include <sys/ioctl.h>

#include "error.h"
#include "gic.h"
#include "vm.h"

static int gic_set_attr(struct vm *vm, uint32_t group, uint64_t attr, const void *value,
			const char *what)
{
	struct kvm_device_attr device_attr = {
		.group = group,
		.attr = attr,
		.addr = (uintptr_t)value,
	};

	if (ioctl(vm->gic_fd, KVM_SET_DEVICE_ATTR, &device_attr) < 0)
		return fail(errno, "KVM_SET_DEVICE_ATTR (vgic, %s)", what);
	return 0;
}

int gic_create(struct vm *vm)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	uint64_t dist = GICD_BASE, cpu = GICC_BASE;
	int err;

	if (ioctl(vm->fd, KVM_CREATE_DEVICE, &device) < 0)
		return fail(errno, "KVM_CREATE_DEVICE (vgic)");
	vm->gic_fd = device.fd;
	err = gic_set_attr(vm, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST, &dist,
			   "distributor address");
	if (err)
		return err;
	return gic_set_attr(vm, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU, &cpu,
			    "CPU interface address");
}

int gic_init(struct vm *vm)
{
	uint32_t irqs = GIC_NR_IRQS;
	int err = gic_set_attr(vm, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs, "number of interrupts");

	if (err)
		return err;
	return gic_set_attr(vm, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL,
			    "init");
}

/* Distributor registers, of which each vCPU has the first word to itself (IHI 0048B, 4.1.2). */
enum {
	GICD_CTLR = 0x000,
	GICD_ICENABLER = 0x180,
	GICD_ICPENDR = 0x280,
	GICD_ICACTIVER = 0x380,
	GICD_IPRIORITYR = 0x400,
	GICD_ITARGETSR = 0x800,
	GICD_ICFGR = 0xc00,
	GICD_CPENDSGIR = 0xf10,
};

enum {
	GICC_CTLR = 0x00,
	GICC_PMR = 0x04,
	GICC_BPR = 0x08,
	GICC_ABPR = 0x1c,
	GICC_APR0 = 0xd0,
};

static int gic_write(struct vm *vm, uint32_t group, unsigned int cpu, uint32_t offset,
		     uint32_t value)
{
	uint64_t attr = (uint64_t)cpu << KVM_DEV_ARM_VGIC_CPUID_SHIFT | offset;

	return gic_set_attr(vm, group, attr, &value, "reset");
}

/* Write a register of bits_each bits for each interrupt, word by word. */
static int gic_write_array(struct vm *vm, unsigned int cpu, uint32_t offset, uint32_t bits_each,
			   uint32_t value)
{
	uint32_t words = GIC_NR_IRQS * bits_each / 32;
	int err = 0;

	for (uint32_t word = 0; word < words && !err; word++)
		err = gic_write(vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, cpu, offset + 4 * word, value);
	return err;
}

static int gic_reset_cpu(struct vm *vm, unsigned int cpu)
{
	static const struct {
		uint32_t offset;
		uint32_t bits_each;
		uint32_t value;
	} arrays[] = {
		{ GICD_ICENABLER, 1, ~0u }, { GICD_ICPENDR, 1, ~0u }, { GICD_ICACTIVER, 1, ~0u },
		{ GICD_IPRIORITYR, 8, 0 },  { GICD_ITARGETSR, 8, 0 }, { GICD_ICFGR, 2, 0 },
	};
	static const struct {
		uint32_t offset;
		uint32_t value;
	} interface[] = {
		{ GICC_CTLR, 0 }, { GICC_PMR, 0 },  { GICC_BPR, 0 },
		{ GICC_ABPR, 0 }, { GICC_APR0, 0 },
	};
	int err = 0;

	for (unsigned int i = 0; i < sizeof(arrays) / sizeof(arrays[0]) && !err; i++)
		err = gic_write_array(vm, cpu, arrays[i].offset, arrays[i].bits_each,
				      arrays[i].value);
	for (unsigned int i = 0; i < 4 && !err; i++)
		err = gic_write(vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, cpu, GICD_CPENDSGIR + 4 * i,
				~0u);
	for (unsigned int i = 0; i < sizeof(interface) / sizeof(interface[0]) && !err; i++)
		err = gic_write(vm, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, cpu, interface[i].offset,
				interface[i].value);
	return err;
}

int gic_reset(struct vm *vm)
{
	int err = gic_write(vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_CTLR, 0);

	for (unsigned int cpu = 0; cpu < vm->cpus && !err; cpu++)
		err = gic_reset_cpu(vm, cpu);
	return err;
}

void gic_set_line(struct gic_line *line, bool level)
{
	struct kvm_irq_level irq = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (SPI_ID_BASE + line->spi),
		.level = level,
	};

	if (line->level == level)
		return;
	if (ioctl(line->vm->fd, KVM_IRQ_LINE, &irq) < 0) {
		fail(errno, "KVM_IRQ_LINE (SPI %u)", line->spi);
		vm_end(line->vm, STATUS_FAILURE);
		return;
	}
	line->level = level;
}
