// SPDX-License-Identifier: GPL-2.0-only
#include "vm.h"

void hold_init(struct vm *vm)
{
	pthread_mutex_init(&vm->hold_lock, NULL);
	pthread_cond_init(&vm->hold_changed, NULL);
}

void hold_all(struct vm *vm)
{
	pthread_mutex_lock(&vm->hold_lock);
	for (unsigned int i = 0; i < vm->cpus; i++) {
		struct vcpu *vcpu = &vm->vcpus[i];

		vcpu->hold = true;
		/* With immediate_exit KVM_RUN finishes an access under way, and does not enter. */
		if (vcpu->running && !vcpu->parked)
			vcpu_kick(vcpu);
	}
	pthread_mutex_unlock(&vm->hold_lock);
}

bool hold_complete(struct vm *vm)
{
	bool all = true;

	pthread_mutex_lock(&vm->hold_lock);
	/* One that was let go has not left before its thread ran. */
	for (unsigned int i = 0; i < vm->cpus; i++)
		all &= vm->vcpus[i].hold && vm->vcpus[i].parked;
	pthread_mutex_unlock(&vm->hold_lock);
	return all;
}

/*
 * In one step: the first one may stop again, and hold all, before the next one
 * would be let go.
 */
void hold_release(struct vm *vm, uint32_t vcpus)
{
	pthread_mutex_lock(&vm->hold_lock);
	for (unsigned int i = 0; i < vm->cpus; i++) {
		if (vcpus & 1u << i) {
			vm->vcpus[i].hold = false;
			vm->vcpus[i].run->immediate_exit = 0;
		}
	}
	pthread_cond_broadcast(&vm->hold_changed);
	pthread_mutex_unlock(&vm->hold_lock);
}

void hold_end(struct vm *vm)
{
	pthread_mutex_lock(&vm->hold_lock);
	pthread_cond_broadcast(&vm->hold_changed);
	pthread_mutex_unlock(&vm->hold_lock);
}

void hold_here(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	pthread_mutex_lock(&vm->hold_lock);
	if (vcpu->hold) {
		vcpu->parked = true;
		vm_wake(vm);
		while (vcpu->hold && vm->status == VM_RUNNING)
			pthread_cond_wait(&vm->hold_changed, &vm->hold_lock);
		vcpu->parked = false;
	}
	pthread_mutex_unlock(&vm->hold_lock);
}
