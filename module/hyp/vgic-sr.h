/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual CPU interface, through GICH.  GICH is mapped as Device memory, so accesses
 * to it stay in program order (A3.5.5).  Nothing here does anything for a VM without a GIC.
 */
#ifndef HYP_VGIC_SR_H
#define HYP_VGIC_SR_H

#include "hyp.h"

static inline uint32_t gich_read(uint32_t gich, uint32_t offset)
{
	return *(volatile uint32_t *)(gich + offset);
}

static inline void gich_write(uint32_t gich, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(gich + offset) = value;
}

/* One list register after the other; the compiler would add up both addresses each time. */
static inline void gich_write_next(uint32_t *at, uint32_t value)
{
	__asm__ volatile("str %1, [%0], #4" : "+r"(*at) : "r"(value) : "memory");
}

static inline uint32_t gich_clear_next(uint32_t *at)
{
	uint32_t value;

	__asm__ volatile("ldr %0, [%1]\n\t"
			 "str %2, [%1], #4"
			 : "=&r"(value), "+r"(*at)
			 : "r"(0)
			 : "memory");
	return value;
}

/* Load GICH from the vCPU. */
static inline void hyp_vgic_enter(const struct hyp_vgic *vgic)
{
	const uint32_t *lr = vgic->lr, *end = lr + vgic->used_lrs;
	uint32_t gich = vgic->gich, at = gich + GICH_LR(0);

	if (!gich)
		return;
	gich_write(gich, GICH_VMCR, vgic->vmcr);
	gich_write(gich, GICH_APR, vgic->apr);
	while (lr != end)
		gich_write_next(&at, *lr++);
	gich_write(gich, GICH_HCR, vgic->hcr);
	/* GICH has all of it before the guest can take an interrupt. */
	dsb(sy);
}

/* Save it, and clear what could still signal. */
static inline void hyp_vgic_exit(struct hyp_vgic *vgic)
{
	uint32_t *lr = vgic->lr, *end = lr + vgic->used_lrs;
	uint32_t gich = vgic->gich, at = gich + GICH_LR(0);

	if (!gich)
		return;
	/* Its EOICount says how many interrupts without a list register have ended. */
	if (vgic->hcr & GICH_HCR_LRENPIE)
		vgic->hcr = gich_read(gich, GICH_HCR);
	/* Disable first: list registers must not signal while they change. */
	gich_write(gich, GICH_HCR, 0);
	vgic->vmcr = gich_read(gich, GICH_VMCR);
	vgic->apr = gich_read(gich, GICH_APR);
	while (lr != end)
		*lr++ = gich_clear_next(&at);
}

#endif /* HYP_VGIC_SR_H */
