// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks HYP to fault: `vector=N words=N` on the command line.  Only a module that was built
 * with KVM_ARMV7_CHECKS=y does so, and then this program does not end.
 */
#include "lib/bootargs.h"
#include "lib/report.h"

#define HYP_CHECK_FAULT 0x86004b46 /* module/hyp/abi.h */

__asm__(".arch_extension virt\n");

void guest_main(void)
{
	u32 vector = bootargs_number("vector", 4), words = bootargs_number("words", 0);
	register u32 r0 __asm__("r0") = HYP_CHECK_FAULT;
	register u32 r1 __asm__("r1") = vector;
	register u32 r2 __asm__("r2") = words;

	__asm__ volatile("hvc #0" : "+r"(r0), "+r"(r1), "+r"(r2) : : "r3", "r12", "memory");
	report(r0 == ~0u, "no module serves this call but one that was built for tests");
}
