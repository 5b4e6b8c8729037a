// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_IOEVENTFD, KVM_IRQFD, KVM_SET_GSI_ROUTING, KVM_SIGNAL_MSI and coalesced MMIO: which
 * arguments they refuse.  tests/host/eventfds tests what they do.
 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define A     0x0b000000ull
#define MATCH KVM_IOEVENTFD_FLAG_DATAMATCH
#define GONE  KVM_IOEVENTFD_FLAG_DEASSIGN

static int closed_fd(void)
{
	int fd = eventfd(0, 0);

	close(fd);
	return fd;
}

static int io(int vm, int fd, uint64_t addr, uint32_t len, uint32_t flags, uint64_t value)
{
	struct kvm_ioeventfd args = {
		.fd = fd, .addr = addr, .len = len, .flags = flags, .datamatch = value
	};

	return ioctl(vm, KVM_IOEVENTFD, &args);
}

static void ioeventfds(int vm)
{
	static const uint32_t bad[] = { 3, 5, 6, 7, 9, 16, 0x80000000u, ~0u };
	struct kvm_ioeventfd args = { .addr = A, .len = 4 };
	int fd = eventfd(0, 0), other = eventfd(0, 0);
	unsigned int n;

	REFUSED(EFAULT, ioctl(vm, KVM_IOEVENTFD, NULL), "KVM_IOEVENTFD of NULL");
	REFUSED(EFAULT, ioctl(vm, KVM_IOEVENTFD, cut_off(&args, sizeof(args))),
		"KVM_IOEVENTFD of half a structure");
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++)
		REFUSED(EINVAL, io(vm, fd, A, bad[n], 0, 0), "an ioeventfd of %u bytes", bad[n]);
	REFUSED(EINVAL, io(vm, fd, ~0ull - 2, 4, 0, 0), "one that wraps");
	REFUSED(EINVAL, io(vm, fd, A, 4, 1u << kvm_ioeventfd_flag_nr_max, 0), "an unknown flag");
	REFUSED(EINVAL, io(vm, fd, A, 0, MATCH, 0), "a value without a length");
	REFUSED(EBADF, io(vm, -1, A, 4, 0, 0), "descriptor -1");
	REFUSED(EBADF, io(vm, closed_fd(), A, 4, 0, 0), "a closed descriptor");
	REFUSED(EINVAL, io(vm, vm, A, 4, 0, 0), "a descriptor of no eventfd");
	REFUSED(ENOENT, io(vm, fd, A, 4, GONE, 0), "deassigning one that does not exist");

	WORKS(io(vm, fd, A, 4, MATCH, 5), "an ioeventfd with a value");
	REFUSED(EEXIST, io(vm, fd, A, 4, MATCH, 5), "the same again");
	REFUSED(EEXIST, io(vm, other, A, 4, MATCH, 5), "the same with another eventfd");
	REFUSED(EEXIST, io(vm, other, A, 4, 0, 0), "one for any value there");
	REFUSED(EEXIST, io(vm, other, A, 0, 0, 0), "one for any length there");
	WORKS(io(vm, other, A, 4, MATCH, 6), "another value");
	WORKS(io(vm, other, A, 2, MATCH, 5), "another length");
	WORKS(io(vm, other, A + 2, 4, MATCH, 5), "another address");
	WORKS(io(vm, other, A, 4, KVM_IOEVENTFD_FLAG_PIO, 5), "another bus");
	REFUSED(EEXIST, io(vm, fd, A, 4, KVM_IOEVENTFD_FLAG_PIO, 5), "that bus again");
	REFUSED(ENOENT, io(vm, other, A, 4, GONE | MATCH, 5), "deassigning with another eventfd");
	REFUSED(ENOENT, io(vm, fd, A, 4, GONE, 5), "without the value");
	REFUSED(ENOENT, io(vm, fd, A, 4, GONE | MATCH, 7), "with another value");
	REFUSED(ENOENT, io(vm, fd, A, 8, GONE | MATCH, 5), "with another length");
	REFUSED(ENOENT, io(vm, fd, A + 1, 4, GONE | MATCH, 5), "with another address");
	REFUSED(EBADF, io(vm, closed_fd(), A, 4, GONE | MATCH, 5), "with a closed descriptor");
	WORKS(io(vm, fd, A, 4, GONE | MATCH, 5), "deassigning it");
	REFUSED(EINVAL, io(vm, fd, ~0ull - 3, 4, 0, 0), "the last four bytes, whose end is 0");
	WORKS(io(vm, fd, ~0ull - 4, 4, 0, 0), "the four bytes before the last one");
	close(fd);
	close(other);
}

static int irq(int vm, int fd, uint32_t gsi, uint32_t flags, int resample)
{
	struct kvm_irqfd args = { .fd = fd, .gsi = gsi, .flags = flags, .resamplefd = resample };

	return ioctl(vm, KVM_IRQFD, &args);
}

