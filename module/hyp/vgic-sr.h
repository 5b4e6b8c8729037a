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

/* Load GICH from the vCPU. */
static inline void hyp_vgic_enter(const struct hyp_vgic *vgic)
{
	uint32_t gich = vgic->gich, used_lrs = vgic->used_lrs, n;

	if (!gich)
		return;
	gich_write(gich, GICH_VMCR, vgic->vmcr);
	gich_write(gich, GICH_APR, vgic->apr);
	for (n = 0; n < used_lrs; n++)
		gich_write(gich, GICH_LR(n), vgic->lr[n]);
	gich_write(gich, GICH_HCR, vgic->hcr);
	/* GICH has all of it before the guest can take an interrupt. */
	dsb(sy);
}

/* Save it, and clear what could still signal. */
static inline void hyp_vgic_exit(struct hyp_vgic *vgic)
{
	uint32_t gich = vgic->gich, used_lrs = vgic->used_lrs, n;

	if (!gich)
		return;
	/* Its EOICount says how many interrupts without a list register have ended. */
	if (vgic->hcr & GICH_HCR_LRENPIE)
		vgic->hcr = gich_read(gich, GICH_HCR);
	/* Disable first: list registers must not signal while they change. */
	gich_write(gich, GICH_HCR, 0);
	vgic->vmcr = gich_read(gich, GICH_VMCR);
	vgic->apr = gich_read(gich, GICH_APR);
	for (n = 0; n < used_lrs; n++) {
		vgic->lr[n] = gich_read(gich, GICH_LR(n));
		gich_write(gich, GICH_LR(n), 0);
	}
}

#endif /* HYP_VGIC_SR_H */
