// SPDX-License-Identifier: GPL-2.0-only
/* KVM_IRQFD: edges, levels with a resample eventfd, and the routing of GSIs. */
#include "eventfds.h"

#include <sys/wait.h>

#define DEASSIGN KVM_IRQFD_FLAG_DEASSIGN
#define RESAMPLE KVM_IRQFD_FLAG_RESAMPLE
#define GSI(spi) ((spi)-32)

void test_irqfds(void)
{
	int early = new_eventfd(), fd = new_eventfd(), both = new_eventfd(), n;
	struct counter c;

	counter_new(&c);
	signal_fd(early);
	must(irqfd(c.vm.fd, fd, GSI(EDGE_SPI(0)), 0, 0), "KVM_IRQFD");
	must(irqfd(c.vm.fd, early, GSI(EDGE_SPI(1)), 0, 0), "KVM_IRQFD");
	counter_start(&c);
	claim_is(count_settles(&c, WAKE_SPI, 0), 0, "no interrupt without an event");
	for (n = 1; n <= 100; n++) {
		signal_fd(fd);
		count_reaches(&c, EDGE_SPI(0), n);
	}
	claim_is(count_settles(&c, EDGE_SPI(0), 100), 100, "100 events are 100 interrupts");
	claim_is(taken(fd), 0, "the interrupt takes the event");
	claim_is(count_settles(&c, EDGE_SPI(1), 0), 0,
		 "an event from before the guest configured the interrupt is a pulse on a level");
	signal_fd(early);
	claim_is(count_settles(&c, EDGE_SPI(1), 1), 1, "the next one counts");

	must(irqfd(c.vm.fd, early, GSI(EDGE_SPI(1)), DEASSIGN, 0), "deassign");
	signal_fd(early);
	claim_is(count_settles(&c, EDGE_SPI(1), 1), 1, "a deassigned eventfd does not interrupt");
	claim_is(taken(early), 1, "and keeps its event");
	signal_fd(early);
	must(irqfd(c.vm.fd, early, GSI(EDGE_SPI(1)), 0, 0), "KVM_IRQFD");
	claim_is(count_settles(&c, EDGE_SPI(1), 2), 2, "an event from before the call counts");
	claim_is(taken(early), 0, "and is taken");

	if (!fork()) {
		signal_fd(fd);
		_exit(0);
	}
	wait(NULL);
	claim_is(count_settles(&c, EDGE_SPI(0), 101), 101, "another process may signal it");

	must(ioeventfd(c.vm.fd, both, KICK, 4, 0, 0), "KVM_IOEVENTFD");
	must(irqfd(c.vm.fd, both, GSI(EDGE_SPI(2)), 0, 0), "KVM_IRQFD");
	for (n = 1; n <= 10; n++) {
		counter_kick(&c);
		count_reaches(&c, EDGE_SPI(2), n);
	}
	claim_is(c.counts[EDGE_SPI(2)], 10,
		 "a guest interrupts itself through one eventfd, both ways");
	claim_is(c.counts[1023], 0, "no interrupt was spurious");
	claim(counter_stop(&c), "all this without an exit to user space");
	counter_close(&c);
	close(early);
	close(fd);
	close(both);
}

