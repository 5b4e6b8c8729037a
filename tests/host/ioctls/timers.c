// SPDX-License-Identifier: GPL-2.0-only
/* A vCPU's attributes, the interrupts of its timers, and the registers of the physical timer. */
#include "saved.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#define GICD	0x08000000u
#define GICC	0x08010000u
#define DOOR	0x70000000u
#define TIMERS	KVM_ARM_VCPU_TIMER_CTRL
#define VTIMER	KVM_ARM_VCPU_TIMER_IRQ_VTIMER
#define PTIMER	KVM_ARM_VCPU_TIMER_IRQ_PTIMER
#define ENABLE	1u
#define IMASK	2u
#define ISTATUS 4u

/*
 * Enables and unmasks every interrupt, waits for one, and stores GICD_ISPENDR0 to the address
 * in r3.
 */
static const uint32_t wait_code[] = {
	0xe3a02001, /* mov r2, #1 */
	0xe5812000, /* str r2, [r1]		GICD_CTLR */
	0xe3e02000, /* mvn r2, #0 */
	0xe5812100, /* str r2, [r1, #0x100]	GICD_ISENABLER0 */
	0xe3a020f0, /* mov r2, #0xf0 */
	0xe5842004, /* str r2, [r4, #4]		GICC_PMR */
	0xe320f003, /* wfi */
	0xe5912200, /* ldr r2, [r1, #0x200]	GICD_ISPENDR0 */
	0xe5832000, /* str r2, [r3] */
	0xeafffffe, /* b . */
};

/* Takes an interrupt from the GIC, without an exit before, and stores its number there. */
static const uint32_t take_code[] = {
	0xe3a02001, /* mov r2, #1 */
	0xe5842000, /* str r2, [r4]		GICC_CTLR */
	0xe594200c, /* ldr r2, [r4, #12]	GICC_IAR */
	0xe5832000, /* str r2, [r3] */
	0xeafffffe, /* b . */
};
#define TAKE (CODE + sizeof(wait_code))

static int attr(int vcpu, unsigned long what, uint32_t group, uint64_t number, const void *value)
{
	struct kvm_device_attr one = { .group = group, .attr = number, .addr = (uintptr_t)value };

	return ioctl(vcpu, what, &one);
}

static int set_irq(int vcpu, uint64_t timer, uint32_t irq)
{
	return attr(vcpu, KVM_SET_DEVICE_ATTR, TIMERS, timer, &irq);
}

static uint32_t get_irq(int vcpu, uint64_t timer)
{
	uint32_t irq = 0;

	return attr(vcpu, KVM_GET_DEVICE_ATTR, TIMERS, timer, &irq) ? ~0u : irq;
}

static void attributes(int vcpu)
{
	uint32_t value = 20;

	claim(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_VCPU_ATTRIBUTES) == 1,
	      "KVM_CAP_VCPU_ATTRIBUTES is offered");
	REFUSED(EFAULT, ioctl(vcpu, KVM_HAS_DEVICE_ATTR, NULL), "a vCPU's attribute from NULL");
	REFUSED(ENXIO, attr(vcpu, KVM_HAS_DEVICE_ATTR, TIMERS, 2, NULL), "the PPI of timer 2");
	REFUSED(ENXIO, attr(vcpu, KVM_SET_DEVICE_ATTR, TIMERS, 2, &value), "the same, set");
	REFUSED(ENXIO, attr(vcpu, KVM_GET_DEVICE_ATTR, TIMERS, 2, &value), "the same, read");
	REFUSED(ENXIO, attr(vcpu, KVM_HAS_DEVICE_ATTR, 77, 0, NULL), "a vCPU's group 77");
	WORKS(attr(vcpu, KVM_HAS_DEVICE_ATTR, TIMERS, VTIMER, NULL), "the virtual timer's PPI");
	WORKS(attr(vcpu, KVM_HAS_DEVICE_ATTR, TIMERS, PTIMER, NULL), "the physical timer's PPI");
	claim(get_irq(vcpu, VTIMER) == 27 && get_irq(vcpu, PTIMER) == 30, "they are 27 and 30");
	REFUSED(EFAULT, attr(vcpu, KVM_GET_DEVICE_ATTR, TIMERS, VTIMER, NULL), "a PPI to NULL");
}

