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

/*
 * At KVM_RUN: if the last one ended with KVM_EXIT_MMIO, complete the access.  Returns 1, or 0
 * if the instruction makes another one that user space has to serve: KVM_EXIT_MMIO again.
 * The guest's registers do not change before its last one.
 */
int mmio_complete(struct vcpu *vcpu);

#endif /* KVM_ARMV7_MMIO_H */
