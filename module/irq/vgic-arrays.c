// SPDX-License-Identifier: GPL-2.0-only
/*
 * The distributor's arrays of registers: one table lists them, one loop serves them.  User
 * space reads and writes them, too, to save and restore a GIC.  Where its write has another
 * effect than a guest's, the table has a second function.
 */
#include <linux/nospec.h>

#include "core/vm.h"
#include "irq/vgic-arrays.h"
#include "irq/vgic-hyp.h"
#include "irq/vgic.h"

static bool write_group(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	bool was = irq->group1;

	irq->group1 = value;
	return irq->group1 != was;
}

static bool user_write_group(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	return vcpu->vm->vgic.groups_writable && write_group(vcpu, irq, value);
}

static u32 read_enabled(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return vgic_is_enabled(&vcpu->vm->vgic, irq);
}

static bool write_set_enable(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	return vgic_hyp_set_enabled(vcpu, irq, true);
}

/* SGIs stay enabled: the choice is IMPLEMENTATION DEFINED (4.3.6). */
static bool write_clear_enable(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	return irq->intid >= VGIC_NR_SGIS && vgic_hyp_set_enabled(vcpu, irq, false);
}

static u32 read_pending(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return vgic_irq_is_pending(irq);
}

static bool write_set_pending(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	if (irq->intid < VGIC_NR_SGIS)
		return false;
	irq->pending_latch = true;
	return true;
}

/*
 * What user space read here to save it was pending by a latch or by its line.  A timer's
 * line comes back with the timer's registers, other lines with the devices.  For an SGI it
 * does not say which vCPU has sent it; GICD_SPENDSGIR does.
 */
static bool user_write_set_pending(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	if (irq->intid < VGIC_NR_SGIS)
		irq->sources |= irq->sources ? 0 : BIT(vcpu->id);
	else if (!irq->owned)
		irq->pending_latch = true;
	return true;
}

static bool write_clear_pending(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	if (irq->intid < VGIC_NR_SGIS)
		return false;
	irq->pending_latch = false;
	return true;
}

static bool user_write_clear_pending(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	irq->sources = 0;
	irq->pending_latch = false;
	return true;
}

/*
 * No vCPU acknowledged the interrupt, so nothing says which one will end it: most
 * likely the one that it targets, otherwise the one that writes the register.
 */
static bool write_set_active(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	if (irq->active)
		return false;
	irq->active_vcpu = vgic_target(vcpu->vm, vcpu, irq) ?: vcpu;
	irq->active_source = VGIC_SOURCE_UNKNOWN;
	irq->active = true;
	return true;
}

static bool write_clear_active(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	bool was = irq->active;

	irq->active = false;
	return was;
}

static u32 read_priority(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return irq->priority;
}

/* GICH_LR has five bits of priority, so the distributor has no more. */
static bool write_priority(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	u8 was = irq->priority;

	irq->priority = value & 0xf8;
	return irq->priority != was;
}

static u32 read_targets(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return irq->intid < VGIC_NR_PRIVATE ? BIT(vcpu->id) : irq->targets;
}

static bool write_targets(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	u32 n, exist = 0;
	u8 was = irq->targets;

	if (irq->intid < VGIC_NR_PRIVATE)
		return false;
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vcpu->vm->vcpus[n])
			exist |= BIT(n);
	irq->targets = value & exist;
	return irq->targets != was;
}

static u32 read_config(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return irq->edge ? 2 : 0;
}

static bool write_config(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	bool was = irq->edge;

	if (irq->intid < VGIC_NR_PRIVATE)
		return false;
	irq->edge = value & 2;
	return irq->edge != was;
}

static u32 read_sgi_pending(struct vcpu *vcpu, struct vgic_irq *irq)
{
	return irq->sources;
}

static bool write_sgi_set_pending(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	irq->sources |= value;
	return true;
}

static bool write_sgi_clear_pending(struct vcpu *vcpu, struct vgic_irq *irq, u32 value)
{
	irq->sources &= ~value;
	return true;
}

#define FLAG(member) offsetof(struct vgic_irq, member)

static const struct vgic_array arrays[] = {
	{ 0x080, 0x100, 1, false, false, FLAG(group1), 0, NULL, write_group, user_write_group },
	{ 0x100, 0x180, 1, false, true, 0, 0, read_enabled, write_set_enable },
	{ 0x180, 0x200, 1, false, true, 0, 0, read_enabled, write_clear_enable },
	{ 0x200, 0x280, 1, true, true, 0, 0, read_pending, write_set_pending,
	  user_write_set_pending },
	{ 0x280, 0x300, 1, true, true, 0, 0, read_pending, write_clear_pending,
	  user_write_clear_pending },
	{ 0x300, 0x380, 1, true, true, FLAG(active), true, NULL, write_set_active },
	{ 0x380, 0x400, 1, true, true, FLAG(active), false, NULL, write_clear_active },
	{ 0x400, 0x800, 8, false, false, 0, 0, read_priority, write_priority },
	{ 0x800, 0xc00, 8, false, false, 0, 0, read_targets, write_targets },
	{ 0xc00, 0xd00, 2, false, false, 0, 0, read_config, write_config },
	{ 0xf10, 0xf20, 8, true, true, 0, 0, read_sgi_pending, write_sgi_clear_pending },
	{ 0xf20, 0xf30, 8, true, true, 0, 0, read_sgi_pending, write_sgi_set_pending },
};
#define FIRST_ONE_BIT 0x080 /* from here the arrays of one bit follow each other .. */
#define FIRST_LARGER  0x400
#define ONE_BIT_SIZE  0x080

