// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a client says to /dev/kvm about a vCPU's performance monitors.  Prints `PASS text` or `FAIL
 * text` for each claim; the last line is `N passed, N failed`.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kvm.h>

#define GROUP KVM_ARM_VCPU_PMU_V3_CTRL
#define IRQ   KVM_ARM_VCPU_PMU_V3_IRQ
#define INIT  KVM_ARM_VCPU_PMU_V3_INIT
#define PMU   (1u << KVM_ARM_VCPU_PMU_V3)

static unsigned int passed, failed;

static void claim(bool good, const char *text)
{
	printf("%s %s: errno %d\n", good ? "PASS" : "FAIL", text, errno);
	passed += good;
	failed += !good;
	errno = 0;
}

static bool refused(int ret, int wanted)
{
	return ret == -1 && errno == wanted;
}

static int attr(int vcpu, unsigned long what, uint64_t number, void *value)
{
	struct kvm_device_attr one = { .group = GROUP, .attr = number, .addr = (uintptr_t)value };

	return ioctl(vcpu, what, &one);
}

static int set_irq(int vcpu, uint32_t irq)
{
	return attr(vcpu, KVM_SET_DEVICE_ATTR, IRQ, &irq);
}

static int set_init(int vcpu)
{
	return attr(vcpu, KVM_SET_DEVICE_ATTR, INIT, NULL);
}

static int reg(int vcpu, unsigned long what, uint64_t id, uint32_t *value)
{
	struct kvm_one_reg one = { .id = id, .addr = (uintptr_t)value };

	return ioctl(vcpu, what, &one);
}

static bool keeps(int vcpu, uint64_t id, uint32_t value)
{
	uint32_t got = 0;

	return !reg(vcpu, KVM_SET_ONE_REG, id, &value) && !reg(vcpu, KVM_GET_ONE_REG, id, &got) &&
	       got == value;
}

static int new_vcpu(int vm, unsigned int id, uint32_t features)
{
	struct kvm_vcpu_init init = { 0 };
	int vcpu = ioctl(vm, KVM_CREATE_VCPU, id);

	ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] = features;
	return ioctl(vcpu, KVM_ARM_VCPU_INIT, &init) ? -1 : vcpu;
}

static uint32_t count_ids(int vcpu)
{
	struct kvm_reg_list list = { 0 };

	ioctl(vcpu, KVM_GET_REG_LIST, &list);
	return (uint32_t)list.n;
}

static void registers(int vcpu, int plain)
{
	uint32_t pmcr = 0, other, n;

	claim(!reg(vcpu, KVM_GET_ONE_REG, ARM_CP15_REG32(0, 9, 12, 0), &pmcr) && !(pmcr & 0x3f),
	      "PMCR is off after a reset");
	n = pmcr >> 11 & 0x1f;
	claim(count_ids(vcpu) == count_ids(plain) + 7 + 2 * n + 1,
	      "7 registers, each event counter's two and the cycle counter's filter are listed");
	other = pmcr ^ 1u << 11;
	claim(refused(reg(vcpu, KVM_SET_ONE_REG, ARM_CP15_REG32(0, 9, 12, 0), &other), EINVAL),
	      "PMCR of a PMU with another number of counters");
	claim(keeps(vcpu, ARM_CP15_REG32(0, 9, 12, 0), pmcr | 9), "PMCR keeps E and D");
	claim(keeps(vcpu, ARM_CP15_REG32(0, 9, 12, 1), 0x80000003) &&
		      keeps(vcpu, ARM_CP15_REG32(0, 9, 12, 1), 0x80000000),
	      "PMCNTENSET is replaced");
	claim(keeps(vcpu, ARM_CP15_REG32(0, 9, 12, 3), 2) &&
		      keeps(vcpu, ARM_CP15_REG32(0, 9, 12, 3), 1),
	      "so is PMOVSR");
	claim(keeps(vcpu, ARM_CP15_REG32(0, 9, 14, 1), 0x80000001), "PMINTENSET");
	claim(keeps(vcpu, ARM_CP15_REG32(0, 9, 13, 0), 0x12345678), "PMCCNTR");
	claim(keeps(vcpu, ARM_CP15_REG32(0, 14, 8, 1), 0xcafe0001), "the value of counter 1");
	claim(keeps(vcpu, ARM_CP15_REG32(0, 14, 12, 1), 0x40000011), "its type");
	claim(keeps(vcpu, ARM_CP15_REG32(0, 14, 15, 7), 0x80000000), "the cycle counter's filter");
	claim(refused(reg(vcpu, KVM_GET_ONE_REG, ARM_CP15_REG32(0, 14, 11, 6), &other), ENOENT),
	      "counter 30");
	claim(refused(reg(plain, KVM_GET_ONE_REG, ARM_CP15_REG32(0, 9, 12, 0), &other), ENOENT),
	      "PMCR of a vCPU without a PMU");
}

static uint32_t pending(int gic, uint32_t n)
{
	uint32_t value = 0xdeadc0de;
	struct kvm_device_attr one = { .group = KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
				       .attr = 0x200 + 4 * n,
				       .addr = (uintptr_t)&value };

	ioctl(gic, KVM_GET_DEVICE_ATTR, &one);
	return value;
}

static int irq_line(int vm, uint32_t spi, uint32_t level)
{
	struct kvm_irq_level line = { .irq = 1u << 24 | spi, .level = level };

	return ioctl(vm, KVM_IRQ_LINE, &line);
}

static void put(int vcpu, uint64_t id, uint32_t value)
{
	reg(vcpu, KVM_SET_ONE_REG, id, &value);
}

/* The PMU has an SPI, which user space cannot drive, too. */
static void own_spi(int kvm)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), vcpu = new_vcpu(vm, 0, PMU);
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	struct kvm_irqfd irqfd = { .fd = eventfd(0, 0), .gsi = 8 };
	uint64_t one = 1;
	uint32_t pmcr = 0;

	ioctl(vm, KVM_CREATE_DEVICE, &gic);
	reg(vcpu, KVM_GET_ONE_REG, ARM_CP15_REG32(0, 9, 12, 0), &pmcr);
	set_irq(vcpu, 40);
	claim(!irq_line(vm, 40, 1) && pending(gic.fd, 1) == 1u << 8,
	      "SPI 40, free as yet, is raised");
	claim(!set_init(vcpu) && !pending(gic.fd, 1), "as the PMU's its line is low");
	put(vcpu, ARM_CP15_REG32(0, 9, 14, 1), 1);
	put(vcpu, ARM_CP15_REG32(0, 9, 12, 3), 1);
	put(vcpu, ARM_CP15_REG32(0, 9, 12, 0), pmcr | 1);
	claim(pending(gic.fd, 1) == 1u << 8, "an overflow raises it");
	claim(refused(irq_line(vm, 40, 0), EINVAL), "KVM_IRQ_LINE of the PMU's SPI");
	claim(!ioctl(vm, KVM_IRQFD, &irqfd) && write(irqfd.fd, &one, 8) == 8 &&
		      pending(gic.fd, 1) == 1u << 8,
	      "neither that nor the pulse of an irqfd changes it");
	put(vcpu, ARM_CP15_REG32(0, 9, 12, 3), 0);
	claim(!pending(gic.fd, 1), "the flag's end lowers it");
}

static int set_timer(int vcpu, uint64_t timer, uint32_t irq)
{
	struct kvm_device_attr one = { .group = KVM_ARM_VCPU_TIMER_CTRL,
				       .attr = timer,
				       .addr = (uintptr_t)&irq };

	return ioctl(vcpu, KVM_SET_DEVICE_ATTR, &one);
}

static void new_gic(int vm)
{
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	struct kvm_device_attr init = { .group = KVM_DEV_ARM_VGIC_GRP_CTRL,
					.attr = KVM_DEV_ARM_VGIC_CTRL_INIT };

	ioctl(vm, KVM_CREATE_DEVICE, &gic);
	ioctl(gic.fd, KVM_SET_DEVICE_ATTR, &init);
}

/* A timer and a PMU cannot have the same PPI, whichever comes first. */
static void timers(int kvm)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), vcpu = new_vcpu(vm, 0, PMU);

	new_gic(vm);
	claim(!set_irq(vcpu, 27) && refused(set_init(vcpu), EEXIST), "the virtual timer's PPI");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	vcpu = new_vcpu(vm, 0, PMU);
	new_gic(vm);
	claim(!set_irq(vcpu, 23) && !set_init(vcpu), "PPI 23 is a PMU's");
	claim(refused(set_timer(vcpu, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, 23), EEXIST) &&
		      refused(set_timer(vcpu, KVM_ARM_VCPU_TIMER_IRQ_PTIMER, 23), EEXIST),
	      "so it cannot be a timer's");
	claim(!set_timer(vcpu, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, 30) &&
		      !set_timer(vcpu, KVM_ARM_VCPU_TIMER_IRQ_PTIMER, 27),
	      "the timers can swap theirs");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	vcpu = new_vcpu(vm, 0, PMU);
	claim(!set_init(vcpu), "INIT without a GIC");
	new_gic(vm);
	claim(refused(set_irq(vcpu, 23), EBUSY), "an interrupt after that");
}

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm = ioctl(kvm, KVM_CREATE_VM, 0);
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	struct kvm_device_attr init = { .group = KVM_DEV_ARM_VGIC_GRP_CTRL,
					.attr = KVM_DEV_ARM_VGIC_CTRL_INIT };
	int first, second, plain;
	uint32_t irq = 0;

	claim(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_PMU_V3) == 1, "the PMU is offered");
	first = new_vcpu(vm, 0, PMU);
	second = new_vcpu(vm, 1, PMU);
	plain = new_vcpu(vm, 2, 0);
	claim(first >= 0 && second >= 0 && plain >= 0, "vCPUs with and without it");
	claim(refused(attr(plain, KVM_HAS_DEVICE_ATTR, IRQ, NULL), ENXIO),
	      "the attribute of a vCPU without it");
	claim(!attr(first, KVM_HAS_DEVICE_ATTR, IRQ, NULL), "and of one with it");
	claim(refused(attr(first, KVM_HAS_DEVICE_ATTR, 2, NULL), ENXIO), "attribute 2");
	registers(first, plain);
	claim(refused(set_irq(first, 23), EINVAL), "an interrupt without a GIC");
	ioctl(vm, KVM_CREATE_DEVICE, &gic);
	claim(refused(attr(first, KVM_GET_DEVICE_ATTR, IRQ, &irq), ENXIO), "none is set");
	claim(refused(set_irq(first, 15), EINVAL), "an SGI");
	claim(refused(set_init(first), ENODEV), "INIT before the GIC's");
	claim(!set_irq(first, 23) && !attr(first, KVM_GET_DEVICE_ATTR, IRQ, &irq) && irq == 23,
	      "PPI 23");
	claim(refused(set_irq(first, 23), EBUSY), "a second time");
	claim(refused(set_irq(second, 22), EINVAL), "another PPI on another vCPU");
	claim(!set_irq(second, 23), "the same PPI");
	ioctl(gic.fd, KVM_SET_DEVICE_ATTR, &init);
	claim(refused(ioctl(first, KVM_RUN, 0), EINVAL), "KVM_RUN before INIT");
	claim(!set_init(first) && !set_init(second), "INIT");
	claim(pending(gic.fd, 0) == 1u << 23, "the overflow that was restored before is pending");
	claim(refused(set_init(first), EBUSY), "a second INIT");
	own_spi(kvm);
	timers(kvm);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
