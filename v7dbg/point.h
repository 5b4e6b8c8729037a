/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The quick way of a write that arms or disarms one point.  v7dbg_trap() works out every
 * point of the guest and a plan for every slot of the CPU; most such writes concern one slot,
 * and no other depends on it.
 *
 * What is not so is left to v7dbg_trap(): context-aware breakpoints, to which others may be
 * linked, and points that are linked to one; controls with MASK, which not every CPU has; a
 * guest whose points are held or suspended; a CPU on which the slot may have another number.
 *
 * Inline for each bank, so that a hypervisor's code has no choice of banks in it.
 */
#ifndef V7DBG_POINT_H
#define V7DBG_POINT_H

#include "filter.h"
#include "v7dbg_quick.h"

/* The bits of the syndrome of an MRC or MCR, B3.13.6. */
#define V7DBG_HSR_READ	   1u
#define V7DBG_HSR_CRM(hsr) (((hsr) >> 1) & 0xf)
/* opc2, opc1 and CRn: those of DBGBCRn (opc2 5) and DBGWCRn (opc2 7). */
#define V7DBG_HSR_REGISTER (0x3ffu << 10)
#define V7DBG_HSR_DBGBCR   (5u << 17)
#define V7DBG_HSR_DBGWCR   (7u << 17)

/* One slot as v7dbg_trap() would leave it, of a guest that may debug. */
struct v7dbg_point {
	bool on;
	uint32_t hardware; /* its control there; 0 if off */
};

#define V7DBG_IS_WRITE_OF(hsr, reg) (((hsr) & (V7DBG_HSR_REGISTER | V7DBG_HSR_READ)) == (reg))

/* False: it depends on another slot. */
V7DBG_INLINE bool v7dbg_find_point(const struct v7dbg_vcpu *vcpu, bool wrp, unsigned int n,
				   uint32_t control, struct v7dbg_point *point)
{
	if (wrp) {
		uint32_t value = vcpu->regs.wrp.value[n];

		if (control & DBGWCR_WT)
			return false;
		point->on = v7dbg_wrp_effective(control, value, 0);
		point->hardware = point->on ? v7dbg_wrp_hardware(control, value, 0) : 0;
		return true;
	}
	/* Linked types are odd. */
	if (v7dbg_is_ctx(&vcpu->caps, n) || (DBGBCR_BT(control) & 1))
		return false;
	point->on = v7dbg_brp_effective(control, vcpu->regs.brp.value[n], false, 0);
	point->hardware = point->on ? v7dbg_brp_hardware(control, 0) : 0;
	return true;
}

/* HOST is left, as by a plan: nothing is loaded, and nothing saved but what save_host saves. */
V7DBG_INLINE void v7dbg_leave_host(struct v7dbg_cpu *cpu, struct v7dbg_move *move)
{
	move->save_host = true;
	cpu->brp.on = cpu->brp.saved = 0;
	cpu->brp.written.values = cpu->brp.written.controls = 0;
	cpu->wrp.on = cpu->wrp.saved = 0;
	cpu->wrp.written.values = cpu->wrp.written.controls = 0;
	cpu->vcr_written = false;
	cpu->loaded_vcr = 0;
}

/* Load the slot as load_points() of owner.c does. */
V7DBG_INLINE void v7dbg_load_point(struct v7dbg_cpu_bank *bank, unsigned int n, uint32_t value,
				   uint32_t control, struct v7dbg_move *move)
{
	uint16_t bit = (uint16_t)(1u << n);

	if (!(bank->saved & bit))
		move->save = bit;
	if (!(bank->written.values & bit) || bank->loaded.value[n] != value) {
		move->clear = bank->on & bit;
		move->write.values = bit;
	}
	if (!(bank->on & bit) || bank->loaded.control[n] != control || move->clear)
		move->write.controls = bit;
	bank->loaded.value[n] = value;
	bank->loaded.control[n] = control;
	bank->on |= bit;
	bank->saved |= bit;
	bank->written.values |= move->write.values;
	bank->written.controls |= move->write.controls;
}

V7DBG_INLINE void v7dbg_settle_point(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, bool wrp,
				     unsigned int n, const struct v7dbg_point *point, uint32_t dscr,
				     struct v7dbg_move *move)
{
	struct v7dbg_cpu_bank *bank = wrp ? &cpu->wrp : &cpu->brp;
	bool tde = cpu->tde;

	if (vcpu->active) {
		if (cpu->owner == V7DBG_OWNER_HOST)
			v7dbg_leave_host(cpu, move);
		if (cpu->owner != V7DBG_OWNER_GUEST)
			vcpu->stats.loads++;
		cpu->owner = V7DBG_OWNER_GUEST;
	} else {
		cpu->owner = V7DBG_OWNER_PARKED;
	}
	if (point->on) {
		v7dbg_load_point(bank, n, (wrp ? &vcpu->regs.wrp : &vcpu->regs.brp)->value[n],
				 point->hardware, move);
	} else {
		move->clear = bank->on & (uint16_t)(1u << n);
		bank->on &= (uint16_t) ~(1u << n);
	}
	cpu->tde = cpu->owner != V7DBG_OWNER_GUEST || DBGDSCR_MOE(dscr) != vcpu->moe;
	move->tde_changed = cpu->tde != tde;
}

/* v7dbg_quick_point() for one bank, which the syndrome names. */
V7DBG_INLINE bool v7dbg_make_point(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, bool wrp,
				   uint32_t hsr, uint32_t value, uint32_t dscr,
				   struct v7dbg_move *move)
{
	bool was_active = vcpu->active;
	unsigned int n = V7DBG_HSR_CRM(hsr);
	uint16_t bit = (uint16_t)(1u << n), *eff = wrp ? &vcpu->eff.wrp : &vcpu->eff.brp;
	struct v7dbg_point point;

	if (n >= (wrp ? vcpu->caps.nr_wrps : vcpu->caps.nr_brps) ||
	    (value & ~(wrp ? WCR_IMPLEMENTED : BCR_IMPLEMENTED)))
		return false;
	/* With points, they are loaded; without, there is nothing of the guest in the CPU. */
	if (vcpu->layout != cpu->layout || v7dbg_set_aside(vcpu) || !DBGDSCR_MONITOR_MODE(dscr) ||
	    (!was_active && !v7dbg_points_allowed(vcpu)) ||
	    was_active != (cpu->owner == V7DBG_OWNER_GUEST) ||
	    !v7dbg_find_point(vcpu, wrp, n, value, &point))
		return false;

	v7dbg_sync_moe(vcpu, cpu, dscr);
	vcpu->stats.traps++;
	(wrp ? &vcpu->regs.wrp : &vcpu->regs.brp)->control[n] = value;
	(wrp ? vcpu->wrp_hardware : vcpu->brp_hardware)[n] = point.hardware;
	*eff = point.on ? *eff | bit : *eff & (uint16_t)~bit;
	vcpu->active = v7dbg_any(&vcpu->eff);
	if (vcpu->active && !was_active)
		vcpu->stats.activations++;

	move->wrp = wrp;
	move->save_host = false;
	move->tde_changed = false;
	move->save = 0;
	move->clear = 0;
	move->write.values = 0;
	move->write.controls = 0;
	if (vcpu->active || was_active)
		v7dbg_settle_point(vcpu, cpu, wrp, n, &point, dscr, move);
#ifdef V7DBG_DEBUG
	v7dbg_check(vcpu, cpu);
#endif
	return true;
}

#endif /* V7DBG_POINT_H */
