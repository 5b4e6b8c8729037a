/* SPDX-License-Identifier: GPL-2.0-only */
/* One virtual machine: its descriptors on /dev/kvm, its vCPUs and its bus, from start to end. */
#ifndef ARMVM_VM_H
#define ARMVM_VM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus.h"
#include "memmap.h"
#include "ram.h"
#include "vcpu.h"

struct vm {
	int kvm_fd;
	int fd;
	int gic_fd;
	int wake_fd;   /* an eventfd: readable when the main thread has work */
	int status_fd; /* /proc/self/status, or -1 */
	uint32_t target;
	bool pmu;	  /* the vCPUs have performance monitors */
	bool logs_writes; /* set before vm_build(): vm_take_dirty() is wanted */
	unsigned int roms;
	size_t run_size;
	unsigned int cpus;
	struct vcpu vcpus[MAX_CPUS];
	struct bus bus;
	bool restart;	   /* whoever ended the guest by STATUS_RESET wants it to start again */
	atomic_int status; /* VM_RUNNING, or the enum status that ended the guest */
	atomic_ullong unclaimed; /* guest accesses that no device answered */
	pthread_mutex_t pause_lock;
	pthread_cond_t pause_changed;
	/* Called for KVM_EXIT_DEBUG on the vCPU's thread; NULL without a debugger. */
	void (*debugged)(void *debugger, struct vcpu *vcpu);
	void *debugger;
};

#define VM_RUNNING (-1)

/*
 * vm_open(), vm_add_rom(), vm_build(), vm_reset() and vm_start() return 0 or, after one message, a
 * negative errno.  After any of them failed, vm_close() releases what there is.
 */

/* Open /dev/kvm, create the VM and read its target (KVM_ARM_TARGET_*). */
int vm_open(struct vm *vm);
/* Can guests have performance monitors?  No message; false without /dev/kvm. */
bool vm_offers_pmu(void);
/*
 * Show size bytes at host to the guest as memory that it can only read: what it writes is ignored.
 * Whole pages; the caller keeps them mapped until vm_close().
 */
int vm_add_rom(struct vm *vm, uint32_t address, void *host, uint32_t size);
/* Add RAM, GIC and vCPUs.  vCPU 0 will start at entry with r2 = dtb; the others are off. */
int vm_build(struct vm *vm, const struct ram *ram, unsigned int cpus, uint64_t entry, uint64_t dtb);
/*
 * The pages of RAM that vCPUs have written since the last call, as a bitmap in whole 64-bit words.
 * Returns 0 or a negative errno; prints no message.
 */
int vm_take_dirty(struct vm *vm, uint32_t *bitmap);
/*
 * After vm_stop(): reset the vCPUs and the GIC, ready for vm_start().  The lines of armvm's
 * devices are theirs to lower.
 */
int vm_reset(struct vm *vm, uint64_t entry, uint64_t dtb);
/* Start the vCPU threads.  If one cannot be started, vm_stop() ends the others. */
int vm_start(struct vm *vm);

/* End every vCPU thread and wait for it.  Allowed at any time after vm_build() was called. */
void vm_stop(struct vm *vm);
/* Close all descriptors; no vCPU thread may be left. */
void vm_close(struct vm *vm);

/*
 * End the guest with this status unless it has ended already; STATUS_ESCAPE also replaces
 * STATUS_RESET.  Any thread.
 */
void vm_end(struct vm *vm, int status);
/* Wake the main thread's poll().  Any thread, any signal handler. */
void vm_wake(struct vm *vm);

#endif
