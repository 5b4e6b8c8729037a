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
/* Allocate SPIs and open for business; once, under vm->lock. */
int vgic_init(struct vm *vm);
/* Before the first run: the vgic must be complete; maps GICV.  -errno. */
int vgic_map_resources(struct vm *vm);
/* The interrupt, as vcpu (any, for SPIs) sees it; NULL if there is none. */
struct vgic_irq *vgic_get_irq(struct vm *vm, struct vcpu *vcpu, u32 intid);
/* Who would be interrupted by it now; NULL for an SPI without a target. */
struct vcpu *vgic_target(struct vm *vm, struct vcpu *owner, const struct vgic_irq *irq);
/* Recompute who has to deliver irq after any of its fields changed. */
void vgic_update(struct vm *vm, struct vcpu *owner, struct vgic_irq *irq);
/* A device's line: level for level interrupts, a rising edge else. */
int vgic_inject_irq(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level);
/* Around the guest, interrupts off. */
void vgic_flush(struct vcpu *vcpu);
void vgic_sync(struct vcpu *vcpu);
/* Something that should end a WFI is pending. */
bool vgic_pending(struct vcpu *vcpu);
/* Link a private interrupt to a physical one: the guest's EOI deactivates both. */
void vgic_map_phys_irq(struct vcpu *vcpu, u32 intid, u32 hwirq);
/* Is it waiting or being served? */
bool vgic_irq_queued(struct vcpu *vcpu, u32 intid);

#endif /* KVM_ARMV7_VGIC_H */
