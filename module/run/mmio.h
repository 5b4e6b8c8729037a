/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses that no memory slot serves. */
#ifndef KVM_ARMV7_MMIO_H
#define KVM_ARMV7_MMIO_H

#include <linux/types.h>

struct vcpu;

/*
 * A data access to ipa that caused a stage 2 abort: outside of the memory slots, or a write
 * to a read-only one.  An exit handler: see run/exits.h.
 */
int mmio_handle(struct vcpu *vcpu, u64 ipa);

/* At KVM_RUN: if the last one ended with KVM_EXIT_MMIO, complete the access. */
void mmio_complete(struct vcpu *vcpu);

#endif /* KVM_ARMV7_MMIO_H */
