// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <string.h>

#include <linux/kvm.h>

#include "machine.h"

int __wrap_ioctl(int fd, unsigned long request, ...);

/* A few registers, which are 0 as everything is that is asked for. */
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	static const uint64_t ids[] = { 0x4020000000100000, 0x40200000000f7181, 0x40300000000f0708,
					0x40200000000e0007 };
	struct kvm_reg_list *list;
	struct kvm_one_reg *reg;
	struct kvm_device_attr *attr;
	va_list ap;
	void *arg;

	(void)fd;
	va_start(ap, request);
	list = arg = va_arg(ap, void *);
	va_end(ap);
	reg = arg;
	attr = arg;
	switch (request) {
	case KVM_GET_REG_LIST:
		list->n = sizeof(ids) / sizeof(ids[0]);
		memcpy(list->reg, ids, sizeof(ids));
		break;
	case KVM_GET_ONE_REG:
		memset((void *)(uintptr_t)reg->addr, 0, reg->id >> 52 & 1 ? 8 : 4);
		break;
	case KVM_GET_DEVICE_ATTR:
		memset((void *)(uintptr_t)attr->addr, 0, 4);
		break;
	case KVM_GET_MP_STATE:
		((struct kvm_mp_state *)arg)->mp_state = KVM_MP_STATE_RUNNABLE;
		break;
	}
	return 0;
}

struct options options = { .testdev = true, .cpus = 2, .memory = RAM_SIZE, .migratable = true };
static struct firmware firmware;
struct ram ram = { .base = RAM_BASE, .size = RAM_SIZE, .page = 4096, .fd = -1 };
struct vm vm;
static struct kvm_run runs[2];
struct pl011 uart;
struct pl031 rtc;
struct pl061 gpio;
struct power power;
static struct testdev testdev;
struct virtio_set virtio;
const struct machine_parts parts = {
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

static void ignore(void *owner)
{
	(void)owner;
}

static void ignore_level(void *owner, bool level)
{
	(void)owner;
	(void)level;
}

static uint32_t clock_now(void *owner)
{
	(void)owner;
	return 1000000;
}

void machine_init(void)
{
	vm = (struct vm){ .cpus = 2, .fd = -1, .gic_fd = -1, .wake_fd = -1 };
	for (unsigned int i = 0; i < vm.cpus; i++)
		vm.vcpus[i] = (struct vcpu){ .vm = &vm, .index = i, .fd = -1, .run = &runs[i] };
	pl011_init(&uart, ignore_level, ignore, NULL);
	pl031_init(&rtc, clock_now, ignore_level, ignore, NULL);
	pl061_init(&gpio, ignore_level, ignore, NULL);
	power_init(&power, &gpio, 0);
	testdev_init(&testdev);
}
