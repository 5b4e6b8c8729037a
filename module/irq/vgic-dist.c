// SPDX-License-Identifier: GPL-2.0-only
/*
 * The distributor's registers, Arm IHI 0048B section 4.3, as the guest and as user space
 * access them.
 */
#include "core/kick.h"
#include "core/vm.h"
#include "irq/vgic-arrays.h"
#include "irq/vgic-dist.h"
#include "irq/vgic-hyp.h"
#include "irq/vgic.h"

#define GICD_CTLR    0x000
#define GICD_TYPER   0x004
#define GICD_IIDR    0x008
#define GICD_SGIR    0xf00
#define GICD_ICPIDR2 0xfe8

#define GICD_CTLR_GROUPS   3 /* EnableGrp1, EnableGrp0 */
#define GICD_ICPIDR2_GICV2 0x20

/* What the list registers hold counts as the interrupts' state.  No vCPU is in the guest. */
static void fold_all(struct vm *vm)
{
	unsigned int n;

	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vm->vcpus[n])
			vgic_fold(vm->vcpus[n]);
}

/* No vCPU is stopped, unless one is in the guest with one of the interrupts. */
static u32 guest_array_access(struct vcpu *vcpu, const struct vgic_array *array, u32 offset,
			      unsigned int len, bool write, u32 value)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	bool pause;

	raw_spin_lock_irq(&vgic->lock);
	pause = array->pause && !vgic_array_settle(vcpu, array, offset, len);
	if (unlikely(pause)) {
		raw_spin_unlock_irq(&vgic->lock);
		vm_pause_others(vcpu->vm, vcpu);
		raw_spin_lock_irq(&vgic->lock);
		fold_all(vcpu->vm);
	}
	value = vgic_array_access(vcpu, array, offset, len, write, false, value);
	vcpu->hyp->gicd.written = false;
	raw_spin_unlock_irq(&vgic->lock);
	if (unlikely(pause))
		vm_resume_others(vcpu->vm);
	return value;
}

/* GICD_SGIR: target list filter [25:24], target list [23:16], SGIINTID [3:0]. */
static void send_sgi(struct vcpu *vcpu, u32 value)
{
	struct vm *vm = vcpu->vm;
	u32 intid = value & 0xf, targets = (value >> 16) & 0xff, n;

	switch ((value >> 24) & 3) {
	case 1:
		targets = ~BIT(vcpu->id);
		break;
	case 2:
		targets = BIT(vcpu->id);
		break;
	case 3:
		return;
	}
	raw_spin_lock_irq(&vm->vgic.lock);
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++) {
		struct vcpu *to = vm->vcpus[n];

		if (!to || !(targets & BIT(n)))
			continue;
		to->vgic.irqs[intid].sources |= BIT(vcpu->id);
		vgic_update(vm, to, &to->vgic.irqs[intid]);
	}
	raw_spin_unlock_irq(&vm->vgic.lock);
}

/*
 * Which interrupts are deliverable depends on GICD_CTLR.  In parts, so that interrupts are
 * not off for all of it; each part goes by what the register says then.
 */
static void update_irqs(struct vm *vm, struct vcpu *owner, struct vgic_irq *irqs, u32 count)
{
	u32 n;

	raw_spin_lock_irq(&vm->vgic.lock);
	for (n = 0; n < count; n++) {
		if (owner)
			vgic_hyp_note_private(owner, &irqs[n]);
		vgic_update(vm, owner, &irqs[n]);
	}
	raw_spin_unlock_irq(&vm->vgic.lock);
}

static void write_ctlr(struct vcpu *vcpu, u32 value)
{
	struct vm *vm = vcpu->vm;
	u32 n;
	u8 was;

	raw_spin_lock_irq(&vm->vgic.lock);
	was = vm->vgic.ctlr;
	vm->vgic.ctlr = value & GICD_CTLR_GROUPS;
	raw_spin_unlock_irq(&vm->vgic.lock);
	if (was == (value & GICD_CTLR_GROUPS))
		return;
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vm->vcpus[n])
			update_irqs(vm, vm->vcpus[n], vm->vcpus[n]->vgic.irqs, VGIC_NR_PRIVATE);
	for (n = VGIC_NR_PRIVATE; n < vm->vgic.nr_irqs; n += 32)
		update_irqs(vm, NULL, &vm->vgic.spis[n - VGIC_NR_PRIVATE],
			    min_t(u32, 32, VGIC_FIRST_RESERVED - n));
}

/* The registers that are no arrays. */
static u32 read_other(struct vm *vm, u32 offset)
{
	switch (offset) {
	case GICD_CTLR:
		return vm->vgic.ctlr;
	case GICD_TYPER:
		return vm->vgic.typer;
	case GICD_IIDR:
		return GICD_IIDR_KVM;
	case GICD_ICPIDR2:
		return GICD_ICPIDR2_GICV2;
	default:
		return 0;
	}
}

static void write_other(struct vcpu *vcpu, u32 offset, u32 value)
{
	switch (offset) {
	case GICD_CTLR:
		write_ctlr(vcpu, value);
		break;
	case GICD_SGIR:
		send_sgi(vcpu, value);
		break;
	}
}

void vgic_dist_access(struct vcpu *vcpu, u64 ipa, unsigned int len, bool write, u32 *value)
{
	u32 offset = ipa - vcpu->vm->vgic.dist_base, result = 0;
	const struct vgic_array *array = vgic_array_find(offset);

	if ((len != 4 && (len != 1 || !array || array->bits != 8)) || offset & (len - 1))
		; /* no register allows it */
	else if (array)
		result = guest_array_access(vcpu, array, offset, len, write, *value);
	else if (write)
		write_other(vcpu, offset, *value);
	else
		result = read_other(vcpu->vm, offset);
	if (!write)
		*value = result;
}

bool vgic_dist_has(struct vm *vm, u32 offset)
{
	const struct vgic_array *array = vgic_array_find(offset);

	if (offset & 3)
		return false;
	if (array)
		return vgic_array_has(vm, array, offset);
	return offset <= GICD_IIDR || offset == GICD_SGIR || offset == GICD_ICPIDR2;
}

int vgic_dist_user_access(struct vcpu *vcpu, u32 offset, bool write, u32 *value)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	const struct vgic_array *array = vgic_array_find(offset);

	if (offset & 3) {
		if (!write)
			*value = 0;
	} else if (array) {
		raw_spin_lock_irq(&vgic->lock);
		fold_all(vcpu->vm);
		*value = vgic_array_access(vcpu, array, offset, 4, write, true, *value);
		raw_spin_unlock_irq(&vgic->lock);
	} else if (!write) {
		*value = read_other(vcpu->vm, offset);
	} else if (offset == GICD_IIDR) {
		if (*value != GICD_IIDR_KVM)
			return -EINVAL;
		vgic->groups_writable = true;
	} else {
		write_other(vcpu, offset, *value);
	}
	return 0;
}
