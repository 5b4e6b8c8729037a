/* SPDX-License-Identifier: GPL-2.0-only */
/* Coprocessor 15 accesses that trap.  Exit handlers: see run/exits.h. */
#ifndef KVM_ARMV7_COPROC_H
#define KVM_ARMV7_COPROC_H

#include <linux/types.h>

struct vcpu;

/* MRC and MCR; MRRC and MCRR. */
int coproc_handle_cp15_32(struct vcpu *vcpu);
int coproc_handle_cp15_64(struct vcpu *vcpu);

/*
 * The value that the guest sees of an identification register.  key: enum cp15_key of a
 * CP15_ID32 row; 0 for any other.
 */
u32 coproc_read_id(struct vcpu *vcpu, u32 key);

#endif /* KVM_ARMV7_COPROC_H */
