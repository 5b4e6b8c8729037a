/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual GICv2 (Arm IHI 0048B): the distributor in software, the CPU interface
 * in hardware (GICV mapped to the guest, list registers in GICH).
 */
#ifndef KVM_ARMV7_VGIC_H
#define KVM_ARMV7_VGIC_H

#include "core/vgic-state.h"

void vgic_vm_init(struct vm *vm);
void vgic_vm_destroy(struct vm *vm);
void vgic_vcpu_init(struct vcpu *vcpu);
void vgic_vcpu_reset(struct vcpu *vcpu);
/* Allocate the SPIs and initialize; does nothing the second time.  vm->lock is held. */
int vgic_init(struct vm *vm);
/*
 * What needs the GIC comes before KVM_DEV_ARM_VGIC_CTRL_INIT or the first KVM_RUN:
 * initialize it now.  -ENXIO if the VM has none.  Takes vm->lock.
 */
int vgic_lazy_init(struct vm *vm);
/* Before the first KVM_RUN: map GICV.  -ENXIO if an address of the GIC is unset. */
int vgic_map_resources(struct vm *vm);
/* An interrupt of vcpu, which SPIs do not need; NULL if there is no such INTID. */
struct vgic_irq *vgic_get_irq(struct vm *vm, struct vcpu *vcpu, u32 intid);
/* The vCPU that irq is targeted at; NULL for an SPI without a target. */
struct vcpu *vgic_target(struct vm *vm, struct vcpu *owner, const struct vgic_irq *irq);
/* After any field of irq changed: put it into the right ap_list.  vgic->lock is held. */
void vgic_update(struct vm *vm, struct vcpu *owner, struct vgic_irq *irq);
/* A device drives its line: the level matters, or for edge interrupts its rise. */
int vgic_inject_irq(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level);
/* Before and after the guest, interrupts off. */
void vgic_flush(struct vcpu *vcpu);
void vgic_sync(struct vcpu *vcpu);
/* Is an interrupt pending that ends WFI? */
bool vgic_pending(struct vcpu *vcpu);
/* Link a PPI to a physical interrupt: the guest's EOI deactivates both. */
void vgic_map_phys_irq(struct vcpu *vcpu, u32 intid, u32 hwirq);
/* Is the interrupt in the vCPU's ap_list? */
bool vgic_irq_queued(struct vcpu *vcpu, u32 intid);

#endif /* KVM_ARMV7_VGIC_H */
