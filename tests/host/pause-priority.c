// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two vCPUs' threads of real-time priorities on one CPU.  The lower one reads GICD_ISPENDR of an
 * SPI that a third vCPU has in its list registers while it is in the guest: the module keeps all
 * vCPUs out meanwhile.  The higher one wakes up again and again.  When that is while the vCPUs have
 * to stay out, it must not keep the lower one from letting them go.
 *
 * Prints `it goes on` once both have done so READINGS times, or after a minute how often they have.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "small-vm.h"

#define GICD	 0x08000000u
#define GICC	 0x08010000u
#define SPI	 40u
#define READINGS 300u
#define TRIES	 600 /* of 100 ms */

/* r0 = GICD, r1 = its word in RAM, r2 = MMIO, r3 = GICC */
extern const char guest_start[], guest_wakes[], guest_reads[], guest_holds[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_start:\n"
	"guest_wakes:\n"
	"	str	r5, [r2]\n"
	"	b	guest_wakes\n"
	"guest_reads:\n"
	"	ldr	r4, [r0, #0x204]\n" /* GICD_ISPENDR1 */
	"	add	r5, r5, #1\n"
	"	str	r5, [r1]\n"
	"	b	guest_reads\n"
	"guest_holds:\n"
	"	mov	r4, #4\n"
	"	strb	r4, [r0, #0x828]\n" /* GICD_ITARGETSR of SPI 40: vCPU 2 */
	"	mov	r4, #0x100\n"
	"	str	r4, [r0, #0x104]\n" /* GICD_ISENABLER1 */
	"	mov	r4, #1\n"
	"	str	r4, [r0]\n" /* GICD_CTLR */
	"	mov	r4, #0xf0\n"
	"	str	r4, [r3, #4]\n" /* GICC_PMR */
	"	mov	r4, #1\n"
	"	str	r4, [r3]\n" /* GICC_CTLR */
	"	str	r4, [r1]\n"
	"	b	.\n" /* with interrupts masked */
	"guest_end:\n"
	".popsection\n");

enum {
	WAKES,
	READS,
	HOLDS,
	NR_VCPUS
};

static struct small_vm vm;
static struct small_vcpu vcpu[NR_VCPUS];
static atomic_uint wakes;

static volatile uint32_t *word(int n)
{
	return (volatile uint32_t *)(vm.ram + PAGE) + 16 * n;
}

static void set_priority(int priority)
{
	struct sched_param param = { .sched_priority = priority };

	must(sched_setscheduler(0, SCHED_FIFO, &param), "SCHED_FIFO");
}

/* EINTR also comes where the kernel has much to do on the way to user space, as here. */
static void run_until_exit(const struct small_vcpu *one)
{
	while (ioctl(one->fd, KVM_RUN, 0) < 0)
		if (errno != EINTR)
			must(-1, "KVM_RUN");
}

static void *wake(void *unused)
{
	const struct timespec rest = { .tv_nsec = 50000 };

	pin(0);
	set_priority(60);
	for (;;) {
		run_until_exit(&vcpu[WAKES]);
		wakes++;
		nanosleep(&rest, NULL);
	}
	return unused;
}

static void *run(void *data)
{
	int n = (int)(intptr_t)data;

	pin(n == READS ? 0 : 1);
	if (n == READS)
		set_priority(50);
	run_until_exit(&vcpu[n]);
	return NULL;
}

static void new_gic(void)
{
	struct kvm_arm_device_addr dist = { .id = KVM_VGIC_V2_ADDR_TYPE_DIST, .addr = GICD };
	struct kvm_arm_device_addr cpu = { .id = KVM_VGIC_V2_ADDR_TYPE_CPU, .addr = GICC };

	must(ioctl(vm.fd, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	must(ioctl(vm.fd, KVM_ARM_SET_DEVICE_ADDR, &dist), "the distributor's address");
	must(ioctl(vm.fd, KVM_ARM_SET_DEVICE_ADDR, &cpu), "the CPU interface's address");
}

int main(void)
{
	static const char *const entries[] = { guest_wakes, guest_reads, guest_holds };
	struct kvm_irq_level line = { .irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | SPI,
				      .level = 1 };
	int kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	uint32_t before;
	pthread_t thread;

	pin(1);
	small_vm_new(&vm, kvm, 2 * PAGE, guest_start, guest_end);
	for (int n = 0; n < NR_VCPUS; n++) {
		small_vcpu_new(&vcpu[n], &vm, n, (uint32_t)(entries[n] - guest_start));
		set_core(&vcpu[n], 0, GICD);
		set_core(&vcpu[n], 1, RAM_BASE + PAGE + 64 * n);
		set_core(&vcpu[n], 3, GICC);
	}
	new_gic();
	must(pthread_create(&thread, NULL, run, (void *)HOLDS) ? -1 : 0, "a thread");
	while (!*word(HOLDS))
		usleep(1000);
	must(ioctl(vm.fd, KVM_IRQ_LINE, &line), "KVM_IRQ_LINE");
	must(pthread_create(&thread, NULL, run, (void *)READS) ? -1 : 0, "a thread");
	while (!*word(READS))
		usleep(1000);
	must(pthread_create(&thread, NULL, wake, NULL) ? -1 : 0, "a thread");
	before = *word(READS);
	for (int i = 0; i < TRIES && (*word(READS) - before < READINGS || wakes < READINGS); i++)
		usleep(100000);
	if (*word(READS) - before >= READINGS && wakes >= READINGS)
		puts("it goes on");
	else
		printf("%u reads, %u wakes\n", *word(READS) - before, wakes);
	fflush(stdout);
	_exit(0);
}
