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

/* At reset: what HYP answers of CP15 without the kernel, hyp/answers.c. */
void coproc_reset_answers(struct vcpu *vcpu);

/*
 * User space's accesses to the value of a CP15_VCPU32 row, key.  Any value can be set.  The
 * caller holds vcpu->mutex.  For any other key get returns 0, and set does nothing.
 */
u32 coproc_get_vcpu_reg(struct vcpu *vcpu, u32 key);
void coproc_set_vcpu_reg(struct vcpu *vcpu, u32 key, u32 value);

#endif /* KVM_ARMV7_COPROC_H */
