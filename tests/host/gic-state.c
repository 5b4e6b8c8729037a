// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saves a GIC through the registers of its device, with interrupts in every state, and
 * restores it in another VM, in the order in which QEMU does; then both guests take what
 * is left.  The guest executes one access at a time for us, so that it is in user space in
 * between, and both vCPUs run in one thread.
 *
 * Prints `NAME WORDS ..`, hexadecimal; the case says what they have to be.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>

#include "small-vm.h"

#define GICD 0x08000000u
#define GICC 0x08010000u

#define GICD_CTLR	   0x000u
#define GICD_TYPER	   0x004u
#define GICD_IIDR	   0x008u
#define GICD_IGROUPR	   0x080u
#define GICD_ISENABLER(n)  (0x100u + 4 * (n))
#define GICD_ISPENDR(n)	   (0x200u + 4 * (n))
#define GICD_ISACTIVER(n)  (0x300u + 4 * (n))
#define GICD_ICACTIVER(n)  (0x380u + 4 * (n))
#define GICD_IPRIORITYR(n) (0x400u + (n) / 4 * 4)
#define GICD_ITARGETSR(n)  (0x800u + (n) / 4 * 4)
#define GICD_ICFGR(n)	   (0xc00u + 4 * (n))
#define GICD_SGIR	   0xf00u
#define GICC_CTLR	   0x00u
#define GICC_PMR	   0x04u
#define GICC_BPR	   0x08u
#define GICC_IAR	   0x0cu
#define GICC_EOIR	   0x10u
#define GICC_ABPR	   0x1cu
#define GICC_APR	   0xd0u

#define BIT(n)	 (1u << (n) % 32)
#define IRQS	 96
#define WORDS	 (2 * IRQS) /* of one register array, both vCPUs */
#define SPURIOUS 1023u

/* Executes accesses: [r2] is the address, with bit 0 for a write, [r2, #4] the value. */
extern const char guest_start[], guest_spin[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_start:\n"
	"	ldr	r3, [r2]\n"
	"	ldr	r4, [r2, #4]\n"
	"	tst	r3, #1\n"
	"	bic	r3, r3, #1\n"
	"	ldreq	r4, [r3]\n"
	"	strne	r4, [r3]\n"
	"	str	r4, [r2, #8]\n"
	"	b	guest_start\n"
	"guest_spin:\n"
	"	b	guest_spin\n"
	"guest_end:\n"
	".popsection\n");

struct vm {
	struct small_vm vm;
	struct small_vcpu vcpu[2];
	int gic;
};

static int kvm;

static int attr(const struct vm *vm, unsigned long what, uint32_t group, uint64_t number,
		void *value)
{
	struct kvm_device_attr attr = { .group = group, .attr = number, .addr = (uintptr_t)value };

	return ioctl(vm->gic, what, &attr);
}

static uint32_t get(const struct vm *vm, uint32_t group, uint32_t cpu, uint32_t offset)
{
	uint32_t value;

	must(attr(vm, KVM_GET_DEVICE_ATTR, group, (uint64_t)cpu << 32 | offset, &value), "get");
	return value;
}

static void set(const struct vm *vm, uint32_t group, uint32_t cpu, uint32_t offset, uint32_t value)
{
	must(attr(vm, KVM_SET_DEVICE_ATTR, group, (uint64_t)cpu << 32 | offset, &value), "set");
}

static void new_vm_with(struct vm *vm, uint32_t irqs)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	uint64_t dist = GICD, cpu = GICC;
	int n;

	small_vm_new(&vm->vm, kvm, PAGE, guest_start, guest_end);
	for (n = 0; n < 2; n++)
		small_vcpu_new(&vm->vcpu[n], &vm->vm, n, 0);
	must(ioctl(vm->vm.fd, KVM_CREATE_DEVICE, &device), "KVM_CREATE_DEVICE");
	vm->gic = (int)device.fd;
	must(attr(vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST,
		  &dist),
	     "the distributor's address");
	must(attr(vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU,
		  &cpu),
	     "the CPU interface's address");
	must(attr(vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs), "interrupts");
}

static void new_vm(struct vm *vm)
{
	new_vm_with(vm, IRQS);
}

