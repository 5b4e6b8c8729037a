/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which CPUs have IMPLEMENTATION DEFINED registers that a guest's kernel needs: L2CTLR, and c15,
 * c0, 1 and c15, c0, 2, by which errata of the Cortex-A12 and A17 are worked around.  Pure
 * functions, which the unit tests build too.
 */
#ifndef KVM_ARMV7_DIAGNOSTIC_H
#define KVM_ARMV7_DIAGNOSTIC_H

#include "../../v7dbg/v7dbg_env.h"
#include "../hyp/sysreg-bits.h"

/* From the MIDR of one CPU.  The host has set what its CPU needs; a guest's writes are ignored. */
static inline bool midr_has_diagnostic(uint32_t midr)
{
	return MIDR_CPU(midr) == MIDR_CORTEX_A12 || MIDR_CPU(midr) == MIDR_CORTEX_A17;
}

/* L2CTLR may be UNDEFINED on a CPU that is none of these. */
static inline bool midr_has_l2ctlr(uint32_t midr)
{
	return MIDR_CPU(midr) == MIDR_CORTEX_A7 || MIDR_CPU(midr) == MIDR_CORTEX_A12 ||
	       MIDR_CPU(midr) == MIDR_CORTEX_A15 || MIDR_CPU(midr) == MIDR_CORTEX_A17;
}

#endif /* KVM_ARMV7_DIAGNOSTIC_H */
