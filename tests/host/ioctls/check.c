// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls every ioctl of /dev/kvm, a VM, a vCPU and a vgic with wrong and right arguments, and
 * checks the errno that Documentation/virt/kvm/api.rst documents, if it documents one.
 */
#include "check.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int kvm;

bool refused(long ret, int got, int wanted, const char *format, ...)
{
	bool good = ret == -1 && got == wanted;
	va_list args;

	claim_begin(good);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (good)
		printf(": %s\n", strerrorname_np(wanted));
	else
		printf(": wanted %s, got %ld %s\n", strerrorname_np(wanted), ret,
		       ret == -1 ? strerrorname_np(got) : "");
	return good;
}

int works(long ret, int got, const char *format, ...)
{
	va_list args;

	claim_begin(ret >= 0);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (ret < 0)
		printf(": %s", strerrorname_np(got));
	putchar('\n');
	return (int)ret;
}

void *pages(uint32_t count)
{
	void *at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return at;
}

/* The end of a mapped page that is followed by an unmapped one. */
static uint8_t *end_of_page(void)
{
	uint8_t *at = pages(2);

	munmap(at + PAGE, PAGE);
	return at + PAGE;
}

void *at_the_end(const void *data, uint32_t size)
{
	return memcpy(end_of_page() - size, data, size);
}

void *cut_off(const void *data, uint32_t size)
{
	return memcpy(end_of_page() - size + 1, data, size - 1);
}

int new_vm(void)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);

	if (vm < 0) {
		perror("KVM_CREATE_VM");
		exit(1);
	}
	return vm;
}

int new_vcpu(int vm, uint32_t feature_bits, struct kvm_run **run)
{
	struct kvm_vcpu_init init;
	int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);

	ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] = feature_bits;
	if (vcpu < 0 || ioctl(vcpu, KVM_ARM_VCPU_INIT, &init)) {
		perror("new_vcpu");
		exit(1);
	}
	if (run) {
		*run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
		if (*run == MAP_FAILED) {
			perror("mmap of a vCPU");
			exit(1);
		}
	}
	return vcpu;
}

int set_slot(int vm, uint32_t slot, uint32_t flags, uint64_t ipa, uint64_t size, uint64_t hva)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = ipa,
		.memory_size = size,
		.userspace_addr = hva,
	};

	return ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);
}

int get_reg(int vcpu, uint64_t id, void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return ioctl(vcpu, KVM_GET_ONE_REG, &reg);
}

int set_reg(int vcpu, uint64_t id, const void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return ioctl(vcpu, KVM_SET_ONE_REG, &reg);
}

int set_core(int vcpu, uint32_t word, uint32_t value)
{
	return set_reg(vcpu, KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | word, &value);
}

/*
 * `ioctls debug=0` is for a module that gives guests no debug registers, `ioctls above-4g` for
 * an emulator that has all bits of HPFAR, `ioctls illegal-state` for a module that checks itself.
 */
int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0) {
		perror("/dev/kvm");
		return 1;
	}
	if (argc > 1 && !strcmp(argv[1], "debug=0")) {
		test_without_debug();
	} else if (argc > 1 && !strcmp(argv[1], "above-4g")) {
		test_above_4g();
	} else if (argc > 1 && !strcmp(argv[1], "illegal-state")) {
		test_illegal_state();
	} else {
		test_device();
		test_vm();
		test_slots();
		test_vcpu();
		test_registers();
		test_linux_registers();
		test_events();
		test_psci();
		test_sigmask();
		test_stats();
		test_run();
		test_mmio();
		test_guest_debug_args();
		test_guest_debug();
		test_guest_bkpt();
		test_guest_step();
		test_debug_registers();
		test_saved();
		test_illegal_state();
		test_vgic();
		test_timers();
		test_eventfds();
		test_lifetimes();
	}
	return claims_end();
}