void test_resampled(void)
{
	int fd = new_eventfd(), ack = new_eventfd(), fd2 = new_eventfd(), ack2 = new_eventfd(),
	    other = new_eventfd(), closed = new_eventfd(), n;
	const uint32_t spi = LEVEL_SPI(3), quiet = LEVEL_SPI(4), gone = LEVEL_SPI(5);
	struct counter c;

	counter_new(&c);
	must(irqfd(c.vm.fd, fd, GSI(spi), RESAMPLE, ack), "KVM_IRQFD");
	must(irqfd(c.vm.fd, other, GSI(quiet), 0, 0), "KVM_IRQFD");
	must(irqfd(c.vm.fd, closed, GSI(gone), RESAMPLE, ack2), "KVM_IRQFD");
	signal_fd(fd);
	signal_fd(other);
	signal_fd(closed);
	close(closed);
	/* Waits for what the kernel does after the close. */
	must(irqfd(c.vm.fd, fd2, GSI(gone), DEASSIGN, 0), "deassign");
	counter_start(&c);
	claim_is(count_settles(&c, spi, 1), 1,
		 "with a resample eventfd, the line stays high until ..");
	claim_is(wait_taken(ack, 1), 1, ".. the guest ends the interrupt, which signals it");
	claim_is(count_settles(&c, quiet, 0), 0,
		 "without one, an event is a pulse, which a level misses");
	claim_is(count_settles(&c, gone, 0), 0, "a line falls when its eventfd is closed");
	claim_is(taken(ack2), 0, "which signals nobody");
	for (n = 2; n <= 20; n++) {
		signal_fd(fd);
		wait_taken(ack, 1);
	}
	claim_is(count_settles(&c, spi, 20), 20,
		 "20 events are 20 interrupts: the line falls each time");
	claim_is(taken(ack), 0, "and 20 ends");

	must(irqfd(c.vm.fd, fd2, GSI(spi), RESAMPLE, ack2), "a second irqfd of the GSI");
	signal_fd(fd2);
	claim_is(wait_taken(ack, 1), 1, "if two share the line, its end signals the first");
	claim_is(wait_taken(ack2, 1), 1, "and the second");
	claim_is(count_settles(&c, spi, 21), 21, "it is one interrupt");
	must(irqfd(c.vm.fd, fd, GSI(spi), DEASSIGN, 0), "deassign the first");
	signal_fd(fd2);
	claim_is(wait_taken(ack2, 1), 1, "without the first, the second is still signalled");
	claim_is(taken(ack), 0, "and the first is not");
	claim_is(count_settles(&c, spi, 22), 22, "it interrupts");
	/* The end of one interrupt is the event of the next one. */
	must(irqfd(c.vm.fd, fd2, GSI(spi), DEASSIGN, 0), "deassign the second");
	must(irqfd(c.vm.fd, fd, GSI(spi), RESAMPLE, fd2), "an irqfd that signals ..");
	must(irqfd(c.vm.fd, fd2, GSI(EDGE_SPI(3)), 0, 0), ".. another irqfd");
	for (n = 1; n <= 5; n++) {
		signal_fd(fd);
		count_reaches(&c, EDGE_SPI(3), n);
	}
	claim_is(c.counts[EDGE_SPI(3)], 5, "the end of a level interrupt may be another irqfd");
	claim_is(c.counts[1023], 0, "no interrupt was spurious");
	claim(counter_stop(&c), "all this without an exit to user space");
	counter_close(&c);
	close(fd);
	close(fd2);
	close(ack);
	close(ack2);
	close(other);
}

static void set_routes(struct counter *c, const struct kvm_irq_routing_entry *entries, uint32_t nr)
{
	struct kvm_irq_routing *table = calloc(1, sizeof(*table) + nr * sizeof(*entries));

	table->nr = nr;
	memcpy(table->entries, entries, nr * sizeof(*entries));
	must(ioctl(c->vm.fd, KVM_SET_GSI_ROUTING, table), "KVM_SET_GSI_ROUTING");
	free(table);
}

static uint32_t all_counts(const struct counter *c)
{
	uint32_t n, sum = 0;

	for (n = 32; n < 1024; n++)
		sum += c->counts[n];
	return sum;
}

