/* SPDX-License-Identifier: GPL-2.0-only */
/* One virtual machine: /dev/kvm's objects, their devices, and how it ends. */
#ifndef ARMVM_VM_H
#define ARMVM_VM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/kvm.h>

#include "bus.h"
#include "memmap.h"
#include "ram.h"

struct vm;

/* Why a vCPU stopped by itself: KVM_EXIT_DEBUG, as the client is to be told. */
struct stop {
	enum {
		STOP_NONE,
		STOP_SOFT,
		STOP_HARD,
		STOP_WATCH,
		STOP_STEP,
		STOP_OTHER
	} why;
	uint32_t hsr;
	uint32_t far;
};

struct vcpu {
	struct vm *vm;
	unsigned int index;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	atomic_bool running; /* the thread has been started and has not ended */
	char failure[160];   /* why it failed; empty where it did not */
	bool hold;	     /* it shall stay out of the guest; under vm->hold_lock */
	bool parked;	     /* it does; likewise */
	struct stop stop;    /* its own thread's, anyone's while it is parked */
};

struct vm {
	int kvm_fd;
	int fd;
	int gic_fd;
	int wake_fd; /* an eventfd, readable when the main thread has something to look at */
	uint32_t target;
	size_t run_size;
	unsigned int cpus;
	struct vcpu vcpus[MAX_CPUS];
	struct bus bus;
	atomic_int status;	 /* enum status once something ended the guest, VM_RUNNING before */
	atomic_ullong unclaimed; /* guest accesses that no device answered */
	pthread_mutex_t hold_lock;
	pthread_cond_t hold_changed;
	/* KVM_EXIT_DEBUG, on the vCPU's thread; NULL where nobody debugs. */
	void (*debugged)(void *debugger, struct vcpu *vcpu);
	void *debugger;
};

#define VM_RUNNING (-1)

/* All return 0 or, after one message, a negative errno. */
/* Open /dev/kvm, make the VM and learn its target (target: KVM_ARM_TARGET_*). */
int vm_open(struct vm *vm);
/* RAM, GIC and vCPUs; vCPU 0 will start at entry with r2 = dtb, the others are off. */
int vm_build(struct vm *vm, const struct ram *ram, unsigned int cpus, uint64_t entry, uint64_t dtb);
int vm_start(struct vm *vm);
/* Every vCPU thread ends; safe at any time after vm_build() began. */
void vm_stop(struct vm *vm);
void vm_close(struct vm *vm);

/* End the guest with this status, unless something ended it before.  Any thread. */
void vm_end(struct vm *vm, int status);
/* Make the main thread look around.  Any thread, any signal handler. */
void vm_wake(struct vm *vm);

/* vcpu.c */
int vcpu_create(struct vcpu *vcpu, struct vm *vm, unsigned int index);
int vcpu_set_boot(struct vcpu *vcpu, uint32_t entry, uint32_t dtb);
int vcpu_start(struct vcpu *vcpu);
/* Make it leave KVM_RUN for good; to be repeated until running is false. */
void vcpu_kick(struct vcpu *vcpu);
/* Its failure and its registers, on stderr. */
void vcpu_dump(const struct vcpu *vcpu);

/*
 * hold.c: vCPUs stay out of the guest while someone looks at them.  A held one
 * is parked where its registers are complete, not between an access to a device
 * and its result.
 */
void hold_init(struct vm *vm);
/* All vCPUs, also those that have not started yet.  Any thread; does not wait. */
void hold_all(struct vm *vm);
/* Are they all parked?  vm_wake() is called whenever one more is. */
bool hold_complete(struct vm *vm);
/* Let those in the mask, which are parked, go on: all at once. */
void hold_release(struct vm *vm, uint32_t vcpus);
/* Let all end, once vm->status says so. */
void hold_end(struct vm *vm);
/* On the vCPU's thread: park, if it is to. */
void hold_here(struct vcpu *vcpu);

/* gic.c */
int gic_create(struct vm *vm);
int gic_init(struct vm *vm);

/* One level-triggered shared interrupt; guarded by its device's lock. */
struct irq_line {
	struct vm *vm;
	uint32_t spi;
	bool level;
};

void irq_set(struct irq_line *line, bool level);

#endif
