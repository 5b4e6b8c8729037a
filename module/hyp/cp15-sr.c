// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CP15 registers of PL1 and PL0, from cp15-switched.def.  None of them acts
 * on Hyp mode, so their order does not matter; the ERET that follows is their
 * context synchronisation (A3.8.3).  TTBRs change with the ASID, but HYP never
 * runs PL1&0 translations in between but for ATS1CPR, which comes before.
 */
#include "hyp.h"

void hyp_cp15_save(struct hyp_cp15 *ctx)
{
#define CP15_32(name, opc1, crn, crm, opc2, reset) \
	ctx->name = read_sysreg(CP15(opc1, c##crn, c##crm, opc2));
#define CP15_64(name, opc1, crm, reset) ctx->name = read_sysreg64(CP15_D(opc1, c##crm));
#include "cp15-switched.def"
#undef CP15_32
#undef CP15_64
}

void hyp_cp15_restore(const struct hyp_cp15 *ctx)
{
#define CP15_32(name, opc1, crn, crm, opc2, reset) \
	write_sysreg(CP15(opc1, c##crn, c##crm, opc2), ctx->name);
#define CP15_64(name, opc1, crm, reset) write_sysreg64(CP15_D(opc1, c##crm), ctx->name);
#include "cp15-switched.def"
#undef CP15_32
#undef CP15_64
}
