/* SPDX-License-Identifier: GPL-2.0-only */
/* What some CPUs need beyond the architecture. */
#ifndef KVM_ARMV7_ERRATA_H
#define KVM_ARMV7_ERRATA_H

/* Look at this CPU; on each that comes online, before it can run a guest.  Not preemptible. */
void errata_probe(void);

/*
 * Complete a broadcast TLB operation on all CPUs.  Whoever frees what was mapped
 * calls it after the operation; interrupts are on.
 */
void errata_tlb_complete(void);

#endif /* KVM_ARMV7_ERRATA_H */
