// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PC that is not aligned for its instruction set, and IT bits in ARM state: an exception return
 * to either is UNPREDICTABLE (A2.5.2, B9.3.4), so the module makes them legal first.  The emulator
 * does the same by itself; in `ioctls illegal-state` the module checks that it has.
 */
#include "saved.h"

#define PSR_IT 0x0600fc00u

static void by_one_reg(struct debug_vm *g)
{
	uint32_t off, good = 0;

	for (off = 1; off < 4; off++) {
		begin(g, AT(device) + off, PSR_SVC_IF);
		good += stores(g, REACHED) && core(g, 15) == AT(device);
	}
	claim(good == 3, "ARM code at a PC with bit 0 or 1 set runs from the aligned one: %u",
	      good);
	begin(g, AT(store_thumb) + 1, PSR_SVC_IF | PSR_T);
	claim(stores(g, REACHED) && core(g, 15) == AT(store_thumb),
	      "Thumb code at an odd PC runs from the even one");
	begin(g, AT(device), PSR_SVC_IF | PSR_IT);
	claim(stores(g, REACHED) && !(core(g, 16) & PSR_IT), "IT bits in ARM state are cleared");
	/* ITSTATE 0b11101000: AL, one instruction. */
	begin(g, AT(store_thumb), PSR_SVC_IF | PSR_T | 0xe800);
	claim(stores(g, REACHED) && (core(g, 16) & PSR_IT) == 0xe800,
	      "in Thumb state they are the guest's");
}

static void by_cpu_on(struct debug_vm *g)
{
	struct debug_vm second = second_vcpu(g);

	begin(g, AT(psci), PSR_SVC_IF);
	set_core(g->vcpu, 0, 0x84000003);
	set_core(g->vcpu, 1, 1);
	set_core(g->vcpu, 2, AT(started) + 2);
	set_core(g->vcpu, 3, MMIO);
	claim(stores(g, REACHED) && !core(g, 0), "PSCI CPU_ON at an address with bit 1 set");
	claim(stores(&second, MMIO) && core(&second, 15) == AT(started),
	      "it starts at the aligned one");
	second_vcpu_close(&second);
}

static void by_bxj(struct debug_vm *g)
{
	begin(g, AT(bxj), PSR_SVC_IF);
	set_core(g->vcpu, 2, AT(device) + 2);
	claim(stores(g, REACHED) && core(g, 15) == AT(device), "BXJ to such an address, too");
}

void test_illegal_state(void)
{
	struct debug_vm g;

	debug_vm_open(&g);
	by_one_reg(&g);
	by_bxj(&g);
	by_cpu_on(&g);
	debug_vm_close(&g);
}
