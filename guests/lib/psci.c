// SPDX-License-Identifier: GPL-2.0-only
#include "psci.h"

#include "report.h"

__asm__(".arch_extension virt\n.arch_extension sec\n");

int psci_call(u32 function, u32 a1, u32 a2, u32 a3)
{
	register u32 r0 __asm__("r0") = function;
	register u32 r1 __asm__("r1") = a1;
	register u32 r2 __asm__("r2") = a2;
	register u32 r3 __asm__("r3") = a3;

	/* SMCCC: r0-r3 and r12 may change. */
	if (in_guest())
		__asm__ volatile("hvc #0"
				 : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
				 :
				 : "r12", "memory");
	else
		__asm__ volatile("smc #0"
				 : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
				 :
				 : "r12", "memory");
	return (int)r0;
}

void psci_system_off(void)
{
	psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
}

int hvc_unknown(void)
{
	/* From SMCCC's range for vendor hypervisors, which this one does not use. */
	register u32 r0 __asm__("r0") = 0x86001234;

	__asm__ volatile("hvc #0" : "+r"(r0) : : "r1", "r2", "r3", "r12", "memory");
	return (int)r0;
}
