/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does a CPU forget at each exit the branch predictions that a guest has trained
 * (CVE-2017-5715)?  hyp/host.c chooses the vectors that do it.  A pure function, which the unit
 * tests build too.
 */
#ifndef KVM_ARMV7_BRANCH_PREDICTOR_H
#define KVM_ARMV7_BRANCH_PREDICTOR_H

#include "../../v7dbg/v7dbg_env.h"
#include "../hyp/sysreg-bits.h"

/* The worse, the greater. */
enum branch_flush {
	BRANCH_FLUSH_NOT_NEEDED,
	BRANCH_FLUSH_DONE,
	BRANCH_FLUSH_DISABLED, /* ICIALLU does not reach the predictor: firmware has to allow it */
	BRANCH_FLUSH_UNKNOWN,  /* not a CPU that the module knows */
};

/*
 * Of a Cortex-A15: ICIALLU invalidates the branch target buffer as well.  Only Secure state can
 * set it.
 */
#define ACTLR_A15_IBE (1u << 0)

/* From MIDR and ACTLR of one CPU. */
static inline enum branch_flush branch_flush_of(uint32_t midr, uint32_t actlr)
{
	switch (MIDR_CPU(midr)) {
	case MIDR_CORTEX_A7:
		return BRANCH_FLUSH_NOT_NEEDED;
	case MIDR_CORTEX_A12:
	case MIDR_CORTEX_A17:
		return BRANCH_FLUSH_DONE;
	case MIDR_CORTEX_A15:
		return actlr & ACTLR_A15_IBE ? BRANCH_FLUSH_DONE : BRANCH_FLUSH_DISABLED;
	default:
		return BRANCH_FLUSH_UNKNOWN;
	}
}

#endif /* KVM_ARMV7_BRANCH_PREDICTOR_H */
