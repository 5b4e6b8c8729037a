// SPDX-License-Identifier: GPL-2.0-only
/*
 * The distributor's registers, Arm IHI 0048B section 4.3.  Most of them are arrays with
 * a few bits for each interrupt: one table lists the arrays, one loop serves them.
 */
#include "core/kick.h"
#include "core/vm.h"
#include "irq/vgic-dist.h"
#include "irq/vgic.h"

#define GICD_CTLR    0x000
#define GICD_TYPER   0x004
#define GICD_IIDR    0x008
#define GICD_SGIR    0xf00
#define GICD_ICPIDR2 0xfe8

#define GICD_CTLR_ENABLE   BIT(0)
#define GICD_IIDR_KVM	   0x4b00043b /* product 'K', implementer Arm, as KVM has always said */
#define GICD_ICPIDR2_GICV2 0x20

/* An array of registers.  read and write handle one interrupt's bits, vgic->lock held. */
struct dist_array {
	u16 start;
	u16 end;    /* with 1024 interrupts */
	u8 bits;    /* for each interrupt */
	bool pause; /* needs what is in other vCPUs' list registers */
	u32 (*read)(struct vcpu *vcpu, struct vgic_irq *irq);
	void (*write)(struct vcpu *vcpu, struct vgic_irq *irq, u32 value);
};

static u32 read_zero(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return 0;
}

static void write_ignore(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
}

static u32 read_enable(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return irq->enabled;
}

static void write_set_enable(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	if (value)
		irq->enabled = true;
}

/* SGIs stay enabled: the choice is IMPLEMENTATION DEFINED (4.3.6). */
static void write_clear_enable(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	if (value && irq->intid >= VGIC_NR_SGIS)
		irq->enabled = false;
}

static u32 read_pending(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return irq->pending_latch || irq->sources || (!irq->edge && irq->line_level);
}

static void write_set_pending(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	if (value && irq->intid >= VGIC_NR_SGIS)
		irq->pending_latch = true;
}

static void write_clear_pending(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	if (value && irq->intid >= VGIC_NR_SGIS)
		irq->pending_latch = false;
}

static u32 read_active(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return irq->active;
}

/*
 * No vCPU acknowledged the interrupt, so nothing says which one will end it: most
 * likely the one that it targets, otherwise the one that writes the register.
 */
static void write_set_active(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	if (!value || irq->active)
		return;
	irq->active_vcpu = vgic_target(vcpu->vm, vcpu, irq) ?: vcpu;
	irq->active = true;
}

static void write_clear_active(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	if (value)
		irq->active = false;
}

static u32 read_priority(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return irq->priority;
}

/* GICH_LR has five bits of priority, so the distributor has no more. */
static void write_priority(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	irq->priority = value & 0xf8;
}

static u32 read_targets(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return irq->intid < VGIC_NR_PRIVATE ? BIT(vcpu->id) : irq->targets;
}

static void write_targets(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	u32 n, exist = 0;

	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vcpu->vm->vcpus[n])
			exist |= BIT(n);
	if (irq->intid >= VGIC_NR_PRIVATE)
		irq->targets = value & exist;
}

static u32 read_config(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return irq->edge ? 2 : 0;
}

static void write_config(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	if (irq->intid >= VGIC_NR_PRIVATE)
		irq->edge = value & 2;
}

static u32 read_sgi_pending(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return irq->sources;
}

static void write_sgi_set_pending(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	irq->sources |= value;
}

static void write_sgi_clear_pending(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	irq->sources &= ~value;
}

