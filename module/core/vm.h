/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual machine and its vCPUs.
 *
 * Lock order: vcpu->mutex, vm->lock, vm->slots_lock, then the spinlocks
 * stage2->lock and vgic->lock, which are never held together.
 */
#ifndef KVM_ARMV7_VM_H
#define KVM_ARMV7_VM_H

#include <linux/kref.h>
#include <linux/kvm.h>
#include <linux/kvm_armv7.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/seqlock.h>
#include <linux/smp.h>
#include <linux/wait.h>

#include "compat/compat.h"
#include "hyp/abi.h"
#include "memory/stage2.h"
#include "irq/vtimer.h"
#include "irq/vgic.h"

#define KVM_ARMV7_MAX_VCPUS    8 /* what a GICv2 distributor can address */
#define KVM_ARMV7_MAX_MEMSLOTS 32

struct memslot {
	u64 ipa;
	u64 size; /* bytes; 0: the slot is not in use */
	unsigned long hva;
	bool readonly;
};

struct vm {
	struct kref users;    /* the VM's own descriptor, and each vCPU's and device's */
	struct mm_struct *mm; /* whose memory it is; grabbed, compared, never read */
	struct mutex lock;    /* creation of vCPUs and devices */
	struct rw_semaphore slots_lock;
	struct memslot slots[KVM_ARMV7_MAX_MEMSLOTS];
	struct stage2 stage2;
	struct vcpu *vcpus[KVM_ARMV7_MAX_VCPUS]; /* by id; only ever filled in */
	struct vgic vgic;
	atomic_t settling; /* vCPUs that keep the others out: array_access() */
	u64 cntvoff;
	u32 __percpu *last_vcpu; /* id + 1 of the vCPU that ran last on each CPU */
	struct dentry *debugfs;	 /* or an error, or NULL: debugfs takes all three */
};

/* An MMIO access on its way through user space. */
struct mmio_pending {
	bool active;
	bool write;
	u8 len;
	bool sign_extend;
	u8 rt;
};

/* KVM_GUESTDBG_SINGLESTEP: see vcpu_begin_step(). */
struct step {
	bool on;
	bool begun; /* pc is the instruction that may be executed */
	u32 pc;
};

struct vcpu {
	struct vm *vm;
	u32 id;
	struct mutex mutex; /* one ioctl at a time */
	struct kvm_run *run;
	struct hyp_vcpu *hyp; /* a page that HYP maps too */
	hyp_va_t hyp_va;

	bool initialized; /* KVM_ARM_VCPU_INIT was called */
	u32 target;
	u32 features;
	u32 actlr;
	struct mmio_pending mmio;
	struct vgic_cpu vgic;
	struct vtimer timer;
	seqcount_t debug_seq; /* see vcpu_debug_begin() */
	bool inject_bkpt;     /* at the next KVM_RUN */
	struct step step;

	/* Written by other vCPUs' PSCI calls under vm->lock. */
	bool power_off;
	bool reset_pending;
	u32 reset_pc;
	u32 reset_r0;
	bool reset_thumb;

	/* How others reach it: see vcpu_kick(). */
	wait_queue_head_t wait;
	bool in_guest;
	int cpu;
	int ran_on; /* the CPU that it was in last, -1 before its first run */
	call_single_data_t kick;
	atomic_t kick_queued;
};

/* vm.c */
int vm_create(void);
void vm_get(struct vm *vm);
void vm_put(struct vm *vm);
/* The slot of an address, or NULL; the caller holds slots_lock. */
const struct memslot *vm_find_slot(const struct vm *vm, u64 ipa);
void vm_kick_all(struct vm *vm);

/* vcpu.c */
int vcpu_create(struct vm *vm, u32 id);
void vcpu_destroy(struct vcpu *vcpu);
void vcpu_kick(struct vcpu *vcpu);
/* Wait until no vCPU of the VM but self is in the guest. */
void vm_kick_others_out(struct vm *vm, struct vcpu *self);

/* vcpu-init.c */
int vcpu_init(struct vcpu *vcpu, const struct kvm_vcpu_init *init);
void vcpu_reset(struct vcpu *vcpu);

