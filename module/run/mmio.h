/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses to addresses that are no memory. */
#ifndef KVM_ARMV7_MMIO_H
#define KVM_ARMV7_MMIO_H

#include <linux/types.h>

struct vcpu;

/* A stage 2 abort outside of memory slots.  An exit handler: see run/exits.h. */
int mmio_handle(struct vcpu *vcpu, u64 ipa);

/* User space has answered KVM_EXIT_MMIO: called at the next KVM_RUN. */
void mmio_complete(struct vcpu *vcpu);

#endif /* KVM_ARMV7_MMIO_H */
