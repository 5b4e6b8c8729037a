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
