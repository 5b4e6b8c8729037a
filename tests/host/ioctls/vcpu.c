// SPDX-License-Identifier: GPL-2.0-only
/* A vCPU's ioctls except those for registers and KVM_RUN: wrong order, wrong arguments. */
#include "check.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void uninitialized(int vcpu)
{
	struct kvm_reg_list list = { .n = 0 };
	uint32_t value = 0;

	REFUSED(ENOEXEC, ioctl(vcpu, KVM_RUN, 0), "KVM_RUN before KVM_ARM_VCPU_INIT");
	REFUSED(ENOEXEC, get_reg(vcpu, KVM_REG_ARM_TIMER_CTL, &value),
		"KVM_GET_ONE_REG before KVM_ARM_VCPU_INIT");
	REFUSED(ENOEXEC, set_reg(vcpu, KVM_REG_ARM_TIMER_CTL, &value),
		"KVM_SET_ONE_REG before KVM_ARM_VCPU_INIT");
	REFUSED(ENOEXEC, ioctl(vcpu, KVM_GET_REG_LIST, &list),
		"KVM_GET_REG_LIST before KVM_ARM_VCPU_INIT");
}

static void init_vcpu(int vm, int vcpu)
{
	struct kvm_vcpu_init good, bad;
	unsigned int n;

	ioctl(vm, KVM_ARM_PREFERRED_TARGET, &good);
	REFUSED(EFAULT, ioctl(vcpu, KVM_ARM_VCPU_INIT, NULL), "KVM_ARM_VCPU_INIT of NULL");
	REFUSED(EFAULT, ioctl(vcpu, KVM_ARM_VCPU_INIT, cut_off(&good, sizeof(good))),
		"KVM_ARM_VCPU_INIT of half a structure");
	for (n = 0; n < 2; n++) {
		bad = good;
		bad.target = n ? ~0u : good.target + 1;
		REFUSED(EINVAL, ioctl(vcpu, KVM_ARM_VCPU_INIT, &bad),
			"KVM_ARM_VCPU_INIT of target %#x", bad.target);
	}
	for (n = 2; n < 7 * 32; n += 29) {
		bad = good;
		bad.features[n / 32] = 1u << n % 32;
		REFUSED(ENOENT, ioctl(vcpu, KVM_ARM_VCPU_INIT, &bad),
			"KVM_ARM_VCPU_INIT of feature %u", n);
	}
	REFUSED(ENOEXEC, ioctl(vcpu, KVM_RUN, 0), "KVM_RUN: the refused calls initialized nothing");
	good.features[0] = 1u << KVM_ARM_VCPU_POWER_OFF | 1u << KVM_ARM_VCPU_PSCI_0_2;
	WORKS(ioctl(vcpu, KVM_ARM_VCPU_INIT, at_the_end(&good, sizeof(good))),
	      "KVM_ARM_VCPU_INIT with both features");
	WORKS(ioctl(vcpu, KVM_ARM_VCPU_INIT, &good), "KVM_ARM_VCPU_INIT again is a reset");
	bad = good;
	bad.features[0] = 0;
	REFUSED(EINVAL, ioctl(vcpu, KVM_ARM_VCPU_INIT, &bad),
		"KVM_ARM_VCPU_INIT again with other features");
}

