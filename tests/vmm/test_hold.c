// SPDX-License-Identifier: GPL-2.0-only
/* Threads that stand for vCPUs, held and let go. */
#include "test.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vm.h"

#define CPUS   3
#define ROUNDS 3000

static struct vm vm;
static atomic_bool in_guest[CPUS];
static atomic_uint stops; /* of vCPU 0 */

/* Until it is to leave KVM_RUN; vCPU 0 stops by itself at once, and holds all. */
static void *thread(void *arg)
{
	struct vcpu *vcpu = arg;

	while (vm.status == VM_RUNNING) {
		hold_here(vcpu);
		in_guest[vcpu->index] = true;
		if (!vcpu->index) {
			stops++;
			hold_all(&vm);
		}
		while (vm.status == VM_RUNNING && !*(volatile uint8_t *)&vcpu->run->immediate_exit)
			sched_yield();
		in_guest[vcpu->index] = false;
	}
	return NULL;
}

static void start(void)
{
	vm.status = VM_RUNNING;
	vm.wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	vm.cpus = CPUS;
	stops = 0;
	hold_init(&vm);
	signal(SIGUSR1, SIG_IGN);
	for (unsigned int i = 0; i < CPUS; i++) {
		struct vcpu *vcpu = &vm.vcpus[i];

		*vcpu = (struct vcpu){ .vm = &vm, .index = i, .hold = true };
		vcpu->run = calloc(1, sizeof(*vcpu->run));
		vcpu->running = true;
		assert_int_equal(pthread_create(&vcpu->thread, NULL, thread, vcpu), 0);
	}
}

static void stop(void)
{
	vm.status = 0;
	hold_end(&vm);
	for (unsigned int i = 0; i < CPUS; i++) {
		pthread_join(vm.vcpus[i].thread, NULL);
		free(vm.vcpus[i].run);
	}
	close(vm.wake_fd);
}

static void wait_complete(void)
{
	for (unsigned int n = 0; !hold_complete(&vm); n++) {
		assert_true(n < 30000);
		usleep(1000 * (n > 1000));
		sched_yield();
	}
}

/* Whoever is told that all are parked finds none in the guest, now and a while later. */
static void parked_is_parked(void **state)
{
	(void)state;
	start();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		wait_complete();
		for (unsigned int i = 0; i < CPUS; i++)
			assert_false(in_guest[i]);
		for (unsigned int n = 0; n < 20; n++)
			sched_yield();
		for (unsigned int i = 0; i < CPUS; i++)
			assert_false(in_guest[i]);
		/* vCPU 0 holds all again; until then nothing may look parked. */
		assert_int_equal(stops, round);
		hold_release(&vm, 7);
	}
	stop();
}

/* One that is not let go stays, whatever the others do. */
static void only_some(void **state)
{
	(void)state;
	start();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		wait_complete();
		hold_release(&vm, 1 | (round & 1) << 1);
		assert_false(in_guest[2]);
	}
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parked_is_parked),
		cmocka_unit_test(only_some),
	};

	/* A vCPU that does not stop would be waited for without end. */
	alarm(120);
	RUN_TESTS("hold", tests);
}
