// SPDX-License-Identifier: GPL-2.0-only
/* The calls of /dev/kvm, of a VM and of a GIC. */
#include <linux/kvm.h>
#include <string.h>
#include <sys/eventfd.h>

#include "fuzz-ioctl.h"

void with_zero(const struct row *row, int fd)
{
	call(row, fd, number(below(8) ? 0 : rnd()));
}

void check_extension(const struct row *row, int fd)
{
	call(row, fd, number(below(260)));
}

void create_vm(const struct row *row, int fd)
{
	object_add(VM, call(row, fd, number(below(16) ? 0 : rnd())));
}

void create_vcpu(const struct row *row, int fd)
{
	object_add(VCPU, call(row, fd, number(below(16) ? below(4) : rnd())));
}

void stats_fd(const struct row *row, int fd)
{
	object_add(OTHER, call(row, fd, NULL));
}

void set_memory(const struct row *row, int fd)
{
	struct kvm_userspace_memory_region region = {
		.slot = below(8) ? below(6) : ONE_OF(31, 32, 507, 508, 0x10000, ~0u),
		.flags = below(2) ? 0
				  : ONE_OF(KVM_MEM_LOG_DIRTY_PAGES, KVM_MEM_LOG_DIRTY_PAGES,
					   KVM_MEM_READONLY, 3, ~0u),
		.guest_phys_addr = some_ipa(),
		.memory_size = some_size(),
		.userspace_addr = some_hva(),
	};

	call(row, fd, &region);
}

void irq_line(const struct row *row, int fd)
{
	struct kvm_irq_level line = {
		.irq = below(4) << 24 | below(10) << 16 | below(1100) | (below(8) ? 0 : rnd()),
		.level = below(3),
	};

	if (below(2)) /* a device's line */
		line.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (32 + below(32));
	call(row, fd, &line);
}

void create_device(const struct row *row, int fd)
{
	struct kvm_create_device device = {
		.type = below(8) ? KVM_DEV_TYPE_ARM_VGIC_V2 : below(12),
		.flags = below(4) ? 0 : below(3),
	};

	if (call(row, fd, &device) == 0 && !device.flags)
		object_add(DEVICE, device.fd);
}

void ioeventfd(const struct row *row, int fd)
{
	int event = below(8) ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : object_pick(OTHER);
	struct kvm_ioeventfd io = { .datamatch = below(4),
				    .addr = MMIO + below(3) * 4,
				    .len = ONE_OF(0, 1, 2, 4, 4, 8),
				    .fd = event,
				    .flags = below(8) };

	call(row, fd, &io);
	object_add(OTHER, event);
}

void irqfd(const struct row *row, int fd)
{
	int event = below(8) ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : object_pick(OTHER);
	struct kvm_irqfd irq = { .fd = event,
				 .gsi = below(64),
				 .flags = below(2) ? 0 : below(4),
				 .resamplefd = object_pick(OTHER) };

	call(row, fd, &irq);
	object_add(OTHER, event);
}

void set_routing(const struct row *row, int fd)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[8];
	} table = { .head = { .nr = below(10), .flags = !below(8) } };

	for (unsigned int n = 0; n < 8; n++) {
		table.entries[n].gsi = below(40);
		table.entries[n].type = ONE_OF(1, 1, 1, 2, 4);
		table.entries[n].u.irqchip.irqchip = !below(8);
		table.entries[n].u.irqchip.pin = below(40);
	}
	call(row, fd, &table);
}

void dirty_log(const struct row *row, int fd)
{
	static uint8_t bitmap[0x10000];
	struct kvm_dirty_log get = { .slot = below(2) * below(6), .dirty_bitmap = bitmap };
	struct kvm_clear_dirty_log clear = { .slot = get.slot,
					     .num_pages = ONE_OF(64, 64, 64, 1, 256, ~0u),
					     .first_page = ONE_OF(0, 0, 64, 1),
					     .dirty_bitmap = bitmap };

	call(row, fd, row->request == KVM_GET_DIRTY_LOG ? (void *)&get : (void *)&clear);
}

void preferred_target(const struct row *row, int fd)
{
	struct kvm_vcpu_init target;

	call(row, fd, &target);
}

void set_device_addr(const struct row *row, int fd)
{
	struct kvm_arm_device_addr address = { .id = below(3) | (below(8) ? 0 : rnd() & 0xffff0000),
					       .addr = some_ipa() };

	call(row, fd, &address);
}

void enable_cap(const struct row *row, int fd)
{
	struct kvm_enable_cap cap = {
		.cap = below(4)
			       ? ONE_OF(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_CAP_ARM_NISV_TO_USER)
			       : below(260),
		.flags = !below(4),
		.args = { below(3) },
	};

	call(row, fd, &cap);
}

void signal_msi(const struct row *row, int fd)
{
	struct kvm_msi msi = { .address_lo = GICD + 0x40, .data = below(200), .flags = below(2) };

	call(row, fd, &msi);
}

void coalesced(const struct row *row, int fd)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = MMIO + below(3) * 0x1000,
						.size = some_size() };

	call(row, fd, &zone);
}

void gic_attr(const struct row *row, int fd)
{
	uint64_t value = below(2) ? some_ipa() : below(1100);
	struct kvm_device_attr attr = {
		.group = below(9),
		.attr = below(2) ? below(4) : (uint64_t)below(3) << 32 | (rnd() & 0xffc),
		.addr = below(16) ? (uintptr_t)&value : some_hva(),
		.flags = below(32) ? 0 : rnd(),
	};

	if (below(2)) { /* what makes a GIC */
		attr.group = ONE_OF(KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS,
				    KVM_DEV_ARM_VGIC_GRP_CTRL);
		attr.attr = attr.group == KVM_DEV_ARM_VGIC_GRP_ADDR ? below(2) : 0;
		value = attr.group == KVM_DEV_ARM_VGIC_GRP_NR_IRQS ? 64 : attr.attr ? GICC : GICD;
	}
	call(row, fd, &attr);
}
