// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves a guest from one process to the next through a file that holds every register of
 * KVM_GET_REG_LIST, accessed by ONE_REG, the memory, and what the guest has printed.
 */
#include "vm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define MAX_REGS 512
#define NO_PAGE	 ~0u

struct value {
	uint64_t id, value;
};

static void get_reg(const struct vm *vm, struct value *reg)
{
	struct kvm_one_reg one = { .id = reg->id, .addr = (uintptr_t)&reg->value };

	reg->value = 0;
	if (ioctl(vm->vcpu, KVM_GET_ONE_REG, &one))
		die("get register %#llx", (unsigned long long)reg->id);
}

static uint32_t get_all_regs(const struct vm *vm, struct value *regs)
{
	static union {
		struct kvm_reg_list list;
		uint64_t room[MAX_REGS + 1];
	} all;
	uint32_t n;

	all.list.n = MAX_REGS;
	if (ioctl(vm->vcpu, KVM_GET_REG_LIST, &all))
		die("KVM_GET_REG_LIST");
	for (n = 0; n < all.list.n; n++) {
		regs[n].id = all.list.reg[n];
		get_reg(vm, &regs[n]);
	}
	return (uint32_t)all.list.n;
}

static void write_part(FILE *file, const void *data, size_t size)
{
	if (fwrite(data, 1, size, file) != size)
		die("write");
}

static void read_part(FILE *file, void *data, size_t size)
{
	if (fread(data, 1, size, file) != size)
		die("read");
}

void vm_save(const struct vm *vm, const char *path)
{
	static const uint8_t zero_page[PAGE];
	static struct value regs[MAX_REGS];
	uint32_t count = get_all_regs(vm, regs), page;
	FILE *file = fopen(path, "wb");

	if (!file)
		die("%s", path);
	write_part(file, &count, sizeof(count));
	write_part(file, regs, count * sizeof(regs[0]));
	write_part(file, &vm->length, sizeof(vm->length));
	write_part(file, vm->text, vm->length);
	for (page = 0; page < RAM_SIZE / PAGE; page++) {
		if (!memcmp(vm->ram + page * PAGE, zero_page, PAGE))
			continue;
		write_part(file, &page, sizeof(page));
		write_part(file, vm->ram + page * PAGE, PAGE);
	}
	page = NO_PAGE;
	write_part(file, &page, sizeof(page));
	if (fclose(file))
		die("%s", path);
}

static void rearrange(struct value *regs, uint32_t count, enum order order, uint32_t seed)
{
	uint32_t n, other;

	for (n = 0; n < count && order != LISTED; n++) {
		struct value moved = regs[n];

		other = order == SHUFFLED ? n + next_random(&seed) % (count - n) : count - 1 - n;
		if (order == REVERSED && other <= n)
			break;
		regs[n] = regs[other];
		regs[other] = moved;
	}
}

void vm_restore(struct vm *vm, const char *path, enum order order, uint32_t seed)
{
	static struct value regs[MAX_REGS];
	FILE *file = fopen(path, "rb");
	uint32_t count, page, n, debug = 0, points = 0;

	if (!file)
		die("%s", path);
	read_part(file, &count, sizeof(count));
	read_part(file, regs, count * sizeof(regs[0]));
	read_part(file, &vm->length, sizeof(vm->length));
	read_part(file, vm->text, vm->length);
	read_part(file, &page, sizeof(page));
	while (page != NO_PAGE) {
		read_part(file, vm->ram + page * PAGE, PAGE);
		read_part(file, &page, sizeof(page));
	}
	fclose(file);

	rearrange(regs, count, order, seed);
	for (n = 0; n < count; n++) {
		struct kvm_one_reg one = { .id = regs[n].id, .addr = (uintptr_t)&regs[n].value };

		if (ioctl(vm->vcpu, KVM_SET_ONE_REG, &one))
			die("set register %#llx", (unsigned long long)regs[n].id);
	}
	for (n = 0; n < count; n++) {
		struct value now = { .id = regs[n].id };
		uint32_t opc2 = regs[n].id & 7;

		get_reg(vm, &now);
		if (now.value != regs[n].value && now.id != KVM_REG_ARM_TIMER_CNT)
			die("register %#llx: %#llx became %#llx", (unsigned long long)now.id,
			    (unsigned long long)regs[n].value, (unsigned long long)now.value);
		if ((now.id & KVM_REG_ARM_COPROC_MASK) != 14u << KVM_REG_ARM_COPROC_SHIFT)
			continue;
		debug++;
		/* DBGBCRn and DBGWCRn have CRn 0 and opc2 5 and 7. */
		if (!(now.id & 0x7800) && (opc2 == 5 || opc2 == 7))
			points += now.value & 1;
	}
	printf("restored = %u registers, %u of cp14, %u points on\n", count, debug, points);
}

static enum stop run_doors(struct vm *vm, uint32_t doors)
{
	enum stop stop = DOOR;
	enum door door;
	uint32_t came;

	while (stop == DOOR && doors--)
		stop = vm_run(vm, &door, &came);
	return stop;
}

static int run_and_save(struct vm *vm, uint32_t doors, const char *path)
{
	if (run_doors(vm, doors) == ENDED) {
		printf("%sended\n", vm->text);
		return 0;
	}
	vm_finish_exit(vm);
	vm_save(vm, path);
	return 0;
}

int command_save(int argc, char **argv)
{
	static struct vm vm;

	(void)argc;
	vm_new(&vm);
	vm_load(&vm, argv[0], argv[1]);
	return run_and_save(&vm, (uint32_t)strtoul(argv[2], NULL, 0), argv[3]);
}

int command_resume(int argc, char **argv)
{
	static struct vm vm;
	enum order order = !strcmp(argv[1], "listed")	  ? LISTED
			   : !strcmp(argv[1], "reversed") ? REVERSED
							  : SHUFFLED;

	(void)argc;
	vm_new(&vm);
	vm_restore(&vm, argv[0], order, (uint32_t)strtoul(argv[1], NULL, 0));
	return run_and_save(&vm, (uint32_t)strtoul(argv[2], NULL, 0), argv[3]);
}
