/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rule of hyp/abi.h, as a check: the kernel accesses a vCPU's page only while the vCPU
 * is not in HYP_CALL_RUN.  A module built with KVM_ARMV7_CHECKS=y takes the pointer away for
 * that time, so that an access to any field is an oops.
 *
 * vcpu->hyp_page is the same pointer, and is never taken away.  It is for debugfs, which
 * reads the page while the vCPU may run, and tells afterwards whether the copy is good; and
 * for the words of gicd that HYP only reads.
 */
#ifndef KVM_ARMV7_HYP_PAGE_H
#define KVM_ARMV7_HYP_PAGE_H

#include "core/vm.h"

#ifdef KVM_ARMV7_CHECKS
/* Nothing is mapped there: mmap_min_addr keeps user space away. */
#define HYP_PAGE_AWAY ((struct hyp_vcpu *)0x1000)

/* Interrupts are off from the first call to the second. */
static inline void hyp_page_take_away(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->hyp, HYP_PAGE_AWAY);
}

static inline void hyp_page_give_back(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->hyp, vcpu->hyp_page);
}
#else
static inline void hyp_page_take_away(struct vcpu *vcpu)
{
}

static inline void hyp_page_give_back(struct vcpu *vcpu)
{
}
#endif

#endif /* KVM_ARMV7_HYP_PAGE_H */
