/* SPDX-License-Identifier: GPL-2.0-only */
/* Access to single registers of a vCPU that is not in KVM_RUN. */
#ifndef ARMVM_ONEREG_H
#define ARMVM_ONEREG_H

#include <stdint.h>

#include <linux/kvm.h>

/* Word n of struct kvm_regs: r0 - r14 of User mode, PC, CPSR, then the other modes' banks. */
#define ONEREG_CORE(n)	 (KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | (n))
#define ONEREG_WORD_PC	 15u
#define ONEREG_WORD_CPSR 16u

/* id is KVM_REG_ARM | ..  Both print no message and return 0 or a negative errno. */
int onereg_get(int vcpu_fd, uint64_t id, uint64_t *value);
int onereg_set(int vcpu_fd, uint64_t id, uint64_t value);

#endif
