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
 * FCSEIDR is RAZ/WI on a CPU without the Fast Context Switch Extension (B4.1).  The emulator's
 * Cortex-A15 and A7 have the extension: a process ID in FCSEIDR moves all addresses below 32 MB,
 * which is where the host's processes are.  HSTR.T13 would trap the register, but with it
 * CONTEXTIDR and the thread IDs, which a guest writes at each of its context switches.
 *
 * TLB entries are for addresses after the move, so they stay valid.  HYP has nothing below 32 MB,
 * so the ERET is early enough as context synchronisation.
 */
void hyp_fcse_off(void)
{
	if (read_sysreg(FCSEIDR))
		write_sysreg(FCSEIDR, 0);
}
