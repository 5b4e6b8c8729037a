// SPDX-License-Identifier: GPL-2.0-only
/* KVM_SET_GUEST_DEBUG and KVM_ARMV7_SET_GUEST_DEBUG: what stops, and what does not. */
#include "guest-debug.h"

#include <string.h>
#include <unistd.h>

#define EC_BREAK 0x20u
#define EC_WATCH 0x24u
#define ON	 KVM_GUESTDBG_ENABLE
#define SW	 KVM_GUESTDBG_USE_SW_BP
#define INJECT	 KVM_GUESTDBG_INJECT_BP

static uint32_t moe(const struct debug_vm *g)
{
	return reg(g, ID_DBGDSCR) >> 2 & 15;
}

static void software_breakpoints(struct debug_vm *g)
{
	WORKS(debug_set(g, ON | SW), "software breakpoints on");
	begin(g, AT(bkpt), PSR_SVC_IF);
	claim(stops(g, AT(bkpt), EC_BREAK, 0, 3), "a BKPT stops, with the PC at it");
	claim(stops(g, AT(bkpt), EC_BREAK, 0, 3), "and again, because it was not executed");
	claim(!core(g, LR_ABT) && core(g, 16) == PSR_SVC_IF && moe(g) == 0,
	      "the guest does not see it, not even in MOE");
	begin(g, AT(bkpt), PSR_USR_IF);
	claim(stops(g, AT(bkpt), EC_BREAK, 0, 3), "at PL0 too");
	begin(g, AT(bkpt_thumb), PSR_SVC_IF | PSR_T);
	claim(stops(g, AT(bkpt_thumb), EC_BREAK, 0, 3), "in Thumb too");
	set_core(g->vcpu, 15, AT(bkpt_thumb) + 2);
	claim(stores(g, REACHED), "with the PC after it the guest continues");

	WORKS(debug_set(g, ON), "debugging on, software breakpoints off");
	begin(g, AT(bkpt), PSR_SVC_IF);
	claim(stores(g, PREFETCH) && core(g, LR_ABT) == AT(bkpt) + 4 &&
		      core(g, SPSR_ABT) == PSR_SVC_IF && moe(g) == 3,
	      "BKPT is the guest's: its prefetch abort, MOE is 3");
	WORKS(debug_set(g, 0), "debugging off");
	put(g, ID_DBGDSCR, 0);
	begin(g, AT(bkpt), PSR_USR_IF);
	claim(stores(g, PREFETCH) && core(g, SPSR_ABT) == PSR_USR_IF && moe(g) == 3,
	      "BKPT is the guest's");
}

static bool injected(struct debug_vm *g, uint32_t pc, uint32_t cpsr)
{
	return stores(g, PREFETCH) && core(g, LR_ABT) == pc + 4 && core(g, SPSR_ABT) == cpsr &&
	       (reg(g, ID_IFSR) & 0x40f) == 2 && moe(g) == 3;
}

static void inject_bkpt(struct debug_vm *g)
{
	put(g, ID_DBGDSCR, 0);
	debug_set(g, ON | SW);
	begin(g, AT(bkpt), PSR_USR_IF);
	claim(stops(g, AT(bkpt), EC_BREAK, 0, 3), "a BKPT stops");
	WORKS(debug_set(g, ON | SW | INJECT), "INJECT_BP");
	claim(injected(g, AT(bkpt), PSR_USR_IF), "the guest takes its exception");
	begin(g, AT(bkpt), PSR_USR_IF);
	claim(stops(g, AT(bkpt), EC_BREAK, 0, 3), "the next BKPT stops: INJECT_BP works once");
	put(g, ID_DBGDSCR, 0);
	WORKS(debug_set(g, INJECT), "INJECT_BP alone");
	claim(injected(g, AT(bkpt), PSR_USR_IF), "the guest takes its exception");
	begin(g, AT(bkpt), PSR_SVC_IF);
	claim(injected(g, AT(bkpt), PSR_SVC_IF), "and takes its next BKPT: debugging is off");

	debug_set(g, ON | SW | INJECT);
	WORKS(debug_set(g, ON | SW), "INJECT_BP, then another call without it");
	begin(g, AT(plain), PSR_SVC_IF);
	claim(stores(g, REACHED), "the second call cancels it");
	begin(g, AT(plain), PSR_SVC_IF);
	debug_set(g, INJECT);
	g->run->immediate_exit = 1;
	ioctl(g->vcpu, KVM_RUN, 0);
	g->run->immediate_exit = 0;
	set_core(g->vcpu, 4, 0);
	claim(injected(g, AT(plain), PSR_SVC_IF), "immediate_exit leaves it for the next KVM_RUN");
	begin(g, AT(bkpt), PSR_SVC_IF);
	debug_set(g, INJECT);
	set_core(g->vcpu, 15, AT(plain));
	claim(stores(g, REACHED), "a new PC cancels it");
	begin(g, AT(plain), PSR_SVC_IF);
	debug_set(g, INJECT);
	set_core(g->vcpu, 16, PSR_USR_IF);
	claim(stores(g, REACHED) && core(g, 16) == PSR_USR_IF, "so does a new CPSR");
	begin(g, AT(device_load), PSR_SVC_IF);
	claim(go(g) == KVM_EXIT_MMIO && !g->run->mmio.is_write, "a load from a device");
	debug_set(g, INJECT);
	memcpy(g->run->mmio.data, "\x44\x33\x22\x11", 4);
	claim(injected(g, AT(device_next), PSR_SVC_IF) && core(g, 2) == 0x11223344,
	      "is completed before INJECT_BP");
	debug_set(g, 0);
}

