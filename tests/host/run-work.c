// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU thread whose guest never exits does the kernel's work for a return to user space
 * all the same.  The work here is rseq's: after the thread has moved to another CPU, the
 * kernel writes that CPU's number to the thread's area, which another thread reads.
 *
 * Prints `CPU 0: yes`, then `CPU 1: yes`, or `no` after five seconds; then what the guest
 * stored when it was told to stop, which is 1.  With the argument `mask`, KVM_RUN has a
 * signal mask of its own.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/rseq.h>
#include <sys/syscall.h>

#include "small-vm.h"

#define STOP 0x800u /* in the RAM: not 0 ends the guest's loop */

extern const char guest_start[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_start:\n"
	"	ldr	r5, [r1]\n"
	"	cmp	r5, #0\n"
	"	beq	guest_start\n"
	"	str	r5, [r2]\n"
	"	b	guest_start\n"
	"guest_end:\n"
	".popsection\n");

static struct small_vcpu vcpu;
static volatile struct rseq *area;
static volatile pid_t tid;

static void *run(void *unused)
{
	area = (volatile struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
	tid = (pid_t)syscall(SYS_gettid);
	printf("the guest stored %u\n", next_word(&vcpu));
	return unused;
}

static void move_to(int cpu)
{
	cpu_set_t set;
	int tries;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	must(sched_setaffinity(tid, sizeof(set), &set), "sched_setaffinity");
	for (tries = 0; tries < 500 && area->cpu_id != (uint32_t)cpu; tries++)
		usleep(10000);
	printf("CPU %d: %s\n", cpu, area->cpu_id == (uint32_t)cpu ? "yes" : "no");
}

/* KVM_RUN blocks SIGHUP, which changes nothing but the mask. */
static void set_mask(void)
{
	struct {
		struct kvm_signal_mask head;
		uint8_t set[8];
	} __attribute__((packed)) mask = { .head.len = 8, .set = { 1 << (SIGHUP - 1) } };

	must(ioctl(vcpu.fd, KVM_SET_SIGNAL_MASK, &mask), "KVM_SET_SIGNAL_MASK");
}

int main(int argc, char **argv)
{
	int kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	struct small_vm vm;
	pthread_t thread;

	if (!__rseq_size) {
		puts("no rseq");
		return 1;
	}
	small_vm_new(&vm, kvm, PAGE, guest_start, guest_end);
	small_vcpu_new(&vcpu, &vm, 0, 0);
	set_core(&vcpu, 1, RAM_BASE + STOP);
	if (argc > 1 && !strcmp(argv[1], "mask"))
		set_mask();
	if (pthread_create(&thread, NULL, run, NULL))
		return 1;
	while (!tid)
		usleep(1000);
	usleep(100000); /* into the guest */
	move_to(0);
	move_to(1);
	move_to(0);
	*(volatile uint32_t *)(vm.ram + STOP) = 1;
	pthread_join(thread, NULL);
	return 0;
}
