/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The identification registers of the CPU that loaded the module (DDI 0406C B4.1).
 * They are read once: where CPUs differ, user space must still get one answer, because it
 * writes back what it has read.
 */
#ifndef KVM_ARMV7_CPU_IDS_H
#define KVM_ARMV7_CPU_IDS_H

#include <linux/types.h>

#include "hyp/abi.h"

#define CSSELR_COUNT 14 /* CSSELR.Level, 0 to 6, and InD */

struct cpu_ids {
#define CP15_ID32(name, opc1, crn, crm, opc2, access, trap, user) u32 name;
#include "hyp/cp15.def"
	u32 FPSID, MVFR0, MVFR1; /* 0 without VFP */
	u32 ccsidr[CSSELR_COUNT];
	u32 caches; /* bit n: ccsidr[n] is of a cache that exists */
};

/* Constant once the module is loaded. */
extern struct cpu_ids cpu_ids;

void cpu_ids_read(void);

#endif /* KVM_ARMV7_CPU_IDS_H */
