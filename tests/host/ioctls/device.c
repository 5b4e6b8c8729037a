// SPDX-License-Identifier: GPL-2.0-only
/* /dev/kvm itself, and a VM's ioctls that are not about memory or the vgic. */
#include "check.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define NO_SUCH_IOCTL _IO(KVMIO, 0xfe)
#define OTHER_TYPE    _IO('x', 0)

void test_device(void)
{
	static const struct {
		const char *name;
		int number;
		bool offered;
	} caps[] = {
		{ "USER_MEMORY", KVM_CAP_USER_MEMORY, true },
		{ "IRQCHIP", KVM_CAP_IRQCHIP, true },
		{ "ONE_REG", KVM_CAP_ONE_REG, true },
		{ "MP_STATE", KVM_CAP_MP_STATE, true },
		{ "READONLY_MEM", KVM_CAP_READONLY_MEM, true },
		{ "DEVICE_CTRL", KVM_CAP_DEVICE_CTRL, true },
		{ "IMMEDIATE_EXIT", KVM_CAP_IMMEDIATE_EXIT, true },
		{ "ARM_PSCI_0_2", KVM_CAP_ARM_PSCI_0_2, true },
		{ "IOEVENTFD", KVM_CAP_IOEVENTFD, true },
		{ "IOEVENTFD_ANY_LENGTH", KVM_CAP_IOEVENTFD_ANY_LENGTH, true },
		{ "IOEVENTFD_NO_LENGTH", KVM_CAP_IOEVENTFD_NO_LENGTH, false },
		{ "IRQFD", KVM_CAP_IRQFD, true },
		{ "IRQFD_RESAMPLE", KVM_CAP_IRQFD_RESAMPLE, true },
		{ "SIGNAL_MSI", KVM_CAP_SIGNAL_MSI, true },
		{ "COALESCED_PIO", KVM_CAP_COALESCED_PIO, false },
		{ "HYPERV", KVM_CAP_HYPERV, false },
	};
	struct rlimit limit, none;
	char byte;
	unsigned int n;
	int fd;

	claim(ioctl(kvm, KVM_GET_API_VERSION, 0) == 12, "KVM_GET_API_VERSION is 12");
	REFUSED(EINVAL, ioctl(kvm, KVM_GET_API_VERSION, 1), "KVM_GET_API_VERSION with an argument");
	claim(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0) == 2 * (int)PAGE,
	      "KVM_GET_VCPU_MMAP_SIZE is two pages");
	REFUSED(EINVAL, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 1),
		"KVM_GET_VCPU_MMAP_SIZE with an argument");
	for (n = 0; n < sizeof(caps) / sizeof(caps[0]); n++)
		claim((ioctl(kvm, KVM_CHECK_EXTENSION, caps[n].number) > 0) == caps[n].offered,
		      "KVM_CAP_%s is %soffered", caps[n].name, caps[n].offered ? "" : "not ");
	claim(ioctl(kvm, KVM_CHECK_EXTENSION, 0x7fffffff) == 0, "an unknown capability is 0");
	claim(ioctl(kvm, KVM_CHECK_EXTENSION, -1) == 0, "capability -1 is 0");
	claim(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_IRQ_ROUTING) == 4096, "4096 routes");
	claim(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_COALESCED_MMIO) == 1,
	      "coalesced MMIO is on page 1");
	claim(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS) >= 2 &&
		      ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS) >= 1,
	      "two vCPUs are possible");

	fd = WORKS(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	close(fd);
	REFUSED(EINVAL, ioctl(kvm, KVM_CREATE_VM, 1), "KVM_CREATE_VM of type 1");
	REFUSED(EINVAL, ioctl(kvm, KVM_CREATE_VM, -1), "KVM_CREATE_VM of type -1");
	REFUSED(ENOTTY, ioctl(kvm, NO_SUCH_IOCTL, 0), "an unknown ioctl of /dev/kvm");
	REFUSED(ENOTTY, ioctl(kvm, OTHER_TYPE, 0), "another driver's ioctl");
	REFUSED(ENOTTY, ioctl(kvm, KVM_RUN, 0), "a vCPU's ioctl on /dev/kvm");
	REFUSED(ENOTTY, ioctl(kvm, KVM_CREATE_VCPU, 0), "a VM's ioctl on /dev/kvm");
	REFUSED(EINVAL, read(kvm, &byte, 1), "read of /dev/kvm");
	REFUSED(EINVAL, write(kvm, "x", 1), "write to /dev/kvm");
	REFUSED(ENODEV, (long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, kvm, 0), "mmap of /dev/kvm");

	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	REFUSED(EMFILE, ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM without a free descriptor");
	setrlimit(RLIMIT_NOFILE, &limit);
	fd = WORKS(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM once there is one");
	close(fd);
	REFUSED(EBADF, ioctl(fd, KVM_CREATE_VCPU, 0), "a closed VM");
}

static void create_vcpu(void)
{
	int max = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS), n, fds[64], vm = new_vm();
	struct rlimit limit, none;

	REFUSED(EINVAL, ioctl(vm, KVM_CREATE_VCPU, max),
		"KVM_CREATE_VCPU of the first id too large");
	REFUSED(EINVAL, ioctl(vm, KVM_CREATE_VCPU, -1), "KVM_CREATE_VCPU of id -1");
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	REFUSED(EMFILE, ioctl(vm, KVM_CREATE_VCPU, max - 1),
		"KVM_CREATE_VCPU without a free descriptor");
	setrlimit(RLIMIT_NOFILE, &limit);
	for (n = max - 1; n >= 0; n--)
		fds[n] = WORKS(ioctl(vm, KVM_CREATE_VCPU, n), "KVM_CREATE_VCPU of id %d", n);
	REFUSED(EEXIST, ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU twice");
	close(fds[1]);
	REFUSED(EEXIST, ioctl(vm, KVM_CREATE_VCPU, 1),
		"KVM_CREATE_VCPU of an id whose descriptor was closed");
	for (n = 0; n < max; n++)
		if (n != 1)
			close(fds[n]);
	close(vm);
}

/* Raises SPI 40 before anything has initialized the vgic; then it is too late for a vCPU. */
static int late_vcpu(int vm, struct kvm_irq_level *level)
{
	level->irq = 1u << 24 | 40;
	WORKS(ioctl(vm, KVM_IRQ_LINE, level), "KVM_IRQ_LINE before the vgic is initialized");
	return ioctl(vm, KVM_CREATE_VCPU, 1);
}

static void irq_line(void)
{
	static const struct {
		uint32_t irq;
		const char *what;
	} bad[] = {
		{ 1u << 24 | 31, "SPI 31, which is a PPI" },
		{ 1u << 24 | 0xffff, "SPI 65535" },
		{ 2u << 24 | 15, "PPI 15, which is an SGI" },
		{ 2u << 24 | 32, "PPI 32, which is an SPI" },
		{ 2u << 24 | 1u << 16 | 17, "a PPI of a vCPU that does not exist" },
		{ 2u << 24 | 0xffu << 16 | 17, "a PPI of vCPU 255" },
		{ 2u << 24 | 0xfu << 28 | 17, "a PPI of vCPU 15 * 256" },
		{ 3u << 24 | 40, "type 3" },
		{ 0xfu << 24 | 40, "type 15" },
	};
	struct kvm_irq_level level = { .irq = 1u << 24 | 40, .level = 1 };
	struct kvm_arm_device_addr addr = { .addr = 0x8000000 };
	unsigned int n;
	int vm = new_vm(), vcpu;

	REFUSED(EFAULT, ioctl(vm, KVM_IRQ_LINE, NULL), "KVM_IRQ_LINE of NULL");
	REFUSED(EFAULT, ioctl(vm, KVM_IRQ_LINE, cut_off(&level, sizeof(level))),
		"KVM_IRQ_LINE of half a structure");
	REFUSED(ENXIO, ioctl(vm, KVM_IRQ_LINE, &level), "KVM_IRQ_LINE without a vgic");
	vcpu = new_vcpu(vm, 0, NULL);
	ioctl(vm, KVM_CREATE_IRQCHIP, 0);
	level.irq = 3u << 24 | 40;
	REFUSED(EINVAL, ioctl(vm, KVM_IRQ_LINE, &level), "KVM_IRQ_LINE of type 3 before it");
	REFUSED(EBUSY, late_vcpu(vm, &level),
		"KVM_CREATE_VCPU after KVM_IRQ_LINE, which initialized the vgic");
	WORKS(ioctl(vm, KVM_IRQ_LINE, &level), "KVM_IRQ_LINE of SPI 40");
	ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, &addr);
	addr.id = KVM_VGIC_V2_ADDR_TYPE_CPU;
	addr.addr = 0x8010000;
	ioctl(vm, KVM_ARM_SET_DEVICE_ADDR, &addr);
	{
		struct kvm_run *run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);

		run->immediate_exit = 1;
		REFUSED(EINTR, ioctl(vcpu, KVM_RUN, 0), "KVM_RUN with immediate_exit");
		munmap(run, PAGE);
	}
	WORKS(ioctl(vm, KVM_IRQ_LINE, &level), "KVM_IRQ_LINE of SPI 40 after KVM_RUN");
	level.irq = 2u << 24 | 17;
	WORKS(ioctl(vm, KVM_IRQ_LINE, &level), "KVM_IRQ_LINE of PPI 17");
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		level.irq = bad[n].irq;
		REFUSED(EINVAL, ioctl(vm, KVM_IRQ_LINE, &level), "KVM_IRQ_LINE of %s", bad[n].what);
	}
	close(vcpu);
	close(vm);
}

