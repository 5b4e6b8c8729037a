// SPDX-License-Identifier: GPL-2.0-only
/* The GIC's device, its interrupts, and eventfds. */
#include "fail-nth.h"

#define SPI 40u

static int create_device(struct world *w)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	int ret = ioctl(w->vm, KVM_CREATE_DEVICE, &device);

	if (!ret)
		w->made = device.fd;
	return ret;
}

static bool is_device(struct world *w)
{
	struct kvm_device_attr attr = { .group = KVM_DEV_ARM_VGIC_GRP_NR_IRQS };

	return ioctl(w->made, KVM_HAS_DEVICE_ATTR, &attr) == 0;
}

static int create_irqchip(struct world *w)
{
	return ioctl(w->vm, KVM_CREATE_IRQCHIP, 0);
}

static void make_irqchip(struct world *w)
{
	must(create_irqchip(w), "KVM_CREATE_IRQCHIP");
}

static int set_address(struct world *w)
{
	struct kvm_arm_device_addr dist = { .id = KVM_VGIC_V2_ADDR_TYPE_DIST, .addr = GICD };

	return ioctl(w->vm, KVM_ARM_SET_DEVICE_ADDR, &dist);
}

static int attr(struct world *w, unsigned long request, uint32_t group, uint64_t number)
{
	struct kvm_device_attr attr = { .group = group,
					.attr = number,
					.addr = (uintptr_t)w->value };

	return ioctl(w->gic < 0 ? w->made : w->gic, request, &attr);
}

static int set_nr_irqs(struct world *w)
{
	w->value[0] = 128;
	return attr(w, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0);
}

static bool has_nr_irqs(struct world *w)
{
	w->value[0] = 0;
	return !attr(w, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0) && w->value[0] == 128;
}

static int get_nr_irqs(struct world *w)
{
	return attr(w, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0);
}

static void make_device(struct world *w)
{
	must(create_device(w), "KVM_CREATE_DEVICE");
}

static int set_address_attr(struct world *w)
{
	w->value[0] = GICD;
	w->value[1] = 0;
	return attr(w, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST);
}

static int get_address(struct world *w)
{
	return attr(w, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU);
}

static int initialise(struct world *w)
{
	return attr(w, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT);
}

static int reg(struct world *w, unsigned long request, uint32_t offset)
{
	return attr(w, request, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, offset);
}

/* GICD_ISENABLER1; get and set initialise the GIC. */
static int set_register(struct world *w)
{
	w->value[0] = 0x100;
	return reg(w, KVM_SET_DEVICE_ATTR, 0x104);
}

static bool is_register_set(struct world *w)
{
	w->value[0] = 0;
	return !reg(w, KVM_GET_DEVICE_ATTR, 0x104) && w->value[0] == 0x100;
}

static int get_register(struct world *w)
{
	return reg(w, KVM_GET_DEVICE_ATTR, 0x104);
}

static int get_pmr(struct world *w)
{
	return attr(w, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, 4);
}

static int has_attr(struct world *w)
{
	return attr(w, KVM_HAS_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, 4);
}

static int raise_line(struct world *w)
{
	struct kvm_irq_level line = { .irq = 1 << 24 | SPI, .level = 1 };

	return ioctl(w->vm, KVM_IRQ_LINE, &line);
}

/* GICD_ISPENDR1 */
static bool is_pending(struct world *w)
{
	w->value[0] = 0;
	return !reg(w, KVM_GET_DEVICE_ATTR, 0x204) && w->value[0] == 1u << SPI % 32;
}

/* ---- irqfds ---- */

static int irqfd(struct world *w, uint32_t flags)
{
	struct kvm_irqfd args = {
		.fd = w->event[0], .gsi = SPI - 32, .flags = flags, .resamplefd = w->event[1]
	};

	return ioctl(w->vm, KVM_IRQFD, &args);
}

static int irqfd_add(struct world *w)
{
	return irqfd(w, 0);
}

static int irqfd_add_resampled(struct world *w)
{
	return irqfd(w, KVM_IRQFD_FLAG_RESAMPLE);
}

static void irqfd_there(struct world *w)
{
	must(irqfd_add(w), "KVM_IRQFD");
}

static int irqfd_remove(struct world *w)
{
	return irqfd(w, KVM_IRQFD_FLAG_DEASSIGN);
}

static int signal_event(struct world *w)
{
	uint64_t one = 1;

	return (int)write(w->event[0], &one, sizeof(one));
}

/* A resampled one holds the line; SPIs are level-sensitive, so a pulse leaves nothing. */
static bool resamples(struct world *w)
{
	return signal_event(w) == 8 && is_pending(w);
}

/* It is not there twice, and can be removed. */
static bool is_irqfd(struct world *w)
{
	bool there = irqfd_add(w) < 0 && errno == EBUSY;

	return there && !irqfd_remove(w) && !irqfd_add(w);
}

/* There is none, and the GIC can have one. */
static bool is_no_irqfd(struct world *w)
{
	return !irqfd_add(w);
}

static int close_event(struct world *w)
{
	int ret = close(w->event[0]);

	w->event[0] = -1;
	return ret;
}

/* ---- ioeventfds: one row for each width ---- */

static int ioeventfd(struct world *w, uint32_t length, uint32_t flags)
{
	struct kvm_ioeventfd args = { .addr = MMIO + 0x100,
				      .len = length,
				      .fd = w->event[0],
				      .datamatch = 5,
				      .flags = flags };

	return ioctl(w->vm, KVM_IOEVENTFD, &args);
}

