// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "gic.h"
#include "pause.h"
#include "vm.h"

#define DEV_KVM "/dev/kvm"

static int explain_open_error(int err)
{
	switch (err) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return fail(err, "cannot open " DEV_KVM
				 " (load the module kvm_armv7; `armvm check` says more)");
	case EACCES:
	case EPERM:
		return fail(err,
			    "cannot open " DEV_KVM " (run as root or as a member of its group)");
	}
	return fail(err, "cannot open " DEV_KVM);
}

static int check_interface(struct vm *vm)
{
	static const struct {
		int extension;
		const char *name;
	} needed[] = {
		{ KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY" },
		{ KVM_CAP_ONE_REG, "KVM_CAP_ONE_REG" },
		{ KVM_CAP_DEVICE_CTRL, "KVM_CAP_DEVICE_CTRL" },
		{ KVM_CAP_ARM_PSCI_0_2, "KVM_CAP_ARM_PSCI_0_2" },
	};
	int version = ioctl(vm->kvm_fd, KVM_GET_API_VERSION, 0), size;

	if (version != KVM_API_VERSION)
		return fail(version < 0 ? errno : 0, DEV_KVM " does not offer KVM API version %d",
			    KVM_API_VERSION);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (ioctl(vm->kvm_fd, KVM_CHECK_EXTENSION, needed[i].extension) <= 0)
			return fail(0, DEV_KVM " lacks %s", needed[i].name);
	}
	size = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (int)sizeof(struct kvm_run))
		return fail(size < 0 ? errno : 0, "KVM_GET_VCPU_MMAP_SIZE");
	vm->run_size = size;
	return 0;
}

int vm_open(struct vm *vm)
{
	struct kvm_vcpu_init init = { 0 };
	int err;

	memset(vm, 0, sizeof(*vm));
	vm->fd = vm->gic_fd = vm->wake_fd = vm->status_fd = -1;
	vm->status = VM_RUNNING;
	pause_init(vm);
	vm->kvm_fd = open(DEV_KVM, O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0)
		return explain_open_error(errno);
	err = check_interface(vm);
	if (err)
		return err;
	vm->fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		return fail(errno, "KVM_CREATE_VM");
	if (ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &init) < 0)
		return fail(errno, "KVM_ARM_PREFERRED_TARGET");
	vm->target = init.target;
	vm->status_fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	vm->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (vm->wake_fd < 0)
		return fail(errno, "eventfd");
	return 0;
}

static bool has_pmu(int kvm_fd)
{
	return ioctl(kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_ARM_PMU_V3) > 0;
}

bool vm_offers_pmu(void)
{
	int fd = open(DEV_KVM, O_RDWR | O_CLOEXEC);
	bool offered = fd >= 0 && has_pmu(fd);

	if (fd >= 0)
		close(fd);
	return offered;
}

int vm_add_rom(struct vm *vm, uint32_t address, void *host, uint32_t size)
{
	struct kvm_userspace_memory_region region = {
		.slot = ++vm->roms, /* RAM has slot 0 */
		.flags = KVM_MEM_READONLY,
		.guest_phys_addr = address,
		.memory_size = size,
		.userspace_addr = (uintptr_t)host,
	};

	if (ioctl(vm->kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_READONLY_MEM) <= 0)
		return fail(0, DEV_KVM " lacks KVM_CAP_READONLY_MEM, which firmware needs");
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return fail(errno, "KVM_SET_USER_MEMORY_REGION (read-only)");
	return 0;
}

