// SPDX-License-Identifier: GPL-2.0-only
/* The debug registers by ONE_REG: all of them, in any order, and reset. */
#include "saved.h"

#define ORDERS 50u

static uint32_t seed = 1;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % below;
}

/* DBGDIDR, DBGAUTHSTATUS, DBGDEVID2, DBGDEVID1 and DBGDEVID accept only their own value. */
static bool identifies(uint64_t id)
{
	return id == ID_DBGDIDR || id == ARM_CP14_REG32(0, 7, 14, 6) ||
	       id == ARM_CP14_REG32(0, 7, 0, 7) || id == ARM_CP14_REG32(0, 7, 1, 7) ||
	       id == ARM_CP14_REG32(0, 7, 2, 7);
}

/* The list has exactly the ids that follow from v7dbg_regs.def and DBGDIDR, each once. */
static void list_is_complete(const struct debug_vm *g)
{
	uint32_t didr = reg(g, ID_DBGDIDR), n, m, missing = 0, wanted = 0, twice = 0;
	uint32_t brps = (didr >> 24 & 15) + 1, wrps = (didr >> 28) + 1, ctx = (didr >> 20 & 15) + 1;
	uint64_t ids[MAX_REGS];
	struct list list;

#define FIRST_BRP 0
#define COUNT_BRP brps
#define FIRST_WRP 0
#define COUNT_WRP wrps
#define FIRST_CTX (brps - ctx)
#define COUNT_CTX brps
#define V7DBG_REG(name, opc1, crn, crm, opc2, access, pl0, trap, reset, section, note) \
	ids[wanted++] = ARM_CP14_REG32(opc1, crn, crm, opc2);
#define V7DBG_BANK(name, opc1, crn, opc2, count, access, trap, reset, section, note) \
	for (n = FIRST_##count; n < COUNT_##count; n++)                              \
		ids[wanted++] = ARM_CP14_REG32(opc1, crn, n, opc2);
#include "../../../v7dbg/v7dbg_regs.def"
	get_ids(g->vcpu, false, &list);
	for (n = 0; n < wanted; n++) {
		uint32_t found = 0;

		for (m = 0; m < list.count; m++)
			found += list.id[m] == ids[n];
		missing += !found;
		twice += found > 1;
	}
	claim(list.count == wanted && !missing && !twice,
	      "%u debug registers, %u wanted; %u missing, %u twice", list.count, wanted, missing,
	      twice);
}

/* Whatever values the registers hold, and in whatever order they are restored, they read back. */
static void any_order_restores(const struct debug_vm *g)
{
	struct kvm_vcpu_init init;
	struct list saved, now;
	uint32_t order[MAX_REGS], round, n, failed = 0, differ = 0, locked = 0;

	ioctl(g->vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2;
	get_ids(g->vcpu, false, &saved);
	failed += get_all(g->vcpu, &saved);
	now = saved;
	for (round = 0; round < ORDERS; round++) {
		for (n = 0; n < saved.count; n++) {
			order[n] = n;
			if (identifies(saved.id[n]))
				continue;
			saved.value[n] = rnd(2) ? 0 : (uint64_t)rnd(1u << 16) << 16 | rnd(1u << 16);
			if (saved.id[n] == ID_DBGOSLAR && rnd(2))
				saved.value[n] = 0xc5acce55;
		}
		failed += set_all(g->vcpu, &saved, NULL) + get_all(g->vcpu, &saved);
		locked += reg(g, ID_DBGOSLAR) != 0;
		for (n = saved.count; n > 1; n--) {
			uint32_t other = rnd(n), swap = order[n - 1];

			order[n - 1] = order[other];
			order[other] = swap;
		}
		ioctl(g->vcpu, KVM_ARM_VCPU_INIT, &init);
		failed += set_all(g->vcpu, &saved, order) + get_all(g->vcpu, &now);
		for (n = 0; n < saved.count; n++)
			if (now.value[n] != saved.value[n] && !differ++)
				claim(false, "register %#llx: %#llx became %#llx, seed %u",
				      (unsigned long long)saved.id[n],
				      (unsigned long long)saved.value[n],
				      (unsigned long long)now.value[n], seed);
	}
	claim(!failed && !differ, "random values restored in %u orders read back", ORDERS);
	claim(locked > 5 && locked < ORDERS - 5, "the OS lock was set in %u of them", locked);
	ioctl(g->vcpu, KVM_ARM_VCPU_INIT, &init);
}

static bool is_reset(const struct debug_vm *g, const struct list *fresh)
{
	struct list now = *fresh;
	uint32_t n;

	get_all(g->vcpu, &now);
	for (n = 0; n < now.count; n++)
		if (now.value[n] != fresh->value[n]) {
			claim(false, "register %#llx is %#llx after reset",
			      (unsigned long long)now.id[n], (unsigned long long)now.value[n]);
			return false;
		}
	return now.count > 0;
}

/*
 * After CPU_ON, before the vCPU runs: reads, and so a saved state, already show the state that
 * CPU_ON gives it, and no later reset undoes what is written.
 */
static void on_before_it_runs(struct debug_vm *g, struct debug_vm *second, const struct list *fresh)
{
	struct kvm_mp_state state = { .mp_state = ~0u };

	second->run->immediate_exit = 1;
	claim(cpu_on(g) && go(second) == -EINTR, "PSCI CPU_ON, and a KVM_RUN that returns at once");
	second->run->immediate_exit = 0;
	claim(core(second, 15) == AT(started) && core(second, 16) == PSR_SVC_IF &&
		      core(second, 0) == MMIO,
	      "PC, CPSR and r0 are those of CPU_ON: %#x, %#x, %#x", core(second, 15),
	      core(second, 16), core(second, 0));
	claim(is_reset(second, fresh), "and its points are off");
	ioctl(second->vcpu, KVM_GET_MP_STATE, &state);
	claim(state.mp_state == KVM_MP_STATE_RUNNABLE, "it is runnable");
	arm(second);
	put(second, ARM_CP15_REG32(0, 12, 0, 0), AT(vectors));
	begin(second, AT(load), PSR_SVC_IF);
	claim(fires(second), "points and PC that are set now are in effect when it runs");
}

/* The first call on the vCPU after CPU_ON is one that sets a register. */
static void on_and_set(struct debug_vm *g, struct debug_vm *second, const struct list *fresh)
{
	claim(cpu_on(g), "PSCI CPU_ON");
	put(second, ID_BVR(1), 0x40001234);
	claim(reg(second, ID_BVR(1)) == 0x40001234 && !reg(second, ID_BCR(0)),
	      "the register that is set keeps its value, the others are reset");
	put(second, ID_BVR(1), 0);
	claim(stores(second, MMIO) && is_reset(second, fresh) && reg(second, ID_BVR(1)) == 0,
	      "and it starts at its entry point");
}

/* KVM_ARM_VCPU_INIT resets the debug registers, and so does PSCI CPU_ON of the second vCPU. */
static void resets(void)
{
	struct kvm_vcpu_init init;
	struct debug_vm g, second;
	struct list fresh;

	debug_vm_open(&g);
	ioctl(g.vm, KVM_ARM_PREFERRED_TARGET, &init);
	get_ids(g.vcpu, false, &fresh);
	get_all(g.vcpu, &fresh);
	arm(&g);
	claim(!!reg(&g, ID_BCR(0)) && !reg(&g, ID_DBGOSLAR), "points are set");
	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2;
	ioctl(g.vcpu, KVM_ARM_VCPU_INIT, &init);
	claim(is_reset(&g, &fresh) && reg(&g, ID_DBGOSLAR) == 0xc5acce55,
	      "KVM_ARM_VCPU_INIT resets them all, and sets the OS lock");

	second = second_vcpu(&g);
	arm(&second);
	claim(cpu_on(&g), "PSCI CPU_ON");
	claim(stores(&second, MMIO) && is_reset(&second, &fresh),
	      "it starts with debug state reset");
	arm(&second);
	claim(goes_off(&second) && !!reg(&second, ID_BCR(0)),
	      "with points set, it calls PSCI CPU_OFF and waits");
	claim(cpu_on(&g), "PSCI CPU_ON again");
	claim(stores(&second, MMIO) && is_reset(&second, &fresh), "debug state is reset again");
	off_armed(&second);
	on_before_it_runs(&g, &second, &fresh);
	off_armed(&second);
	on_and_set(&g, &second, &fresh);
	second_vcpu_close(&second);
	debug_vm_close(&g);
}

void test_debug_registers(void)
{
	struct debug_vm g;

	debug_vm_open(&g);
	list_is_complete(&g);
	any_order_restores(&g);
	debug_vm_close(&g);
	resets();
}
