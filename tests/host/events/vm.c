// SPDX-License-Identifier: GPL-2.0-only
#include "vm.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define UART	 0x09000000u
#define UART_FR	 0x18u
#define FR_EMPTY 0x90u /* nothing received, all sent */
#define DOORS	 0x0b000000u

void die(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, " (%s)\n", strerror(error));
	exit(3);
}

void pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("cannot move to CPU %u", cpu);
}

uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

void vm_new(struct vm *vm)
{
	struct kvm_userspace_memory_region slot = { .guest_phys_addr = RAM_BASE,
						    .memory_size = RAM_SIZE };
	struct kvm_vcpu_init init;
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	memset(vm, 0, sizeof(*vm));
	vm->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	vm->fd = ioctl(kvm, KVM_CREATE_VM, 0);
	slot.userspace_addr = (uintptr_t)vm->ram;
	if (kvm < 0 || vm->ram == MAP_FAILED || vm->fd < 0 ||
	    ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot))
		die("cannot create a VM");
	vm->vcpu = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2;
	if (vm->vcpu < 0 || ioctl(vm->vcpu, KVM_ARM_VCPU_INIT, &init))
		die("cannot create a vCPU");
	vm->run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	if (vm->run == MAP_FAILED)
		die("cannot map kvm_run");
	close(kvm);
}

void vm_close(struct vm *vm)
{
	munmap(vm->run, PAGE);
	close(vm->vcpu);
	close(vm->fd);
	munmap(vm->ram, RAM_SIZE);
}

static void put_word(uint8_t **at, uint32_t value)
{
	value = __builtin_bswap32(value);
	memcpy(*at, &value, 4);
	*at += 4;
}

/* A device tree with nothing but /chosen/bootargs (Devicetree Specification 5). */
static void put_bootargs(uint8_t *ram, const char *text)
{
	static const char name[] = "bootargs";
	uint32_t size = (uint32_t)strlen(text) + 1, padded = (size + 3) & ~3u;
	uint32_t structure = 40 + 16, length = 4 + 4 + 4 + 8 + 12 + padded + 12;
	uint8_t *at = ram;

	put_word(&at, 0xd00dfeed);
	put_word(&at, structure + length + (uint32_t)sizeof(name));
	put_word(&at, structure);
	put_word(&at, structure + length);
	put_word(&at, 40);
	put_word(&at, 17);
	put_word(&at, 16);
	put_word(&at, 0);
	put_word(&at, sizeof(name));
	put_word(&at, length);
	at = ram + structure;
	put_word(&at, 1);
	put_word(&at, 0);
	put_word(&at, 1);
	memcpy(at, "chosen\0", 8);
	at += 8;
	put_word(&at, 3);
	put_word(&at, size);
	put_word(&at, 0);
	memcpy(at, text, size);
	at += padded;
	put_word(&at, 2);
	put_word(&at, 2);
	put_word(&at, 9);
	memcpy(at, name, sizeof(name));
}

static void set_core(struct vm *vm, uint32_t word, uint32_t value)
{
	struct kvm_one_reg reg = {
		.id = KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | word,
		.addr = (uintptr_t)&value,
	};

	if (ioctl(vm->vcpu, KVM_SET_ONE_REG, &reg))
		die("core register %u", word);
}

uint32_t vm_core(const struct vm *vm, uint32_t word)
{
	uint32_t value;
	struct kvm_one_reg reg = {
		.id = KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | word,
		.addr = (uintptr_t)&value,
	};

	if (ioctl(vm->vcpu, KVM_GET_ONE_REG, &reg))
		die("core register %u", word);
	return value;
}