int vm_build(struct vm *vm, const struct ram *ram, unsigned int cpus, uint64_t entry, uint64_t dtb)
{
	struct kvm_userspace_memory_region region = {
		.flags = vm->logs_writes ? KVM_MEM_LOG_DIRTY_PAGES : 0,
		.guest_phys_addr = ram->base,
		.memory_size = ram->size,
		.userspace_addr = (uintptr_t)ram->host,
	};
	int max = ioctl(vm->kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS), err;

	/* KVM's documentation promises four if the extension is unknown. */
	if ((int)cpus > (max > 0 ? max : 4))
		return fail(0, DEV_KVM " supports at most %d CPUs in a guest", max > 0 ? max : 4);
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return fail(errno, "KVM_SET_USER_MEMORY_REGION");
	vm->pmu = has_pmu(vm->kvm_fd);
	err = gic_create(vm);
	if (err)
		return err;
	for (unsigned int i = 0; i < cpus; i++) {
		vm->cpus = i + 1;
		err = vcpu_create(&vm->vcpus[i], vm, i);
		if (err)
			return err;
	}
	err = gic_init(vm);
	if (err)
		return err;
	for (unsigned int i = 0; vm->pmu && i < cpus; i++) {
		err = vcpu_init_pmu(&vm->vcpus[i]);
		if (err)
			return err;
	}
	return vcpu_set_boot(&vm->vcpus[0], entry, dtb);
}

int vm_take_dirty(struct vm *vm, uint32_t *bitmap)
{
	struct kvm_dirty_log log = { .dirty_bitmap = bitmap };

	return ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log) < 0 ? -errno : 0;
}

int vm_reset(struct vm *vm, uint64_t entry, uint64_t dtb)
{
	int err;

	for (unsigned int i = 0; i < vm->cpus; i++) {
		err = vcpu_reset(&vm->vcpus[i]);
		if (err)
			return err;
	}
	err = gic_reset(vm);
	if (err)
		return err;
	vm->status = VM_RUNNING;
	return vcpu_set_boot(&vm->vcpus[0], entry, dtb);
}

int vm_start(struct vm *vm)
{
	for (unsigned int i = 0; i < vm->cpus; i++) {
		int err = vcpu_start(&vm->vcpus[i]);

		if (err)
			return err;
	}
	return 0;
}

void vm_stop(struct vm *vm)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	bool all_ended;

	vm_end(vm, STATUS_FAILURE);
	pause_end(vm);
	/*
	 * The signal may arrive just before a thread enters KVM_RUN;
	 * immediate_exit then makes KVM_RUN return.  Kicking again is cheap,
	 * and works where a KVM lacks immediate_exit.
	 */
	for (;;) {
		all_ended = true;
		for (unsigned int i = 0; i < vm->cpus; i++) {
			if (vm->vcpus[i].running) {
				vcpu_kick(&vm->vcpus[i]);
				all_ended = false;
			}
		}
		if (all_ended)
			break;
		nanosleep(&pause, NULL);
	}
	for (unsigned int i = 0; i < vm->cpus; i++) {
		if (vm->vcpus[i].thread)
			pthread_join(vm->vcpus[i].thread, NULL);
		vm->vcpus[i].thread = 0;
	}
}

/* The mappings of struct kvm_run stay until the process exits. */
void vm_close(struct vm *vm)
{
	int fds[] = { vm->wake_fd, vm->status_fd, vm->gic_fd, vm->fd, vm->kvm_fd };

	for (unsigned int i = 0; i < vm->cpus; i++) {
		if (vm->vcpus[i].fd >= 0)
			close(vm->vcpus[i].fd);
	}
	for (unsigned int i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

void vm_end(struct vm *vm, int status)
{
	int was = VM_RUNNING;

	/* The user's wish to end the guest beats the guest's own to start again. */
	if (!atomic_compare_exchange_strong(&vm->status, &was, status) && was == STATUS_RESET &&
	    status == STATUS_ESCAPE)
		atomic_compare_exchange_strong(&vm->status, &was, status);
	vm_wake(vm);
}

void vm_wake(struct vm *vm)
{
	const uint64_t one = 1;

	/* EAGAIN: the counter is full, so the main thread has been woken already. */
	if (write(vm->wake_fd, &one, sizeof(one)) < 0)
		return;
}
