// SPDX-License-Identifier: GPL-2.0-only
/* BKPT in ARM and Thumb, at PL1 and PL0, while the VMM's points are in the debug registers. */
#include "guest-debug.h"

#define ENABLE (KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW)

/* Sets a breakpoint in slot 0 where the BKPT tests do not come: it is loaded, but does not hit. */
static int break_elsewhere(struct debug_vm *g, uint32_t control)
{
	struct kvm_armv7_guest_debug debug = { .control = ENABLE | control };

	debug.dbgbvr[0] = AT(plain);
	debug.dbgbcr[0] = BREAK;
	return ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &debug);
}

/* Does the guest take its own BKPT, with the right vector, LR, SPSR, IFSR and MOE? */
static bool guest_takes(struct debug_vm *g, uint32_t pc, uint32_t cpsr)
{
	return stores(g, PREFETCH) && core(g, LR_ABT) == pc + 4 && core(g, SPSR_ABT) == cpsr &&
	       (reg(g, ID_IFSR) & 0x40f) == 2 && (reg(g, ID_DBGDSCR) >> 2 & 15) == 3;
}

static bool guest_saw_nothing(const struct debug_vm *g)
{
	return !core(g, LR_ABT) && !core(g, SPSR_ABT) && reg(g, ID_IFSR) == 5 &&
	       !(reg(g, ID_DBGDSCR) >> 2 & 15);
}

static void one_bkpt(struct debug_vm *g, bool thumb, bool pl0)
{
	uint32_t pc = thumb ? AT(bkpt_thumb) : AT(bkpt);
	uint32_t cpsr = (pl0 ? PSR_USR_IF : PSR_SVC_IF) | (thumb ? PSR_T : 0);
	const char *what = thumb ? "Thumb" : "ARM", *level = pl0 ? "PL0" : "PL1";

	put(g, ID_DBGDSCR, 0);
	put(g, ID_IFSR, 5);
	WORKS(break_elsewhere(g, 0), "a breakpoint elsewhere, without USE_SW_BP");
	begin(g, AT(plain), PSR_SVC_IF);
	claim(stops(g, AT(plain), 0x20, 0, 1), "it is loaded: it stops");
	begin(g, pc, cpsr);
	claim(guest_takes(g, pc, cpsr), "BKPT in %s at %s is the guest's", what, level);
	begin(g, pc, cpsr);
	claim(guest_takes(g, pc, cpsr), "and so is the next one");

	put(g, ID_DBGDSCR, 0);
	put(g, ID_IFSR, 5);
	WORKS(break_elsewhere(g, KVM_GUESTDBG_USE_SW_BP), "the same with USE_SW_BP");
	begin(g, pc, cpsr);
	claim(stops(g, pc, 0x20, 0, 3) && core(g, 16) == cpsr, "BKPT in %s at %s stops", what,
	      level);
	claim(guest_saw_nothing(g), "and the guest does not see it");
	begin(g, AT(plain), PSR_SVC_IF);
	claim(stops(g, AT(plain), 0x20, 0, 1), "the breakpoint elsewhere stops as before");
	debug_set(g, 0);
}

void test_guest_bkpt(void)
{
	struct debug_vm g;
	unsigned int n;

	debug_vm_open(&g);
	for (n = 0; n < 4; n++)
		one_bkpt(&g, n & 1, n & 2);
	debug_vm_close(&g);
}
