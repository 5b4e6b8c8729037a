/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only place that knows kernel versions.  Everything else sees the names
 * below, and builds the same on every kernel of the range.
 */
#ifndef KVM_ARMV7_COMPAT_H
#define KVM_ARMV7_COMPAT_H

#include <linux/context_tracking.h>
#include <linux/kvm.h>
#include <linux/version.h>
#include <linux/vtime.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "kvm-armv7 supports Linux 6.1 to 6.12; this kernel is older. See the README for what was tested."
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#error "kvm-armv7 supports Linux 6.1 to 6.12; this kernel is newer. See the README for what was tested."
#endif

#ifndef CONFIG_ARM
#error "kvm-armv7 is for 32-bit Arm kernels."
#endif
#ifndef CONFIG_ARM_VIRT_EXT
#error "kvm-armv7 needs a kernel with CONFIG_ARM_VIRT_EXT: without it HYP mode is given up at boot."
#endif
#ifndef CONFIG_MMU_NOTIFIER
#error "kvm-armv7 needs a kernel with CONFIG_MMU_NOTIFIER."
#endif
#ifdef CONFIG_THUMB2_KERNEL
#error "kvm-armv7 does not work with Thumb-2 kernels yet: its way into HYP is A32 code."
#endif
#ifdef CONFIG_PREEMPT_RT
#error "kvm-armv7 does not work with PREEMPT_RT kernels yet: its locks are taken with interrupts off."
#endif
#ifdef CONFIG_CPU_BIG_ENDIAN
#error "kvm-armv7 is for little-endian kernels."
#endif

/*
 * Time accounting around a guest: timing brackets everything that is charged to
 * the guest, interrupts taken at once after it included; context is what RCU and
 * the tick have to know, directly around the world switch.  Interrupts are off.
 */
static inline void compat_guest_timing_enter(void)
{
	vtime_account_guest_enter();
}

static inline void compat_guest_timing_exit(void)
{
	vtime_account_guest_exit();
}

static inline void compat_guest_context_enter(void)
{
	context_tracking_guest_enter();
}

static inline void compat_guest_context_exit(void)
{
	context_tracking_guest_exit();
}

/* User space may change it at any time; newer kernels say so in its name. */
static inline bool compat_immediate_exit(const struct kvm_run *run)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	return READ_ONCE(run->immediate_exit__unsafe);
#else
	return READ_ONCE(run->immediate_exit);
#endif
}

#endif /* KVM_ARMV7_COMPAT_H */
