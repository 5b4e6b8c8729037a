// SPDX-License-Identifier: GPL-2.0-only
/* Guests saved by ONE_REG in the middle of their work, and restored in another process. */
#include "saved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_debug(uint64_t id)
{
	return (id >> 16 & 0xfff) == 14;
}

void get_ids(int vcpu, bool all, struct list *list)
{
	struct kvm_reg_list *kvm_list = calloc(1, sizeof(*kvm_list) + MAX_REGS * sizeof(uint64_t));
	uint32_t n;

	kvm_list->n = MAX_REGS;
	memset(list, 0, sizeof(*list));
	WORKS(ioctl(vcpu, KVM_GET_REG_LIST, kvm_list), "KVM_GET_REG_LIST");
	for (n = 0; n < kvm_list->n; n++)
		if (all || is_debug(kvm_list->reg[n]))
			list->id[list->count++] = kvm_list->reg[n];
	free(kvm_list);
}

uint32_t get_all(int vcpu, struct list *list)
{
	uint32_t n, bad = 0;

	for (n = 0; n < list->count; n++) {
		list->value[n] = 0;
		bad += get_reg(vcpu, list->id[n], &list->value[n]) != 0;
	}
	return bad;
}

uint32_t set_all(int vcpu, const struct list *list, const uint32_t *order)
{
	uint32_t n, bad = 0;

	for (n = 0; n < list->count; n++)
		bad += set_reg(vcpu, list->id[order ? order[n] : n],
			       &list->value[order ? order[n] : n]) != 0;
	return bad;
}

void arm(const struct debug_vm *g)
{
	put(g, ID_DBGOSLAR, 0);
	put(g, ID_DBGDSCR, DSCR_MDBGEN);
	put(g, ID_BVR(0), AT(plain));
	put(g, ID_BCR(0), BREAK);
	put(g, ID_WVR(1), DATA);
	put(g, ID_WCR(1), WATCH_LOAD);
}

bool fires(struct debug_vm *g)
{
	return stores(g, DATA_ABT) && core(g, LR_ABT) == AT(load) + 8 && reg(g, ID_DFAR) == DATA &&
	       (reg(g, ID_DBGDSCR) >> 2 & 15) == 10;
}

struct debug_vm second_vcpu(const struct debug_vm *g)
{
	struct debug_vm second = *g;
	struct kvm_vcpu_init init;

	second.vcpu = ioctl(g->vm, KVM_CREATE_VCPU, 1);
	second.run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, second.vcpu, 0);
	ioctl(g->vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2 | 1u << KVM_ARM_VCPU_POWER_OFF;
	if (second.run == MAP_FAILED || ioctl(second.vcpu, KVM_ARM_VCPU_INIT, &init)) {
		perror("cannot create a second vCPU");
		exit(1);
	}
	return second;
}

void second_vcpu_close(const struct debug_vm *second)
{
	close(second->vcpu);
	munmap(second->run, PAGE);
}

bool cpu_on(struct debug_vm *g)
{
	begin(g, AT(psci), PSR_SVC_IF);
	set_core(g->vcpu, 0, 0x84000003);
	set_core(g->vcpu, 1, 1);
	set_core(g->vcpu, 2, AT(started));
	set_core(g->vcpu, 3, MMIO);
	return stores(g, REACHED) && core(g, 0) == 0;
}

void off_armed(struct debug_vm *second)
{
	begin(second, AT(psci), PSR_SVC_IF);
	set_core(second->vcpu, 0, 0x84000002);
	arm(second);
	claim(goes_off(second) && !!reg(second, ID_BCR(0)),
	      "with points set, it calls PSCI CPU_OFF and waits");
}

/* Copies all registers of a guest in the middle of its work to the VM of another process. */
static void one_vcpu_restored(struct debug_vm *g)
{
	struct list list, debug;
	int status, pipes[2];
	pid_t pid;

	put(g, ARM_CP15_REG32(0, 12, 0, 0), AT(vectors));
	arm(g);
	begin(g, AT(load), PSR_SVC_IF);
	claim(fires(g), "the guest's watchpoint hits before it is saved");
	begin(g, AT(store), PSR_SVC_IF);
	claim(stores(g, PREFETCH) && core(g, LR_ABT) == AT(plain) + 4, "so does its breakpoint");
	begin(g, AT(load), PSR_SVC_IF);
	get_ids(g->vcpu, true, &list);
	claim(!get_all(g->vcpu, &list) && list.count > 100, "%u registers saved", list.count);

	if (pipe(pipes))
		return;
	pid = fork();
	if (pid == 0) {
		struct debug_vm other;
		bool good;

		if (read(pipes[0], &list, sizeof(list)) != sizeof(list))
			_exit(2);
		debug_vm_open(&other);
		other.data[0] = 0x1111;
		good = !set_all(other.vcpu, &list, NULL) && fires(&other);
		set_core(other.vcpu, 15, AT(store));
		good = good && stores(&other, PREFETCH) && core(&other, LR_ABT) == AT(plain) + 4;
		_exit(!good);
	}
	status = write(pipes[1], &list, sizeof(list)) == sizeof(list);
	waitpid(pid, &status, 0);
	claim(status == 0, "restored in a VM of another process, both hit");
	close(pipes[0]);
	close(pipes[1]);
	get_ids(g->vcpu, false, &debug);
	claim(debug.count && !get_all(g->vcpu, &debug) && fires(g), "and here they still hit");
}