static uint32_t guest_access(struct vm *vm, int cpu, uint32_t address, uint32_t value)
{
	struct kvm_run *run = vm->vcpu[cpu].run;

	for (;;) {
		must(ioctl(vm->vcpu[cpu].fd, KVM_RUN, 0), "KVM_RUN");
		if (run->exit_reason != KVM_EXIT_MMIO || run->mmio.phys_addr - MMIO > 8) {
			fprintf(stderr, "exit reason %u\n", run->exit_reason);
			exit(1);
		}
		if (run->mmio.phys_addr == MMIO)
			memcpy(run->mmio.data, &address, 4);
		else if (run->mmio.phys_addr == MMIO + 4)
			memcpy(run->mmio.data, &value, 4);
		else
			break;
	}
	memcpy(&value, run->mmio.data, 4);
	return value;
}

static uint32_t rd(struct vm *vm, int cpu, uint32_t address)
{
	return guest_access(vm, cpu, address, 0);
}

static void wr(struct vm *vm, int cpu, uint32_t address, uint32_t value)
{
	guest_access(vm, cpu, address | 1, value);
}

static uint32_t ack(struct vm *vm, int cpu)
{
	return rd(vm, cpu, GICC + GICC_IAR);
}

static void eoi(struct vm *vm, int cpu, uint32_t iar)
{
	wr(vm, cpu, GICC + GICC_EOIR, iar);
}

/* irq: an SPI, or a PPI of vCPU 0. */
static void line(struct vm *vm, uint32_t irq, bool high)
{
	uint32_t type = irq < 32 ? KVM_ARM_IRQ_TYPE_PPI : KVM_ARM_IRQ_TYPE_SPI;
	struct kvm_irq_level level = { .irq = type << KVM_ARM_IRQ_TYPE_SHIFT | irq, .level = high };

	must(ioctl(vm->vm.fd, KVM_IRQ_LINE, &level), "KVM_IRQ_LINE");
}

/*
 * SPI 45 goes to vCPU 1, the others to vCPU 0.  40, 41, 43 and 44 are edge-triggered, 42,
 * 45 and PPI 20 level-sensitive; 43 is disabled.
 */
static void set_up(struct vm *vm)
{
	int n;

	for (n = 0; n < 2; n++) {
		wr(vm, n, GICC + GICC_PMR, 0xf8);
		wr(vm, n, GICC + GICC_BPR, 2);
		wr(vm, n, GICC + GICC_ABPR, 4);
		wr(vm, n, GICC + GICC_CTLR, 1);
		wr(vm, n, GICD + GICD_IPRIORITYR(0), 0xa0a0a0a0);
		wr(vm, n, GICD + GICD_IPRIORITYR(4), 0xa0a0a0a0);
	}
	wr(vm, 0, GICD + GICD_CTLR, 1);
	wr(vm, 0, GICD + GICD_IPRIORITYR(20), 0x98);
	wr(vm, 0, GICD + GICD_IPRIORITYR(40), 0x88908020);
	wr(vm, 0, GICD + GICD_IPRIORITYR(44), 0x00005040);
	wr(vm, 0, GICD + GICD_ITARGETSR(40), 0x01010101);
	wr(vm, 0, GICD + GICD_ITARGETSR(44), 0x01010201);
	wr(vm, 0, GICD + GICD_ICFGR(2), 2u << 16 | 2u << 18 | 2u << 22 | 2u << 24);
	wr(vm, 0, GICD + GICD_ISENABLER(0), BIT(20));
	wr(vm, 0, GICD + GICD_ISENABLER(1), BIT(40) | BIT(41) | BIT(42) | BIT(44) | BIT(45));
}

static void make_states(struct vm *vm)
{
	uint32_t first, second, third;

	wr(vm, 0, GICD + GICD_ISPENDR(1), BIT(40));
	first = ack(vm, 0);
	wr(vm, 0, GICD + GICD_ISPENDR(1), BIT(40) | BIT(41) | BIT(43) | BIT(44));
	line(vm, 42, true);
	line(vm, 20, true);
	wr(vm, 1, GICD + GICD_SGIR, 1u << 16 | 3);
	wr(vm, 0, GICD + GICD_SGIR, 1u << 16 | 3);
	wr(vm, 0, GICD + GICD_SGIR, 2u << 16 | 5);
	second = ack(vm, 1);
	line(vm, 45, true);
	third = ack(vm, 1);
	wr(vm, 0, GICD + GICD_SGIR, 2u << 16 | 6);
	printf("active %x %x %x\n", first, second, third);
}

/* What is left on a vCPU, after its active interrupts have been ended, latest first. */
static void drain(struct vm *vm, int cpu, const char *name, ...)
{
	uint32_t active, iar;
	va_list list;

	printf("%s", name);
	va_start(list, name);
	while ((active = va_arg(list, uint32_t))) {
		eoi(vm, cpu, active);
		iar = ack(vm, cpu);
		/* The next active one may mask what waits. */
		for (; iar != SPURIOUS; iar = ack(vm, cpu)) {
			printf(" %x", iar);
			/* The guest serves the device, which lowers its line. */
			if (iar == 42 || iar == 45 || iar == 20)
				line(vm, iar, false);
			eoi(vm, cpu, iar);
		}
		printf(" %x", iar);
	}
	va_end(list);
	printf("\n");
}