static const struct dist_array arrays[] = {
	/* GICD_IGROUPRn: absent without the Security Extensions */
	{ 0x080, 0x100, 1, false, read_zero, write_ignore },
	{ 0x100, 0x180, 1, false, read_enable, write_set_enable },
	{ 0x180, 0x200, 1, false, read_enable, write_clear_enable },
	{ 0x200, 0x280, 1, true, read_pending, write_set_pending },
	{ 0x280, 0x300, 1, true, read_pending, write_clear_pending },
	{ 0x300, 0x380, 1, true, read_active, write_set_active },
	{ 0x380, 0x400, 1, true, read_active, write_clear_active },
	{ 0x400, 0x800, 8, false, read_priority, write_priority },
	{ 0x800, 0xc00, 8, false, read_targets, write_targets },
	{ 0xc00, 0xd00, 2, false, read_config, write_config },
	{ 0xf10, 0xf20, 8, true, read_sgi_pending, write_sgi_clear_pending },
	{ 0xf20, 0xf30, 8, true, read_sgi_pending, write_sgi_set_pending },
};

static void dist_array_access(struct vcpu *vcpu, const struct dist_array *array, u32 offset,
			      unsigned int len, bool write, u32 *value)
{
	u32 first = (offset - array->start) * 8 / array->bits;
	u32 count = len * 8 / array->bits;
	u32 mask = (1u << array->bits) - 1;
	struct vgic *vgic = &vcpu->vm->vgic;
	u32 result = 0, n;

	if (array->pause)
		vm_pause_others(vcpu->vm, vcpu);
	raw_spin_lock_irq(&vgic->lock);
	for (n = 0; n < count; n++) {
		struct vgic_irq *irq = vgic_get_irq(vcpu->vm, vcpu, first + n);

		if (!irq)
			continue;
		if (write) {
			array->write(vcpu, irq, (*value >> (n * array->bits)) & mask);
			vgic_update(vcpu->vm, vcpu, irq);
		} else {
			result |= array->read(vcpu, irq) << (n * array->bits);
		}
	}
	raw_spin_unlock_irq(&vgic->lock);
	if (array->pause)
		vm_resume_others(vcpu->vm);
	if (!write)
		*value = result;
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

static void write_ctlr(struct vcpu *vcpu, u32 value)
{
	struct vm *vm = vcpu->vm;
	bool was;

	raw_spin_lock_irq(&vm->vgic.lock);
	was = vm->vgic.enabled;
	vm->vgic.enabled = value & GICD_CTLR_ENABLE;
	raw_spin_unlock_irq(&vm->vgic.lock);
	if (!was && vm->vgic.enabled)
		vm_kick_all(vm);
}

static u32 read_typer(struct vm *vm)
{
	u32 cpus = 0, n;

	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		cpus += !!vm->vcpus[n];
	return (vm->vgic.nr_irqs / 32 - 1) | (cpus - 1) << 5;
}

bool vgic_dist_access(struct vcpu *vcpu, u64 ipa, unsigned int len, bool write, u32 *value)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	u32 offset;
	int n;

	if (!vgic->initialized || ipa < vgic->dist_base ||
	    ipa >= vgic->dist_base + KVM_VGIC_V2_DIST_SIZE)
		return false;
	offset = ipa - vgic->dist_base;
	if (!write)
		*value = 0;
	if ((len != 1 && len != 4) || offset & (len - 1))
		return true;

	for (n = 0; n < ARRAY_SIZE(arrays); n++) {
		if (offset < arrays[n].start || offset >= arrays[n].end)
			continue;
		if (len == 4 || arrays[n].bits == 8)
			dist_array_access(vcpu, &arrays[n], offset, len, write, value);
		return true;
	}
	if (len != 4)
		return true;
	switch (offset) {
	case GICD_CTLR:
		if (write)
			write_ctlr(vcpu, *value);
		else
			*value = vgic->enabled ? GICD_CTLR_ENABLE : 0;
		break;
	case GICD_TYPER:
		if (!write)
			*value = read_typer(vcpu->vm);
		break;
	case GICD_IIDR:
		if (!write)
			*value = GICD_IIDR_KVM;
		break;
	case GICD_SGIR:
		if (write)
			send_sgi(vcpu, *value);
		break;
	case GICD_ICPIDR2:
		if (!write)
			*value = GICD_ICPIDR2_GICV2;
		break;
	}
	return true;
}
