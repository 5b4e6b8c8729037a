// SPDX-License-Identifier: GPL-2.0-only
/*
 * The identification registers of one CPU, read once.
 */
#include <linux/bits.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <asm/barrier.h>
#include <asm/hwcap.h>

#include "hyp/cp15.h"
#include "hyp/sysreg-bits.h"
#include "machine/cpu-ids.h"

struct cpu_ids cpu_ids;

/* CLIDR names the caches of each level, up to the first level without one (B4.1.20). */
static u32 existing_caches(u32 clidr)
{
	u32 caches = 0, level;

	for (level = 0; level < CSSELR_COUNT / 2 && CLIDR_CTYPE(clidr, level); level++) {
		switch (CLIDR_CTYPE(clidr, level)) {
		case CLIDR_CTYPE_INSTRUCTION:
			caches |= BIT(2 * level + 1);
			break;
		case CLIDR_CTYPE_DATA:
		case CLIDR_CTYPE_UNIFIED:
			caches |= BIT(2 * level);
			break;
		case CLIDR_CTYPE_SEPARATE:
			caches |= BIT(2 * level) | BIT(2 * level + 1);
			break;
		}
	}
	return caches;
}

/*
 * Interrupts are off, because a handler may use CSSELR too.  ISB: B3.15.5.  None follows the last
 * write of CSSELR: whoever reads CCSIDR next selects its cache first.
 */
static u32 read_ccsidr(u32 csselr)
{
	u32 value;

	write_cp15(CSSELR, csselr);
	isb();
	asm volatile("mrc p15, 1, %0, c0, c0, 0" : "=r"(value));
	return value;
}

void cpu_ids_read(void)
{
	unsigned long flags;
	u32 csselr, n;

	local_irq_save(flags);
#define CP15_ID32(name, opc1, crn, crm, opc2, access, trap, user) \
	cpu_ids.name = cp15_read32_##name();
#include "hyp/cp15.def"
	cpu_ids.caches = existing_caches(cpu_ids.CLIDR);
	csselr = read_cp15(CSSELR);
	for (n = 0; n < CSSELR_COUNT; n++)
		if (cpu_ids.caches & BIT(n))
			cpu_ids.ccsidr[n] = read_ccsidr(n);
	write_cp15(CSSELR, csselr);
	if (elf_hwcap & HWCAP_VFP)
		asm(".fpu vfpv3\n\tvmrs %0, fpsid\n\tvmrs %1, mvfr0\n\tvmrs %2, mvfr1"
		    : "=r"(cpu_ids.FPSID), "=r"(cpu_ids.MVFR0), "=r"(cpu_ids.MVFR1));
	local_irq_restore(flags);
}
