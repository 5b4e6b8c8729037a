/* SPDX-License-Identifier: GPL-2.0-only */
/* Which accesses to a device the guest's instruction makes. */
#ifndef KVM_ARMV7_MMIO_INSN_H
#define KVM_ARMV7_MMIO_INSN_H

#include <linux/types.h>

struct ldst;
struct vcpu;

enum mmio_insn {
	MMIO_INSN_KNOWN,
	MMIO_INSN_AGAIN,   /* the guest has changed what we need: it has to execute it again */
	MMIO_INSN_REFUSED, /* nothing that can be emulated */
};

/*
 * After a data abort on a device: describe the instruction from the syndrome (B3.13.6,
 * table B3-33), or else from its code.  All accesses are in the page of HDFAR and in the
 * direction of HSR.WnR, for which the CPU has checked the guest's permissions.  May sleep.
 */
enum mmio_insn mmio_insn_find(struct vcpu *vcpu, struct ldst *insn);

/*
 * Is a load or store that the syndrome describes one of the unprivileged T32 forms, which
 * it does not tell apart?  Needs hyp->insn_ipa; false if in doubt.  May sleep.
 */
bool mmio_insn_unprivileged(struct vcpu *vcpu);

#endif /* KVM_ARMV7_MMIO_INSN_H */