/* Two devices on one pin, by GSIs of their own: the line stays high for one without the other. */
static void test_shared_pin(void)
{
	const struct kvm_irq_routing_entry entries[] = {
		{ .gsi = 1, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = GSI(LEVEL_SPI(2)) },
		{ .gsi = 2, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = GSI(LEVEL_SPI(2)) },
		{ .gsi = GSI(WAKE_SPI),
		  .type = KVM_IRQ_ROUTING_IRQCHIP,
		  .u.irqchip.pin = GSI(WAKE_SPI) },
	};
	int gone = new_eventfd(), stays = new_eventfd(), ack = new_eventfd();
	struct counter c;

	counter_new(&c);
	set_routes(&c, entries, 3);
	must(irqfd(c.vm.fd, gone, 1, RESAMPLE, ack), "KVM_IRQFD");
	must(irqfd(c.vm.fd, stays, 2, RESAMPLE, ack), "KVM_IRQFD");
	signal_fd(stays);
	must(irqfd(c.vm.fd, gone, 1, DEASSIGN, 0), "deassign");
	counter_start(&c);
	claim_is(count_settles(&c, LEVEL_SPI(2), 1), 1,
		 "a line that two GSIs share stays high without the one that did not raise it");
	claim(counter_stop(&c), "all this without an exit to user space");
	counter_close(&c);
	close(gone);
	close(stays);
	close(ack);
}

void test_routing(void)
{
	const struct kvm_irq_routing_entry entries[] = {
		{ .gsi = 4095, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = GSI(EDGE_SPI(5)) },
		{ .gsi = 8, .type = KVM_IRQ_ROUTING_MSI, .u.msi.data = EDGE_SPI(6) },
		{ .gsi = 9, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = GSI(LEVEL_SPI(7)) },
		{ .gsi = GSI(WAKE_SPI),
		  .type = KVM_IRQ_ROUTING_IRQCHIP,
		  .u.irqchip.pin = GSI(WAKE_SPI) },
		{ .gsi = 10, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = 987 },
	};
	int high = new_eventfd(), msi = new_eventfd(), level = new_eventfd(), ack = new_eventfd(),
	    none = new_eventfd(), last = new_eventfd();
	struct counter c;

	test_shared_pin();
	counter_new(&c);
	must(irqfd(c.vm.fd, high, 4095, 0, 0), "an irqfd of a GSI without a pin");
	must(irqfd(c.vm.fd, msi, 8, 0, 0), "KVM_IRQFD");
	must(irqfd(c.vm.fd, level, 9, RESAMPLE, ack), "KVM_IRQFD");
	must(irqfd(c.vm.fd, none, GSI(EDGE_SPI(8)), 0, 0), "KVM_IRQFD");
	must(irqfd(c.vm.fd, last, 10, 0, 0), "KVM_IRQFD");
	counter_start(&c);
	signal_fd(none);
	claim_is(count_settles(&c, EDGE_SPI(8), 1), 1, "without a table, GSI n is SPI n");
	signal_fd(high);
	set_routes(&c, entries, 5);
	signal_fd(high);
	claim_is(count_settles(&c, EDGE_SPI(5), 1), 1,
		 "a GSI goes where the table says, from then on");
	signal_fd(none);
	claim_is(count_settles(&c, EDGE_SPI(8), 1), 1, "one that is not in the table goes nowhere");
	signal_fd(msi);
	signal_fd(last);
	signal_fd(level);
	claim_is(wait_taken(ack, 1), 1, "the end of a level interrupt is that of the GSI's pin");
	claim_is(count_settles(&c, LEVEL_SPI(7), 1), 1, "it came once");
	set_routes(&c, entries + 3, 1);
	signal_fd(level);
	signal_fd(high);
	signal_fd(c.wake);
	count_reaches(&c, WAKE_SPI, 1);
	claim_is(all_counts(&c), 4,
		 "an MSI, a pin that the GIC lacks, a deleted entry: no interrupt");
	claim_is(taken(ack), 0, "and no end of one");
	set_routes(&c, entries, 0);
	signal_fd(c.wake);
	count_settles(&c, WAKE_SPI, 1);
	claim_is(all_counts(&c), 4, "an empty table has no route");
	set_routes(&c, entries + 3, 1);
	claim(counter_stop(&c), "all this without an exit to user space");
	counter_close(&c);
	close(high);
	close(msi);
	close(level);
	close(ack);
	close(none);
	close(last);
}
