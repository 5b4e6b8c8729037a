/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_GET_STATS_FD. */
#ifndef KVM_ARMV7_API_STATS_H
#define KVM_ARMV7_API_STATS_H

struct file;
struct vcpu;
struct vm;

/*
 * Make a descriptor from which the counters of a vCPU or VM can be read.  It keeps owner, the
 * file of the vCPU's or VM's own descriptor, open.  Returns the descriptor, -EMFILE or
 * -ENOMEM.  May sleep.
 */
int vcpu_stats_fd(struct file *owner, const struct vcpu *vcpu);
int vm_stats_fd(struct file *owner, const struct vm *vm);

#endif /* KVM_ARMV7_API_STATS_H */