/* A guest gives the number, and what the row points to is called; the others are searched. */
static const struct vgic_array *one_bit_array(unsigned int n)
{
	return &arrays[array_index_nospec(n, (FIRST_LARGER - FIRST_ONE_BIT) / ONE_BIT_SIZE)];
}

const struct vgic_array *vgic_array_find(u32 offset)
{
	unsigned int n;

	if (offset < FIRST_ONE_BIT)
		return NULL;
	if (offset < FIRST_LARGER)
		return one_bit_array((offset - FIRST_ONE_BIT) / ONE_BIT_SIZE);
	for (n = (FIRST_LARGER - FIRST_ONE_BIT) / ONE_BIT_SIZE; n < ARRAY_SIZE(arrays); n++)
		if (offset < arrays[n].end)
			return offset >= arrays[n].start ? &arrays[n] : NULL;
	return NULL;
}

/* The interrupts that so many bytes have bits of; array->bits is 1, 2 or 8. */
static u32 per_bytes(const struct vgic_array *array, u32 bytes)
{
	return bytes * 8 >> (array->bits == 8 ? 3 : array->bits - 1);
}

static u32 first_intid(const struct vgic_array *array, u32 offset)
{
	return per_bytes(array, offset - array->start);
}

static void write_bits(struct vcpu *vcpu, const struct vgic_array *array, struct vgic_irq *irq,
		       bool user, u32 bits)
{
	bool changed = user && array->user_write ? array->user_write(vcpu, irq, bits)
						 : array->write(vcpu, irq, bits);

	if (!changed)
		return;
	if (irq->intid < VGIC_NR_PRIVATE)
		vgic_hyp_note_private(vcpu, irq);
	vgic_update(vcpu->vm, vcpu, irq);
}

static bool flag_of(const struct vgic_array *array, const struct vgic_irq *irq)
{
	return *((const bool *)irq + array->flag);
}

static u32 read_array(struct vcpu *vcpu, const struct vgic_array *array, struct vgic_irq *irq,
		      unsigned int count)
{
	u32 result = 0;

	while (count--)
		result = result << array->bits | (array->flag ? flag_of(array, &irq[count])
							      : array->read(vcpu, &irq[count]));
	return result;
}

/* Only interrupts whose bit is 1 are looked at, and only what changes is updated. */
static void write_ones(struct vcpu *vcpu, const struct vgic_array *array, struct vgic_irq *irq,
		       bool user, u32 value)
{
	for (; value; value &= value - 1) {
		unsigned int n = __ffs(value);

		if (!array->flag || flag_of(array, &irq[n]) != array->to)
			write_bits(vcpu, array, &irq[n], user, 1);
	}
}

/*
 * The interrupts of one access are neighbours: an aligned word never has bits of both a
 * private and a shared interrupt.
 */
u32 vgic_array_access(struct vcpu *vcpu, const struct vgic_array *array, u32 offset,
		      unsigned int len, bool write, bool user, u32 value)
{
	u32 first = first_intid(array, offset), mask = (1u << array->bits) - 1, n;
	struct vgic_irq *irq = vgic_get_irq(vcpu->vm, vcpu, first);
	u32 count = min_t(u32, per_bytes(array, len), VGIC_FIRST_RESERVED - first);

	if (!irq)
		return 0;
	if (!write)
		return read_array(vcpu, array, irq, count);
	if (array->ones && array->bits == 1) {
		/* The last word has no bits of INTIDs 1020 to 1023. */
		write_ones(vcpu, array, irq, user, value & (~0u >> (32 - count)));
		return 0;
	}
	for (n = 0; n < count; n++, value >>= array->bits)
		if (!array->ones || value & mask)
			write_bits(vcpu, array, &irq[n], user, value & mask);
	return 0;
}

/*
 * The vCPU that knows more of irq than the kernel, if it is in the guest: what is in its list
 * registers, and in GICH_HCR.EOICount of those that have none.
 */
static struct vcpu *holder(const struct vgic_irq *irq)
{
	if (irq->lr_vcpu || irq->intid < VGIC_NR_PRIVATE || !irq->active)
		return irq->lr_vcpu;
	return irq->active_vcpu;
}

bool vgic_array_settle(struct vcpu *vcpu, const struct vgic_array *array, u32 offset,
		       unsigned int len)
{
	u32 first = first_intid(array, offset), n;
	struct vgic_irq *irq = vgic_get_irq(vcpu->vm, vcpu, first);
	u32 count = min_t(u32, per_bytes(array, len), VGIC_FIRST_RESERVED - first);

	for (n = 0; irq && n < count; n++)
		if (holder(&irq[n]) && !vgic_settle(holder(&irq[n])))
			return false;
	return true;
}

bool vgic_array_has(struct vm *vm, const struct vgic_array *array, u32 offset)
{
	u32 end = array->start >= 0xf00 ? VGIC_NR_SGIS : vm->vgic.nr_irqs ?: VGIC_NR_PRIVATE;

	return first_intid(array, offset) < end;
}
