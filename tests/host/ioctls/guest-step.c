// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GUESTDBG_SINGLESTEP: refused if mismatch breakpoints do not stop, as on QEMU.  Otherwise
 * checks what counts as a step and what does not.
 */
#include "guest-debug.h"

#include <string.h>

#define ON	 KVM_GUESTDBG_ENABLE
#define SW	 KVM_GUESTDBG_USE_SW_BP
#define HW	 KVM_GUESTDBG_USE_HW
#define STEP	 KVM_GUESTDBG_SINGLESTEP
#define MISMATCH (4u << 20)

static void not_offered(struct debug_vm *g)
{
	struct kvm_armv7_guest_debug large = { .control = ON | STEP };
	uint32_t last = (uint32_t)ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_DEBUG_HW_BPS) - 1;

	debug_break(g, 0, AT(plain), BREAK);
	REFUSED(EINVAL, debug_set(g, ON | STEP), "SINGLESTEP, which is not offered");
	REFUSED(EINVAL, debug_set(g, ON | STEP | SW), "and with USE_SW_BP");
	REFUSED(EINVAL, ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &large),
		"and in the large struct");
	large.control = ON | STEP | HW;
	REFUSED(EINVAL, ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &large), "and with slots");
	large.control = ON | HW;
	large.dbgbcr[last] = BREAK | 3u << 20;
	large.dbgbcr[0] = BREAK | 1u << 20 | last << 16;
	large.dbgbvr[0] = AT(load);
	WORKS(ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &large), "a linked breakpoint");
	debug_break(g, 0, AT(plain), BREAK);
	large.dbgbcr[0] |= MISMATCH;
	REFUSED(EINVAL, ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &large),
		"a linked mismatch, which does not stop here");
	begin(g, AT(load), PSR_SVC_IF);
	claim(stops(g, AT(plain), 0x20, 0, 1), "refused calls change nothing");
}

static bool steps(struct debug_vm *g, uint32_t pc)
{
	return stops_at(g, pc, 0x20, 0, 1, 1);
}

static void straight_code(struct debug_vm *g)
{
	WORKS(debug_set(g, ON | STEP), "SINGLESTEP");
	begin(g, AT(load), PSR_SVC_IF);
	claim(steps(g, AT(store)) && core(g, 2) == 0x1111 && !g->data[2], "a load is a step");
	claim(steps(g, AT(plain)) && g->data[2] == 0x1111, "so is a store");
	claim(steps(g, AT(device)), "so is a NOP");
	claim(go(g) == KVM_EXIT_MMIO && g->run->mmio.is_write, "a store to a device exits");
	claim(steps(g, AT(device) + 4), "and is a step when it is completed");
	set_core(g->vcpu, 15, AT(plain));
	claim(steps(g, AT(device)), "a step starts where user space has put the PC");
	WORKS(debug_set(g, ON), "SINGLESTEP off");
	begin(g, AT(load), PSR_SVC_IF);
	claim(stores(g, REACHED), "nothing stops");
}

static void emulated_insns(struct debug_vm *g)
{
	debug_set(g, ON | STEP);
	set_core(g->vcpu, 5, 0);
	begin(g, AT(own), PSR_SVC_IF);
	claim(steps(g, AT(own) + 4), "MRC of a debug register");
	claim(steps(g, AT(own) + 8), "MCR of one");
	begin(g, AT(device_load), PSR_SVC_IF);
	claim(go(g) == KVM_EXIT_MMIO && !g->run->mmio.is_write, "a load from a device exits");
	memcpy(g->run->mmio.data, "\x44\x33\x22\x11", 4);
	claim(steps(g, AT(device_next)) && core(g, 2) == 0x11223344, "and is a step");
	begin(g, AT(device), PSR_SVC_IF);
	claim(go(g) == KVM_EXIT_MMIO, "a store to a device");
	WORKS(debug_set(g, ON | STEP), "SINGLESTEP before it is completed");
	claim(steps(g, AT(device) + 4), "completing it is a step");
}

static void exceptions(struct debug_vm *g)
{
	debug_set(g, ON | STEP);
	begin(g, AT(bkpt), PSR_SVC_IF);
	claim(steps(g, AT(vectors) + 0xc) && core(g, LR_ABT) == AT(bkpt) + 4,
	      "the guest's BKPT stops at the vector");
	debug_set(g, ON | STEP | SW);
	begin(g, AT(bkpt), PSR_SVC_IF);
	claim(stops(g, AT(bkpt), 0x20, 0, 3), "BKPT with USE_SW_BP: no step");
	WORKS(debug_set(g, ON | STEP | KVM_GUESTDBG_INJECT_BP), "INJECT_BP and SINGLESTEP");
	claim(steps(g, AT(vectors) + 0xc), "its exception is a step");
}

static void other_states(struct debug_vm *g)
{
	debug_set(g, ON | STEP);
	begin(g, AT(bkpt_thumb) + 2, PSR_SVC_IF | PSR_T);
	claim(stores(g, REACHED) && steps(g, AT(bkpt_thumb) + 4), "a store of 16 bits in Thumb");
	begin(g, AT(load), PSR_USR_IF);
	claim(steps(g, AT(store)), "at PL0");
	begin(g, AT(device) + 4, PSR_SVC_IF);
	claim(steps(g, AT(load)), "a branch");
}

static void with_points(struct debug_vm *g)
{
	struct kvm_armv7_guest_debug large = { .control = ON | STEP | HW };
	uint32_t brps = (uint32_t)ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_DEBUG_HW_BPS), n;

	large.dbgbvr[0] = AT(plain);
	large.dbgbcr[0] = BREAK;
	WORKS(ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &large), "SINGLESTEP and a breakpoint");
	begin(g, AT(plain), PSR_SVC_IF);
	claim(stops(g, AT(plain), 0x20, 0, 1), "the breakpoint at the PC: no step");
	begin(g, AT(store), PSR_SVC_IF);
	claim(steps(g, AT(plain)), "onto the breakpoint: a step");
	for (n = 0; n < brps; n++) {
		large.dbgbvr[n] = AT(plain);
		large.dbgbcr[n] = BREAK;
	}
	REFUSED(EINVAL, ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &large),
		"SINGLESTEP and a point in each slot");
}

void test_guest_step(void)
{
	struct debug_vm g;

	debug_vm_open(&g);
	if (!(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_SET_GUEST_DEBUG2) & STEP)) {
		not_offered(&g);
	} else {
		straight_code(&g);
		emulated_insns(&g);
		exceptions(&g);
		other_states(&g);
		with_points(&g);
	}
	debug_vm_close(&g);
}
