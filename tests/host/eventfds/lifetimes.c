// SPDX-License-Identifier: GPL-2.0-only
/* Eventfds that are closed while they are in use, VMs that go before them, and races of these. */
#include "eventfds.h"

#include <sys/syscall.h>

#define DEASSIGN KVM_IRQFD_FLAG_DEASSIGN
#define RESAMPLE KVM_IRQFD_FLAG_RESAMPLE
#define GSI(spi) ((spi)-32)

void test_lifetimes(void)
{
	int fd = new_eventfd(), kick = new_eventfd(), copy = dup(fd);
	struct counter c, d;

	counter_new(&c);
	counter_new(&d);
	must(irqfd(c.vm.fd, fd, GSI(EDGE_SPI(0)), 0, 0), "KVM_IRQFD");
	must(ioeventfd(c.vm.fd, kick, KICK, 4, 0, 0), "KVM_IOEVENTFD");
	claim(irqfd(c.vm.fd, copy, GSI(EDGE_SPI(1)), 0, 0) == -1 && errno == EBUSY,
	      "an eventfd is one irqfd of a VM: EBUSY");
	claim_is((uint64_t)irqfd(d.vm.fd, fd, GSI(EDGE_SPI(2)), 0, 0), 0,
		 "another VM may have it, too");
	counter_start(&c);
	counter_start(&d);
	close(fd);
	signal_fd(copy);
	claim(count_settles(&c, EDGE_SPI(0), 1) == 1 && count_settles(&d, EDGE_SPI(2), 1) == 1,
	      "an irqfd lives as long as a descriptor of its eventfd");
	close(copy);
	fd = new_eventfd();
	must(irqfd(c.vm.fd, fd, GSI(EDGE_SPI(0)), DEASSIGN, 0), "waits for the close");
	claim_is((uint64_t)irqfd(c.vm.fd, fd, GSI(EDGE_SPI(0)), 0, 0), 0,
		 "after the close, a new one may have its GSI");
	signal_fd(fd);
	claim_is(count_settles(&c, EDGE_SPI(0), 2), 2, "which interrupts");
	close(kick);
	counter_kick(&c);
	claim(counter_stop(&c) && counter_stop(&d),
	      "an ioeventfd keeps its eventfd: a kick whose descriptors are closed does not exit");
	counter_close(&c);
	counter_close(&d);
	signal_fd(fd);
	claim_is(taken(fd), 1, "an eventfd outlives its VM, and keeps its events from then on");
	close(fd);
}

struct race {
	struct counter *c;
	volatile bool stop;
	int shared, ack;
};

static void *signaller(void *data)
{
	struct race *race = data;

	while (!race->stop)
		signal_fd(race->shared);
	return NULL;
}

/* Takes GSIs and returns them, by deassigning and by closing, while others signal. */
static void *assigner(void *data)
{
	struct race *race = data;
	int vm = race->c->vm.fd, fd;
	unsigned int n;

	for (n = 0; !race->stop; n++) {
		irqfd(vm, race->shared, GSI(LEVEL_SPI(n % 8)), n & 1 ? RESAMPLE : 0, race->ack);
		fd = new_eventfd();
		irqfd(vm, fd, GSI(LEVEL_SPI(n % 8)), RESAMPLE, race->ack);
		ioeventfd(vm, race->shared, KICK, 4, 0, 0);
		signal_fd(fd);
		if (n & 2)
			irqfd(vm, fd, GSI(LEVEL_SPI(n % 8)), DEASSIGN, 0);
		close(fd);
		irqfd(vm, race->shared, GSI(LEVEL_SPI(n % 8)), DEASSIGN, 0);
		ioeventfd(vm, race->shared, KICK, 4, KVM_IOEVENTFD_FLAG_DEASSIGN, 0);
	}
	return NULL;
}

static void race_once(unsigned int round)
{
	struct race race = { .shared = new_eventfd(), .ack = new_eventfd() };
	int fds[16], n, late = new_eventfd();
	pthread_t threads[3];
	struct counter c;

	counter_new(&c);
	race.c = &c;
	counter_start(&c);
	must(pthread_create(&threads[0], NULL, signaller, &race) ? -1 : 0, "a thread");
	must(pthread_create(&threads[1], NULL, assigner, &race) ? -1 : 0, "a thread");
	must(pthread_create(&threads[2], NULL, assigner, &race) ? -1 : 0, "a thread");
	usleep(20000);
	for (n = 0; n < 16; n++) {
		fds[n] = new_eventfd();
		irqfd(c.vm.fd, fds[n], GSI(LEVEL_SPI(8 + n)), n & 1 ? RESAMPLE : 0, race.ack);
		signal_fd(fds[n]);
	}
	race.stop = true;
	for (n = 0; n < 3; n++)
		pthread_join(threads[n], NULL);
	/* The guest and its GIC have survived it. */
	must(irqfd(c.vm.fd, late, GSI(EDGE_SPI(9)), 0, 0), "KVM_IRQFD");
	signal_fd(late);
	if (count_settles(&c, EDGE_SPI(9), 1) != 1 || c.counts[LEVEL_SPI(9)] != 1)
		claim(false, "round %u: %u and %u interrupts instead of one", round,
		      c.counts[EDGE_SPI(9)], c.counts[LEVEL_SPI(9)]);
	if (!counter_stop(&c))
		claim(false, "round %u: the guest does not stop", round);
	/* Some eventfds go before the VM, some after it. */
	for (n = 0; n < 8; n++)
		close(fds[n]);
	counter_close(&c);
	for (; n < 16; n++) {
		signal_fd(fds[n]);
		close(fds[n]);
	}
	close(late);
	close(race.shared);
	close(race.ack);
}

void test_races(unsigned int rounds)
{
	unsigned int n;

	for (n = 0; n < rounds; n++)
		race_once(n);
	claim(n == rounds && n, "%u rounds of assigning, signalling and closing", n);
}

#define BATCH 16

/* Leaves dead irqfds to the work that removes them, but not more and more of them. */
static void *closer(void *data)
{
	struct race *race = data;
	int vm = race->c->vm.fd, fds[BATCH], last = new_eventfd(), n;

	while (!race->stop) {
		for (n = 0; n < BATCH; n++) {
			fds[n] = new_eventfd();
			irqfd(vm, fds[n], GSI(EDGE_SPI(n)), 0, 0);
		}
		for (n = 0; n < BATCH; n++)
			close(fds[n]);
		irqfd(vm, last, GSI(EDGE_SPI(n)), 0, 0);
		irqfd(vm, last, GSI(EDGE_SPI(n)), DEASSIGN, 0);
	}
	close(last);
	return NULL;
}

/* tests/modules/delay.c holds the moments open in which a work takes the dead irqfd. */
void test_deassign_waits(void)
{
	unsigned int n, lost = 0;
	struct race race = {};
	pthread_t thread;
	struct counter c;

	counter_new(&c);
	race.c = &c;
	must(pthread_create(&thread, NULL, closer, &race) ? -1 : 0, "a thread");
	for (n = 0; n < 50; n++) {
		int fd = new_eventfd();

		must(irqfd(c.vm.fd, fd, GSI(EDGE_SPI(0)), 0, 0), "KVM_IRQFD");
		must(irqfd(c.vm.fd, fd, GSI(EDGE_SPI(0)), DEASSIGN, 0), "deassign");
		signal_fd(fd);
		lost += taken(fd) != 1;
		close(fd);
	}
	race.stop = true;
	pthread_join(thread, NULL);
	counter_close(&c);
	claim_is(lost, 0, "a deassigned eventfd keeps its event, also if a work removes the irqfd");
}
