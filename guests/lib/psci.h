/* SPDX-License-Identifier: GPL-2.0-only */
/* PSCI 1.0: by HVC in a guest, by SMC on the bare board. */
#ifndef GUEST_PSCI_H
#define GUEST_PSCI_H

#include "types.h"

#define PSCI_VERSION	       0x84000000u
#define PSCI_CPU_SUSPEND       0x84000001u
#define PSCI_CPU_OFF	       0x84000002u
#define PSCI_CPU_ON	       0x84000003u
#define PSCI_AFFINITY_INFO     0x84000004u
#define PSCI_MIGRATE_INFO_TYPE 0x84000006u
#define PSCI_SYSTEM_OFF	       0x84000008u
#define PSCI_SYSTEM_RESET      0x84000009u
#define PSCI_FEATURES	       0x8400000au
#define SMCCC_VERSION	       0x80000000u

#define PSCI_SUCCESS		0
#define PSCI_NOT_SUPPORTED	-1
#define PSCI_INVALID_PARAMETERS -2
#define PSCI_DENIED		-3
#define PSCI_ALREADY_ON		-4
#define PSCI_ON_PENDING		-5

int psci_call(u32 function, u32 a1, u32 a2, u32 a3);
void psci_system_off(void);

/* An unknown HVC; the bare board and a hypervisor both answer -1. */
int hvc_unknown(void);

#endif
