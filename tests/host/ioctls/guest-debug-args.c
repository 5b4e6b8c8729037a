// SPDX-License-Identifier: GPL-2.0-only
/* KVM_SET_GUEST_DEBUG and KVM_ARMV7_SET_GUEST_DEBUG: which arguments they refuse. */
#include "guest-debug.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ON	 KVM_GUESTDBG_ENABLE
#define SW	 KVM_GUESTDBG_USE_SW_BP
#define HW	 KVM_GUESTDBG_USE_HW
#define MISMATCH (4u << 20)

static uint32_t capability(uint32_t cap)
{
	return (uint32_t)ioctl(kvm, KVM_CHECK_EXTENSION, cap);
}

static void controls(struct debug_vm *g)
{
	struct kvm_armv7_guest_debug large;
	uint32_t valid = capability(KVM_CAP_SET_GUEST_DEBUG2), bit;

	claim(capability(KVM_CAP_SET_GUEST_DEBUG) == 1 &&
		      (valid & ~KVM_GUESTDBG_SINGLESTEP) == (ON | SW | HW | KVM_GUESTDBG_INJECT_BP),
	      "KVM_CAP_SET_GUEST_DEBUG2 is 0x%x", valid);
	for (bit = 1; bit; bit <<= 1) {
		memset(&large, 0, sizeof(large));
		large.control = ON | bit;
		if (!(valid & bit)) {
			REFUSED(EINVAL, debug_set(g, ON | bit), "control bit 0x%x", bit);
			REFUSED(EINVAL, ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &large),
				"and in the large struct");
		} else if (bit != HW) {
			WORKS(debug_set(g, ON | bit), "control bit 0x%x", bit);
			WORKS(ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &large),
			      "and in the large struct");
		}
	}
	REFUSED(EINVAL, debug_set(g, ON | HW), "USE_HW in the small struct, which has no slots");
	REFUSED(EINVAL, debug_set(g, SW), "USE_SW_BP without ENABLE");
	REFUSED(EINVAL, debug_set(g, SW | KVM_GUESTDBG_INJECT_BP),
		"USE_SW_BP and INJECT_BP without ENABLE");
	large.control = HW;
	REFUSED(EINVAL, ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &large), "USE_HW without ENABLE");
	large.control = 0;
	large.pad = 1;
	REFUSED(EINVAL, ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &large), "a pad that is not 0");
	WORKS(debug_set(g, 0), "control 0");
}

static void pointers(struct debug_vm *g)
{
	struct kvm_armv7_guest_debug large = { .control = ON };
	struct kvm_guest_debug small = { .control = ON };

	REFUSED(EFAULT, ioctl(g->vcpu, KVM_SET_GUEST_DEBUG, NULL), "KVM_SET_GUEST_DEBUG of NULL");
	REFUSED(EFAULT, ioctl(g->vcpu, KVM_SET_GUEST_DEBUG, NOWHERE),
		"KVM_SET_GUEST_DEBUG of a kernel address");
	REFUSED(EFAULT, ioctl(g->vcpu, KVM_SET_GUEST_DEBUG, cut_off(&small, sizeof(small))),
		"KVM_SET_GUEST_DEBUG of seven bytes");
	WORKS(ioctl(g->vcpu, KVM_SET_GUEST_DEBUG, at_the_end(&small, sizeof(small))),
	      "KVM_SET_GUEST_DEBUG of eight bytes");
	REFUSED(EFAULT, ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, NULL),
		"KVM_ARMV7_SET_GUEST_DEBUG of NULL");
	REFUSED(EFAULT, ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, cut_off(&large, sizeof(large))),
		"KVM_ARMV7_SET_GUEST_DEBUG of one byte too few");
	WORKS(ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, at_the_end(&large, sizeof(large))),
	      "KVM_ARMV7_SET_GUEST_DEBUG of exactly its bytes");
	REFUSED(ENOTTY, ioctl(g->vm, KVM_SET_GUEST_DEBUG, &small), "KVM_SET_GUEST_DEBUG on a VM");
	REFUSED(ENOTTY, ioctl(kvm, KVM_ARMV7_SET_GUEST_DEBUG, &large),
		"KVM_ARMV7_SET_GUEST_DEBUG on /dev/kvm");
	debug_set(g, 0);
}

