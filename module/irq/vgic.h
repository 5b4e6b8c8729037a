/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual GICv2 (Arm IHI 0048B): the distributor in software, the CPU interface
 * in hardware (GICV mapped to the guest, list registers in GICH).
 */
#ifndef KVM_ARMV7_VGIC_H
#define KVM_ARMV7_VGIC_H

#include "core/vgic-state.h"

/* Part of creating and destroying a VM and a vCPU; none fails. */
void vgic_vm_init(struct vm *vm);
void vgic_vm_destroy(struct vm *vm);
void vgic_vcpu_init(struct vcpu *vcpu);
/* Reset the CPU interface.  The caller holds vcpu->mutex. */
void vgic_vcpu_reset(struct vcpu *vcpu);
/* Allocate the SPIs and initialize, once.  0 or -ENOMEM.  The caller holds vm->lock. */
int vgic_init(struct vm *vm);
/*
 * Initialize the GIC now if neither KVM_DEV_ARM_VGIC_CTRL_INIT nor a KVM_RUN has.  0,
 * -ENOMEM, or -ENXIO if the VM has no GIC.  Takes vm->lock.
 */
int vgic_lazy_init(struct vm *vm);
/*
 * At KVM_RUN, once for each VM: initialize the GIC and map GICV.  0 (also without a GIC),
 * -ENOMEM, or -ENXIO if an address of the GIC is unset.  Takes vm->lock; may sleep.
 */
int vgic_map_resources(struct vm *vm);
/* The interrupt intid, of vcpu if it is an SGI or PPI; NULL if there is none. */
struct vgic_irq *vgic_get_irq(struct vm *vm, struct vcpu *vcpu, u32 intid);
/* The vCPU that irq targets; NULL for an SPI without a target.  owner: as in vgic_update(). */
struct vcpu *vgic_target(struct vm *vm, struct vcpu *owner, const struct vgic_irq *irq);
/*
 * After any field of irq changed: put it into the right ap_list.  owner is the vCPU whose
 * SGI or PPI it is; SPIs ignore it.  The caller holds vgic->lock, with interrupts off.
 */
void vgic_update(struct vm *vm, struct vcpu *owner, struct vgic_irq *irq);
/*
 * A device drives its line: the level matters, or for edge interrupts its rise.  vcpu: for
 * PPIs.  0, or -EINVAL for an SGI or an INTID that does not exist.  Any context.
 */
int vgic_inject_irq(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level);
/* Before the guest runs, load list registers; after it, read them back.  Interrupts are off. */
void vgic_flush(struct vcpu *vcpu);
void vgic_sync(struct vcpu *vcpu);
/* Is an interrupt pending that ends WFI?  Takes vgic->lock. */
bool vgic_pending(struct vcpu *vcpu);
/*
 * The interrupt belongs to a timer, so user space cannot set its line.  If
 * hwirq is not 0 it is linked to that physical interrupt: the guest's EOI deactivates both.
 * 0, -EINVAL if there is no such interrupt, -EEXIST if it belongs to another one.
 */
int vgic_own_irq(struct vcpu *vcpu, u32 intid, u32 hwirq);
void vgic_disown_irq(struct vcpu *vcpu, u32 intid);
/* Is the interrupt in the vCPU's ap_list? */
bool vgic_irq_queued(struct vcpu *vcpu, u32 intid);

#endif /* KVM_ARMV7_VGIC_H */