static void mp_state(int vcpu)
{
	struct kvm_mp_state state = { .mp_state = ~0u };
	uint32_t n;

	REFUSED(EFAULT, ioctl(vcpu, KVM_GET_MP_STATE, NULL), "KVM_GET_MP_STATE to NULL");
	REFUSED(EFAULT, ioctl(vcpu, KVM_SET_MP_STATE, NULL), "KVM_SET_MP_STATE from NULL");
	WORKS(ioctl(vcpu, KVM_GET_MP_STATE, &state), "KVM_GET_MP_STATE");
	claim(state.mp_state == KVM_MP_STATE_STOPPED, "a vCPU that starts powered off is stopped");
	for (n = 1; n < 12; n++) {
		if (n == KVM_MP_STATE_STOPPED)
			continue;
		state.mp_state = n;
		REFUSED(EINVAL, ioctl(vcpu, KVM_SET_MP_STATE, &state), "KVM_SET_MP_STATE of %u", n);
	}
	state.mp_state = ~0u;
	REFUSED(EINVAL, ioctl(vcpu, KVM_SET_MP_STATE, &state), "KVM_SET_MP_STATE of -1");
	ioctl(vcpu, KVM_GET_MP_STATE, &state);
	claim(state.mp_state == KVM_MP_STATE_STOPPED, "refused calls change nothing");
	state.mp_state = KVM_MP_STATE_RUNNABLE;
	WORKS(ioctl(vcpu, KVM_SET_MP_STATE, &state), "KVM_SET_MP_STATE of runnable");
	state.mp_state = ~0u;
	ioctl(vcpu, KVM_GET_MP_STATE, &state);
	claim(state.mp_state == KVM_MP_STATE_RUNNABLE, "reads back as runnable");
}

static void map_run(int vcpu)
{
	struct kvm_run *run;

	REFUSED(EINVAL, (long)mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0),
		"mmap of three pages of a vCPU");
	REFUSED(EINVAL, (long)mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, PAGE),
		"mmap of its second and third page");
	REFUSED(EINVAL, (long)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 2 * PAGE),
		"mmap of its third page");
	REFUSED(EINVAL,
		(long)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0x7ffff000),
		"mmap of a page far beyond it");
	run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (!claim(run != MAP_FAILED, "mmap of a vCPU's kvm_run"))
		return;
	run->immediate_exit = 1;
	REFUSED(EINTR, ioctl(vcpu, KVM_RUN, 0), "KVM_RUN sees what is written there");
	run->immediate_exit = 0;
	munmap(run, PAGE);
}

/* Another process that inherits the descriptors; its exit status gives the result. */
static void other_process(int vm, int vcpu, int device)
{
	struct kvm_device_attr attr = { .group = KVM_DEV_ARM_VGIC_GRP_CTRL };
	struct kvm_mp_state state;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		bool good = true;

		errno = 0;
		good &= ioctl(vm, KVM_CREATE_VCPU, 1) == -1 && errno == EIO;
		errno = 0;
		good &= ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_ONE_REG) == -1 && errno == EIO;
		errno = 0;
		good &= ioctl(vcpu, KVM_RUN, 0) == -1 && errno == EIO;
		errno = 0;
		good &= ioctl(vcpu, KVM_GET_MP_STATE, &state) == -1 && errno == EIO;
		errno = 0;
		good &= ioctl(device, KVM_HAS_DEVICE_ATTR, &attr) == -1 && errno == EIO;
		_exit(good ? 42 : 1);
	}
	waitpid(pid, &status, 0);
	claim(WIFEXITED(status) && WEXITSTATUS(status) == 42,
	      "another process: EIO of VM, vCPU and device");
	WORKS(ioctl(vcpu, KVM_GET_MP_STATE, &state), "while this one is served");
}

void test_vcpu(void)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	struct kvm_mp_state state;
	int vm = new_vm(), vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);

	uninitialized(vcpu);
	init_vcpu(vm, vcpu);
	mp_state(vcpu);
	map_run(vcpu);
	REFUSED(EINVAL, ioctl(vcpu, KVM_RUN, 1), "KVM_RUN with an argument");
	REFUSED(ENOTTY, ioctl(vcpu, _IO(KVMIO, 0xfe), 0), "an unknown ioctl of a vCPU");
	REFUSED(ENOTTY, ioctl(vcpu, KVM_CREATE_VM, 0), "an ioctl of /dev/kvm on a vCPU");
	ioctl(vm, KVM_CREATE_DEVICE, &device);
	other_process(vm, vcpu, (int)device.fd);
	close((int)device.fd);
	close(vm);
	WORKS(ioctl(vcpu, KVM_GET_MP_STATE, &state), "a vCPU outlives its VM's descriptor");
	close(vcpu);
	REFUSED(EBADF, ioctl(vcpu, KVM_RUN, 0), "KVM_RUN of a closed vCPU");
}
