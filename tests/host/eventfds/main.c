// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_IOEVENTFD, KVM_IRQFD and coalesced MMIO, with guests that write and that count their
 * interrupts.
 *
 *   eventfds [ROUNDS]   of the races
 *   eventfds steady     interrupts, one after the other, until SIGTERM
 *   eventfds deassign   KVM_IRQFD's deassign, while other irqfds are removed
 */
#include "eventfds.h"

#include <signal.h>

int kvm;
int patience = 20000;

void give_up(int tries)
{
	if (tries == patience)
		patience = 50;
}

int new_eventfd(void)
{
	return must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
}

void signal_fd(int fd)
{
	uint64_t one = 1;

	must(write(fd, &one, sizeof(one)), "write to an eventfd");
}

uint64_t taken(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

uint64_t wait_taken(int fd, uint64_t least)
{
	uint64_t count = taken(fd);
	int tries;

	for (tries = 0; tries < patience && count < least; tries++) {
		usleep(1000);
		count += taken(fd);
	}
	give_up(tries);
	return count;
}

int ioeventfd(int vm, int fd, uint64_t addr, uint32_t len, uint32_t flags, uint64_t value)
{
	struct kvm_ioeventfd args = {
		.fd = fd, .addr = addr, .len = len, .flags = flags, .datamatch = value
	};

	return ioctl(vm, KVM_IOEVENTFD, &args);
}

int irqfd(int vm, int fd, uint32_t gsi, uint32_t flags, int resample)
{
	struct kvm_irqfd args = { .fd = fd, .gsi = gsi, .flags = flags, .resamplefd = resample };

	return ioctl(vm, KVM_IRQFD, &args);
}

static int eventfd_id(int fd)
{
	char path[64], line[80];
	int id = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "eventfd-id: %d", &id);
	if (file)
		fclose(file);
	return id;
}

/*
 * The kernel gives an eventfd the lowest free id, so one that is never freed keeps its own:
 * this many new ones do not get the same ids again.  These tests use fewer at a time.
 */
#define EVENTFDS 256

/* The sum of the lowest free ids, or -1 if the kernel does not show them. */
static int64_t free_eventfd_ids(void)
{
	int fds[EVENTFDS], n;
	int64_t sum = 0;

	for (n = 0; n < EVENTFDS; n++) {
		int id;

		fds[n] = new_eventfd();
		id = eventfd_id(fds[n]);
		sum = id < 0 || sum < 0 ? -1 : sum + id;
	}
	for (n = 0; n < EVENTFDS; n++)
		close(fds[n]);
	return sum;
}

static void ignore(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	bool steady = argc > 1 && !strcmp(argv[1], "steady");
	unsigned int rounds = argc > 1 ? (unsigned int)atoi(argv[1]) : 50;
	struct sigaction action = { .sa_handler = ignore };
	int64_t ids;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGUSR1, &action, NULL);
	kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	if (steady) {
		test_steady();
		return claims_end();
	}
	if (argc > 1 && !strcmp(argv[1], "deassign")) {
		test_deassign_waits();
		return claims_end();
	}
	ids = free_eventfd_ids();
	test_ioeventfds();
	test_coalesced();
	test_irqfds();
	test_resampled();
	test_routing();
	test_lifetimes();
	test_races(rounds);
	claim(ids >= 0, "the kernel numbers eventfds");
	claim_is((uint64_t)free_eventfd_ids(), (uint64_t)ids, "no eventfd is left in the kernel");
	return claims_end();
}
