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
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u
#define RAM  0x40000000u
#define FLAG (RAM + PAGE) /* not 0: GICV may be read */
#define GICD 0x08000000u
#define GICC 0x08010000u
#define MMIO 0x0a000000u

/* r0 = GICC, r1 = FLAG, r2 = MMIO, r3 = PMR, r4 = BPR. */
extern const char guest_start[], guest_write[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_start:\n"
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
	int fd, vcpu[2];
	struct kvm_run *run[2];
	uint8_t *ram;
};

static int kvm;

static void must(long ret, const char *what)
{
	if (ret >= 0)
		return;
	perror(what);
	exit(1);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	must(sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
}

static void set_core(int vcpu, unsigned int word, uint32_t value)
{
	struct kvm_one_reg reg = {
		.id = KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | word,
		.addr = (uintptr_t)&value,
	};

	must(ioctl(vcpu, KVM_SET_ONE_REG, &reg), "KVM_SET_ONE_REG");
}

static void new_vm(struct vm *vm, const char *entry)
{
	struct kvm_userspace_memory_region slot = { .guest_phys_addr = RAM,
						    .memory_size = 2 * PAGE };
	struct kvm_vcpu_init init;
	int n;

	vm->ram = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(vm->ram, guest_start, guest_end - guest_start);
	must(vm->fd = ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	slot.userspace_addr = (uintptr_t)vm->ram;
	must(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot), "a memory slot");
	must(ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &init), "KVM_ARM_PREFERRED_TARGET");
	for (n = 0; n < 2; n++) {
		must(vm->vcpu[n] = ioctl(vm->fd, KVM_CREATE_VCPU, n), "KVM_CREATE_VCPU");
		must(ioctl(vm->vcpu[n], KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT");
		vm->run[n] = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu[n], 0);
		set_core(vm->vcpu[n], 0, GICC);
		set_core(vm->vcpu[n], 1, FLAG);
		set_core(vm->vcpu[n], 2, MMIO);
		set_core(vm->vcpu[n], 3, 0xa8);
		set_core(vm->vcpu[n], 4, 5);
		set_core(vm->vcpu[n], 15, RAM + (uint32_t)(entry - guest_start));
	}
}

static void new_gic(struct vm *vm)
{
	struct kvm_arm_device_addr dist = { .id = KVM_VGIC_V2_ADDR_TYPE_DIST, .addr = GICD };
	struct kvm_arm_device_addr cpu = { .id = KVM_VGIC_V2_ADDR_TYPE_CPU, .addr = GICC };

	must(ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	must(ioctl(vm->fd, KVM_ARM_SET_DEVICE_ADDR, &dist), "the distributor's address");
	must(ioctl(vm->fd, KVM_ARM_SET_DEVICE_ADDR, &cpu), "the CPU interface's address");
}

static uint32_t next_word(struct vm *vm, int vcpu)
{
	uint32_t value;

	must(ioctl(vm->vcpu[vcpu], KVM_RUN, 0), "KVM_RUN");
	if (vm->run[vcpu]->exit_reason != KVM_EXIT_MMIO) {
		fprintf(stderr, "exit reason %u\n", vm->run[vcpu]->exit_reason);
		exit(1);
	}
	memcpy(&value, vm->run[vcpu]->mmio.data, 4);
	return value;
}

static void print_next(struct vm *vm, const char *who)
{
	uint32_t pmr = next_word(vm, 0), bpr = next_word(vm, 0);

	printf("%s %x %x\n", who, pmr, bpr);
	fflush(stdout);
}

/* The second vCPU's KVM_RUN maps GICV, while the first one spins on FLAG. */
static void *make_gic(void *data)
{
	struct vm *vm = data;

	pin(1);
	usleep(300000);
	new_gic(vm);
	vm->run[1]->immediate_exit = 1;
	if (ioctl(vm->vcpu[1], KVM_RUN, 0) != -1 || errno != EINTR)
		must(-1, "KVM_RUN with immediate_exit");
	*(volatile uint32_t *)(vm->ram + PAGE) = 1;
	return NULL;
}

int main(void)
{
	struct vm writer, late, early;
	pthread_t thread;

	must(kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
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
	early.ram[PAGE] = 1;
	print_next(&early, "early");
	pthread_join(thread, NULL);
	return 0;
}
