// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's fault that waits for user space: the page belongs to a userfaultfd that nobody
 * serves.  It must neither hold up others nor be deaf to signals.
 */
#include <linux/userfaultfd.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "memory.h"

#define VALUE 0x600df00du

struct blocked {
	struct guest guest;
	void *page; /* slot 1 at DATA */
	int uffd;
	pthread_t thread;
	volatile bool done;
	int error; /* of KVM_RUN */
	uint32_t value;
};

static void on_signal(int number)
{
	(void)number;
}

static void blocked_new(struct blocked *b)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	guest_new(&b->guest);
	b->page = pages(1);
	b->uffd = must(syscall(SYS_userfaultfd, O_CLOEXEC), "userfaultfd");
	must(ioctl(b->uffd, UFFDIO_API, &api), "UFFDIO_API");
	range.range.start = (uintptr_t)b->page;
	range.range.len = PAGE;
	must(ioctl(b->uffd, UFFDIO_REGISTER, &range), "UFFDIO_REGISTER");
	must(set_slot(b->guest.vm.fd, 1, DATA, b->page, PAGE), "a memory slot");
	set_core(&b->guest.vcpu, 1, DATA);
}

static void blocked_close(struct blocked *b)
{
	guest_close(&b->guest);
	munmap(b->page, PAGE);
	close(b->uffd);
}

static void *run(void *arg)
{
	struct blocked *b = arg;
	struct small_vcpu *vcpu = &b->guest.vcpu;

	b->error = ioctl(vcpu->fd, KVM_RUN, 0) ? errno : 0;
	b->value = ~0u;
	if (!b->error && vcpu->run->exit_reason == KVM_EXIT_MMIO &&
	    vcpu->run->mmio.phys_addr == MMIO)
		memcpy(&b->value, vcpu->run->mmio.data, 4);
	b->done = true;
	return NULL;
}

/* Start the guest; true once its fault waits. */
static bool blocks(struct blocked *b)
{
	struct pollfd event = { .fd = b->uffd, .events = POLLIN };
	struct uffd_msg message;

	b->done = false;
	if (pthread_create(&b->thread, NULL, run, b))
		must(-1, "pthread_create");
	return poll(&event, 1, 10000) == 1 &&
	       read(b->uffd, &message, sizeof(message)) == sizeof(message) &&
	       message.event == UFFD_EVENT_PAGEFAULT;
}

static void bring(struct blocked *b)
{
	uint32_t *from = pages(1);
	struct uffdio_copy copy = { .dst = (uintptr_t)b->page,
				    .src = (uintptr_t)from,
				    .len = PAGE };

	*from = VALUE;
	must(ioctl(b->uffd, UFFDIO_COPY, &copy), "UFFDIO_COPY");
	munmap(from, PAGE);
}

/* KVM_SET_USER_MEMORY_REGION in a thread of its own, in case it waits for the fault. */
struct change {
	struct blocked *b;
	uint32_t slot, ipa, size;
	volatile bool done;
	int result;
};

static void *change(void *arg)
{
	struct change *c = arg;

	c->result = set_slot(c->b->guest.vm.fd, c->slot, c->ipa, c->b->page, c->size);
	c->done = true;
	return NULL;
}

static bool changes(struct blocked *b, uint32_t slot, uint32_t ipa, uint32_t size)
{
	struct change c = { b, slot, ipa, size, false, -1 };
	pthread_t thread;
	bool in_time;

	if (pthread_create(&thread, NULL, change, &c))
		must(-1, "pthread_create");
	in_time = EVENTUALLY(c.done);
	if (!in_time)
		bring(b);
	pthread_join(thread, NULL);
	return in_time && c.result == 0;
}

static void test_signal(void)
{
	struct blocked b;

	blocked_new(&b);
	claim(blocks(&b), "a fault of the guest waits for the pager");
	claim(changes(&b, 2, DATA + PAGE, PAGE), "meanwhile a slot can be made");
	claim(changes(&b, 2, 0, 0), "and deleted");
	claim(!b.done, "the fault still waits");
	pthread_kill(b.thread, SIGUSR1);
	claim(EVENTUALLY(b.done) && b.error == EINTR &&
		      b.guest.vcpu.run->exit_reason == KVM_EXIT_INTR,
	      "a signal ends KVM_RUN: error %d, exit reason %u", b.error,
	      b.guest.vcpu.run->exit_reason);
	pthread_join(b.thread, NULL);
	claim(blocks(&b), "the guest faults again");
	bring(&b);
	claim(EVENTUALLY(b.done) && b.value == VALUE, "it reads what the pager brings: %x",
	      b.value);
	pthread_join(b.thread, NULL);
	blocked_close(&b);
}

static void test_deleted(void)
{
	struct blocked b;

	blocked_new(&b);
	claim(blocks(&b), "a fault waits");
	if (claim(changes(&b, 1, 0, 0), "its own slot is deleted meanwhile"))
		bring(&b);
	EVENTUALLY(b.done);
	claim(b.done && b.guest.vcpu.run->exit_reason == KVM_EXIT_MMIO &&
		      b.guest.vcpu.run->mmio.phys_addr == DATA,
	      "when the page comes, the guest finds no memory there");
	pthread_join(b.thread, NULL);
	blocked_close(&b);
}

static void test_killed(void)
{
	int status = 0, pipes[2], tries;
	struct blocked b;
	pid_t child;

	must(pipe(pipes), "pipe");
	child = must(fork(), "fork");
	if (!child) {
		kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
		blocked_new(&b);
		must(write(pipes[1], blocks(&b) ? "y" : "n", 1), "write");
		pause();
	}
	claim(read(pipes[0], &status, 1) == 1 && status == 'y', "a fault of another process waits");
	kill(child, SIGKILL);
	for (tries = 0; tries < 1000 && waitpid(child, &status, WNOHANG) != child; tries++)
		usleep(10000);
	claim(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "kill -9 ends it");
	close(pipes[0]);
	close(pipes[1]);
}

void test_blocked(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	test_signal();
	test_deleted();
	test_killed();
}