static unsigned int times_listed(int vcpu, uint64_t id)
{
	struct list list;
	uint32_t n, times = 0;

	get_ids(vcpu, true, &list);
	for (n = 0; n < list.count; n++)
		times += list.id[n] == id;
	return times;
}

static void registers(int vcpu)
{
	uint64_t value, again = 0;
	uint32_t ctl;

	claim(times_listed(vcpu, 0x40200000000f7101) == 1 &&
		      times_listed(vcpu, 0x40300000000f0710) == 1 &&
		      !times_listed(vcpu, 0x40300000000f0700),
	      "CNTP_CTL and CNTP_CVAL are listed, CNTPCT is not");

	value = 0x123456789abcdef0;
	claim(!set_reg(vcpu, KVM_REG_ARM_PTIMER_CVAL, &value) &&
		      !get_reg(vcpu, KVM_REG_ARM_PTIMER_CVAL, &again) && again == value,
	      "CNTP_CVAL keeps another value");
	ctl = ~0u;
	claim(!set_reg(vcpu, KVM_REG_ARM_PTIMER_CTL, &ctl) &&
		      !get_reg(vcpu, KVM_REG_ARM_PTIMER_CTL, &ctl) && ctl == (ENABLE | IMASK),
	      "CNTP_CTL keeps ENABLE and IMASK, and no other bit");
	value = 1;
	set_reg(vcpu, KVM_REG_ARM_PTIMER_CVAL, &value);
	claim(!get_reg(vcpu, KVM_REG_ARM_PTIMER_CTL, &ctl) && ctl == (ENABLE | IMASK | ISTATUS),
	      "and ISTATUS, once the deadline has passed");
	claim(!get_reg(vcpu, KVM_REG_ARM_PTIMER_CNT, &value) &&
		      !get_reg(vcpu, KVM_REG_ARM_PTIMER_CNT, &again) && again > value,
	      "CNTPCT can be read");
	REFUSED(EINVAL, set_reg(vcpu, KVM_REG_ARM_PTIMER_CNT, &value), "but not set");
	ctl = 0;
	set_reg(vcpu, KVM_REG_ARM_PTIMER_CTL, &ctl);
}

static void on_alarm(int number)
{
	(void)number;
}

/* Run the guest from `start` until it stores; the value, or 0 if it does not. */
static uint32_t value_stored(int vcpu, struct kvm_run *run, uint32_t start)
{
	struct itimerval limit = { { 1, 0 }, { 60, 0 } }, off = { 0 };
	uint32_t value = 0;

	/* Complete the last exit without running the guest. */
	run->immediate_exit = 1;
	ioctl(vcpu, KVM_RUN, 0);
	run->immediate_exit = 0;
	set_core(vcpu, 1, GICD);
	set_core(vcpu, 3, DOOR);
	set_core(vcpu, 4, GICC);
	set_core(vcpu, 15, start);
	set_core(vcpu, 16, 0x1d3);
	setitimer(ITIMER_REAL, &limit, NULL);
	if (!ioctl(vcpu, KVM_RUN, 0) && run->exit_reason == KVM_EXIT_MMIO &&
	    run->mmio.phys_addr == DOOR)
		memcpy(&value, run->mmio.data, 4);
	setitimer(ITIMER_REAL, &off, NULL);
	return value;
}

/* What the guest finds pending after WFI; 0 if it does not wake up. */
static uint32_t pending_after_wfi(int vcpu, struct kvm_run *run)
{
	return value_stored(vcpu, run, CODE);
}

/* The virtual timer has expired and its PPI is pending; this process puts the deadline off. */
static void moved_deadline(int vcpu, struct kvm_run *run)
{
	uint64_t deadline = 0, now = 0;
	uint32_t pending;

	get_reg(vcpu, KVM_REG_ARM_TIMER_CNT, &deadline);
	deadline += 30000000;
	set_reg(vcpu, KVM_REG_ARM_TIMER_CVAL, &deadline);
	claim(value_stored(vcpu, run, TAKE) == 1023,
	      "a deadline that is put off after it has passed leaves no interrupt");
	pending = pending_after_wfi(vcpu, run);
	get_reg(vcpu, KVM_REG_ARM_TIMER_CNT, &now);
	claim(pending == 1u << 26 && now >= deadline, "it comes when it is due");
}

