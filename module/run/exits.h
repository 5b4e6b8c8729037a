/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a guest stopped, and who handles it. */
#ifndef KVM_ARMV7_EXITS_H
#define KVM_ARMV7_EXITS_H

#include <linux/types.h>

struct vcpu;

/*
 * The contract of every exit handler: 1 to resume the guest, 0 to return to user
 * space with vcpu->run filled in, or a negative errno.
 */
int vcpu_handle_exit(struct vcpu *vcpu, u32 reason);

#endif /* KVM_ARMV7_EXITS_H */
