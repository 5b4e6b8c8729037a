/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HYP's address space: one window for the image, the CPUs' stacks and data,
 * GICH and the vCPUs, and the identity page that turns the MMU on.
 */
#ifndef KVM_ARMV7_HYP_MAP_H
#define KVM_ARMV7_HYP_MAP_H

#include "hyp/abi.h"

/* Build the tables and map the image; -errno, nothing left behind. */
int hyp_map_init(void);
/* Only when no CPU runs in HYP any more. */
void hyp_map_exit(void);

/* What hyp/entry.S wants to know. */
u64 hyp_map_httbr(void);
u32 hyp_map_idmap(void);	    /* identity address of the image */
hyp_va_t hyp_map_image(u32 offset); /* an offset in the image, in the window */
u32 hyp_map_header(unsigned int word);
hyp_va_t hyp_map_stack_top(int cpu);
hyp_va_t hyp_map_percpu(int cpu);
struct hyp_percpu *hyp_percpu(int cpu); /* the same, as the kernel sees it */
hyp_va_t hyp_map_gich(void);

/*
 * A zeroed page that the kernel and HYP share, for one vCPU.  NULL when there is
 * no memory or no slot left.  Freeing invalidates HYP's translation first.
 */
struct hyp_vcpu *hyp_vcpu_alloc(hyp_va_t *va);
void hyp_vcpu_free(struct hyp_vcpu *vcpu, hyp_va_t va);

#endif /* KVM_ARMV7_HYP_MAP_H */
