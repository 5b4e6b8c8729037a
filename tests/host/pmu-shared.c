// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host gives a guest's cycle counter to an event of its own for a while, and takes it back.
 * Prints what the guest's counter does before, meanwhile, and afterwards.
 */
#include <linux/perf_event.h>
#include <sys/syscall.h>

#include "small-vm.h"

#define GICD	0x08000000u
#define GICC	0x08010000u
#define PMU_IRQ 23u

/* Stores how far PMCCNTR gets in a short loop, again and again; the counter is always on. */
extern const char guest_start[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_start:\n"
	"	mov	r0, #0x80000000\n"
	"	mcr	p15, 0, r0, c9, c12, 1\n" /* PMCNTENSET.C */
	"	mov	r0, #1\n"
	"	mcr	p15, 0, r0, c9, c12, 0\n" /* PMCR.E */
	"	isb\n"
	"1:	mrc	p15, 0, r3, c9, c13, 0\n" /* PMCCNTR */
	"	mov	r0, #4096\n"
	"2:	subs	r0, r0, #1\n"
	"	bne	2b\n"
	"	mrc	p15, 0, r4, c9, c13, 0\n"
	"	sub	r4, r4, r3\n"
	"	str	r4, [r2]\n"
	"	b	1b\n"
	"guest_end:\n"
	".popsection\n");

static void set_attr(int fd, uint32_t group, uint64_t number, const void *value, const char *what)
{
	struct kvm_device_attr attr = { .group = group, .attr = number, .addr = (uintptr_t)value };

	must(ioctl(fd, KVM_SET_DEVICE_ATTR, &attr), what);
}

static void vcpu_with_pmu(struct small_vcpu *vcpu, const struct small_vm *vm)
{
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	const uint64_t dist = GICD, cpu = GICC;
	const uint32_t irq = PMU_IRQ;

	small_vcpu_with(vcpu, vm, 0, 0, 1u << KVM_ARM_VCPU_PMU_V3);
	must(ioctl(vm->fd, KVM_CREATE_DEVICE, &gic), "KVM_CREATE_DEVICE");
	set_attr((int)gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST, &dist, "GICD");
	set_attr((int)gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU, &cpu, "GICC");
	set_attr((int)gic.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL, "GIC");
	set_attr(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_IRQ, &irq,
		 "the PMU's IRQ");
	set_attr(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_INIT, NULL, "the PMU");
}

/* The CPU's cycle counter, for an event that perf prefers to those of threads. */
static int take_counter(int cpu)
{
	struct perf_event_attr attr = { .size = sizeof(attr),
					.type = PERF_TYPE_HARDWARE,
					.config = PERF_COUNT_HW_CPU_CYCLES,
					.pinned = 1 };

	return must(syscall(SYS_perf_event_open, &attr, -1, cpu, -1, 0), "perf_event_open");
}

static void look(const struct small_vcpu *vcpu, const char *when)
{
	/* The counter has changed hands while the guest was out, in the middle of a loop. */
	next_word(vcpu);
	printf("%s it %s\n", when, next_word(vcpu) ? "counts" : "stands still");
}

int main(void)
{
	int kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm"), taken;
	struct small_vcpu vcpu;
	struct small_vm vm;

	pin(0);
	small_vm_new(&vm, kvm, PAGE, guest_start, guest_end);
	vcpu_with_pmu(&vcpu, &vm);
	look(&vcpu, "before,");
	taken = take_counter(0);
	look(&vcpu, "meanwhile");
	close(taken);
	look(&vcpu, "afterwards");
	small_vcpu_close(&vcpu);
	small_vm_close(&vm);
	return 0;
}
