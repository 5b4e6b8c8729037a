/* SPDX-License-Identifier: GPL-2.0-only */
/* What kernel versions call the signalling of an eventfd. */
#ifndef KVM_ARMV7_COMPAT_EVENTFD_H
#define KVM_ARMV7_COMPAT_EVENTFD_H

#include <linux/eventfd.h>
#include <linux/version.h>

/* Add 1 to the eventfd's counter.  Any context, but not from a waiter on an eventfd. */
static inline void compat_eventfd_signal(struct eventfd_ctx *ctx)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

#endif /* KVM_ARMV7_COMPAT_EVENTFD_H */
