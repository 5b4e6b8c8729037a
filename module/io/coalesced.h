/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes to some addresses are collected in a ring, which user space empties when it likes. */
#ifndef KVM_ARMV7_COALESCED_H
#define KVM_ARMV7_COALESCED_H

#include <linux/types.h>

struct kvm_coalesced_mmio_zone;
struct page;
struct vm;

/* Part of making and destroying a VM.  0 or -ENOMEM. */
int coalesced_vm_init(struct vm *vm);
void coalesced_vm_destroy(struct vm *vm);
/*
 * KVM_REGISTER_COALESCED_MMIO.  0, -ENOMEM, -ENOSPC, or -EINVAL: port I/O, which this CPU
 * does not have.  May sleep.
 */
int coalesced_register(struct vm *vm, const struct kvm_coalesced_mmio_zone *zone);
/*
 * KVM_UNREGISTER_COALESCED_MMIO: every zone that contains the given one goes; it is no error
 * if none does.  0, or -EINVAL as above.  May sleep.
 */
int coalesced_unregister(struct vm *vm, const struct kvm_coalesced_mmio_zone *zone);
/* A guest writes len bytes to addr.  True if the write is in the ring. */
bool coalesced_write(struct vm *vm, u64 addr, u32 len, const void *data);
/* The page of the ring, for a vCPU's mmap. */
struct page *coalesced_page(struct vm *vm);

#endif /* KVM_ARMV7_COALESCED_H */
