// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a VM's GIC while a vCPU of it is in the guest, on a CPU where another VM's
 * vCPU has just used its GIC: the first VM must not see the other one's GICV_PMR and
 * GICV_BPR, neither at once nor after its next exit.
 *
 * Prints `PMR BPR` as hexadecimal numbers for: the VM that wrote them, the spinning
 * vCPU when GICV appears, the same after an exit, and a VM that had its GIC from the
 * beginning.
 */
#include <errno.h>
#include <pthread.h>

#include "small-vm.h"

#define FLAG (RAM_BASE + PAGE) /* not 0: GICV may be read; the next word: a vCPU is in the guest */
#define GICD 0x08000000u
#define GICC 0x08010000u

/* r0 = GICC, r1 = FLAG, r2 = MMIO, r3 = PMR, r4 = BPR. */
extern const char guest_start[], guest_write[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_start:\n"
	"	str	r3, [r1, #4]\n"
	"1:	ldr	r5, [r1]\n"
	"	cmp	r5, #0\n"
	"	beq	1b\n"
	"2:	ldr	r5, [r0, #4]\n"
	"	ldr	r6, [r0, #8]\n"
	"	str	r5, [r2]\n"
	"	str	r6, [r2, #4]\n"
	"	b	2b\n"
	"guest_write:\n"
	"	str	r3, [r0, #4]\n"
	"	str	r4, [r0, #8]\n"
	"	b	2b\n"
	"guest_end:\n"
	".popsection\n");

struct vm {
	struct small_vm vm;
	struct small_vcpu vcpu[2];
};

static int kvm;

static void new_vm(struct vm *vm, const char *entry)
{
	int n;

	small_vm_new(&vm->vm, kvm, 2 * PAGE, guest_start, guest_end);
	for (n = 0; n < 2; n++) {
		small_vcpu_new(&vm->vcpu[n], &vm->vm, n, (uint32_t)(entry - guest_start));
		set_core(&vm->vcpu[n], 0, GICC);
		set_core(&vm->vcpu[n], 1, FLAG);
		set_core(&vm->vcpu[n], 3, 0xa8);
		set_core(&vm->vcpu[n], 4, 5);
	}
}

static void new_gic(struct vm *vm)
{
	struct kvm_arm_device_addr dist = { .id = KVM_VGIC_V2_ADDR_TYPE_DIST, .addr = GICD };
	struct kvm_arm_device_addr cpu = { .id = KVM_VGIC_V2_ADDR_TYPE_CPU, .addr = GICC };

	must(ioctl(vm->vm.fd, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	must(ioctl(vm->vm.fd, KVM_ARM_SET_DEVICE_ADDR, &dist), "the distributor's address");
	must(ioctl(vm->vm.fd, KVM_ARM_SET_DEVICE_ADDR, &cpu), "the CPU interface's address");
}

static void print_next(struct vm *vm, const char *who)
{
	uint32_t pmr = next_word(&vm->vcpu[0]), bpr = next_word(&vm->vcpu[0]);

	printf("%s %x %x\n", who, pmr, bpr);
	fflush(stdout);
}

/* The second vCPU's KVM_RUN maps GICV, while the first one spins on FLAG. */
static void *make_gic(void *data)
{
	struct vm *vm = data;
	volatile uint32_t *flag = (volatile uint32_t *)(vm->vm.ram + PAGE);

	pin(1);
	/* A KVM_RUN that begins while the GIC has no address yet is refused, with ENXIO. */
	while (!flag[1])
		usleep(1000);
	new_gic(vm);
	vm->vcpu[1].run->immediate_exit = 1;
	if (ioctl(vm->vcpu[1].fd, KVM_RUN, 0) != -1 || errno != EINTR)
		must(-1, "KVM_RUN with immediate_exit");
	flag[0] = 1;
	return NULL;
}

int main(void)
{
	struct vm writer, late, early;
	pthread_t thread;

	kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	new_vm(&writer, guest_write);
	new_gic(&writer);
	new_vm(&late, guest_start);
	new_vm(&early, guest_start);
	new_gic(&early);
	must(pthread_create(&thread, NULL, make_gic, &late) ? -1 : 0, "a thread");
	pin(0);
	print_next(&writer, "writer");
	print_next(&late, "late");
	print_next(&late, "later");
	early.vm.ram[PAGE] = 1;
	print_next(&early, "early");
	pthread_join(thread, NULL);
	return 0;
}