static void breakpoints(struct debug_vm *g, uint32_t count)
{
	uint32_t n;

	for (n = 0; n < count; n++) {
		WORKS(debug_break(g, n, AT(plain), BREAK), "breakpoint %u", n);
		begin(g, AT(load), PSR_SVC_IF);
		claim(stops(g, AT(plain), EC_BREAK, 0, 1), "it stops");
		claim(stops(g, AT(plain), EC_BREAK, 0, 1) && !core(g, LR_ABT),
		      "and again; the guest does not see it");
		WORKS(debug_break(g, n, AT(plain), BREAK & ~1u), "breakpoint %u, E clear", n);
		claim(stores(g, REACHED), "it does not stop");
	}
	WORKS(debug_break(g, 0, AT(plain), BREAK_PL0), "a breakpoint at PL0 only");
	begin(g, AT(load), PSR_SVC_IF);
	claim(stores(g, REACHED), "does not stop at PL1");
	begin(g, AT(load), PSR_USR_IF);
	claim(stops(g, AT(plain), EC_BREAK, 0, 1), "and stops at PL0");
	debug_break(g, 0, AT(plain), BREAK);
	begin(g, AT(bkpt), PSR_SVC_IF);
	claim(stores(g, PREFETCH) && moe(g) == 3,
	      "hardware points without USE_SW_BP: BKPT is the guest's");
	debug_set(g, 0);
	begin(g, AT(load), PSR_USR_IF);
	claim(stores(g, REACHED), "debugging off: nothing stops");
}

static void watchpoints(struct debug_vm *g, uint32_t count)
{
	uint32_t n;

	for (n = 0; n < count; n++) {
		WORKS(debug_watch(g, n, DATA, WATCH_LOAD), "watchpoint %u, for loads", n);
		begin(g, AT(load), PSR_SVC_IF);
		claim(stops(g, AT(load), EC_WATCH, DATA, 10) && core(g, 2) == 0x2222,
		      "it stops, before the load");
		WORKS(debug_watch(g, n, STORE, WATCH_STORE), "watchpoint %u, for stores", n);
		claim(stops(g, AT(store), EC_WATCH, STORE, 10) && core(g, 2) == 0x1111 &&
			      !g->data[2],
		      "it stops before the store");
		WORKS(debug_watch(g, n, STORE, WATCH_LOAD), "watchpoint %u, for loads there", n);
		claim(stores(g, REACHED) && g->data[2] == 0x1111, "it does not stop at the store");
	}
	debug_watch(g, 0, MMIO, WATCH_STORE);
	begin(g, AT(load), PSR_SVC_IF);
	claim(stops(g, AT(device), EC_WATCH, MMIO, 10),
	      "a watchpoint on a device stops before the store");
	debug_watch(g, 0, MMIO, WATCH_LOAD);
	claim(stores(g, REACHED), "one for loads does not stop at the store");
	begin(g, AT(device_load), PSR_SVC_IF);
	claim(stops(g, AT(device_load), EC_WATCH, MMIO, 10), "but at a load");
	WORKS(debug_watch(g, 0, MMIO, (WATCH_LOAD & ~0x1e0u) | 0xau << 5), "bytes 1 and 3 of it");
	begin(g, AT(device_load), PSR_SVC_IF);
	claim(stops(g, AT(device_load), EC_WATCH, MMIO + 1, 10),
	      "FAR is the first byte that is watched");
	debug_watch(g, 0, MMIO + 4, WATCH_LOAD);
	claim(go(g) == KVM_EXIT_MMIO && !g->run->mmio.is_write,
	      "a watchpoint on the next word does not stop");
	debug_set(g, 0);
}

