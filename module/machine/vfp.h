/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FPEXC.EN is 1 while a guest runs that has not used VFP or Advanced SIMD yet.
 *
 * HYP gives the guest its registers at its first access, which HCPTR traps (hyp/vfp-sr.c).  But the
 * CPU looks at CPACR and FPEXC.EN before it looks at HCPTR (B1.11): while EN is 0, the access is
 * UNDEFINED and does not trap, whatever the guest's own FPEXC says.  And Linux clears EN at each
 * context switch.  The emulator looks at HCPTR first; tests/unit/vfp.c has a CPU that does not.
 *
 * Here and not in HYP, because that would be slower.  The HVC and the exception return are the
 * context synchronisation.
 */
#ifndef KVM_ARMV7_VFP_H
#define KVM_ARMV7_VFP_H

#include "hyp/sysreg-bits.h"
#include "machine/fpexc.h"

/* Before HYP_CALL_RUN, with interrupts off.  Returns what vfp_close() needs. */
static inline u32 vfp_open(bool has_vfp)
{
	u32 fpexc = FPEXC_EN;

	if (has_vfp)
		fpexc = read_fpexc();
	if (!(fpexc & FPEXC_EN))
		write_fpexc(FPEXC_EN);
	return fpexc;
}

/* After it: the host finds the FPEXC that it left. */
static inline void vfp_close(u32 fpexc)
{
	if (!(fpexc & FPEXC_EN))
		write_fpexc(fpexc);
}

#endif /* KVM_ARMV7_VFP_H */