static void finish(struct vm *vm, const char *name)
{
	char text[40];

	snprintf(text, sizeof(text), "%s-cpu0", name);
	drain(vm, 0, text, 40u, 0u);
	snprintf(text, sizeof(text), "%s-cpu1", name);
	drain(vm, 1, text, 45u, 5u, 0u);
	wr(vm, 0, GICD + GICD_ISENABLER(1), BIT(43));
	printf("%s-enabled %x", name, ack(vm, 0));
	eoi(vm, 0, 43);
	printf(" %x\n", ack(vm, 0));
	printf("%s-left %x %x %x %x %x %x\n", name, rd(vm, 0, GICD + GICD_ISPENDR(0)),
	       rd(vm, 1, GICD + GICD_ISPENDR(0)), rd(vm, 0, GICD + GICD_ISPENDR(1)),
	       rd(vm, 0, GICD + GICD_ISACTIVER(0)), rd(vm, 1, GICD + GICD_ISACTIVER(0)),
	       rd(vm, 0, GICD + GICD_ISACTIVER(1)));
}

/* In the order in which QEMU writes them; where clear is not 0, ones are written there before. */
static const struct {
	uint32_t offset;
	uint32_t bits;
	uint32_t clear;
	uint32_t irqs;
} dist[] = {
	{ 0x100, 1, 0x180, IRQS }, { 0x800, 8, 0, IRQS },     { 0xc00, 2, 0, IRQS },
	{ 0x200, 1, 0x280, IRQS }, { 0x300, 1, 0x380, IRQS }, { 0x400, 8, 0, IRQS },
	{ 0xf20, 8, 0xf10, 16 },
};
static const uint32_t cpu_regs[] = { GICC_CTLR, GICC_PMR, GICC_BPR, GICC_ABPR, GICC_APR };

#define ARRAYS	 (sizeof(dist) / sizeof(dist[0]))
#define CPU_REGS (sizeof(cpu_regs) / sizeof(cpu_regs[0]))

struct state {
	uint32_t ctlr;
	uint32_t dist[ARRAYS][2][WORDS];
	uint32_t cpu[2][CPU_REGS];
};

/* Calls fn for each word of an array: registers of SGIs and PPIs of both vCPUs. */
static void each_word(struct vm *vm, struct state *state, unsigned int array, bool write)
{
	uint32_t words = dist[array].irqs * dist[array].bits / 32, word, cpu;

	for (word = 0; word < words; word++)
		for (cpu = 0; cpu < (word * 32 / dist[array].bits < 32 ? 2 : 1); cpu++) {
			uint32_t *value = &state->dist[array][cpu][word];

			if (!write) {
				*value = get(vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, cpu,
					     dist[array].offset + 4 * word);
				continue;
			}
			if (dist[array].clear)
				set(vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, cpu,
				    dist[array].clear + 4 * word, ~0u);
			set(vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, cpu, dist[array].offset + 4 * word,
			    *value);
		}
}

static void save(struct vm *vm, struct state *state)
{
	unsigned int n, cpu;

	memset(state, 0, sizeof(*state));
	state->ctlr = get(vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_CTLR);
	for (n = 0; n < ARRAYS; n++)
		each_word(vm, state, n, false);
	for (cpu = 0; cpu < 2; cpu++)
		for (n = 0; n < CPU_REGS; n++)
			state->cpu[cpu][n] =
				get(vm, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, cpu, cpu_regs[n]);
}

static void restore(struct vm *vm, struct state *state)
{
	unsigned int n, cpu;

	set(vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_CTLR, state->ctlr);
	for (n = 0; n < ARRAYS; n++)
		each_word(vm, state, n, true);
	for (cpu = 0; cpu < 2; cpu++)
		for (n = 0; n < CPU_REGS; n++)
			set(vm, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, cpu, cpu_regs[n],
			    state->cpu[cpu][n]);
}

