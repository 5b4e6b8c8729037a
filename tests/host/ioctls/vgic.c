// SPDX-License-Identifier: GPL-2.0-only
/* The vgic: KVM_CREATE_DEVICE and its attributes, KVM_CREATE_IRQCHIP, KVM_ARM_SET_DEVICE_ADDR. */
#include "check.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#define ADDR	KVM_DEV_ARM_VGIC_GRP_ADDR
#define IRQS	KVM_DEV_ARM_VGIC_GRP_NR_IRQS
#define CONTROL KVM_DEV_ARM_VGIC_GRP_CTRL
#define DIST	KVM_VGIC_V2_ADDR_TYPE_DIST
#define CPU	KVM_VGIC_V2_ADDR_TYPE_CPU
#define GICD	0x08000000ull
#define GICC	0x08010000ull

static int device_attr(int device, unsigned long what, uint32_t group, uint64_t number,
		       const void *value)
{
	struct kvm_device_attr attr = { .group = group, .attr = number, .addr = (uintptr_t)value };

	return ioctl(device, what, &attr);
}

static int set_attr(int device, uint32_t group, uint64_t number, const void *value)
{
	return device_attr(device, KVM_SET_DEVICE_ATTR, group, number, value);
}

static int set_address(int device, uint64_t type, uint64_t address)
{
	return set_attr(device, ADDR, type, &address);
}

static int set_irqs(int device, uint32_t count)
{
	return set_attr(device, IRQS, 0, &count);
}

static int create(int vm)
{
	static const uint32_t types[] = { 0, 1, 2, 3, 4, 6, 7, 8, 9, 255, ~0u };
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V2,
					    .flags = KVM_CREATE_DEVICE_TEST };
	unsigned int n;

	REFUSED(EFAULT, ioctl(vm, KVM_CREATE_DEVICE, NULL), "KVM_CREATE_DEVICE of NULL");
	REFUSED(EFAULT, ioctl(vm, KVM_CREATE_DEVICE, cut_off(&device, sizeof(device))),
		"KVM_CREATE_DEVICE of half a structure");
	for (n = 0; n < sizeof(types) / sizeof(types[0]); n++) {
		device.type = types[n];
		if (types[n] == KVM_DEV_TYPE_ARM_VGIC_V2)
			continue;
		device.flags = n & 1 ? KVM_CREATE_DEVICE_TEST : 0;
		REFUSED(ENODEV, ioctl(vm, KVM_CREATE_DEVICE, &device),
			"KVM_CREATE_DEVICE of type %u%s", types[n], n & 1 ? ", as a test" : "");
	}
	device.type = KVM_DEV_TYPE_ARM_VGIC_V2;
	device.flags = 2;
	REFUSED(EINVAL, ioctl(vm, KVM_CREATE_DEVICE, &device),
		"KVM_CREATE_DEVICE with an unknown flag");
	device.flags = KVM_CREATE_DEVICE_TEST;
	device.fd = 12345;
	WORKS(ioctl(vm, KVM_CREATE_DEVICE, &device), "KVM_CREATE_DEVICE of a vgic, as a test");
	device.flags = 0;
	WORKS(ioctl(vm, KVM_CREATE_DEVICE, &device), "and for real: the test created none");
	claim((int)device.fd >= 0 && device.fd != 12345, "its descriptor is new");
	n = device.fd;
	REFUSED(EEXIST, ioctl(vm, KVM_CREATE_DEVICE, &device), "a second vgic");
	REFUSED(EEXIST, ioctl(vm, KVM_CREATE_IRQCHIP, 0), "a second vgic by KVM_CREATE_IRQCHIP");
	return (int)n;
}

