/* SPDX-License-Identifier: GPL-2.0-only */
/* HYP on every CPU: entered when a CPU comes, given back when it goes. */
#ifndef KVM_ARMV7_HYP_CPU_H
#define KVM_ARMV7_HYP_CPU_H

int hyp_cpu_init(void);
void hyp_cpu_exit(void);

#endif /* KVM_ARMV7_HYP_CPU_H */
