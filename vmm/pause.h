/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pausing the guest.  A vCPU pauses only where its registers are complete, never
 * between an access to a device and the result of that access.  It runs again
 * when nobody of those who asked for a pause keeps it any more.
 */
#ifndef ARMVM_PAUSE_H
#define ARMVM_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;
struct vm;

/* Who asks for a pause; each one has its own, of which the others know nothing. */
enum pause_owner {
	PAUSE_GDB = 1,
	PAUSE_USER = 2,	     /* `pause` on the control socket */
	PAUSE_REGISTERS = 4, /* `registers` there, for as long as it takes to read them */
	PAUSE_SAVE = 8,	     /* `save` there, until all is written */
	PAUSE_HOLD = 16,     /* `hold` there, until its connection ends */
};

void pause_init(struct vm *vm);
/* Request a pause of every vCPU, also of those not started yet.  Any thread; does not wait. */
void pause_all(struct vm *vm, enum pause_owner owner);
/* Has the owner, or one of several, requested a pause of all vCPUs and resumed none since? */
bool pause_holds(struct vm *vm, enum pause_owner owner);
/* .. and are all of them paused?  Each one that pauses calls vm_wake(). */
bool pause_complete(struct vm *vm, enum pause_owner owner);
/* The owner lets go of the vCPUs whose bits are set, all at once. */
void pause_resume(struct vm *vm, enum pause_owner owner, uint32_t vcpus);
/* Release every paused thread once vm->status says that the VM has ended. */
void pause_end(struct vm *vm);
/* On the vCPU's thread: wait here while a pause is requested. */
void pause_here(struct vcpu *vcpu);

#endif
