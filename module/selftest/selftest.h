/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest of the module's own, which tries each CPU before anyone can use it: selftest=1. */
#ifndef KVM_ARMV7_SELFTEST_H
#define KVM_ARMV7_SELFTEST_H

/*
 * With the parameter selftest=1, run the guest on each CPU that has HYP, one after the other,
 * and log in one line what failed on which CPU, or that all passed.  0, also without the
 * parameter; -EIO if a step failed, -ETIMEDOUT if the guest did not answer, or the -errno of
 * making it.  Nothing is left either way.  The caller is a process that loads the module: the
 * guest's memory is mapped there meanwhile.  Sleeps.
 */
int selftest_run(void);

#endif /* KVM_ARMV7_SELFTEST_H */
