/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual CPU and its thread. */
#ifndef ARMVM_VCPU_H
#define ARMVM_VCPU_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/kvm.h>

struct vm;

/* Why a vCPU stopped on its own (KVM_EXIT_DEBUG), in the terms of the gdb client. */
struct vcpu_stop {
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
	atomic_bool running;	   /* the thread has been started and has not ended */
	char failure[160];	   /* why it failed; empty if it did not */
	unsigned int pause_owners; /* who keeps it out of the guest; under vm->pause_lock */
	bool paused;		   /* its thread waits in pause_here(); under vm->pause_lock */
	struct vcpu_stop stop;	   /* owned by the vCPU's thread, by anyone while paused is set */
};

/* Each returns 0 or, after one message, a negative errno; vm_close() releases what it made. */
int vcpu_create(struct vcpu *vcpu, struct vm *vm, unsigned int index);
/* The state after a cold reset; its thread must have ended.  vCPU 0 is on, the others are off. */
int vcpu_reset(struct vcpu *vcpu);
/* Set the registers that a kernel expects at its entry point. */
int vcpu_set_boot(struct vcpu *vcpu, uint32_t entry, uint32_t dtb);
/* After the GIC is initialised: give the vCPU its PMU and its interrupt. */
int vcpu_init_pmu(struct vcpu *vcpu);
int vcpu_start(struct vcpu *vcpu);

/*
 * Make KVM_RUN return, and every later one too, until pause_resume() clears
 * immediate_exit.  A caller that waits for the thread's end repeats this.
 */
void vcpu_kick(struct vcpu *vcpu);
/*
 * The registers that armvm shows, from 0 on: the name, or NULL after the last one; and the value,
 * for which the vCPU must be outside KVM_RUN.  The latter returns 0 or a negative errno.
 */
const char *vcpu_register_name(unsigned int n);
int vcpu_register_get(const struct vcpu *vcpu, unsigned int n, uint32_t *value);

struct json_t;

/*
 * vcpu_state.c: all that KVM has of a vCPU, for a saved machine; it must be outside KVM_RUN.  The
 * first returns NULL after one message if KVM does not give it, the second as state.h says.
 */
struct json_t *vcpu_save(const struct vcpu *vcpu);
int vcpu_load(struct vcpu *vcpu, const struct json_t *from);
/* Print the vCPU's failure, if any, and its registers on stderr. */
void vcpu_dump(const struct vcpu *vcpu);

#endif
