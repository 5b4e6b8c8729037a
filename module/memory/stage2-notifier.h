/* SPDX-License-Identifier: GPL-2.0-only */
/* Stage 2 follows the tables of the process, by an MMU notifier. */
#ifndef KVM_ARMV7_STAGE2_NOTIFIER_H
#define KVM_ARMV7_STAGE2_NOTIFIER_H

struct vm;

/* Make empty tables, and follow vm->mm.  0 or -errno.  May sleep. */
int stage2_init(struct vm *vm);
/* Undo it; no vCPU runs any more.  May sleep. */
void stage2_destroy(struct vm *vm);

#endif /* KVM_ARMV7_STAGE2_NOTIFIER_H */