static void attributes(int device)
{
	static const struct {
		uint32_t group;
		uint64_t number;
		const char *name;
	} unknown[] = {
		{ ADDR, 2, "address type 2" },
		{ ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST | 1ull << 32, "address type 2^32" },
		{ CONTROL, 1, "control 1" },
		{ 5, 0, "group 5" },
		{ 7, 0, "KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, which is GICv3's" },
		{ ~0u, 0, "group -1" },
	};
	struct kvm_device_attr one = { .group = ADDR, .attr = DIST, .flags = 1 };
	uint64_t value = GICD;
	unsigned int n;

	REFUSED(ENOTTY, ioctl(device, KVM_RUN, 0), "a vCPU's ioctl on a device");
	REFUSED(EINVAL, ioctl(device, KVM_HAS_DEVICE_ATTR, &one), "an attribute with a flag");
	REFUSED(EFAULT, ioctl(device, KVM_HAS_DEVICE_ATTR, NULL), "KVM_HAS_DEVICE_ATTR of NULL");
	REFUSED(EFAULT, ioctl(device, KVM_SET_DEVICE_ATTR, cut_off(&one, sizeof(one))),
		"KVM_SET_DEVICE_ATTR of half a structure");
	for (n = 0; n < sizeof(unknown) / sizeof(unknown[0]); n++) {
		REFUSED(ENXIO,
			device_attr(device, KVM_HAS_DEVICE_ATTR, unknown[n].group,
				    unknown[n].number, &value),
			"KVM_HAS_DEVICE_ATTR of %s", unknown[n].name);
		REFUSED(ENXIO,
			device_attr(device, KVM_SET_DEVICE_ATTR, unknown[n].group,
				    unknown[n].number, &value),
			"KVM_SET_DEVICE_ATTR of %s", unknown[n].name);
		REFUSED(ENXIO,
			device_attr(device, KVM_GET_DEVICE_ATTR, unknown[n].group,
				    unknown[n].number, &value),
			"KVM_GET_DEVICE_ATTR of %s", unknown[n].name);
	}
	WORKS(device_attr(device, KVM_HAS_DEVICE_ATTR, ADDR, DIST, NULL),
	      "the vgic has the distributor's address");
	WORKS(device_attr(device, KVM_HAS_DEVICE_ATTR, ADDR, CPU, NULL), "and the CPU interface's");
	WORKS(device_attr(device, KVM_HAS_DEVICE_ATTR, IRQS, 0, NULL),
	      "and the number of interrupts");
	WORKS(device_attr(device, KVM_HAS_DEVICE_ATTR, CONTROL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL),
	      "and the initialization");
}

static void addresses(int device)
{
	uint64_t got = 0;

	REFUSED(EFAULT, set_attr(device, ADDR, DIST, NULL), "an address from NULL");
	REFUSED(EFAULT, set_attr(device, ADDR, DIST, NOWHERE),
		"an address from the kernel's memory");
	REFUSED(EINVAL, set_address(device, DIST, GICD + 4), "an unaligned distributor");
	REFUSED(EINVAL, set_address(device, CPU, GICC + PAGE / 2), "an unaligned CPU interface");
	REFUSED(E2BIG, set_address(device, DIST, 1ull << 40), "a distributor above 40 bits");
	REFUSED(E2BIG, set_address(device, CPU, (1ull << 40) - PAGE),
		"a CPU interface that goes beyond 40 bits");
	REFUSED(E2BIG, set_address(device, DIST, 0xfffffffffffff000ull),
		"a distributor at the very end");
	WORKS(set_address(device, DIST, GICD), "the distributor");
	REFUSED(EEXIST, set_address(device, DIST, GICD), "the distributor again");
	REFUSED(EBUSY, set_address(device, CPU, GICD), "the CPU interface in the same place");
	REFUSED(EBUSY, set_address(device, CPU, GICD - PAGE),
		"the CPU interface with its second page in the distributor");
	WORKS(set_address(device, CPU, GICC), "the CPU interface");
	REFUSED(EFAULT, device_attr(device, KVM_GET_DEVICE_ATTR, ADDR, DIST, NULL),
		"an address to NULL");
	claim(!device_attr(device, KVM_GET_DEVICE_ATTR, ADDR, CPU, &got) && got == GICC,
	      "an address reads back");
}

static void interrupts(int device)
{
	static const uint32_t bad[] = { 0, 1, 32, 63, 65, 1023, 1025, 1056, ~0u };
	uint32_t got = 0;
	unsigned int n;

	claim(!device_attr(device, KVM_GET_DEVICE_ATTR, IRQS, 0, &got) && got == 32,
	      "before a number is set, there are SGIs and PPIs");
	REFUSED(EFAULT, set_attr(device, IRQS, 0, NULL), "a number of interrupts from NULL");
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++)
		REFUSED(EINVAL, set_irqs(device, bad[n]), "%u interrupts", bad[n]);
	WORKS(set_irqs(device, 64), "64 interrupts");
	REFUSED(EBUSY, set_irqs(device, 64), "64 interrupts again");
	claim(!device_attr(device, KVM_GET_DEVICE_ATTR, IRQS, 0, &got) && got == 64,
	      "the number reads back");
	REFUSED(EFAULT, device_attr(device, KVM_GET_DEVICE_ATTR, IRQS, 0, NULL),
		"the number to NULL");
}