static void slots(struct debug_vm *g)
{
	static const struct {
		const char *what;
		uint32_t value, control;
		bool watch;
	} bad[] = {
		{ "an address with bit 0", CODE + 1, BREAK, false },
		{ "an address with bit 1", CODE + 2, BREAK, false },
		{ "BAS 0b0000", CODE, BREAK & ~0x1e0u, false },
		{ "BAS 0b0001", CODE, (BREAK & ~0x1e0u) | 0x20, false },
		{ "Secure state only", CODE, BREAK | 2u << 14, false },
		{ "Hyp mode only", CODE, (BREAK & ~6u) | 3u << 14 | 1u << 13, false },
		{ "a link to breakpoint 0, which is not context-aware", CODE, BREAK | 1u << 20,
		  false },
		{ "a VMID", 1, BREAK | 8u << 20, false },
		{ "a mismatch, which does not stop here", CODE, BREAK | MISMATCH, false },
		{ "a reserved type", CODE, BREAK | 15u << 20, false },
		{ "a reserved bit", CODE, BREAK | 1u << 9, false },
		{ "a MASK, which breakpoints do not have", CODE, BREAK | 3u << 24, false },
		{ "an address with bit 0", DATA + 1, WATCH_LOAD, true },
		{ "neither loads nor stores", DATA, WATCH_LOAD & ~0x18u, true },
		{ "BAS 0", DATA, WATCH_LOAD & ~0x1fe0u, true },
		{ "PAC 0", DATA, WATCH_LOAD & ~6u, true },
		{ "MASK 2, which is reserved", DATA, WATCH_LOAD | 0x1fe0 | 2u << 24, true },
		{ "a value below its MASK", DATA + 8, WATCH_LOAD | 0x1fe0 | 4u << 24, true },
		{ "a link to a breakpoint that is off", DATA, WATCH_LOAD | 1u << 20 | 5u << 16,
		  true },
		{ "a reserved bit", DATA, WATCH_LOAD | 1u << 29, true },
	};
	uint32_t brps = capability(KVM_CAP_GUEST_DEBUG_HW_BPS);
	uint32_t wrps = capability(KVM_CAP_GUEST_DEBUG_HW_WPS), n;

	debug_break(g, 0, AT(plain), BREAK);
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		/* A host that offers single step has mismatch breakpoints that stop. */
		if (bad[n].control == (BREAK | MISMATCH) &&
		    capability(KVM_CAP_SET_GUEST_DEBUG2) & KVM_GUESTDBG_SINGLESTEP)
			continue;
		REFUSED(EINVAL,
			bad[n].watch ? debug_watch(g, 1, bad[n].value, bad[n].control)
				     : debug_break(g, 1, bad[n].value, bad[n].control),
			"a %spoint with %s", bad[n].watch ? "watch" : "break", bad[n].what);
	}
	for (n = brps; n < KVM_ARMV7_DEBUG_SLOTS; n++) {
		REFUSED(EINVAL, debug_break(g, n, CODE, BREAK), "breakpoint %u of %u", n, brps);
		REFUSED(EINVAL, debug_break(g, n, CODE, 0), "only its value");
	}
	for (n = wrps; n < KVM_ARMV7_DEBUG_SLOTS; n++) {
		REFUSED(EINVAL, debug_watch(g, n, DATA, WATCH_LOAD), "watchpoint %u of %u", n,
			wrps);
		REFUSED(EINVAL, debug_watch(g, n, 0, 2), "a control with E clear");
	}
	begin(g, AT(load), PSR_SVC_IF);
	claim(stops(g, AT(plain), 0x20, 0, 1), "refused calls change nothing");
	WORKS(debug_watch(g, 1, DATA, WATCH_LOAD & ~0x18u & ~1u),
	      "a disabled point is not checked");
	WORKS(debug_watch(g, 1, DATA, WATCH_LOAD | 0x1fe0 | 12u << 24), "a MASK of 12 bits");
	begin(g, AT(store), PSR_SVC_IF);
	claim(stores(g, REACHED), "loads of that page stop, not the store");
	begin(g, AT(load), PSR_SVC_IF);
	claim(stops(g, AT(load), 0x24, DATA, 10), "the load");
	debug_set(g, 0);
}

