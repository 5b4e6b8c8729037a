// SPDX-License-Identifier: GPL-2.0-only
/* Threads that stand in for vCPUs, paused and resumed. */
#include "test.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pause.h"
#include "vm.h"

#define CPUS   3
#define ROUNDS 3000

static struct vm vm;
static atomic_bool in_guest[CPUS];
static atomic_uint stops; /* of vCPU 0 */

/* In place of KVM_RUN; vCPU 0 stops on its own at once and requests a pause of all. */
static void *thread(void *arg)
{
	struct vcpu *vcpu = arg;

	while (vm.status == VM_RUNNING) {
		pause_here(vcpu);
		in_guest[vcpu->index] = true;
		if (!vcpu->index) {
			stops++;
			pause_all(&vm, PAUSE_GDB);
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
	pause_init(&vm);
	signal(SIGUSR1, SIG_IGN);
	for (unsigned int i = 0; i < CPUS; i++) {
		struct vcpu *vcpu = &vm.vcpus[i];

		*vcpu = (struct vcpu){ .vm = &vm, .index = i, .pause_owners = PAUSE_GDB };
		vcpu->run = calloc(1, sizeof(*vcpu->run));
		vcpu->running = true;
		assert_int_equal(pthread_create(&vcpu->thread, NULL, thread, vcpu), 0);
	}
}

static void stop(void)
{
	vm.status = 0;
	pause_end(&vm);
	for (unsigned int i = 0; i < CPUS; i++) {
		pthread_join(vm.vcpus[i].thread, NULL);
		free(vm.vcpus[i].run);
	}
	close(vm.wake_fd);
}

static void wait_complete(void)
{
	for (unsigned int n = 0; !pause_complete(&vm, PAUSE_GDB); n++) {
		assert_true(n < 30000);
		usleep(1000 * (n > 1000));
		sched_yield();
	}
}

/* Once pause_complete() says so, no vCPU is in the guest, neither now nor a while later. */
static void complete_means_paused(void **state)
{
	(void)state;
	start();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		wait_complete();
		for (unsigned int i = 0; i < CPUS; i++)
			assert_false(in_guest[i]);
		/* On a busy machine each of these calls takes a time slice of somebody else. */
		for (unsigned int n = 0; round % 50 == 0 && n < 20; n++)
			sched_yield();
		for (unsigned int i = 0; i < CPUS; i++)
			assert_false(in_guest[i]);
		/* vCPU 0 requests the next pause; until then pause_complete() must be false. */
		assert_int_equal(stops, round);
		pause_resume(&vm, PAUSE_GDB, 7);
	}
	stop();
}

/* A vCPU that is not resumed stays paused, whatever the others do. */
static void only_some_resume(void **state)
{
	(void)state;
	start();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		wait_complete();
		pause_resume(&vm, PAUSE_GDB, 1 | (round & 1) << 1);
		assert_false(in_guest[2]);
	}
	stop();
}

/* The thread of a vCPU that was resumed has not run yet. */
static void resumed_is_not_paused(void **state)
{
	(void)state;
	vm.status = VM_RUNNING;
	vm.cpus = CPUS;
	pause_init(&vm);
	for (unsigned int i = 0; i < CPUS; i++) {
		vm.vcpus[i] = (struct vcpu){ .pause_owners = PAUSE_GDB, .paused = true };
		vm.vcpus[i].run = calloc(1, sizeof(struct kvm_run));
	}
	assert_true(pause_complete(&vm, PAUSE_GDB));
	pause_resume(&vm, PAUSE_GDB, 1u << 1);
	assert_true(vm.vcpus[1].paused);
	assert_false(pause_complete(&vm, PAUSE_GDB));
	for (unsigned int i = 0; i < CPUS; i++)
		free(vm.vcpus[i].run);
}

/* Each owner has a pause of its own; a vCPU runs when nobody keeps it. */
static void owners_do_not_resume_for_each_other(void **state)
{
	struct vcpu *vcpu = &vm.vcpus[1];

	(void)state;
	vm.status = VM_RUNNING;
	vm.cpus = CPUS;
	pause_init(&vm);
	for (unsigned int i = 0; i < CPUS; i++) {
		vm.vcpus[i] = (struct vcpu){ .paused = true };
		vm.vcpus[i].run = calloc(1, sizeof(struct kvm_run));
		vm.vcpus[i].run->immediate_exit = 1;
	}
	assert_false(pause_holds(&vm, PAUSE_USER));
	pause_all(&vm, PAUSE_USER);
	assert_true(pause_complete(&vm, PAUSE_USER) && pause_holds(&vm, PAUSE_USER));
	assert_false(pause_complete(&vm, PAUSE_GDB) || pause_holds(&vm, PAUSE_GDB));
	pause_all(&vm, PAUSE_GDB);
	pause_resume(&vm, PAUSE_USER, ~0u);
	assert_false(pause_holds(&vm, PAUSE_USER));
	assert_true(pause_complete(&vm, PAUSE_GDB));
	assert_int_equal(vcpu->run->immediate_exit, 1);
	pause_all(&vm, PAUSE_USER);
	pause_resume(&vm, PAUSE_GDB, 1u << 1);
	assert_false(pause_holds(&vm, PAUSE_GDB));
	assert_true(pause_complete(&vm, PAUSE_USER));
	assert_int_equal(vcpu->run->immediate_exit, 1);
	pause_resume(&vm, PAUSE_USER, ~0u);
	assert_int_equal(vcpu->run->immediate_exit, 0);
	assert_int_equal(vm.vcpus[0].run->immediate_exit, 1);
	for (unsigned int i = 0; i < CPUS; i++)
		free(vm.vcpus[i].run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complete_means_paused),
		cmocka_unit_test(only_some_resume),
		cmocka_unit_test(resumed_is_not_paused),
		cmocka_unit_test(owners_do_not_resume_for_each_other),
	};

	/* If a vCPU did not stop, this program would wait for it forever. */
	alarm(120);
	RUN_TESTS("pause", tests);
}