#define WIDTH(n)                                                                       \
	static int ioeventfd_##n(struct world *w)                                      \
	{                                                                              \
		return ioeventfd(w, n, n ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0);          \
	}                                                                              \
	static bool is_ioeventfd_##n(struct world *w)                                  \
	{                                                                              \
		uint32_t match = n ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0;                 \
		bool there = ioeventfd_##n(w) < 0 && errno == EEXIST;                  \
                                                                                       \
		return there && !ioeventfd(w, n, match | KVM_IOEVENTFD_FLAG_DEASSIGN); \
	}
WIDTH(0)
WIDTH(1)
WIDTH(2)
WIDTH(4)
WIDTH(8)

static void ioeventfd_there(struct world *w)
{
	must(ioeventfd_4(w), "KVM_IOEVENTFD");
	world_set_pc(w, PC_STORE, MMIO + 0x100, 5);
}

static int ioeventfd_remove(struct world *w)
{
	return ioeventfd(w, 4, KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_DEASSIGN);
}

static int run(struct world *w)
{
	return ioctl(w->vcpu, KVM_RUN, 0);
}

/* The first store went to the eventfd, once, the second exits. */
static bool signalled(struct world *w)
{
	uint64_t count = 0;

	return w->run->exit_reason == KVM_EXIT_MMIO && w->run->mmio.phys_addr == MMIO &&
	       read(w->event[0], &count, sizeof(count)) == sizeof(count) && count == 1;
}

/* ---- routing ---- */

static struct {
	struct kvm_irq_routing head;
	struct kvm_irq_routing_entry entry[400];
} table;

static void fill_table(struct world *w)
{
	(void)w;
	table.head.nr = sizeof(table.entry) / sizeof(table.entry[0]);
	for (uint32_t n = 0; n < table.head.nr; n++)
		table.entry[n] = (struct kvm_irq_routing_entry){ .gsi = n,
								 .type = KVM_IRQ_ROUTING_IRQCHIP,
								 .u.irqchip.pin = n ^ 1 };
}

static void fill_short(struct world *w)
{
	fill_table(w);
	table.head.nr = 2;
}

static int route(struct world *w)
{
	return ioctl(w->vm, KVM_SET_GSI_ROUTING, &table);
}

static void routed(struct world *w)
{
	fill_table(w);
	must(route(w), "KVM_SET_GSI_ROUTING");
	table.head.nr = 0;
}

static int signal_msi(struct world *w)
{
	struct kvm_msi msi = { .data = 1 };

	return ioctl(w->vm, KVM_SIGNAL_MSI, &msi);
}

const struct call device_calls[] = {
	CALL("KVM_CREATE_DEVICE", VM, create_device, .worked = is_device),
	CALL("KVM_CREATE_IRQCHIP", VM, create_irqchip),
	CALL("KVM_ARM_SET_DEVICE_ADDR", VM, set_address, .before = make_irqchip),
	CALL("GRP_NR_IRQS", GIC, set_nr_irqs, .worked = has_nr_irqs),
	CALL("GRP_NR_IRQS-get", GIC, get_nr_irqs),
	CALL("GRP_ADDR-set", VM, set_address_attr, .before = make_device),
	CALL("GRP_ADDR-get", GIC, get_address),
	CALL("GRP_CTRL", GIC, initialise, .worked = is_no_irqfd),
	CALL("GRP_DIST_REGS-set", GIC, set_register, .worked = is_register_set),
	CALL("GRP_DIST_REGS-get", GIC, get_register),
	CALL("GRP_CPU_REGS-get", GIC, get_pmr),
	CALL("KVM_HAS_DEVICE_ATTR", GIC, has_attr),
	CALL("KVM_IRQ_LINE", GIC, raise_line, .worked = is_pending),
	CALL("KVM_IRQFD", READY, irqfd_add, .worked = is_irqfd),
	CALL("KVM_IRQFD-resampled", READY, irqfd_add_resampled, .worked = resamples),
	CALL("KVM_IRQFD-deassign", READY, irqfd_remove, .before = irqfd_there,
	     .worked = is_no_irqfd),
	/* What may fail is write(2)'s own copy, of the kernel. */
	CALL("eventfd-signal", READY, signal_event, .before = irqfd_there),
	CALL("eventfd-close", READY, close_event, .before = irqfd_there, .never_fails = true),
	CALL("KVM_IOEVENTFD-any", VM, ioeventfd_0, .worked = is_ioeventfd_0),
	CALL("KVM_IOEVENTFD-1", VM, ioeventfd_1, .worked = is_ioeventfd_1),
	CALL("KVM_IOEVENTFD-2", VM, ioeventfd_2, .worked = is_ioeventfd_2),
	CALL("KVM_IOEVENTFD-4", VM, ioeventfd_4, .worked = is_ioeventfd_4),
	CALL("KVM_IOEVENTFD-8", VM, ioeventfd_8, .worked = is_ioeventfd_8),
	CALL("KVM_IOEVENTFD-deassign", INIT, ioeventfd_remove, .before = ioeventfd_there),
	CALL("KVM_RUN-ioeventfd", INIT, run, .before = ioeventfd_there, .worked = signalled),
	CALL("KVM_SET_GSI_ROUTING", READY, route, .before = fill_short),
	CALL("KVM_SET_GSI_ROUTING-large", READY, route, .before = fill_table),
	CALL("KVM_SET_GSI_ROUTING-none", READY, route, .before = routed),
	CALL("KVM_SIGNAL_MSI", READY, signal_msi, .refused = ENODEV),
	{ .name = NULL },
};
