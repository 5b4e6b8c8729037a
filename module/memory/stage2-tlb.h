/* SPDX-License-Identifier: GPL-2.0-only */
/* What TLBs hold of a VM's stage 2. */
#ifndef KVM_ARMV7_STAGE2_TLB_H
#define KVM_ARMV7_STAGE2_TLB_H

struct stage2;

/* Drop every translation of the VM on every CPU.  Needs no lock; interrupts are on. */
void stage2_flush_tlb(struct stage2 *s2);
/*
 * The same on this CPU only, after a permission fault: its TLB may hold the permissions that
 * were too few.  It may be another CPU than the one that took the fault: the guest then
 * faults again when it is back there.
 */
void stage2_flush_tlb_here(struct stage2 *s2);

#endif /* KVM_ARMV7_STAGE2_TLB_H */
