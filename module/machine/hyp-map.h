/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HYP's address space: one window for the image, the CPUs' stacks and data, GICH,
 * GICD and the vCPUs, and the identity page from which the MMU is turned on.
 */
#ifndef KVM_ARMV7_HYP_MAP_H
#define KVM_ARMV7_HYP_MAP_H

#include "hyp/abi.h"

/* Build the tables and map the image.  0, or -errno with everything undone.  May sleep. */
int hyp_map_init(void);
/* Call when no CPU has HYP any more. */
void hyp_map_exit(void);

/* What hyp/entry.S needs. */
u64 hyp_map_httbr(void);
u32 hyp_map_idmap(void);	    /* the image's physical address */
hyp_va_t hyp_map_image(u32 offset); /* an offset in the image as an address in the window */
u32 hyp_map_header(unsigned int word);
hyp_va_t hyp_map_stack_top(int cpu);
hyp_va_t hyp_map_percpu(int cpu);
struct hyp_percpu *hyp_percpu(int cpu); /* the same page, at its kernel address */
hyp_va_t hyp_map_gich(void);
hyp_va_t hyp_map_gicd(void); /* 0: not mapped */

/*
 * A zeroed page that the kernel and HYP share, for a VM or a vCPU.  NULL if no memory or no
 * slot of the window is left.  Freeing it invalidates HYP's translation first, so it needs
 * interrupts on.  Both may sleep.
 */
void *hyp_page_alloc(hyp_va_t *va);
void hyp_page_free(void *page, hyp_va_t va);

#endif /* KVM_ARMV7_HYP_MAP_H */
