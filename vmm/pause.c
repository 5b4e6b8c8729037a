// SPDX-License-Identifier: GPL-2.0-only
#include "pause.h"
#include "vm.h"

void pause_init(struct vm *vm)
{
	pthread_mutex_init(&vm->pause_lock, NULL);
	pthread_cond_init(&vm->pause_changed, NULL);
}

void pause_all(struct vm *vm, enum pause_owner owner)
{
	pthread_mutex_lock(&vm->pause_lock);
	for (unsigned int i = 0; i < vm->cpus; i++) {
		struct vcpu *vcpu = &vm->vcpus[i];

		vcpu->pause_owners |= owner;
		/* With immediate_exit KVM_RUN completes a pending access but does not enter. */
		if (vcpu->running && !vcpu->paused)
			vcpu_kick(vcpu);
	}
	pthread_mutex_unlock(&vm->pause_lock);
}

bool pause_holds(struct vm *vm, enum pause_owner owner)
{
	bool all = true;

	pthread_mutex_lock(&vm->pause_lock);
	for (unsigned int i = 0; i < vm->cpus; i++)
		all &= (vm->vcpus[i].pause_owners & owner) != 0;
	pthread_mutex_unlock(&vm->pause_lock);
	return all;
}

bool pause_complete(struct vm *vm, enum pause_owner owner)
{
	bool all = true;

	pthread_mutex_lock(&vm->pause_lock);
	/* A resumed vCPU keeps paused set until its thread runs, so look at both. */
	for (unsigned int i = 0; i < vm->cpus; i++)
		all &= (vm->vcpus[i].pause_owners & owner) && vm->vcpus[i].paused;
	pthread_mutex_unlock(&vm->pause_lock);
	return all;
}

/*
 * Under one lock: the first vCPU resumed may stop again and request a pause of
 * all before a loop of single steps would have resumed the next one.
 */
void pause_resume(struct vm *vm, enum pause_owner owner, uint32_t vcpus)
{
	pthread_mutex_lock(&vm->pause_lock);
	for (unsigned int i = 0; i < vm->cpus; i++) {
		struct vcpu *vcpu = &vm->vcpus[i];

		if (!(vcpus & 1u << i))
			continue;
		vcpu->pause_owners &= ~owner;
		if (!vcpu->pause_owners)
			vcpu->run->immediate_exit = 0;
	}
	pthread_cond_broadcast(&vm->pause_changed);
	pthread_mutex_unlock(&vm->pause_lock);
}

void pause_end(struct vm *vm)
{
	pthread_mutex_lock(&vm->pause_lock);
	pthread_cond_broadcast(&vm->pause_changed);
	pthread_mutex_unlock(&vm->pause_lock);
}

void pause_here(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	pthread_mutex_lock(&vm->pause_lock);
	if (vcpu->pause_owners) {
		vcpu->paused = true;
		vm_wake(vm);
		while (vcpu->pause_owners && vm->status == VM_RUNNING)
			pthread_cond_wait(&vm->pause_changed, &vm->pause_lock);
		vcpu->paused = false;
	}
	pthread_mutex_unlock(&vm->pause_lock);
}
