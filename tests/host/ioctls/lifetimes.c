// SPDX-License-Identifier: GPL-2.0-only
/* What processes leave behind: many VMs, descriptors closed in any order, death in KVM_RUN. */
#include "check.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define IPA 0x40000000u

/* Adds a vCPU that executes `b .`. */
static void add_endless_vcpu(int vm, int *vcpu, struct kvm_run **run)
{
	static uint32_t *code;

	if (!code)
		code = pages(1);
	code[0] = 0xeafffffe;
	*vcpu = new_vcpu(vm, 0, run);
	set_slot(vm, 0, 0, IPA, PAGE, (uintptr_t)code);
	set_core(*vcpu, 15, IPA);
}

/* Creates and enters VMs until the VMIDs run out or there are max; returns how many. */
static int use_all_vmids(int *vms, int *vcpus, int max)
{
	struct kvm_run *run;
	int n;

	for (n = 0; n < max; n++) {
		vms[n] = ioctl(kvm, KVM_CREATE_VM, 0);
		if (vms[n] < 0)
			break;
		add_endless_vcpu(vms[n], &vcpus[n], &run);
		ualarm(1000, 1000);
		if (ioctl(vcpus[n], KVM_RUN, 0) != -1 || errno != EINTR)
			claim(false, "VM %d runs", n);
		ualarm(0, 0);
		munmap(run, PAGE);
	}
	return n;
}

static void many_vms(void)
{
	int vms[300], vcpus[300], count[2], round, n;

	for (round = 0; round < 2; round++) {
		count[round] = use_all_vmids(vms, vcpus, 300);
		if (count[round] < 300)
			REFUSED(ENOSPC, ioctl(kvm, KVM_CREATE_VM, 0), "one VM more than %d",
				count[round]);
		for (n = 0; n < count[round]; n++) {
			close(n & 1 ? vms[n] : vcpus[n]);
			close(n & 1 ? vcpus[n] : vms[n]);
		}
	}
	claim(count[0] >= 200 && count[1] == count[0], "%d VMs at once run, and then %d again",
	      count[0], count[1]);
}

static void killed_in_run(void)
{
	int n, status, vm, vcpu;
	struct kvm_run *run;

	for (n = 0; n < 5; n++) {
		pid_t pid = fork();

		if (pid == 0) {
			signal(SIGALRM, SIG_DFL);
			vm = new_vm();
			add_endless_vcpu(vm, &vcpu, &run);
			ioctl(vcpu, KVM_RUN, 0);
			_exit(1);
		}
		usleep(20000);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			break;
	}
	claim(n == 5, "processes are killed in KVM_RUN");
	vm = new_vm();
	add_endless_vcpu(vm, &vcpu, &run);
	ualarm(10000, 10000);
	REFUSED(EINTR, ioctl(vcpu, KVM_RUN, 0), "and the next one runs");
	ualarm(0, 0);
	close(vm);
	close(vcpu);
}

/* In a child that inherits the parent's VM, KVM_RUN fails with EIO; its end has no effect. */
static void inherited_vcpu(void)
{
	int vm, vcpu, status;
	struct kvm_run *run;
	pid_t pid;

	vm = new_vm();
	add_endless_vcpu(vm, &vcpu, &run);
	pid = fork();
	if (pid == 0)
		_exit(ioctl(vcpu, KVM_RUN, 0) == -1 && errno == EIO ? 0 : 1);
	waitpid(pid, &status, 0);
	claim(status == 0, "a child that inherits a vCPU cannot run it");
	ualarm(10000, 10000);
	REFUSED(EINTR, ioctl(vcpu, KVM_RUN, 0), "the parent can");
	ualarm(0, 0);
	close(vm);
	close(vcpu);
}

/* A KVM_CREATE_DEVICE that cannot say which descriptor it made has made none. */
static void without_answer(void)
{
	struct kvm_create_device *device = pages(1);
	int vm = new_vm();

	device->type = KVM_DEV_TYPE_ARM_VGIC_V2;
	mprotect(device, PAGE, PROT_READ);
	REFUSED(EFAULT, ioctl(vm, KVM_CREATE_DEVICE, device),
		"KVM_CREATE_DEVICE of a structure that can only be read");
	mprotect(device, PAGE, PROT_READ | PROT_WRITE);
	if (WORKS(ioctl(vm, KVM_CREATE_DEVICE, device), "which has made no GIC") == 0)
		close((int)device->fd);
	munmap(device, PAGE);
	close(vm);
}

void test_lifetimes(void)
{
	many_vms();
	killed_in_run();
	inherited_vcpu();
	without_answer();
	REFUSED(EBADF, ioctl(-1, KVM_RUN, 0), "descriptor -1");
	close(kvm);
	REFUSED(EBADF, ioctl(kvm, KVM_CREATE_VM, 0), "/dev/kvm closed");
}
