/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small VM for programs that are one file: RAM at one address, vCPUs that talk by
 * stores to an address without memory.  Whatever fails ends the program.
 */
#ifndef SMALL_VM_H
#define SMALL_VM_H

#include <fcntl.h>
#include <linux/kvm.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	 4096u
#define RAM_BASE 0x40000000u
#define MMIO	 0x0a000000u
#define CORE_PC	 15 /* of struct kvm_regs, in words */

struct small_vm {
	int fd;
	uint32_t ram_size;
	uint8_t *ram;
};

struct small_vcpu {
	int fd;
	struct kvm_run *run;
};

static inline int must(long ret, const char *what)
{
	if (ret < 0) {
		perror(what);
		exit(1);
	}
	return (int)ret;
}

static inline void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	must(sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
}

static inline int set_slot_flags(int vm, uint32_t slot, uint32_t flags, uint32_t ipa, void *at,
				 uint32_t size)
{
	struct kvm_userspace_memory_region region = { .slot = slot,
						      .flags = flags,
						      .guest_phys_addr = ipa,
						      .memory_size = size,
						      .userspace_addr = (uintptr_t)at };

	return ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static inline int set_slot(int vm, uint32_t slot, uint32_t ipa, void *at, uint32_t size)
{
	return set_slot_flags(vm, slot, 0, ipa, at, size);
}

/* A VM with size bytes of RAM, which begins with code. */
static inline void small_vm_new(struct small_vm *vm, int kvm, uint32_t size, const char *code,
				const char *end)
{
	vm->ram_size = size;
	vm->ram = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->ram == MAP_FAILED)
		must(-1, "mmap");
	memcpy(vm->ram, code, end - code);
	vm->fd = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	must(set_slot(vm->fd, 0, RAM_BASE, vm->ram, size), "a memory slot");
}

static inline void set_core(const struct small_vcpu *vcpu, unsigned int word, uint32_t value)
{
	struct kvm_one_reg reg = {
		.id = KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | word,
		.addr = (uintptr_t)&value,
	};

	must(ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg), "KVM_SET_ONE_REG");
}

/* features: a mask of KVM_ARM_VCPU_*.  Its PC is RAM_BASE + entry, r2 = MMIO. */
static inline void small_vcpu_with(struct small_vcpu *vcpu, const struct small_vm *vm, uint32_t id,
				   uint32_t entry, uint32_t features)
{
	struct kvm_vcpu_init init;

	must(ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &init), "KVM_ARM_PREFERRED_TARGET");
	init.features[0] = features;
	vcpu->fd = must(ioctl(vm->fd, KVM_CREATE_VCPU, id), "KVM_CREATE_VCPU");
	must(ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT");
	vcpu->run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		must(-1, "mmap of kvm_run");
	set_core(vcpu, 2, MMIO);
	set_core(vcpu, CORE_PC, RAM_BASE + entry);
}

static inline void small_vcpu_new(struct small_vcpu *vcpu, const struct small_vm *vm, uint32_t id,
				  uint32_t entry)
{
	small_vcpu_with(vcpu, vm, id, entry, 0);
}

static inline void small_vcpu_close(struct small_vcpu *vcpu)
{
	munmap(vcpu->run, PAGE);
	close(vcpu->fd);
}

static inline void small_vm_close(struct small_vm *vm)
{
	close(vm->fd);
	munmap(vm->ram, vm->ram_size);
}

/* Run until the guest stores to MMIO; the word that it stored. */
static inline uint32_t next_word(const struct small_vcpu *vcpu)
{
	uint32_t value;

	must(ioctl(vcpu->fd, KVM_RUN, 0), "KVM_RUN");
	if (vcpu->run->exit_reason != KVM_EXIT_MMIO) {
		fprintf(stderr, "exit reason %u\n", vcpu->run->exit_reason);
		exit(1);
	}
	memcpy(&value, vcpu->run->mmio.data, 4);
	return value;
}

#endif