/* vcpu-run.c */
int vcpu_run(struct vcpu *vcpu);
void vcpu_begin_again(struct vcpu *vcpu);

/*
 * exits.c.  The contract of every exit handler: 1 to resume the guest, 0 to
 * return to user space with vcpu->run filled in, or a negative errno.
 */
int handle_exit(struct vcpu *vcpu, u32 reason);
/* WFI: until an interrupt is pending, or something else needs the vCPU.  1. */
int vcpu_wait_for_interrupt(struct vcpu *vcpu);

/* coproc.c */
int handle_cp15_32(struct vcpu *vcpu);
int handle_cp15_64(struct vcpu *vcpu);
int coproc_check_table(void);

/* guest-debug.c */
u32 guest_debug_controls(void); /* KVM_GUESTDBG_* that this machine can do */
u32 guest_debug_brps(void);
u32 guest_debug_wrps(void);
int vcpu_set_guest_debug(struct vcpu *vcpu, u32 control, const struct kvm_armv7_guest_debug *slots);
void vcpu_inject_bkpt(struct vcpu *vcpu);
/* At KVM_RUN, before what it completes or injects: that is a step, too. */
void vcpu_begin_step(struct vcpu *vcpu);
/* User space has written PC or CPSR. */
void vcpu_debug_moved(struct vcpu *vcpu);
int handle_debug_user(struct vcpu *vcpu);
int handle_mmio_watch(struct vcpu *vcpu);

/* trace.c */
int handle_traced(struct vcpu *vcpu);

/* mmio.c */
int handle_mmio(struct vcpu *vcpu, u64 ipa);
void mmio_complete(struct vcpu *vcpu);

/* psci.c */
int handle_hvc(struct vcpu *vcpu);

/* guest-regs.c: the saved registers of a stopped vCPU */
u32 *vcpu_reg(struct vcpu *vcpu, unsigned int n);
void vcpu_skip_insn(struct vcpu *vcpu);
void vcpu_inject(struct vcpu *vcpu, enum v7dbg_exception kind, u32 far);
static inline u32 *vcpu_pc(struct vcpu *vcpu)
{
	return &vcpu->hyp->regs.usr[HYP_REG_PC];
}

/*
 * PSCI CPU_ON left its parameters.  It comes from another vCPU, which must not touch
 * this one's registers; so whoever holds vcpu->mutex does it before he looks at them
 * or changes them, or what he sees is of the life before.
 */
static inline void vcpu_apply_reset(struct vcpu *vcpu)
{
	/* pairs with cpu_on() */
	if (smp_load_acquire(&vcpu->reset_pending))
		vcpu_begin_again(vcpu);
}

static inline u32 *vcpu_cpsr(struct vcpu *vcpu)
{
	return &vcpu->hyp->regs.usr[HYP_REG_CPSR];
}

/* one-reg.c */
int vcpu_get_one_reg(struct vcpu *vcpu, const struct kvm_one_reg *reg);
int vcpu_set_one_reg(struct vcpu *vcpu, const struct kvm_one_reg *reg);
int vcpu_get_reg_list(struct vcpu *vcpu, struct kvm_reg_list __user *list);

/* debugfs.c: nothing fails, or fails to load, without debugfs */
void vm_debugfs_init(void);
void vm_debugfs_exit(void);
void vm_debugfs_create(struct vm *vm, int fd);
void vm_debugfs_remove(struct vm *vm);
void vcpu_debugfs_create(struct vcpu *vcpu);
/*
 * Around each change that the kernel itself makes to hyp->debug, so that a reader
 * who does not own the vCPU takes no half of it.  The vCPU is not in the guest.
 */
static inline void vcpu_debug_begin(struct vcpu *vcpu)
{
	preempt_disable();
	write_seqcount_begin(&vcpu->debug_seq);
}

static inline void vcpu_debug_end(struct vcpu *vcpu)
{
	write_seqcount_end(&vcpu->debug_seq);
	preempt_enable();
}

/* vgic-device.c */
int vgic_create(struct vm *vm, u32 type);
int vgic_set_address(struct vm *vm, u64 type, u64 addr);
int vgic_create_device(struct vm *vm, struct kvm_create_device *cd);

#endif /* KVM_ARMV7_VM_H */