/* A breakpoint that is linked to a context breakpoint. */
static void links(struct debug_vm *g)
{
	struct kvm_armv7_guest_debug debug = { .control = ON | HW };
	uint32_t last = capability(KVM_CAP_GUEST_DEBUG_HW_BPS) - 1;

	debug.dbgbvr[last] = 0x77;
	debug.dbgbcr[last] = BREAK | 3u << 20;
	debug.dbgbvr[0] = AT(plain);
	debug.dbgbcr[0] = BREAK | 1u << 20 | last << 16;
	WORKS(ioctl(g->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &debug),
	      "a breakpoint linked to CONTEXTIDR");
	put(g, ARM_CP15_REG32(0, 13, 0, 1), 0x77);
	begin(g, AT(load), PSR_SVC_IF);
	claim(stops(g, AT(plain), 0x20, 0, 1), "it stops in that context");
	put(g, ARM_CP15_REG32(0, 13, 0, 1), 0x78);
	begin(g, AT(load), PSR_SVC_IF);
	claim(stores(g, REACHED), "and in no other");
	debug_set(g, 0);
}

void test_guest_debug_args(void)
{
	struct kvm_guest_debug small = { .control = ON };
	struct kvm_armv7_guest_debug large = { .control = ON };
	int vm = new_vm(), vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	struct debug_vm g;

	REFUSED(ENOEXEC, ioctl(vcpu, KVM_SET_GUEST_DEBUG, &small),
		"KVM_SET_GUEST_DEBUG before KVM_ARM_VCPU_INIT");
	REFUSED(ENOEXEC, ioctl(vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &large),
		"KVM_ARMV7_SET_GUEST_DEBUG before KVM_ARM_VCPU_INIT");
	close(vcpu);
	close(vm);
	debug_vm_open(&g);
	controls(&g);
	pointers(&g);
	slots(&g);
	links(&g);
	debug_vm_close(&g);
	REFUSED(EBADF, ioctl(g.vcpu, KVM_SET_GUEST_DEBUG, &small), "a closed vCPU");
}

/* With debug=0 a guest has no debug registers and no hardware points, but BKPT still works. */
void test_without_debug(void)
{
	struct kvm_reg_list *list = calloc(1, sizeof(*list) + 512 * sizeof(uint64_t));
	uint32_t n, found = 0, value;
	struct debug_vm g;

	debug_vm_open(&g);
	list->n = 512;
	WORKS(ioctl(g.vcpu, KVM_GET_REG_LIST, list), "KVM_GET_REG_LIST");
	for (n = 0; n < list->n; n++)
		found += (list->reg[n] >> 16 & 0xfff) == 14;
	free(list);
	claim(!found, "the list has no debug register");
	REFUSED(ENOENT, get_reg(g.vcpu, ID_DBGDIDR, &value), "DBGDIDR");
	claim(!capability(KVM_CAP_GUEST_DEBUG_HW_BPS) && !capability(KVM_CAP_GUEST_DEBUG_HW_WPS) &&
		      capability(KVM_CAP_SET_GUEST_DEBUG2) == (ON | SW | KVM_GUESTDBG_INJECT_BP),
	      "no hardware points are offered");
	REFUSED(EINVAL, debug_break(&g, 0, AT(plain), BREAK), "a hardware breakpoint");
	REFUSED(EINVAL, debug_watch(&g, 0, DATA, WATCH_LOAD), "a hardware watchpoint");
	WORKS(debug_set(&g, ON | SW), "software breakpoints");
	begin(&g, AT(bkpt), PSR_SVC_IF);
	claim(stops(&g, AT(bkpt), 0x20, 0, 3), "a BKPT stops");
	WORKS(debug_set(&g, KVM_GUESTDBG_INJECT_BP), "INJECT_BP");
	claim(stores(&g, PREFETCH) && core(&g, LR_ABT) == AT(bkpt) + 4, "the guest takes it");
	debug_vm_close(&g);
}