/* The guest's own points, set by ONE_REG as the guest would set them. */
static void guest_points(struct debug_vm *g)
{
	put(g, ID_DBGOSLAR, 0);
	put(g, ID_DBGDSCR, DSCR_MDBGEN);
	put(g, ID_BVR(0), AT(plain));
	put(g, ID_BCR(0), BREAK);
	put(g, ID_WVR(0), DATA);
	put(g, ID_WCR(0), WATCH_LOAD);
	begin(g, AT(load), PSR_SVC_IF);
	claim(stores(g, DATA_ABT) && core(g, LR_ABT) == AT(load) + 8 && reg(g, ID_DFAR) == DATA &&
		      moe(g) == 10,
	      "the guest's own watchpoint");
	begin(g, AT(store), PSR_SVC_IF);
	claim(stores(g, PREFETCH) && core(g, LR_ABT) == AT(plain) + 4 && moe(g) == 1,
	      "and its own breakpoint");

	WORKS(debug_set(g, ON), "debugging on, without any point");
	begin(g, AT(load), PSR_SVC_IF);
	claim(stores(g, REACHED) && moe(g) == 1, "the guest's own points are suspended");
	debug_break(g, 1, AT(device), BREAK);
	begin(g, AT(load), PSR_SVC_IF);
	claim(stops(g, AT(device), EC_BREAK, 0, 1) && moe(g) == 1,
	      "also with a point of ours elsewhere");

	/* The guest still debugs itself: it reads its own values, and its writes are kept. */
	put(g, ID_BVR(1), AT(store));
	set_core(g->vcpu, 5, BREAK);
	begin(g, AT(own), PSR_SVC_IF);
	claim(stores(g, REACHED) && core(g, 4) == BREAK, "it reads its own DBGBCR0");
	claim(reg(g, ID_BCR(1)) == BREAK && reg(g, ID_BVR(1)) == AT(store),
	      "what it writes is its own DBGBCR1");
	begin(g, AT(load), PSR_SVC_IF);
	claim(stops(g, AT(device), EC_BREAK, 0, 1), "our breakpoint 1 is still ours");

	WORKS(debug_set(g, 0), "debugging off");
	begin(g, AT(load), PSR_SVC_IF);
	claim(stores(g, DATA_ABT) && reg(g, ID_DFAR) == DATA && moe(g) == 10,
	      "the guest's watchpoint is back");
	begin(g, AT(store), PSR_SVC_IF);
	claim(stores(g, PREFETCH) && core(g, LR_ABT) == AT(store) + 4 && moe(g) == 1,
	      "and the breakpoint that it set meanwhile");
	begin(g, AT(plain), PSR_SVC_IF);
	claim(stores(g, PREFETCH) && core(g, LR_ABT) == AT(plain) + 4,
	      "and the one that it had set before");
	put(g, ID_BCR(0), 0);
	put(g, ID_BCR(1), 0);
	put(g, ID_WCR(0), 0);
	begin(g, AT(load), PSR_SVC_IF);
	claim(stores(g, REACHED), "with its points off nothing stops");
}

static void reset_while_debugged(struct debug_vm *g)
{
	struct kvm_vcpu_init init;

	ioctl(g->vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2;
	debug_set(g, ON | SW | INJECT);
	WORKS(ioctl(g->vcpu, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT while debugging is on");
	begin(g, AT(bkpt), PSR_SVC_IF);
	claim(stops(g, AT(bkpt), EC_BREAK, 0, 3), "a BKPT stops; INJECT_BP is gone");
	debug_set(g, 0);
	put(g, ARM_CP15_REG32(0, 12, 0, 0), AT(vectors));
}

void test_guest_debug(void)
{
	uint32_t brps = (uint32_t)ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_DEBUG_HW_BPS);
	uint32_t wrps = (uint32_t)ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_DEBUG_HW_WPS);
	struct debug_vm g;

	debug_vm_open(&g);
	claim(brps == (reg(&g, ID_DBGDIDR) >> 24 & 15) + 1 &&
		      wrps == (reg(&g, ID_DBGDIDR) >> 28) + 1,
	      "%u break- and %u watchpoints: as many as DBGDIDR says", brps, wrps);
	software_breakpoints(&g);
	inject_bkpt(&g);
	breakpoints(&g, brps);
	watchpoints(&g, wrps);
	guest_points(&g);
	reset_while_debugged(&g);
	debug_vm_close(&g);
}