/* The second vCPU's points are different ones in other slots: a store, and `device`. */
static void arm_second(const struct debug_vm *second)
{
	put(second, ID_DBGOSLAR, 0);
	put(second, ID_DBGDSCR, DSCR_MDBGEN);
	put(second, ID_WVR(0), STORE);
	put(second, ID_WCR(0), WATCH_STORE);
	put(second, ID_BVR(2), AT(device));
	put(second, ID_BCR(2), BREAK);
}

/* In turns: each vCPU's own points stop it, and the other's do not. */
static bool both_fire(struct debug_vm *g, struct debug_vm *second)
{
	bool good = fires(g);

	good = good && stores(second, DATA_ABT) && core(second, LR_ABT) == AT(store) + 8 &&
	       reg(second, ID_DFAR) == STORE && (reg(second, ID_DBGDSCR) >> 2 & 15) == 10;
	begin(g, AT(store), PSR_SVC_IF);
	good = good && stores(g, PREFETCH) && core(g, LR_ABT) == AT(plain) + 4;
	begin(second, AT(plain), PSR_SVC_IF);
	good = good && stores(second, PREFETCH) && core(second, LR_ABT) == AT(device) + 4 &&
	       (reg(second, ID_DBGDSCR) >> 2 & 15) == 1;
	begin(g, AT(load), PSR_SVC_IF);
	begin(second, AT(load), PSR_SVC_IF);
	return good;
}

struct pair {
	struct list list[2];
	struct kvm_mp_state state[2];
};

static uint32_t save_pair(const struct debug_vm *g, const struct debug_vm *second,
			  struct pair *pair)
{
	const int vcpus[2] = { g->vcpu, second->vcpu };
	uint32_t n, bad = 0;

	for (n = 0; n < 2; n++) {
		get_ids(vcpus[n], true, &pair->list[n]);
		bad += get_all(vcpus[n], &pair->list[n]);
		bad += ioctl(vcpus[n], KVM_GET_MP_STATE, &pair->state[n]) != 0;
	}
	return bad;
}

/* Restores both vCPUs in a VM of another process, the second vCPU first, and checks them there. */
static bool restored_elsewhere(const struct pair *pair,
			       bool (*check)(struct debug_vm *, struct debug_vm *))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct debug_vm other, second;
		bool good;

		debug_vm_open(&other);
		second = second_vcpu(&other);
		other.data[0] = 0x1111;
		good = !set_all(second.vcpu, &pair->list[1], NULL) &&
		       !set_all(other.vcpu, &pair->list[0], NULL) &&
		       !ioctl(second.vcpu, KVM_SET_MP_STATE, &pair->state[1]) &&
		       !ioctl(other.vcpu, KVM_SET_MP_STATE, &pair->state[0]);
		_exit(!(good && check(&other, &second)));
	}
	waitpid(pid, &status, 0);
	return status == 0;
}

/* The second vCPU starts at CPU_ON's entry point, and has none of its old points. */
static bool starts_reset(struct debug_vm *g, struct debug_vm *second)
{
	(void)g;
	return core(second, 15) == AT(started) && stores(second, MMIO) && !reg(second, ID_BCR(0)) &&
	       reg(second, ID_DBGOSLAR) == 0xc5acce55;
}

/* Two vCPUs of one VM, each with its own points; then one that was just turned on by CPU_ON. */
static void two_vcpus(void)
{
	struct debug_vm g, second;
	static struct pair pair;

	debug_vm_open(&g);
	second = second_vcpu(&g);
	put(&second, ARM_CP15_REG32(0, 12, 0, 0), AT(vectors));
	WORKS(ioctl(second.vcpu, KVM_SET_MP_STATE,
		    &(struct kvm_mp_state){ .mp_state = KVM_MP_STATE_RUNNABLE }),
	      "powered on");
	arm(&g);
	arm_second(&second);
	begin(&g, AT(load), PSR_SVC_IF);
	begin(&second, AT(load), PSR_SVC_IF);
	claim(both_fire(&g, &second), "each of two vCPUs takes its own points");
	claim(!save_pair(&g, &second, &pair), "both are saved");
	claim(restored_elsewhere(&pair, both_fire), "restored elsewhere, each takes its own");
	claim(both_fire(&g, &second), "and here they still do");

	off_armed(&second);
	claim(cpu_on(&g) && !save_pair(&g, &second, &pair),
	      "saved directly after CPU_ON, before the second one runs");
	claim(restored_elsewhere(&pair, starts_reset),
	      "elsewhere it starts where CPU_ON said, without its old points");
	claim(starts_reset(&g, &second), "here it does too");
	second_vcpu_close(&second);
	debug_vm_close(&g);
}

void test_saved(void)
{
	struct debug_vm g;

	debug_vm_open(&g);
	one_vcpu_restored(&g);
	debug_vm_close(&g);
	two_vcpus();
}