/* A vCPU that is in user space for long keeps no interrupt from the others. */
static void moves(void)
{
	struct vm vm;
	uint32_t before, elsewhere, here;

	new_vm(&vm);
	set_up(&vm);
	wr(&vm, 0, GICD + GICD_ISPENDR(1), BIT(41));
	before = rd(&vm, 0, GICD + GICD_ISPENDR(1)); /* and then it is in a list register */
	wr(&vm, 1, GICD + GICD_ITARGETSR(40), 0x02020202);
	elsewhere = ack(&vm, 1);
	eoi(&vm, 1, elsewhere);
	printf("moved %x %x %x %x\n", before, elsewhere, ack(&vm, 0), ack(&vm, 1));

	line(&vm, 45, true);
	rd(&vm, 1, GICD + GICD_ISPENDR(1));
	line(&vm, 45, false);
	here = ack(&vm, 1);
	line(&vm, 45, true);
	printf("lowered %x %x\n", here, ack(&vm, 1));
}

/* An edge is each KVM_IRQ_LINE with level 1, also if the line is high. */
static void edges(void)
{
	uint32_t n, taken[3];
	struct vm vm;

	new_vm(&vm);
	set_up(&vm);
	for (n = 0; n < 3; n++) {
		line(&vm, 40, n < 2);
		taken[n] = ack(&vm, 0);
		eoi(&vm, 0, taken[n]);
	}
	printf("edges %x %x %x\n", taken[0], taken[1], taken[2]);
}

/* INTIDs 1020 to 1023 are in the last register, and are none of the distributor's. */
static void reserved(void)
{
	struct vm vm;

	new_vm_with(&vm, 1024);
	wr(&vm, 0, GICD + GICD_CTLR, 1);
	wr(&vm, 0, GICD + GICD_ISENABLER(31), ~0u);
	printf("reserved %x\n", rd(&vm, 0, GICD + GICD_ISENABLER(31)));
}

/* Reading a vCPU's file in debugfs does not get in the way of an access to the GIC. */
static void *read_debugfs(void *path)
{
	static char text[8192];

	for (;;) {
		int fd = must(open(path, O_RDONLY | O_CLOEXEC), path);

		while (must(read(fd, text, sizeof(text)), path) > 0)
			;
		close(fd);
		pthread_testcancel();
	}
	return NULL;
}

static void beside_a_reader(void)
{
	unsigned int n, failed = 0;
	pthread_t thread;
	uint32_t value;
	char path[80];
	struct vm vm;

	new_vm(&vm);
	set_up(&vm);
	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/vcpu0/debug", getpid(), vm.vm.fd);
	must(pthread_create(&thread, NULL, read_debugfs, path) ? -1 : 0, "a thread");
	for (n = 0; n < 2000; n++)
		failed += attr(&vm, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR,
			       &value) != 0;
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	printf("beside-a-reader %u\n", failed);
}

static uint64_t timer_reg(const struct small_vcpu *vcpu, unsigned long what, uint64_t id,
			  uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	must(ioctl(vcpu->fd, what, &reg), "a register of the timer");
	return value;
}

/* The timer's PPI is linked to a physical interrupt: saved while the guest serves it. */
static void timer(void)
{
	static struct state state;
	struct vm old, new;
	uint32_t pending, unwanted, first, again, off, next;

	new_vm(&old);
	set_up(&old);
	wr(&old, 0, GICD + GICD_ISENABLER(0), BIT(27));
	timer_reg(&old.vcpu[0], KVM_SET_ONE_REG, KVM_REG_ARM_TIMER_CVAL, 0);
	timer_reg(&old.vcpu[0], KVM_SET_ONE_REG, KVM_REG_ARM_TIMER_CTL, 1);
	pending = rd(&old, 0, GICD + GICD_ISPENDR(0));
	save(&old, &state);
	first = ack(&old, 0);
	/* Restored, but the guest turns the timer off before it takes the interrupt. */
	new_vm(&new);
	restore(&new, &state);
	unwanted = ack(&new, 0);
	save(&old, &state);
	new_vm(&new);
	restore(&new, &state);
	timer_reg(&new.vcpu[0], KVM_SET_ONE_REG, KVM_REG_ARM_TIMER_CVAL, 0);
	timer_reg(&new.vcpu[0], KVM_SET_ONE_REG, KVM_REG_ARM_TIMER_CTL, 1);
	again = ack(&new, 0);
	timer_reg(&new.vcpu[0], KVM_SET_ONE_REG, KVM_REG_ARM_TIMER_CTL, 0);
	eoi(&new, 0, 27);
	off = ack(&new, 0);
	timer_reg(&new.vcpu[0], KVM_SET_ONE_REG, KVM_REG_ARM_TIMER_CTL, 1);
	next = ack(&new, 0);
	printf("timer %x %x %x %x %x %x\n", pending, unwanted, first, again, off, next);
}

