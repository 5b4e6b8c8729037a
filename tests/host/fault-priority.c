// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's thread of real-time priority wakes up again and again on the CPU on which another
 * thread of its process loses pages all the time, and its guest touches a page that it has not.
 * No page is mapped while others are taken away, so the vCPU has to let the other thread go on.
 *
 * The one sleeps as long as it has worked, so both have half of the CPU, however slow that is.
 *
 * Prints `it goes on` once the one has done so TIMES times and the other a tenth as often, or after
 * a minute how often they have.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "small-vm.h"

#define LOST	(1024 * PAGE)
#define TIMES	100u
#define TRIES	600 /* of 100 ms */
#define TOUCHED (RAM_BASE + PAGE)

extern const char guest_start[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_start:\n"
	"	str	r5, [r1]\n"
	"	str	r5, [r2]\n"
	"	b	guest_start\n"
	"guest_end:\n"
	".popsection\n");

static struct small_vm vm;
static struct small_vcpu vcpu;
static atomic_uint touched, lost;

static void *touch(void *unused)
{
	const struct sched_param param = { .sched_priority = 50 };
	struct timespec begin, end, rest = { 0 };

	pin(0);
	must(sched_setscheduler(0, SCHED_FIFO, &param), "SCHED_FIFO");
	for (;;) {
		clock_gettime(CLOCK_MONOTONIC, &begin);
		must(madvise(vm.ram + PAGE, PAGE, MADV_DONTNEED), "madvise");
		next_word(&vcpu);
		touched++;
		clock_gettime(CLOCK_MONOTONIC, &end);
		rest.tv_sec = end.tv_sec - begin.tv_sec;
		rest.tv_nsec = end.tv_nsec - begin.tv_nsec;
		if (rest.tv_nsec < 0) {
			rest.tv_sec--;
			rest.tv_nsec += 1000000000;
		}
		nanosleep(&rest, NULL);
	}
	return unused;
}

static void *lose(void *unused)
{
	uint8_t *memory =
		mmap(NULL, LOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		must(-1, "mmap");
	pin(0);
	for (;;) {
		memset(memory, 1, LOST);
		must(madvise(memory, LOST, MADV_DONTNEED), "madvise");
		lost++;
	}
	return unused;
}

int main(void)
{
	int kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	pthread_t thread;

	pin(1);
	small_vm_new(&vm, kvm, 2 * PAGE, guest_start, guest_end);
	small_vcpu_new(&vcpu, &vm, 0, 0);
	set_core(&vcpu, 1, TOUCHED);
	must(pthread_create(&thread, NULL, lose, NULL) ? -1 : 0, "a thread");
	while (!lost)
		usleep(1000);
	must(pthread_create(&thread, NULL, touch, NULL) ? -1 : 0, "a thread");
	for (int i = 0; i < TRIES && (touched < TIMES || lost < TIMES / 10); i++)
		usleep(100000);
	if (touched >= TIMES && lost >= TIMES / 10)
		puts("it goes on");
	else
		printf("%u pages touched, %u times pages lost\n", touched, lost);
	fflush(stdout);
	_exit(0);
}