static void irqfds(int vm)
{
	struct kvm_irqfd args = { .gsi = 1 };
	int fd = eventfd(0, 0), ack = eventfd(0, 0);
	struct kvm_irq_level line = { .irq = 1u << 24 | 32 };

	REFUSED(EFAULT, ioctl(vm, KVM_IRQFD, NULL), "KVM_IRQFD of NULL");
	REFUSED(EFAULT, ioctl(vm, KVM_IRQFD, cut_off(&args, sizeof(args))),
		"KVM_IRQFD of half a structure");
	REFUSED(EAGAIN, irq(vm, fd, 1, 0, 0), "an irqfd before the GIC is initialized");
	ioctl(vm, KVM_CREATE_IRQCHIP, 0);
	REFUSED(EAGAIN, irq(vm, fd, 1, 0, 0), "or only created");
	ioctl(vm, KVM_IRQ_LINE, &line); /* initializes it */
	REFUSED(EINVAL, irq(vm, fd, 1, 4, 0), "an unknown flag of an irqfd");
	REFUSED(EBADF, irq(vm, -1, 1, 0, 0), "descriptor -1");
	REFUSED(EBADF, irq(vm, closed_fd(), 1, 0, 0), "a closed descriptor");
	REFUSED(EINVAL, irq(vm, vm, 1, 0, 0), "a descriptor of no eventfd");
	REFUSED(EBADF, irq(vm, fd, 1, KVM_IRQFD_FLAG_RESAMPLE, -1), "resample descriptor -1");
	REFUSED(EINVAL, irq(vm, fd, 1, KVM_IRQFD_FLAG_RESAMPLE, vm),
		"a resample descriptor of no eventfd");
	WORKS(irq(vm, fd, 1, KVM_IRQFD_FLAG_RESAMPLE, ack), "a resampled irqfd");
	REFUSED(EBUSY, irq(vm, fd, 1, 0, 0), "the same eventfd again");
	REFUSED(EBUSY, irq(vm, fd, 2, 0, 0), "the same eventfd for another GSI");
	REFUSED(EBADF, irq(vm, -1, 1, KVM_IRQFD_FLAG_DEASSIGN, 0), "deassigning descriptor -1");
	REFUSED(EINVAL, irq(vm, vm, 1, KVM_IRQFD_FLAG_DEASSIGN, 0), "deassigning no eventfd");
	WORKS(irq(vm, ack, 1, KVM_IRQFD_FLAG_DEASSIGN, 0), "deassigning one that is no irqfd");
	WORKS(irq(vm, fd, 2, KVM_IRQFD_FLAG_DEASSIGN, 0), "deassigning another GSI");
	REFUSED(EBUSY, irq(vm, fd, 1, 0, 0), "after which it is still there");
	WORKS(irq(vm, fd, 1, KVM_IRQFD_FLAG_DEASSIGN, 0), "deassigning it");
	WORKS(irq(vm, fd, ~0u, 0, 0), "a GSI that leads nowhere");
	close(fd);
	close(ack);
}

static int set_routes(int vm, uint32_t nr, uint32_t flags,
		      const struct kvm_irq_routing_entry *entries, uint32_t given)
{
	struct kvm_irq_routing *table = calloc(1, sizeof(*table) + given * sizeof(*entries));
	int ret;

	table->nr = nr;
	table->flags = flags;
	if (entries)
		memcpy(table->entries, entries, given * sizeof(*entries));
	ret = ioctl(vm, KVM_SET_GSI_ROUTING, table);
	free(table);
	return ret;
}

