/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which CPUs have erratum 798181 of the Cortex-A15: another CPU may still use a translation
 * after TLBI..IS and DSB have completed, against DDI 0406C B3.10.6.  A pure function, which
 * the unit tests build too.
 */
#ifndef KVM_ARMV7_ERRATUM_798181_H
#define KVM_ARMV7_ERRATUM_798181_H

#include "../../v7dbg/v7dbg_env.h"
#include "../hyp/sysreg-bits.h"

#define MIDR_BRAHMA_B15 0x420f00f0u

/* What a CPU needs after a broadcast TLB operation; each also what those before it need. */
enum erratum_798181 {
	ERRATUM_798181_NONE,
	ERRATUM_798181_TLBI, /* one more TLB operation by MVA, and a DSB */
	ERRATUM_798181_IPI,  /* and a DMB on each other CPU */
};

#define REVIDR_798181_FIRST (1u << 4) /* the chip has the first fix, which is not enough */
#define REVIDR_798181_LAST  (1u << 9) /* the chip has the last one, which is */

/*
 * From MIDR and REVIDR of one CPU.  A REVIDR bit means a fix only in the revisions for which
 * Arm defined it: the first from r2p2 to r3p2, the last from r2p4 to r3p3.  r4p0 is fixed.
 * Broadcom's Brahma-B15 has the erratum up to r0p2.
 */
static inline enum erratum_798181 erratum_798181_of(uint32_t midr, uint32_t revidr)
{
	uint32_t cpu = MIDR_CPU(midr);
	uint32_t revision = (midr >> 16 & 0xf0) | (midr & 0xf); /* 0x32 is r3p2 */
	bool first = revidr & REVIDR_798181_FIRST, last = revidr & REVIDR_798181_LAST;

	if (cpu == MIDR_BRAHMA_B15)
		return revision <= 0x02 ? ERRATUM_798181_IPI : ERRATUM_798181_NONE;
	if (cpu != MIDR_CORTEX_A15 || revision >= 0x40)
		return ERRATUM_798181_NONE;
	if (revision < 0x22)
		return ERRATUM_798181_IPI;
	if (revision < 0x24)
		return first ? ERRATUM_798181_TLBI : ERRATUM_798181_IPI;
	if (last)
		return ERRATUM_798181_NONE;
	/* r3p3, in which REVIDR[4] is reserved, never needs the DMBs. */
	return first || revision >= 0x33 ? ERRATUM_798181_TLBI : ERRATUM_798181_IPI;
}

#endif /* KVM_ARMV7_ERRATUM_798181_H */