static void interrupts(int vm, int vcpu, struct kvm_run *run)
{
	struct kvm_arm_device_addr addr = { .addr = GICD };
	struct kvm_irq_level line = { .irq = 2u << 24 | 30, .level = 1 };
	int other = ioctl(vm, KVM_CREATE_VCPU, 1);
	uint32_t ctl = ENABLE;
	uint64_t value;

	REFUSED(EINVAL, set_irq(vcpu, PTIMER, 25), "a timer's PPI without a vgic");
	ioctl(vm, KVM_CREATE_IRQCHIP, 0);
	ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, &addr);
	addr.id = KVM_VGIC_V2_ADDR_TYPE_CPU;
	addr.addr = GICC;
	ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, &addr);
	REFUSED(EFAULT, attr(vcpu, KVM_SET_DEVICE_ATTR, TIMERS, PTIMER, NULL), "a PPI from NULL");
	REFUSED(EINVAL, set_irq(vcpu, PTIMER, 15), "an SGI for a timer");
	REFUSED(EINVAL, set_irq(vcpu, PTIMER, 32), "an SPI for a timer");
	REFUSED(EINVAL, ioctl(vm, KVM_IRQ_LINE, &line),
		"KVM_IRQ_LINE of PPI 30, which is the physical timer's");
	WORKS(set_irq(vcpu, PTIMER, 27), "both timers with PPI 27");
	REFUSED(EINVAL, ioctl(vcpu, KVM_RUN, 0), "KVM_RUN then");
	WORKS(set_irq(vcpu, PTIMER, 25), "PPI 25 for the physical timer");
	claim(get_irq(other, PTIMER) == 25 && get_irq(other, VTIMER) == 27,
	      "the other vCPU has it too");
	WORKS(ioctl(vm, KVM_IRQ_LINE, &line), "KVM_IRQ_LINE of PPI 30, which is free now");
	line.level = 0;
	ioctl(vm, KVM_IRQ_LINE, &line);
	line.irq = 2u << 24 | 25;
	REFUSED(EINVAL, ioctl(vm, KVM_IRQ_LINE, &line), "KVM_IRQ_LINE of PPI 25");
	WORKS(set_irq(other, VTIMER, 26), "PPI 26 for the virtual timer");

	/* A state that was saved before the deadline: the guest waits for the rest of the time. */
	get_reg(vcpu, KVM_REG_ARM_PTIMER_CNT, &value);
	value += 1000000;
	set_reg(vcpu, KVM_REG_ARM_PTIMER_CVAL, &value);
	set_reg(vcpu, KVM_REG_ARM_PTIMER_CTL, &ctl);
	claim(pending_after_wfi(vcpu, run) == 1u << 25,
	      "a deadline that this process sets ends a WFI with PPI 25");
	get_reg(vcpu, KVM_REG_ARM_PTIMER_CNT, &value);
	get_reg(vcpu, KVM_REG_ARM_PTIMER_CTL, &ctl);
	claim(ctl == (ENABLE | ISTATUS), "which is the physical timer's");
	ctl = 0;
	set_reg(vcpu, KVM_REG_ARM_PTIMER_CTL, &ctl);
	ctl = ENABLE;
	value = 0;
	set_reg(vcpu, KVM_REG_ARM_TIMER_CVAL, &value);
	set_reg(vcpu, KVM_REG_ARM_TIMER_CTL, &ctl);
	claim(pending_after_wfi(vcpu, run) == 1u << 26,
	      "the virtual timer has PPI 26; the physical one's is not pending any more");
	moved_deadline(vcpu, run);
	REFUSED(EBUSY, set_irq(vcpu, PTIMER, 30), "a timer's PPI after KVM_RUN");
	close(other);
}

/* A VM with one vCPU and a GIC that nothing has initialized yet. */
struct new_vm {
	int vm, vcpu, gic;
	struct kvm_run *run;
};

static void open_vm(struct new_vm *v, uint8_t *memory)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	uint64_t dist = GICD, cpu = GICC;

	v->vm = new_vm();
	v->vcpu = new_vcpu(v->vm, 0, &v->run);
	set_slot(v->vm, 0, 0, CODE, PAGE, (uintptr_t)memory);
	ioctl(v->vm, KVM_CREATE_DEVICE, &device);
	v->gic = (int)device.fd;
	attr(v->gic, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST,
	     &dist);
	attr(v->gic, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU,
	     &cpu);
}

