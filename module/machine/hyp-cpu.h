/* SPDX-License-Identifier: GPL-2.0-only */
/* Take HYP on every CPU that comes online, and give it back. */
#ifndef KVM_ARMV7_HYP_CPU_H
#define KVM_ARMV7_HYP_CPU_H

int hyp_cpu_init(void);
void hyp_cpu_exit(void);

#endif /* KVM_ARMV7_HYP_CPU_H */
