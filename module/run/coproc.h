/* SPDX-License-Identifier: GPL-2.0-only */
/* Coprocessor 15 accesses that trap.  Exit handlers: see run/exits.h. */
#ifndef KVM_ARMV7_COPROC_H
#define KVM_ARMV7_COPROC_H

struct vcpu;

int handle_cp15_32(struct vcpu *vcpu);
int handle_cp15_64(struct vcpu *vcpu);

/* At load: -EINVAL, after a line in the log, where the table is not in order. */
int coproc_check_table(void);

#endif /* KVM_ARMV7_COPROC_H */
