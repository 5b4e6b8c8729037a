/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What kvm-armv7 offers in addition to the published KVM/arm ABI: breakpoints and watchpoints that
 * the VMM sets in a guest.  arm's struct kvm_guest_debug_arch is empty and cannot carry them, so
 * the same ioctl number has a second, larger form here.  The old form is unchanged.
 */
#ifndef __LINUX_KVM_ARMV7_H
#define __LINUX_KVM_ARMV7_H

#include <linux/ioctl.h>
#include <linux/kvm.h>

#define KVM_ARMV7_DEBUG_SLOTS 16

/*
 * control: KVM_GUESTDBG_*.  With KVM_GUESTDBG_USE_HW, each enabled slot has the format of DBGBVR,
 * DBGBCR, DBGWVR and DBGWCR (DDI 0406C C11.11), and slots from KVM_CAP_GUEST_DEBUG_HW_BPS and
 * _HW_WPS on must be 0.  Without it the slots are ignored.
 */
struct kvm_armv7_guest_debug {
	__u32 control;
	__u32 pad;
	__u32 dbgbvr[KVM_ARMV7_DEBUG_SLOTS];
	__u32 dbgbcr[KVM_ARMV7_DEBUG_SLOTS];
	__u32 dbgwvr[KVM_ARMV7_DEBUG_SLOTS];
	__u32 dbgwcr[KVM_ARMV7_DEBUG_SLOTS];
};

#define KVM_ARMV7_SET_GUEST_DEBUG _IOW(KVMIO, 0x9b, struct kvm_armv7_guest_debug)

/*
 * After KVM_EXIT_DEBUG this is at run->debug.arch.  The vCPU's PC is at the instruction that
 * stopped, which has not been executed yet.
 */
struct kvm_armv7_debug_exit {
	__u32 hsr; /* EC 0x20: breakpoint or BKPT; 0x24: watchpoint (B3.13.6) */
	__u32 far; /* watchpoint: the address accessed */
	__u32 moe; /* 1 breakpoint or step, 3 BKPT, 10 watchpoint (C11.11.20) */
	/*
	 * 1: the step of KVM_GUESTDBG_SINGLESTEP is complete; the PC is not where the step
	 * began.  There may also be a breakpoint at this PC.
	 */
	__u32 step;
};

/*
 * After KVM_EXIT_FAIL_ENTRY, in fail_entry.hardware_entry_failure_reason: the thread is on
 * fail_entry.cpu, a CPU that runs no guests.  As on arm64, the VMM may call KVM_RUN again on
 * another CPU.
 */
#define KVM_ARMV7_FAIL_ENTRY_CPU_UNSUPPORTED (1ULL << 0)

#endif /* __LINUX_KVM_ARMV7_H */
