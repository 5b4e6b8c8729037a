/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's descriptor. */
#ifndef KVM_ARMV7_VCPU_FD_H
#define KVM_ARMV7_VCPU_FD_H

#include <linux/types.h>

struct vcpu;
struct vm;

/* KVM_CREATE_VCPU: a new descriptor, or -errno. */
int vcpu_create(struct vm *vm, u32 id);

/* With the VM: others may hold a pointer to the vCPU as long as that lives. */
void vcpu_destroy(struct vcpu *vcpu);

#endif /* KVM_ARMV7_VCPU_FD_H */