#define DIST_REGS KVM_DEV_ARM_VGIC_GRP_DIST_REGS
#define CPU_REGS  KVM_DEV_ARM_VGIC_GRP_CPU_REGS

static bool has(int device, uint32_t group, uint64_t number)
{
	return !device_attr(device, KVM_HAS_DEVICE_ATTR, group, number, NULL);
}

static uint32_t read_reg(int device, uint32_t group, uint64_t number)
{
	uint32_t value = 0xdeadc0de;

	device_attr(device, KVM_GET_DEVICE_ATTR, group, number, &value);
	return value;
}

static int write_reg(int device, uint32_t group, uint64_t number, uint32_t value)
{
	return set_attr(device, group, number, &value);
}

/* The registers of a GIC with 64 interrupts and one vCPU. */
static void registers(int device)
{
	static const uint16_t dist[] = { 0x000, 0x004, 0x008, 0x084, 0x104, 0x184, 0x204, 0x284,
					 0x304, 0x384, 0x43c, 0x83c, 0xc0c, 0xf00, 0xf10, 0xf2c };
	static const uint16_t no_dist[] = { 0x00c, 0x108, 0x440, 0xd00, 0xf20 + 16, 0x101, 0x1000 };
	static const uint16_t cpu[] = { 0x00, 0x04, 0x08, 0x1c, 0xd0, 0xdc, 0xfc };
	static const uint16_t no_cpu[] = { 0x0c, 0x10, 0x14, 0x18, 0xcc, 0xe0, 0xd1, 0x1000 };
	const uint64_t other = 1ull << KVM_DEV_ARM_VGIC_CPUID_SHIFT;
	unsigned int n, good;
	uint32_t value = 0;

	for (n = good = 0; n < sizeof(dist) / sizeof(dist[0]); n++)
		good += has(device, DIST_REGS, dist[n]);
	claim(good == n, "the vgic has the distributor's registers");
	for (n = good = 0; n < sizeof(no_dist) / sizeof(no_dist[0]); n++)
		good += !has(device, DIST_REGS, no_dist[n]) && errno == ENXIO &&
			!read_reg(device, DIST_REGS, no_dist[n]) &&
			!write_reg(device, DIST_REGS, no_dist[n], ~0u);
	claim(good == n, "and no others: ENXIO, zero and ignored");
	for (n = good = 0; n < sizeof(cpu) / sizeof(cpu[0]); n++)
		good += has(device, CPU_REGS, cpu[n]);
	claim(good == n, "the vgic has the registers of the CPU interface");
	for (n = good = 0; n < sizeof(no_cpu) / sizeof(no_cpu[0]); n++)
		good += !has(device, CPU_REGS, no_cpu[n]) && errno == ENXIO &&
			!read_reg(device, CPU_REGS, no_cpu[n]) &&
			!write_reg(device, CPU_REGS, no_cpu[n], ~0u);
	claim(good == n, "and no others: ENXIO, zero and ignored");

	REFUSED(EINVAL, device_attr(device, KVM_HAS_DEVICE_ATTR, DIST_REGS, other, NULL),
		"a register of a vCPU that does not exist");
	REFUSED(EINVAL, device_attr(device, KVM_GET_DEVICE_ATTR, CPU_REGS, other, &value),
		"reading it");
	REFUSED(EINVAL, device_attr(device, KVM_SET_DEVICE_ATTR, DIST_REGS, 0xffull << 32, &value),
		"writing one of vCPU 255");
	REFUSED(EFAULT, device_attr(device, KVM_GET_DEVICE_ATTR, DIST_REGS, 0, NULL),
		"a register to NULL");
	REFUSED(EFAULT, device_attr(device, KVM_SET_DEVICE_ATTR, CPU_REGS, 0, NULL),
		"a register from NULL");
	REFUSED(EFAULT, set_attr(device, DIST_REGS, 0, cut_off(&value, sizeof(value))),
		"half a register");

	WORKS(write_reg(device, DIST_REGS, 0x004, 0), "GICD_TYPER is written");
	claim(read_reg(device, DIST_REGS, 0x004) == 1, "and reads as it was made");
	value = read_reg(device, DIST_REGS, 0x008);
	claim(value == 0x4b00243b, "GICD_IIDR is KVM's, revision 2");
	WORKS(write_reg(device, DIST_REGS, 0x008, value), "GICD_IIDR takes its own value");
	REFUSED(EINVAL, write_reg(device, DIST_REGS, 0x008, value ^ 0x3000),
		"GICD_IIDR of another revision");
	WORKS(write_reg(device, DIST_REGS, 0x804, 0), "GICD_ITARGETSR1 is written");
	claim(read_reg(device, DIST_REGS, 0x804) == 0x01010101, "and is read-only");
	claim(read_reg(device, CPU_REGS, 0xfc) == 0x04b2043b, "GICC_IIDR is KVM's");
	write_reg(device, CPU_REGS, 0x04, 0xff);
	claim(read_reg(device, CPU_REGS, 0x04) == 0x1f, "GICC_PMR has its five bits at 0");
	write_reg(device, CPU_REGS, 0xd4, ~0u);
	claim(!read_reg(device, CPU_REGS, 0xd4), "GICC_APR1 has no bits");
	/* Which vCPU sent the SGI is not known here, but that one is pending. */
	write_reg(device, DIST_REGS, 0x200, 1u << 3);
	claim(read_reg(device, DIST_REGS, 0xf20) == 1u << 24, "GICD_ISPENDR pends an SGI");
	write_reg(device, DIST_REGS, 0x280, ~0u);
	claim(!read_reg(device, DIST_REGS, 0xf20), "and GICD_ICPENDR takes it back");
}

