/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's calls by HVC that HYP answers itself (Arm DEN 0022, DEN 0028), for both sides.
 * HYP has no kernel headers; run/psci.c checks the numbers against them.
 */
#ifndef HYP_CALLS_H
#define HYP_CALLS_H

#include "../../v7dbg/v7dbg_env.h"

#define CALL_SMCCC_VERSION     0x80000000u
#define CALL_PSCI_VERSION      0x84000000u
#define CALL_CPU_SUSPEND       0x84000001u
#define CALL_CPU_OFF	       0x84000002u
#define CALL_CPU_ON	       0x84000003u
#define CALL_AFFINITY_INFO     0x84000004u
#define CALL_MIGRATE_INFO_TYPE 0x84000006u
#define CALL_SYSTEM_OFF	       0x84000008u
#define CALL_SYSTEM_RESET      0x84000009u
#define CALL_PSCI_FEATURES     0x8400000au
#define CALL_NOT_SUPPORTED     0xffffffffu /* -1, and SMCCC's "unknown function", too */

#define CALL_SMCCC_VERSION_VALUE 0x00010001u /* 1.1 */
#define CALL_PSCI_1_0		 0x00010000u

/* PSCI_FEATURES of PSCI 1.0: 0 or CALL_NOT_SUPPORTED. */
static inline uint32_t call_features(uint32_t fn)
{
	switch (fn) {
	case CALL_SMCCC_VERSION:
	case CALL_PSCI_VERSION:
	case CALL_CPU_SUSPEND:
	case CALL_CPU_OFF:
	case CALL_CPU_ON:
	case CALL_AFFINITY_INFO:
	case CALL_MIGRATE_INFO_TYPE:
	case CALL_SYSTEM_OFF:
	case CALL_SYSTEM_RESET:
	case CALL_PSCI_FEATURES:
		return 0;
	default:
		return CALL_NOT_SUPPORTED;
	}
}

#endif /* HYP_CALLS_H */