/* Group 1 as a guest sets it, and as user space may once it has written GICD_IIDR. */
static void groups(void)
{
	struct vm vm;
	uint32_t value = 0, iidr;

	new_vm(&vm);
	set_up(&vm);
	wr(&vm, 0, GICD + GICD_IGROUPR + 4, BIT(41));
	wr(&vm, 0, GICD + GICD_ISPENDR(1), BIT(41));
	printf("group1 %x %x", rd(&vm, 0, GICD + GICD_IGROUPR + 4), ack(&vm, 0));
	wr(&vm, 0, GICD + GICD_CTLR, 3);
	/* AckCtl: GICC_IAR also acknowledges group 1. */
	wr(&vm, 0, GICC + GICC_CTLR, 7);
	printf(" %x\n", ack(&vm, 0));

	new_vm(&vm);
	set(&vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_IGROUPR + 4, BIT(41));
	value = get(&vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_IGROUPR + 4);
	iidr = get(&vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_IIDR);
	set(&vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_IIDR, iidr);
	set(&vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_IGROUPR + 4, BIT(41));
	printf("groups %x %x\n", value,
	       get(&vm, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_IGROUPR + 4));
}

/* Six interrupts active at once, two more than there are list registers; all of them end. */
static void more_than_list_registers(void)
{
	uint32_t n, irq, offset = GICD_IPRIORITYR(48);
	struct vm vm;

	new_vm(&vm);
	set_up(&vm);
	wr(&vm, 0, GICD + offset, 0x50607080); /* 48 has the lowest priority */
	wr(&vm, 0, GICD + offset + 4, 0x00003040);
	wr(&vm, 0, GICD + GICD_ITARGETSR(48), 0x01010101);
	wr(&vm, 0, GICD + GICD_ITARGETSR(52), 0x01010101);
	wr(&vm, 0, GICD + GICD_ICFGR(3), 0xaaaaaaaa);
	wr(&vm, 0, GICD + GICD_ISENABLER(1), 0x3fu << 16);
	printf("nested");
	for (n = 0; n < 6; n++) {
		wr(&vm, 0, GICD + GICD_ISPENDR(1), BIT(48 + n));
		printf(" %x", ack(&vm, 0));
	}
	printf(" %x", rd(&vm, 0, GICD + GICD_ISACTIVER(1)));
	for (irq = 53; irq >= 48; irq--) {
		eoi(&vm, 0, irq);
		printf(" %x", rd(&vm, 0, GICD + GICD_ISACTIVER(1)));
	}
	printf("\n");
}

static void on_signal(int number)
{
	(void)number;
}

static void *spin(void *data)
{
	struct vm *vm = data;

	ioctl(vm->vcpu[1].fd, KVM_RUN, 0);
	return NULL;
}

/* While a vCPU runs, nothing of the GIC can be read or written. */
static void busy(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	pthread_t thread;
	struct vm vm;
	uint32_t value = 0;
	int first = 0, n;

	sigaction(SIGUSR1, &action, NULL);
	new_vm(&vm);
	set_core(&vm.vcpu[1], CORE_PC, RAM_BASE + (uint32_t)(guest_spin - guest_start));
	must(pthread_create(&thread, NULL, spin, &vm) ? -1 : 0, "a thread");
	for (n = 0; n < 1000 && !first; n++) {
		usleep(10000);
		if (attr(&vm, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, GICC_PMR, &value))
			first = errno;
	}
	n = attr(&vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR, &value);
	printf("busy %d %d", first, n ? errno : 0);
	vm.vcpu[1].run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	n = attr(&vm, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR, &value);
	printf(" %d\n", n ? errno : 0);
}

int main(void)
{
	static struct state saved, again;
	struct vm old, new;

	kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	new_vm(&old);
	printf("typer %x\n", get(&old, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_TYPER));
	set_up(&old);
	make_states(&old);
	save(&old, &saved);
	printf("saved-cpu %x %x %x %x %x\n", saved.cpu[0][0], saved.cpu[0][1], saved.cpu[0][2],
	       saved.cpu[0][3], saved.cpu[0][4]);
	new_vm(&new);
	restore(&new, &saved);
	save(&new, &again);
	printf("restored %s\n", memcmp(&saved, &again, sizeof(saved)) ? "differs" : "equal");
	/* So does the machine's owner for its devices. */
	line(&new, 20, true);
	line(&new, 42, true);
	line(&new, 45, true);
	finish(&old, "old");
	finish(&new, "new");
	moves();
	edges();
	reserved();
	beside_a_reader();
	timer();
	groups();
	more_than_list_registers();
	busy();
	return 0;
}