void test_vm(void)
{
	struct kvm_vcpu_init init = { .target = ~0u };
	int vm = new_vm();

	REFUSED(EFAULT, ioctl(vm, KVM_ARM_PREFERRED_TARGET, NULL),
		"KVM_ARM_PREFERRED_TARGET to NULL");
	REFUSED(EFAULT, ioctl(vm, KVM_ARM_PREFERRED_TARGET, NOWHERE),
		"KVM_ARM_PREFERRED_TARGET to a kernel address");
	REFUSED(EFAULT, ioctl(vm, KVM_ARM_PREFERRED_TARGET, cut_off(&init, sizeof(init))),
		"KVM_ARM_PREFERRED_TARGET to half a structure");
	WORKS(ioctl(vm, KVM_ARM_PREFERRED_TARGET, at_the_end(&init, sizeof(init))),
	      "KVM_ARM_PREFERRED_TARGET to the end of a page");
	ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init);
	claim(init.target < KVM_ARM_NUM_TARGETS && !init.features[0],
	      "the preferred target is known");
	claim(ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_ONE_REG) == 1 &&
		      ioctl(vm, KVM_CHECK_EXTENSION, 0x7fffffff) == 0,
	      "KVM_CHECK_EXTENSION on a VM");
	REFUSED(ENOTTY, ioctl(vm, NO_SUCH_IOCTL, 0), "an unknown ioctl of a VM");
	REFUSED(ENOTTY, ioctl(vm, KVM_RUN, 0), "a vCPU's ioctl on a VM");
	REFUSED(ENODEV, (long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, vm, 0), "mmap of a VM");
	close(vm);
	create_vcpu();
	irq_line();
}
