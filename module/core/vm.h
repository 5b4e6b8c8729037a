/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual machine and its vCPUs.
 *
 * Lock order: vcpu->mutex, vm->lock, vm->slots.lock, then the spinlocks
 * stage2->lock and vgic->lock, which are never held together.  slots_lock (hyp-map.c),
 * vmid_lock (vmid.c) and names_lock (debugfs.c) are leaves.
 */
#ifndef KVM_ARMV7_VM_H
#define KVM_ARMV7_VM_H

#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/kvm.h>
#include <linux/kvm_armv7.h>
#include <linux/mutex.h>
#include <linux/rcuwait.h>
#include <linux/seqlock.h>
#include <linux/signal_types.h>
#include <linux/smp.h>

#include "compat/compat.h"
#include "core/io-state.h"
#include "core/ldst.h"
#include "core/memory-state.h"
#include "core/stats.h"
#include "core/vgic-state.h"
#include "core/vpmu-state.h"
#include "hyp/abi.h"
#include "hyp/sysreg-bits.h"

#define KVM_ARMV7_MAX_VCPUS 8 /* what a GICv2 distributor can address */

struct vm {
	/* What every entry reads, together. */
	u64 cntvoff;
	struct vcpu *__percpu *last_vcpu; /* the vCPU that ran last on each CPU, or NULL */
	atomic_t pause; /* callers of vm_pause_others() that have not resumed the others */

	struct kref users;    /* the VM's own descriptor, and each vCPU's and device's */
	struct mm_struct *mm; /* of the process; grabbed, compared, never read */
	struct mutex lock;    /* creation of vCPUs and devices */
	struct memslots slots;
	struct stage2 stage2;
	struct vcpu *vcpus[KVM_ARMV7_MAX_VCPUS]; /* by id; never cleared */
	struct vgic vgic;
	struct vm_io io;
	bool nisv_to_user; /* KVM_EXIT_ARM_NISV for what mmio.c refuses; never cleared */
	u32 vtimer_intid;  /* of all vCPUs: irq/timer-irqs.c */
	u32 ptimer_intid;
	bool timers_fixed; /* a vCPU has run: the two cannot change */
	struct vm_stats stats;
	bool psci_0_2;		/* guests get PSCI 0.2, not 1.0 */
	struct dentry *debugfs; /* may be an error or NULL, which debugfs accepts */
};

/* An instruction whose accesses to devices are under way. */
struct mmio_pending {
	bool active; /* user space makes access number `done` */
	u8 done;
	u8 tries; /* to read the instruction at tried_pc */
	u32 tried_pc;
	struct ldst insn;
	u64 ipa;	    /* of the first access */
	u32 data[LDST_MAX]; /* of each access, as on the bus */
};

/* The virtual timer; its registers are in struct hyp_timer. */
struct vtimer {
	bool expired;	       /* as of the last exit, or vtimer_update() */
	u32 intid;	       /* its PPI */
	struct vgic_irq *irq;  /* the same */
	struct hrtimer wakeup; /* ends a WFI at the deadline */
};

/* The physical timer: irq/ptimer.c. */
struct ptimer {
	struct hrtimer deadline; /* raises the line */
	u64 cval;
	u32 ctl; /* ENABLE and IMASK */
	u32 intid;
};

/* KVM_GUESTDBG_SINGLESTEP: see guest_debug_begin_step(). */
struct step {
	bool on;
	bool begun; /* the instruction at pc may execute, the next one stops */
	u32 pc;
};

struct vcpu {
	/* What every entry reads or writes, together. */
	struct vm *vm;
	struct kvm_run *run;
	struct hyp_vcpu *hyp; /* a page that HYP maps at hyp_va; not while HYP runs the vCPU */
	hyp_va_t hyp_va;
	u32 id;
	int cpu;	 /* for vcpu_kick() */
	u32 vttbr_epoch; /* of hyp->vttbr: see memory/vmid.h */
	int ran_on;	 /* the CPU that it ran on last, -1 before its first run */
	bool in_guest;
	/* Written by other vCPUs' PSCI calls under vm->lock. */
	bool power_off;
	bool reset_pending;
	struct vpmu *vpmu; /* NULL: without KVM_ARM_VCPU_PMU_V3 */
	struct vtimer timer;

	struct mutex mutex;	   /* one ioctl at a time */
	struct hyp_vcpu *hyp_page; /* see hyp-page.h */
	bool initialized;	   /* KVM_ARM_VCPU_INIT was called */
	u8 restarts;		   /* of KVM_RUN in a row: see restart_run() */
	u32 features;
	struct vcpu_stats stats;
	u32 l2ctlr; /* if user space has set it */
	bool l2ctlr_set;
	u32 fpinst[2]; /* FPINST, FPINST2: only user space sees them */
	struct mmio_pending mmio;
	struct vgic_cpu vgic;
	struct ptimer ptimer;
	seqcount_t debug_seq; /* see guest_debug_write_begin() */
	bool inject_bkpt;     /* at the next KVM_RUN */
	bool sigmask_active;  /* KVM_SET_SIGNAL_MASK was called */
	sigset_t sigmask;     /* blocked signals during KVM_RUN */
	struct step step;

	u32 reset_pc; /* with reset_pending */
	u32 reset_r0;
	u32 reset_cpsr; /* T and E */

	/* For vcpu_kick(). */
	struct rcuwait wait; /* its waker takes only raw locks */
	call_single_data_t kick;
	atomic_t kick_queued;
};

/* MPIDR, B4.1.106; the id is Aff0.  Of any vCPU, running or not. */
static inline u32 vcpu_mpidr(const struct vcpu *vcpu)
{
	return MPIDR_MP | vcpu->id;
}

#endif /* KVM_ARMV7_VM_H */