/* QEMU puts every register into its reset state when it resets the machine, and reads all. */
static void reset_by_registers(int device)
{
	static const struct {
		uint16_t offset;
		uint16_t bytes; /* with 64 interrupts */
		uint32_t value;
	} order[] = {
		{ 0x000, 4, 0 },  { 0x180, 8, ~0u }, { 0x100, 8, 0 },	 { 0x800, 64, 0 },
		{ 0xc00, 16, 0 }, { 0x280, 8, ~0u }, { 0x200, 8, 0 },	 { 0x380, 8, ~0u },
		{ 0x300, 8, 0 },  { 0x400, 64, 0 },  { 0xf10, 16, ~0u }, { 0xf20, 16, 0 },
	};
	static const uint16_t cpu[] = { 0x00, 0x04, 0x08, 0x1c, 0xd0, 0xd4, 0xd8, 0xdc };
	unsigned int n, offset, good = 0, all = 0;

	for (n = 0; n < sizeof(order) / sizeof(order[0]); n++)
		for (offset = 0; offset < order[n].bytes; offset += 4, all++)
			good += !write_reg(device, DIST_REGS, order[n].offset + offset,
					   order[n].value) &&
				read_reg(device, DIST_REGS, order[n].offset + offset) != 0xdeadc0de;
	for (n = 0; n < sizeof(cpu) / sizeof(cpu[0]); n++, all++)
		good += !write_reg(device, CPU_REGS, cpu[n], 0) &&
			!read_reg(device, CPU_REGS, cpu[n]);
	claim(good == all && all == 65, "QEMU's reset: every register is written and read");
	claim(!read_reg(device, DIST_REGS, 0x104) && !read_reg(device, DIST_REGS, 0x204) &&
		      !read_reg(device, DIST_REGS, 0x304) && !read_reg(device, DIST_REGS, 0x83c),
	      "after it, no SPI is enabled, pending or active, or has a target");
}

static void by_device(void)
{
	struct kvm_irq_level line = { .irq = 1u << 24 | 63, .level = 1 };
	int vm = new_vm(), device = create(vm), vcpu;

	attributes(device);
	REFUSED(ENODEV, set_attr(device, CONTROL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL),
		"initialization without a vCPU");
	addresses(device);
	interrupts(device);
	vcpu = new_vcpu(vm, 0, NULL);
	WORKS(set_attr(device, CONTROL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL), "initialization");
	REFUSED(EBUSY, set_irqs(device, 96), "a number of interrupts after initialization");
	REFUSED(EBUSY, ioctl(vm, KVM_CREATE_VCPU, 1), "a vCPU after initialization");
	registers(device);
	reset_by_registers(device);
	WORKS(ioctl(vm, KVM_IRQ_LINE, &line), "the last interrupt");
	line.irq++;
	REFUSED(EINVAL, ioctl(vm, KVM_IRQ_LINE, &line), "the one after it");
	REFUSED(ENXIO,
		device_attr(device, KVM_GET_DEVICE_ATTR, CONTROL, KVM_DEV_ARM_VGIC_CTRL_INIT,
			    &line),
		"initialization cannot be read");
	close(vm);
	close(vcpu);
	WORKS(device_attr(device, KVM_HAS_DEVICE_ATTR, IRQS, 0, NULL),
	      "a device outlives its VM's descriptor");
	close(device);
	REFUSED(EBADF, device_attr(device, KVM_HAS_DEVICE_ATTR, IRQS, 0, NULL), "a closed device");
}

