/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pausing the guest for a debugger.  A vCPU pauses only where its registers are
 * complete, never between an access to a device and the result of that access.
 */
#ifndef ARMVM_PAUSE_H
#define ARMVM_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;
struct vm;

void pause_init(struct vm *vm);
/* Request a pause of every vCPU, also of those not started yet.  Any thread; does not wait. */
void pause_all(struct vm *vm);
/* Are all vCPUs paused?  Each one that pauses calls vm_wake(). */
bool pause_complete(struct vm *vm);
/* Resume those paused vCPUs whose bits are set, all at once. */
void pause_resume(struct vm *vm, uint32_t vcpus);
/* Release every paused thread once vm->status says that the VM has ended. */
void pause_end(struct vm *vm);
/* On the vCPU's thread: wait here while a pause is requested. */
void pause_here(struct vcpu *vcpu);

#endif
