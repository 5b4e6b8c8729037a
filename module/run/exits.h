/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a guest stopped, and who handles it. */
#ifndef KVM_ARMV7_EXITS_H
#define KVM_ARMV7_EXITS_H

#include <linux/types.h>

struct vcpu;

/*
 * HYP_EXIT_TRAP, and any other enum hyp_exit.  The contract of every exit handler: it returns 1
 * to resume the guest, 0 to return to user space with vcpu->run filled in, or a negative errno.
 * The caller holds vcpu->mutex, interrupts and preemption are on, and the handler may sleep.
 */
int vcpu_handle_trap(struct vcpu *vcpu);
int vcpu_handle_exit(struct vcpu *vcpu, u32 reason);

#endif /* KVM_ARMV7_EXITS_H */
