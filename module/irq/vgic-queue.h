/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set of interrupts in the order in which a vCPU has to deliver them: by rank, then by
 * INTID.  Adding, removing and finding the next one take the same time however many there
 * are.  The caller holds vgic->lock.
 */
#ifndef KVM_ARMV7_VGIC_QUEUE_H
#define KVM_ARMV7_VGIC_QUEUE_H

#include "core/vgic-state.h"

/* An empty queue for INTIDs below nr_irqs, a multiple of 32.  0 or -ENOMEM.  May sleep. */
int vgic_queue_init(struct vgic_queue *queue, unsigned int nr_irqs);
void vgic_queue_destroy(struct vgic_queue *queue);
/* (rank, intid) is not in the queue; it is. */
void vgic_queue_add(struct vgic_queue *queue, unsigned int rank, unsigned int intid);
void vgic_queue_del(struct vgic_queue *queue, unsigned int rank, unsigned int intid);

/*
 * Moves (*rank, *intid) to the next entry after it; false: there is none.  Start with
 * (0, -1).
 */
bool vgic_queue_next(const struct vgic_queue *queue, unsigned int *rank, int *intid);

#endif /* KVM_ARMV7_VGIC_QUEUE_H */
