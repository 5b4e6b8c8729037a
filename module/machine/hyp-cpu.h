/* SPDX-License-Identifier: GPL-2.0-only */
/* Take HYP on every CPU that comes online, and give it back. */
#ifndef KVM_ARMV7_HYP_CPU_H
#define KVM_ARMV7_HYP_CPU_H

/*
 * Install HYP on every online CPU, and on each one that comes online later; fix what guests
 * see of debug registers.  0; -ENODEV, after one line in the log, if a CPU cannot offer
 * them; or -errno.  On failure no CPU has our HYP.  May sleep.
 */
int hyp_cpu_init(void);
/* Give HYP back on every CPU.  No VM may exist.  May sleep. */
void hyp_cpu_exit(void);

#endif /* KVM_ARMV7_HYP_CPU_H */