static int set_device_addr(int vm, uint64_t id, uint64_t address)
{
	struct kvm_arm_device_addr addr = { .id = id, .addr = address };

	return ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, &addr);
}

static void by_irqchip(void)
{
	struct kvm_arm_device_addr addr = { .addr = GICD };
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	struct kvm_run *run;
	int vm = new_vm(), vcpu = new_vcpu(vm, 0, &run), large;

	REFUSED(ENXIO, set_device_addr(vm, DIST, GICD),
		"KVM_ARM_SET_DEVICE_ADDR before KVM_CREATE_IRQCHIP");
	WORKS(ioctl(vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	REFUSED(EEXIST, ioctl(vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP twice");
	REFUSED(EEXIST, ioctl(vm, KVM_CREATE_DEVICE, &device), "KVM_CREATE_DEVICE after it");
	run->immediate_exit = 1;
	REFUSED(ENXIO, ioctl(vcpu, KVM_RUN, 0), "KVM_RUN before the vgic has its addresses");
	REFUSED(EFAULT, ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, NULL),
		"KVM_ARM_SET_DEVICE_ADDR of NULL");
	REFUSED(EFAULT, ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, cut_off(&addr, sizeof(addr))),
		"KVM_ARM_SET_DEVICE_ADDR of half a structure");
	REFUSED(ENODEV, set_device_addr(vm, 1 << 16, GICD), "the address of device 1");
	REFUSED(ENODEV, set_device_addr(vm, 2, GICD), "address type 2");
	REFUSED(EINVAL, set_device_addr(vm, DIST, GICD + 1), "an unaligned address");
	REFUSED(E2BIG, set_device_addr(vm, DIST, 1ull << 40), "an address above 40 bits");
	WORKS(set_device_addr(vm, CPU, GICC), "KVM_ARM_SET_DEVICE_ADDR of the CPU interface");
	REFUSED(EEXIST, set_device_addr(vm, CPU, GICC), "the CPU interface again");
	REFUSED(EBUSY, set_device_addr(vm, DIST, GICC + PAGE),
		"the distributor in its second page");
	REFUSED(ENXIO, ioctl(vcpu, KVM_RUN, 0), "KVM_RUN with only one address set");
	WORKS(set_device_addr(vm, DIST, GICC + 2 * PAGE), "the distributor right after it");
	REFUSED(EINTR, ioctl(vcpu, KVM_RUN, 0), "KVM_RUN then gets as far as immediate_exit");
	close(vcpu);
	close(vm);

	vm = new_vm();
	ioctl(vm, KVM_CREATE_DEVICE, &device);
	large = WORKS(set_irqs((int)device.fd, 1024), "1024 interrupts");
	(void)large;
	close((int)device.fd);
	close(vm);
}

static volatile bool stop;

/* Initializes the VM's GIC as soon as there is one. */
static void *raise_lines(void *data)
{
	struct kvm_irq_level line = { .irq = 1u << 24 | 40, .level = 1 };
	long good = 0;

	while (!stop)
		good += !ioctl(*(int *)data, KVM_IRQ_LINE, &line);
	return (void *)good;
}

/* A KVM_CREATE_DEVICE that fails because no descriptor is left has made no GIC. */
static void without_descriptor(void)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	struct rlimit old, none = { 0 };
	int vm = new_vm(), failed = 0, vcpu, n;
	pthread_t thread;
	void *raised;

	getrlimit(RLIMIT_NOFILE, &old);
	none.rlim_max = old.rlim_max;
	stop = false;
	pthread_create(&thread, NULL, raise_lines, &vm);
	setrlimit(RLIMIT_NOFILE, &none);
	for (n = 0; n < 20000; n++)
		failed += ioctl(vm, KVM_CREATE_DEVICE, &device) == -1 && errno == EMFILE;
	setrlimit(RLIMIT_NOFILE, &old);
	stop = true;
	pthread_join(thread, &raised);
	claim(failed == n && !raised,
	      "KVM_CREATE_DEVICE without a free descriptor; %ld calls meanwhile found a GIC",
	      (long)raised);
	vcpu = WORKS(ioctl(vm, KVM_CREATE_VCPU, 0), "so a vCPU can be added");
	WORKS(ioctl(vm, KVM_CREATE_DEVICE, &device), "and then a GIC");
	close((int)device.fd);
	close(vcpu);
	close(vm);
}

void test_vgic(void)
{
	without_descriptor();
	by_device();
	by_irqchip();
}
