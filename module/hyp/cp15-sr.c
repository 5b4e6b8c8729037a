// SPDX-License-Identifier: GPL-2.0-only
/*
 * Save and restore the CP15 registers of PL1 and PL0, in the order of cp15.def.  Any order
 * would do: none of them acts on Hyp mode, and the ERET that follows is the context
 * synchronisation for all of them (A3.8.3).  For a while TTBRn and the ASID do not match,
 * but HYP uses no PL1&0 translation then; its only one is ATS1CPR, in trap.c.
 */
#include "hyp.h"

void hyp_cp15_save(struct hyp_cp15 *ctx)
{
#define CP15_SWITCHED32(name, opc1, crn, crm, opc2, access, trap, member, reset, user) \
	ctx->member = cp15_read32_##name();
#define CP15_SWITCHED64(name, opc1, crm, access, trap, member, reset, user) \
	ctx->member = cp15_read64_##name();
#include "cp15.def"
}

void hyp_cp15_restore(const struct hyp_cp15 *ctx)
{
#define CP15_SWITCHED32(name, opc1, crn, crm, opc2, access, trap, member, reset, user) \
	cp15_write32_##name(ctx->member);
#define CP15_SWITCHED64(name, opc1, crm, access, trap, member, reset, user) \
	cp15_write64_##name(ctx->member);
#include "cp15.def"
}

/*
 * A CPU without the Fast Context Switch Extension has a FCSEIDR that is RAZ/WI (B4.1), and no CPU
 * with the Virtualization Extensions is known to have it.  But the emulator's CPUs do, and nothing
 * traps the register.  A process ID in it moves all addresses below 32 MB, which is where the
 * host's processes are.
 */
void hyp_fcse_off(void)
{
	if (!read_sysreg(FCSEIDR))
		return;
	write_sysreg(FCSEIDR, 0);
	isb(); /* before the ERET, so that all of the host's accesses come after it */
}
