/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel does by itself with a guest's write to a device. */
#ifndef KVM_ARMV7_VM_IO_H
#define KVM_ARMV7_VM_IO_H

#include <linux/types.h>

struct vm;

/* Part of making a VM.  0 or -ENOMEM. */
int vm_io_init(struct vm *vm);
/* Before the VM's vCPUs and its GIC go: afterwards no eventfd injects an interrupt. */
void vm_io_destroy(struct vm *vm);
/*
 * A guest writes len bytes, 1 to 4, of value to addr, where no memory is.  True if an
 * ioeventfd or the coalesced ring took it; otherwise it is user space's.
 */
bool vm_io_write(struct vm *vm, u64 addr, u32 len, u32 value);

#endif /* KVM_ARMV7_VM_IO_H */
