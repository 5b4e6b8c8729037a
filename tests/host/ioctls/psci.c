// SPDX-License-Identifier: GPL-2.0-only
/* What PSCI CPU_ON takes from its caller, as KVM/arm did. */
#include <linux/psci.h>

#include "saved.h"

#define PSR_E	 0x200u
#define MPIDR_MP 0x80000000u

/* The guest makes this call; returns its r0. */
static int32_t call(struct debug_vm *g, uint32_t cpsr, uint32_t function, uint32_t mpidr,
		    uint32_t argument)
{
	begin(g, AT(psci), cpsr);
	set_core(g->vcpu, 0, (int)function);
	set_core(g->vcpu, 1, (int)mpidr);
	set_core(g->vcpu, 2, (int)argument);
	set_core(g->vcpu, 3, MMIO);
	return go(g) == KVM_EXIT_MMIO ? (int32_t)core(g, 0) : INT32_MIN;
}

static int32_t call_on(struct debug_vm *g, uint32_t function, uint32_t mpidr, uint32_t cpsr)
{
	return call(g, cpsr, function, mpidr, AT(started));
}

static void second_off(struct debug_vm *second)
{
	claim(stores(second, MMIO) && goes_off(second), "it stores r0, and powers itself off");
}

static void byte_order(void)
{
	struct debug_vm g, second;

	debug_vm_open(&g);
	second = second_vcpu(&g);
	claim(!call_on(&g, PSCI_0_2_FN_CPU_ON, 1, PSR_SVC_IF | PSR_E),
	      "a big-endian guest calls CPU_ON");
	claim(core(&second, 16) == (PSR_SVC_IF | PSR_E), "the new CPU is big-endian, too: CPSR %#x",
	      core(&second, 16));
	set_core(second.vcpu, 16, PSR_SVC_IF);
	second_off(&second);
	claim(!call_on(&g, PSCI_0_2_FN_CPU_ON, MPIDR_MP | 1, PSR_SVC_IF),
	      "a little-endian one does so with the whole MPIDR");
	claim(core(&second, 16) == PSR_SVC_IF, "the new CPU is little-endian: CPSR %#x",
	      core(&second, 16));
	claim(call(&g, PSR_SVC_IF, PSCI_0_2_FN_AFFINITY_INFO, MPIDR_MP | 1, 0) ==
		      PSCI_0_2_AFFINITY_LEVEL_ON,
	      "AFFINITY_INFO takes the whole MPIDR, too");
	claim(call_on(&g, PSCI_0_2_FN_CPU_ON, 1, PSR_SVC_IF) == PSCI_RET_ALREADY_ON,
	      "a second CPU_ON finds it on");
	second_off(&second);
	second_vcpu_close(&second);
	debug_vm_close(&g);
}

static void version_0_1(void)
{
	struct debug_vm g, second;

	debug_vm_open_with(&g, 0);
	second = second_vcpu(&g);
	claim(!call_on(&g, KVM_PSCI_FN_CPU_ON, 1, PSR_SVC_IF), "CPU_ON of PSCI 0.1");
	claim(core(&second, 0) == MMIO, "r0 is the caller's r3");
	claim(call_on(&g, KVM_PSCI_FN_CPU_ON, 1, PSR_SVC_IF) == PSCI_RET_INVALID_PARAMS,
	      "a second CPU_ON is invalid");
	second_vcpu_close(&second);
	debug_vm_close(&g);
}

void test_psci(void)
{
	byte_order();
	version_0_1();
}
