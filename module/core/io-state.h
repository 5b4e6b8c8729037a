/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a VM has of io/: eventfds and their interrupts, and writes that are collected in a
 * ring.
 */
#ifndef KVM_ARMV7_IO_STATE_H
#define KVM_ARMV7_IO_STATE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#define IOEVENTFD_HASH_BITS 6

struct irq_routing;
struct irqfd_resampler;
struct kvm_coalesced_mmio_ring;

/*
 * vCPUs and eventfds read all of it under RCU.  Whoever removes something waits for a grace
 * period before it frees it.
 */
struct vm_io {
	struct mutex lock; /* whoever changes something */

	/* KVM_IOEVENTFD: see io/ioeventfd.c */
	struct hlist_head ioeventfds[1 << IOEVENTFD_HASH_BITS];
	struct hlist_head other_buses; /* those that no guest of this CPU can signal */
	unsigned int nr_ioeventfds;

	/* KVM_REGISTER_COALESCED_MMIO: see io/coalesced.c */
	struct list_head zones;
	unsigned int nr_zones;
	struct kvm_coalesced_mmio_ring *ring; /* a page, which user space maps and writes, too */
	spinlock_t ring_lock;		      /* for vCPUs that write to the ring */

	/* KVM_IRQFD: see io/irqfd.c */
	spinlock_t irqfds_lock; /* for both lists, with interrupts off */
	struct list_head irqfds;
	struct list_head dead_irqfds; /* which the work destroys */
	struct work_struct reap_irqfds;
	struct mutex reap_lock; /* held while dead irqfds are taken out of their queues */
	unsigned int nr_resampled;
	struct irqfd_resampler *resampler;

	/* KVM_SET_GSI_ROUTING; NULL: GSI n is SPI n, INTID n + 32 */
	struct irq_routing __rcu *routing;
};

#endif /* KVM_ARMV7_IO_STATE_H */