static void close_vm(struct new_vm *v)
{
	munmap(v->run, PAGE);
	close(v->vcpu);
	close(v->gic);
	close(v->vm);
}

/* The physical timer with a deadline in so many ticks. */
static void set_ptimer(const struct new_vm *v, int64_t ticks)
{
	uint32_t ctl = ENABLE;
	uint64_t value = 0;

	get_reg(v->vcpu, KVM_REG_ARM_PTIMER_CNT, &value);
	value += ticks;
	set_reg(v->vcpu, KVM_REG_ARM_PTIMER_CVAL, &value);
	set_reg(v->vcpu, KVM_REG_ARM_PTIMER_CTL, &ctl);
}

/* GICD_ISPENDR0; this initializes the GIC. */
static uint32_t pending(const struct new_vm *v)
{
	uint32_t value = 0xdeadc0de;

	attr(v->gic, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x200, &value);
	return value;
}

/* The line of the physical timer rises before there is a GIC that could take it. */
static void line_before_gic(uint8_t *memory)
{
	struct new_vm v;
	uint32_t ctl = 0;

	open_vm(&v, memory);
	set_ptimer(&v, -1);
	claim(pending_after_wfi(v.vcpu, v.run) == 1u << 30,
	      "a deadline that had passed before KVM_RUN initializes the GIC ends a WFI");
	set_reg(v.vcpu, KVM_REG_ARM_PTIMER_CTL, &ctl);
	claim(!pending(&v), "off, the timer has no interrupt");
	close_vm(&v);

	open_vm(&v, memory);
	set_ptimer(&v, 10000);
	usleep(20000);
	claim(pending(&v) == 1u << 30, "so does one that passes meanwhile");
	close_vm(&v);

	open_vm(&v, memory);
	set_ptimer(&v, -1);
	set_reg(v.vcpu, KVM_REG_ARM_PTIMER_CTL, &ctl);
	claim(!pending(&v), "a timer that was turned off again has no interrupt");
	close_vm(&v);
}

/* The PPI changes while the line is high, before and after the GIC is initialized. */
static void line_moves(uint8_t *memory)
{
	struct kvm_irq_level line = { .irq = 2u << 24 | 24, .level = 1 };
	struct new_vm v;
	uint32_t ctl = 0;

	open_vm(&v, memory);
	set_ptimer(&v, -1);
	set_irq(v.vcpu, PTIMER, 25);
	claim(pending(&v) == 1u << 25, "another PPI takes the line's level");
	set_irq(v.vcpu, PTIMER, 27);
	set_irq(v.vcpu, PTIMER, 26);
	claim(pending(&v) == 1u << 26, "and again, by way of the virtual timer's");
	WORKS(ioctl(v.vm, KVM_IRQ_LINE, &line), "KVM_IRQ_LINE raises PPI 24");
	set_reg(v.vcpu, KVM_REG_ARM_PTIMER_CTL, &ctl);
	claim(pending(&v) == 1u << 24, "the timer is off");
	set_irq(v.vcpu, PTIMER, 24);
	claim(!pending(&v), "PPI 24 is the timer's now, whose line is low");
	REFUSED(EINVAL, ioctl(v.vm, KVM_IRQ_LINE, &line), "KVM_IRQ_LINE of it");
	close_vm(&v);
}

void test_timers(void)
{
	struct sigaction action = { .sa_handler = on_alarm }, old;
	struct kvm_run *run;
	uint8_t *memory = pages(1);
	int vm = new_vm(), vcpu = new_vcpu(vm, 0, &run);

	sigaction(SIGALRM, &action, &old);
	memcpy(memory, wait_code, sizeof(wait_code));
	memcpy(memory + sizeof(wait_code), take_code, sizeof(take_code));
	set_slot(vm, 0, 0, CODE, PAGE, (uintptr_t)memory);
	attributes(vcpu);
	registers(vcpu);
	interrupts(vm, vcpu, run);
	line_before_gic(memory);
	line_moves(memory);
	sigaction(SIGALRM, &old, NULL);
	munmap(run, PAGE);
	close(vcpu);
	close(vm);
	munmap(memory, PAGE);
}