void vm_load(struct vm *vm, const char *elf, const char *bootargs)
{
	FILE *file = fopen(elf, "rb");
	Elf32_Ehdr header;
	Elf32_Phdr part;
	unsigned int n;

	if (!file || fread(&header, sizeof(header), 1, file) != 1)
		die("%s", elf);
	for (n = 0; n < header.e_phnum; n++) {
		if (fseek(file, (long)(header.e_phoff + n * sizeof(part)), SEEK_SET) ||
		    fread(&part, sizeof(part), 1, file) != 1)
			die("%s, part %u", elf, n);
		if (part.p_type != PT_LOAD)
			continue;
		if (part.p_paddr < RAM_BASE || part.p_paddr - RAM_BASE + part.p_memsz > RAM_SIZE ||
		    fseek(file, (long)part.p_offset, SEEK_SET) ||
		    fread(vm->ram + (part.p_paddr - RAM_BASE), 1, part.p_filesz, file) !=
			    part.p_filesz)
			die("%s, part %u", elf, n);
	}
	fclose(file);
	put_bootargs(vm->ram, bootargs);
	set_core(vm, 1, ~0u);
	set_core(vm, 2, RAM_BASE);
	set_core(vm, 15, header.e_entry);
	set_core(vm, 16, 0x1d3);
}

static void access_uart(struct vm *vm)
{
	uint32_t offset = (uint32_t)vm->run->mmio.phys_addr & 0xfff, value = 0;

	if (!vm->run->mmio.is_write) {
		if (offset == UART_FR)
			value = FR_EMPTY;
		memcpy(vm->run->mmio.data, &value, 4);
	} else if (!offset && vm->run->mmio.data[0] != '\r' && vm->length < sizeof(vm->text) - 1) {
		vm->text[vm->length++] = (char)vm->run->mmio.data[0];
	}
}

enum stop vm_run(struct vm *vm, enum door *door, uint32_t *came)
{
	for (;;) {
		if (ioctl(vm->vcpu, KVM_RUN, 0)) {
			if (errno == EINTR && vm->interruptible)
				return SIGNALLED;
			if (errno == EINTR)
				continue;
			die("KVM_RUN");
		}
		switch (vm->run->exit_reason) {
		case KVM_EXIT_MMIO:
			switch (vm->run->mmio.phys_addr & ~0xfffull) {
			case UART:
				access_uart(vm);
				continue;
			case DOORS:
				*door = (enum door)((vm->run->mmio.phys_addr & 0xfff) / 4);
				memcpy(came, vm->run->mmio.data, 4);
				return DOOR;
			}
			die("an access to %#llx, where no device is",
			    (unsigned long long)vm->run->mmio.phys_addr);
		case KVM_EXIT_SYSTEM_EVENT:
			return ENDED;
		default:
			die("exit %u, %#llx after:\n%s", vm->run->exit_reason,
			    (unsigned long long)vm->run->internal.data[0], vm->text);
		}
	}
}

void vm_finish_exit(struct vm *vm)
{
	vm->run->immediate_exit = 1;
	if (ioctl(vm->vcpu, KVM_RUN, 0) != -1 || errno != EINTR)
		die("KVM_RUN with immediate_exit");
	vm->run->immediate_exit = 0;
}

static FILE *open_counters(const struct vm *vm)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/vcpu0/debug", getpid(), vm->fd);
	return fopen(path, "r");
}

uint32_t vm_counter(const struct vm *vm, const char *name)
{
	FILE *file = open_counters(vm);
	char line[128], key[32];
	uint32_t value;

	if (!file)
		die("cannot open the vCPU's file in debugfs");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%31s %u", key, &value) == 2 && !strcmp(key, name)) {
			fclose(file);
			return value;
		}
	die("no counter %s in debugfs", name);
}

void vm_print_counters(const struct vm *vm)
{
	static const char *const names[] = { "traps",	 "activations", "loads",      "reflections",
					     "parkings", "rejected",	"not_monitor" };
	unsigned int n;

	printf("counters:");
	for (n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		printf(" %s %u", names[n], vm_counter(vm, names[n]));
	printf("\n");
}
