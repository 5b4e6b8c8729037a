/* SPDX-License-Identifier: GPL-2.0-only */
/* Make, reset and destroy a VM's GIC. */
#ifndef KVM_ARMV7_VGIC_INIT_H
#define KVM_ARMV7_VGIC_INIT_H

struct vcpu;
struct vm;

/* Part of creating and destroying a VM and a vCPU; none fails. */
void vgic_vm_init(struct vm *vm);
void vgic_vm_destroy(struct vm *vm);
void vgic_vcpu_init(struct vcpu *vcpu);
void vgic_vcpu_destroy(struct vcpu *vcpu);
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

#endif /* KVM_ARMV7_VGIC_INIT_H */
