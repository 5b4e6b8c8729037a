// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual CPU interface, through GICH.  GICH is mapped as Device memory, so accesses
 * to it stay in program order (A3.5.5).
 */
#include "hyp.h"

static uint32_t gich_read(const struct hyp_vgic *vgic, uint32_t offset)
{
	return *(volatile uint32_t *)(vgic->gich + offset);
}

static void gich_write(const struct hyp_vgic *vgic, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(vgic->gich + offset) = value;
}

void hyp_vgic_enter(const struct hyp_vgic *vgic)
{
	uint32_t n;

	if (!vgic->gich)
		return;
	gich_write(vgic, GICH_VMCR, vgic->vmcr);
	gich_write(vgic, GICH_APR, vgic->apr);
	for (n = 0; n < vgic->used_lrs; n++)
		gich_write(vgic, GICH_LR(n), vgic->lr[n]);
	gich_write(vgic, GICH_HCR, vgic->hcr);
	/* GICH has all of it before the guest can take an interrupt. */
	dsb(sy);
}

void hyp_vgic_exit(struct hyp_vgic *vgic)
{
	uint32_t n;

	if (!vgic->gich)
		return;
	/* Its EOICount says how many interrupts without a list register have ended. */
	if (vgic->hcr & GICH_HCR_LRENPIE)
		vgic->hcr = gich_read(vgic, GICH_HCR);
	/* Disable first: list registers must not signal while they change. */
	gich_write(vgic, GICH_HCR, 0);
	vgic->vmcr = gich_read(vgic, GICH_VMCR);
	vgic->apr = gich_read(vgic, GICH_APR);
	for (n = 0; n < vgic->used_lrs; n++) {
		vgic->lr[n] = gich_read(vgic, GICH_LR(n));
		gich_write(vgic, GICH_LR(n), 0);
	}
}