static void routing(int vm)
{
	struct kvm_irq_routing_entry one = { .gsi = 3, .type = KVM_IRQ_ROUTING_IRQCHIP }, two[2],
				     *all = calloc(4096, sizeof(one));
	struct kvm_irq_routing head = { .nr = 1 };
	unsigned int n;

	REFUSED(EFAULT, ioctl(vm, KVM_SET_GSI_ROUTING, NULL), "KVM_SET_GSI_ROUTING of NULL");
	REFUSED(EFAULT, ioctl(vm, KVM_SET_GSI_ROUTING, at_the_end(&head, sizeof(head))),
		"a table without its entry");
	REFUSED(EINVAL, set_routes(vm, 0, 1, NULL, 0), "a flag of the table");
	REFUSED(EINVAL, set_routes(vm, 4097, 0, NULL, 4097), "4097 entries");
	WORKS(set_routes(vm, 1, 0, &one, 1), "a route to pin 0");
	one.gsi = 4096;
	REFUSED(EINVAL, set_routes(vm, 1, 0, &one, 1), "GSI 4096");
	one.gsi = ~0u;
	REFUSED(EINVAL, set_routes(vm, 1, 0, &one, 1), "GSI -1");
	one.gsi = 3;
	one.u.irqchip.pin = 988;
	REFUSED(EINVAL, set_routes(vm, 1, 0, &one, 1), "pin 988, which would be INTID 1020");
	one.u.irqchip.pin = 987;
	WORKS(set_routes(vm, 1, 0, &one, 1), "pin 987");
	one.u.irqchip.irqchip = 1;
	REFUSED(EINVAL, set_routes(vm, 1, 0, &one, 1), "a second irqchip");
	one.u.irqchip.irqchip = 0;
	one.flags = KVM_MSI_VALID_DEVID;
	REFUSED(EINVAL, set_routes(vm, 1, 0, &one, 1), "a flag of a pin");
	one.type = KVM_IRQ_ROUTING_MSI;
	WORKS(set_routes(vm, 1, 0, &one, 1), "an MSI with a device's id");
	one.flags = 2;
	REFUSED(EINVAL, set_routes(vm, 1, 0, &one, 1), "an unknown flag of an MSI");
	one.flags = 0;
	for (n = 0; n < 7; n++) {
		one.type = n;
		if (n != KVM_IRQ_ROUTING_IRQCHIP && n != KVM_IRQ_ROUTING_MSI)
			REFUSED(EINVAL, set_routes(vm, 1, 0, &one, 1), "a route of type %u", n);
	}
	one.type = KVM_IRQ_ROUTING_IRQCHIP;
	two[0] = two[1] = one;
	REFUSED(EINVAL, set_routes(vm, 2, 0, two, 2), "two routes of one GSI");
	two[1].type = KVM_IRQ_ROUTING_MSI;
	REFUSED(EINVAL, set_routes(vm, 2, 0, two, 2), "a pin and an MSI for one GSI");
	for (n = 0; n < 4096; n++) {
		all[n] = one;
		all[n].gsi = 4095 - n;
	}
	WORKS(set_routes(vm, 4096, 0, all, 4096), "4096 routes to one pin");
	WORKS(set_routes(vm, 0, 0, NULL, 0), "no routes");
	free(all);
}

static void msis(int vm)
{
	struct kvm_msi msi = { .address_lo = 0x08020040, .data = 64 };

	REFUSED(EFAULT, ioctl(vm, KVM_SIGNAL_MSI, NULL), "KVM_SIGNAL_MSI of NULL");
	REFUSED(EINVAL, ioctl(vm, KVM_SIGNAL_MSI, &msi), "an MSI without a GIC");
	ioctl(vm, KVM_CREATE_IRQCHIP, 0);
	REFUSED(ENODEV, ioctl(vm, KVM_SIGNAL_MSI, &msi), "an MSI to a GICv2");
	msi.flags = KVM_MSI_VALID_DEVID;
	REFUSED(ENODEV, ioctl(vm, KVM_SIGNAL_MSI, &msi), "an MSI with a device's id");
	msi.flags = 2;
	REFUSED(EINVAL, ioctl(vm, KVM_SIGNAL_MSI, &msi), "an MSI with an unknown flag");
}

static void coalesced(int vm)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = A, .size = PAGE };
	int error = 0;
	unsigned int n;

	REFUSED(EFAULT, ioctl(vm, KVM_REGISTER_COALESCED_MMIO, NULL), "a zone from NULL");
	REFUSED(EFAULT, ioctl(vm, KVM_UNREGISTER_COALESCED_MMIO, cut_off(&zone, sizeof(zone))),
		"half a zone");
	zone.pio = 1;
	REFUSED(EINVAL, ioctl(vm, KVM_REGISTER_COALESCED_MMIO, &zone), "a zone of ports");
	REFUSED(EINVAL, ioctl(vm, KVM_UNREGISTER_COALESCED_MMIO, &zone), "removing one");
	zone.pio = 0;
	WORKS(ioctl(vm, KVM_UNREGISTER_COALESCED_MMIO, &zone), "removing a zone that is not there");
	for (n = 0; n <= 1000 && !error; n++)
		error = ioctl(vm, KVM_REGISTER_COALESCED_MMIO, &zone) ? errno : 0;
	claim(n == 1001 && error == ENOSPC, "1000 zones are the most");
	WORKS(ioctl(vm, KVM_UNREGISTER_COALESCED_MMIO, &zone), "removing them all");
	WORKS(ioctl(vm, KVM_REGISTER_COALESCED_MMIO, &zone), "after which there is room");
}

void test_eventfds(void)
{
	int vm = new_vm();

	ioeventfds(vm);
	routing(vm);
	coalesced(vm);
	new_vcpu(vm, 0, NULL);
	irqfds(vm);
	close(vm);
	vm = new_vm();
	msis(vm);
	close(vm);
}
