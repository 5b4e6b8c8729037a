// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "control_machine.h"
#include "error.h"
#include "gdb/stub.h"
#include "loop.h"
#include "pause.h"
#include "virtio/balloon.h"
#include "virtio/disk.h"

int __wrap_ioctl(int fd, unsigned long request, ...);

/* Messages cost time and show nothing. */
void error(const char *fmt, ...)
{
	(void)fmt;
}

int fail(int err, const char *fmt, ...)
{
	(void)fmt;
	return err ? -err : -1;
}

/* A KVM that takes everything, and whose registers and logs are 0. */
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct kvm_reg_list *list;
	va_list ap;
	void *arg;

	(void)fd;
	va_start(ap, request);
	list = arg = va_arg(ap, void *);
	va_end(ap);
	if (request == KVM_GET_REG_LIST) {
		list->n = 1;
		list->reg[0] = 0x4020000000100000;
	} else if (request == KVM_GET_ONE_REG) {
		const struct kvm_one_reg *reg = arg;

		memset((void *)(uintptr_t)reg->addr, 0, reg->id >> 52 & 1 ? 8 : 4);
	} else if (request == KVM_GET_DEVICE_ATTR) {
		memset((void *)(uintptr_t)((struct kvm_device_attr *)arg)->addr, 0, 4);
	} else if (request == KVM_GET_MP_STATE) {
		((struct kvm_mp_state *)arg)->mp_state = KVM_MP_STATE_RUNNABLE;
	}
	return 0;
}

/* Nothing here has a thread. */
int virtio_set_start(struct virtio_set *set)
{
	(void)set;
	return 0;
}

void virtio_set_stop(struct virtio_set *set)
{
	(void)set;
}

static struct options options = { .cpus = 2, .memory = RAM_SIZE, .migratable = true };
static struct firmware firmware;
static struct ram ram = { .base = RAM_BASE, .size = RAM_SIZE, .page = 4096 };
struct vm vm;
static struct kvm_run runs[2];
static struct pl011 uart;
static struct pl031 rtc;
struct pl061 gpio;
static struct power power;
static struct testdev testdev;
static struct virtio_set virtio;
struct save save;
struct control_guest machine;
static struct gdb *gdb;
bool has_gdb_client;
static const struct machine_parts parts = {
	.options = &options,
	.firmware = &firmware,
	.ram = &ram,
	.vm = &vm,
	.uarts = &uart,
	.rtc = &rtc,
	.gpio = &gpio,
	.power = &power,
	.testdev = &testdev,
	.virtio = &virtio,
};

bool gdb_has_client(const struct gdb *stub)
{
	(void)stub;
	return has_gdb_client;
}

static void ignore(void *owner)
{
	(void)owner;
}

static void ignore_level(void *owner, bool level)
{
	(void)owner;
	(void)level;
}

int64_t loop_now(void)
{
	return 1000;
}

static uint32_t clock_now(void *owner)
{
	(void)owner;
	return 1000000;
}

int make_file(const char *name, off_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, size) < 0)
		abort();
	return fd;
}

void machine_create(void)
{
	const struct disk_options none = { .serial = "s" };

	ram.fd = make_file("ram", RAM_SIZE);
	ram.host = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ram.fd, 0);
	if (ram.host == MAP_FAILED)
		abort();
	ram.host[0x5000] = 1;
	vm = (struct vm){ .cpus = 2, .fd = -1, .gic_fd = -1, .status = VM_RUNNING };
	vm.wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pause_init(&vm);
	for (unsigned int i = 0; i < vm.cpus; i++)
		vm.vcpus[i] = (struct vcpu){ .vm = &vm, .index = i, .fd = -1, .run = &runs[i] };
	pl011_init(&uart, ignore_level, ignore, NULL);
	pl031_init(&rtc, clock_now, ignore_level, ignore, NULL);
	pl061_init(&gpio, ignore_level, ignore, NULL);
	power_init(&power, &gpio, 0);
	virtio = (struct virtio_set){ .count = 2, .nr_disks = 1 };
	virtio.disks = &virtio.devices[0];
	virtio.balloon = &virtio.devices[1];
	if (disk_create(virtio.disks, &ram, &none) || balloon_create(virtio.balloon, &ram))
		abort();
	save_init(&save, &parts);
	has_gdb_client = false;
	machine = (struct control_guest){
		.vm = &vm,
		.power = &power,
		.memory = 64 << 20,
		.balloon = virtio.balloon,
		.disks = virtio.disks,
		.nr_disks = virtio.nr_disks,
		.save = &save,
		.gdb = &gdb,
	};
}

void machine_destroy(void)
{
	for (unsigned int i = 0; i < virtio.count; i++)
		virtio_destroy(&virtio.devices[i]);
	munmap(ram.host, RAM_SIZE);
	close(ram.fd);
	close(vm.wake_fd);
}

void machine_move_vcpu(struct vcpu *vcpu)
{
	vcpu->paused = vcpu->pause_owners != 0;
}

void machine_restart(void)
{
	if (vm.status != STATUS_RESET || !vm.restart)
		return;
	save_cancel(&save);
	power_reset(&power);
	vm.restart = false;
	vm.status = VM_RUNNING;
}
