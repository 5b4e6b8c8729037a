// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that a vCPU causes for itself while it is in the guest: an SGI to itself, and its
 * virtual timer's.  HYP puts them into list registers that the kernel has left free.
 *
 * The kernel's account of them is not touched, and need not be known: these registers come after
 * the kernel's, and the first thing that the kernel does after the exit is to take over what is
 * still in them, irq/vgic-lr.c.  Until then nothing that is pending or active there is the
 * kernel's business, because only this vCPU sees the state of its SGIs and PPIs, and a request of
 * another vCPU for the same SGI ends the run.
 */
#include "vgic-sr.h"

/*
 * A list register for an interrupt, or nr_lrs.  No two may have the same INTID (IHI 0048B 5.2.2).
 * What is in one of the kernel's has the INTID with which it was loaded.
 */
static uint32_t find_lr(const struct hyp_vgic *vgic, uint32_t intid)
{
	uint32_t n, end = vgic->used_lrs, found = end, lr;

	for (n = 0; n < vgic->kernel_lrs; n++)
		if (GICH_LR_VIRTUALID(vgic->lr[n]) == intid)
			return vgic->nr_lrs;
	for (; n < end; n++) {
		lr = gich_read(vgic->gich, GICH_LR(n));
		if (!(lr & GICH_LR_STATE))
			found = n;
		else if (GICH_LR_VIRTUALID(lr) == intid)
			return vgic->nr_lrs;
	}
	return found;
}

bool hyp_raise(struct hyp_vgic *vgic, uint32_t lr)
{
	uint32_t n;

	/*
	 * NPIE: others have waited for longer.  LRENPIE: some that are active have no list
	 * register, maybe this one.
	 */
	if (!lr || vgic->hcr != GICH_HCR_EN)
		return false;
	n = find_lr(vgic, GICH_LR_VIRTUALID(lr));
	if (n >= vgic->nr_lrs)
		return false;
	if (n == vgic->used_lrs)
		vgic->used_lrs++;
	/*
	 * No barrier: until this has arrived the guest has no interrupt, as if it were late, and
	 * later accesses to the list register are of the same device, in order (A3.8.2).
	 */
	gich_write(vgic->gich, GICH_LR(n), lr);
	return true;
}

/*
 * The CPU's own PPI becomes active, so that it is not signalled again while the line is high; the
 * guest's EOI makes it inactive, because the list register has HW set.  GICD_ISACTIVER0 is the
 * CPU's own, and only bits that are 1 act.  Whatever else is pending ends the run at once.
 */
static bool raise_timer(struct hyp_vcpu *vcpu)
{
	struct hyp_vgic *vgic = &vcpu->vgic;
	uint32_t lr = vcpu->gicd.timer_lr;

	if (!vgic->gicd || !hyp_raise(vgic, lr))
		return false;
	*(volatile uint32_t *)(vgic->gicd + GICD_ISACTIVER0) = 1u << GICH_LR_PHYSID(lr);
	/* It arrives before interrupts are unmasked (A3.8.3), or one exit more may be taken. */
	dsb(sy);
	return true;
}

enum hyp_exit hyp_guest_irq_exit(struct hyp_vcpu *vcpu)
{
	uint32_t mask = CNT_CTL_ENABLE | CNT_CTL_IMASK | CNT_CTL_ISTATUS;

	if (!vcpu->answers.on ||
	    (read_cp15(CNTV_CTL) & mask) != (CNT_CTL_ENABLE | CNT_CTL_ISTATUS) ||
	    !raise_timer(vcpu))
		return HYP_EXIT_IRQ;
	return HYP_EXIT_NONE;
}
