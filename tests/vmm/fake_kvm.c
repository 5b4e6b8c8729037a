// SPDX-License-Identifier: GPL-2.0-only
/*
 * A made-up /dev/kvm, linked under all of armvm, so that everything around the
 * guest can be tested on any machine: exit statuses, the terminal, the
 * channel, signals.  The guest is one of the functions at the end, on a thread
 * of its own; its accesses become MMIO exits.
 *
 *   FAKE_OPEN=errno       opening /dev/kvm fails
 *   FAKE_FAIL=NAME:errno  that ioctl fails
 *   FAKE_GUEST=name       what the guest does
 *   FAKE_COUNT=n          a number for it
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "memmap.h"

int __real_open64(const char *path, int flags, mode_t mode);
int __real_ioctl(int fd, unsigned long request, void *arg);
void *__real_mmap64(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
void *__wrap_mmap64(void *addr, size_t length, int prot, int flags, int fd, off_t offset);

#define RUN_SIZE 4096

enum kind {
	OTHER,
	KVM,
	VM,
	GIC,
	VCPU
};

static struct {
	enum kind kind;
	unsigned int vcpu;
} fds[1024];

static struct kvm_run *runs[MAX_CPUS];
static uint32_t core_regs[64];
static uint8_t *ram;
static uint64_t ram_size;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t irq_changed = PTHREAD_COND_INITIALIZER;
static bool irq_level[64];

/* The guest's request to the vCPU thread, and the vCPU thread's answer. */
static struct kvm_run request;
static int request_fd = -1;
static sem_t answered;
static bool waits_for_answer;

static void guest(void);

static int new_fd(enum kind kind, unsigned int vcpu)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd >= 0) {
		fds[fd].kind = kind;
		fds[fd].vcpu = vcpu;
	}
	return fd;
}

int __wrap_open64(const char *path, int flags, ...)
{
	const char *wrong = getenv("FAKE_OPEN");
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (strcmp(path, "/dev/kvm"))
		return __real_open64(path, flags, mode);
	if (wrong) {
		errno = atoi(wrong);
		return -1;
	}
	return new_fd(KVM, 0);
}

void *__wrap_mmap64(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	void *map;

	if (fd < 0 || fds[fd].kind != VCPU)
		return __real_mmap64(addr, length, prot, flags, fd, offset);
	map = __real_mmap64(NULL, length, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	runs[fds[fd].vcpu] = map;
	return map;
}

int __wrap_close(int fd)
{
	if (fd >= 0 && fd < 1024)
		fds[fd].kind = OTHER;
	return __real_close(fd);
}

/* ---- the vCPU's side ---- */

static void *guest_thread(void *arg)
{
	(void)arg;
	guest();
	return NULL;
}

static void start_guest(void)
{
	pthread_t thread;
	sigset_t all, old;

	request_fd = eventfd(0, EFD_CLOEXEC);
	sem_init(&answered, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_create(&thread, NULL, guest_thread, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static int off(struct kvm_run *run)
{
	static int never = -1;
	uint64_t count;

	if (never < 0)
		never = eventfd(0, EFD_CLOEXEC);
	run->exit_reason = KVM_EXIT_INTR;
	return read(never, &count, sizeof(count)) < 0 ? -1 : 0;
}

static int run_vcpu(unsigned int index)
{
	struct kvm_run *run = runs[index];
	uint64_t count;

	if (run->immediate_exit) {
		errno = EINTR;
		return -1;
	}
	if (index)
		return off(run);
	if (request_fd < 0)
		start_guest();
	if (waits_for_answer) {
		waits_for_answer = false;
		memcpy(request.mmio.data, run->mmio.data, 8);
		sem_post(&answered);
	}
	/* A kick ends this with EINTR, as it does the real thing. */
	if (read(request_fd, &count, sizeof(count)) < 0)
		return -1;
	if (request.exit_reason == ~0u) {
		errno = request.hw.hardware_exit_reason;
		return -1;
	}
	run->exit_reason = request.exit_reason;
	memcpy(&run->mmio, &request.mmio, sizeof(run->mmio));
	memcpy(run->padding, request.padding, sizeof(run->padding));
	waits_for_answer = true;
	return 0;
}

/* ---- ioctls ---- */

static const struct {
	unsigned long request;
	const char *name;
} names[] = {
	{ KVM_GET_API_VERSION, "KVM_GET_API_VERSION" },
	{ KVM_CREATE_VM, "KVM_CREATE_VM" },
	{ KVM_CHECK_EXTENSION, "KVM_CHECK_EXTENSION" },
	{ KVM_GET_VCPU_MMAP_SIZE, "KVM_GET_VCPU_MMAP_SIZE" },
	{ KVM_ARM_PREFERRED_TARGET, "KVM_ARM_PREFERRED_TARGET" },
	{ KVM_SET_USER_MEMORY_REGION, "KVM_SET_USER_MEMORY_REGION" },
	{ KVM_CREATE_DEVICE, "KVM_CREATE_DEVICE" },
	{ KVM_SET_DEVICE_ATTR, "KVM_SET_DEVICE_ATTR" },
	{ KVM_CREATE_VCPU, "KVM_CREATE_VCPU" },
	{ KVM_ARM_VCPU_INIT, "KVM_ARM_VCPU_INIT" },
	{ KVM_SET_ONE_REG, "KVM_SET_ONE_REG" },
	{ KVM_IRQ_LINE, "KVM_IRQ_LINE" },
	{ KVM_RUN, "KVM_RUN" },
};

static bool shall_fail(unsigned long request_number)
{
	const char *wish = getenv("FAKE_FAIL"), *colon = wish ? strchr(wish, ':') : NULL;

	for (size_t i = 0; colon && i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].request == request_number &&
		    strlen(names[i].name) == (size_t)(colon - wish) &&
		    !strncmp(names[i].name, wish, colon - wish)) {
			errno = atoi(colon + 1);
			return true;
		}
	}
	return false;
}

static int irq_line(const struct kvm_irq_level *level)
{
	/* Type SPI, and an interrupt id. */
	if (level->irq >> 24 != 1 || (level->irq & 0xffff) < 32 || (level->irq & 0xffff) > 63) {
		errno = EINVAL;
		return -1;
	}
	pthread_mutex_lock(&lock);
	irq_level[level->irq & 0xffff] = level->level;
	pthread_cond_broadcast(&irq_changed);
	pthread_mutex_unlock(&lock);
	return 0;
}

static int vm_ioctl(unsigned long number, void *arg)
{
	struct kvm_userspace_memory_region *region = arg;
	struct kvm_create_device *device = arg;

	switch (number) {
	case KVM_ARM_PREFERRED_TARGET:
		return 0;
	case KVM_SET_USER_MEMORY_REGION:
		ram = (uint8_t *)(uintptr_t)region->userspace_addr;
		ram_size = region->memory_size;
		return 0;
	case KVM_CREATE_DEVICE:
		device->fd = new_fd(GIC, 0);
		return 0;
	case KVM_CREATE_VCPU:
		return new_fd(VCPU, (uintptr_t)arg);
	case KVM_IRQ_LINE:
		return irq_line(arg);
	}
	errno = ENOTTY;
	return -1;
}

static int vcpu_ioctl(unsigned int index, unsigned long number, void *arg)
{
	struct kvm_one_reg *reg = arg;
	uint32_t *value;

	switch (number) {
	case KVM_ARM_VCPU_INIT:
		return 0;
	case KVM_SET_ONE_REG:
	case KVM_GET_ONE_REG:
		value = (uint32_t *)(uintptr_t)reg->addr;
		if (number == KVM_SET_ONE_REG)
			core_regs[reg->id & 63] = *value;
		else
			*value = core_regs[reg->id & 63];
		return 0;
	case KVM_RUN:
		return run_vcpu(index);
	}
	errno = ENOTTY;
	return -1;
}

int __wrap_ioctl(int fd, unsigned long number, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, number);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (fd < 0 || fd >= 1024 || fds[fd].kind == OTHER)
		return __real_ioctl(fd, number, arg);
	if (shall_fail(number))
		return -1;
	switch (fds[fd].kind) {
	case KVM:
		if (number == KVM_GET_API_VERSION)
			return 12;
		if (number == KVM_CREATE_VM)
			return new_fd(VM, 0);
		if (number == KVM_CHECK_EXTENSION)
			return (uintptr_t)arg == KVM_CAP_MAX_VCPUS ? 4 : 1;
		return number == KVM_GET_VCPU_MMAP_SIZE ? RUN_SIZE : -1;
	case VM:
		return vm_ioctl(number, arg);
	case VCPU:
		return vcpu_ioctl(fds[fd].vcpu, number, arg);
	default:
		return 0;
	}
}

/* ---- the guest's side ---- */

/* Hand the request to the vCPU thread, and wait for its next KVM_RUN. */
static void do_exit(void)
{
	const uint64_t one = 1;

	if (write(request_fd, &one, sizeof(one)) < 0)
		abort();
	while (sem_wait(&answered))
		;
}

static uint32_t mmio(uint32_t address, uint32_t value, bool write, unsigned int size)
{
	memset(&request, 0, sizeof(request));
	request.exit_reason = KVM_EXIT_MMIO;
	request.mmio.phys_addr = address;
	request.mmio.len = size;
	request.mmio.is_write = write;
	memcpy(request.mmio.data, &value, write ? size : 0);
	do_exit();
	memcpy(&value, request.mmio.data, 4);
	return value;
}

static uint32_t rd(uint32_t address)
{
	return mmio(address, 0, false, 4);
}

static void wr(uint32_t address, uint32_t value)
{
	mmio(address, value, true, 4);
}

static void system_event(uint32_t type)
{
	memset(&request, 0, sizeof(request));
	request.exit_reason = KVM_EXIT_SYSTEM_EVENT;
	request.system_event.type = type;
	do_exit();
}

static void wait_irq(unsigned int id)
{
	pthread_mutex_lock(&lock);
	while (!irq_level[id])
		pthread_cond_wait(&irq_changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void uart_on(uint32_t base)
{
	wr(base + 0x2c, 0x70);
	wr(base + 0x30, 0x301);
	wr(base + 0x38, 0x50);
}

static void uart_put(uint32_t base, uint8_t byte)
{
	while (rd(base + 0x18) & 0x20)
		usleep(100);
	wr(base, byte);
}

static void uart_print(const char *text)
{
	while (*text)
		uart_put(UART0_BASE, *text++);
}

/* Give back what comes until count bytes did (0: no end) or 'q' does, where that counts. */
static void echo(uint32_t base, unsigned int id, long count, bool until_q)
{
	long done = 0;

	uart_on(base);
	for (;;) {
		wait_irq(id);
		while (!(rd(base + 0x18) & 0x10)) {
			uint8_t byte = rd(base);

			uart_put(base, byte);
			if (++done == count || (until_q && byte == 'q')) {
				system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
				return;
			}
		}
	}
}

static void tell_boot(void)
{
	char text[256];

	snprintf(text, sizeof(text), "r0=%x r1=%x r2=%x pc=%x cpsr=%x tree=%02x%02x%02x%02x\n",
		 core_regs[0], core_regs[1], core_regs[2], core_regs[15], core_regs[16],
		 ram[core_regs[2] - RAM_BASE], ram[core_regs[2] - RAM_BASE + 1],
		 ram[core_regs[2] - RAM_BASE + 2], ram[core_regs[2] - RAM_BASE + 3]);
	uart_print(text);
	system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

static void end_with(uint32_t reason, uint32_t detail)
{
	memset(&request, 0, sizeof(request));
	request.exit_reason = reason;
	request.hw.hardware_exit_reason = detail;
	do_exit();
}

static void guest(void)
{
	const char *what = getenv("FAKE_GUEST"), *number = getenv("FAKE_COUNT");
	long count = number ? atol(number) : 0;

	if (!what || !strcmp(what, "poweroff")) {
		system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
	} else if (!strcmp(what, "reset")) {
		system_event(KVM_SYSTEM_EVENT_RESET);
	} else if (!strcmp(what, "crash")) {
		system_event(KVM_SYSTEM_EVENT_CRASH);
	} else if (!strcmp(what, "fail-entry")) {
		end_with(KVM_EXIT_FAIL_ENTRY, 7);
	} else if (!strcmp(what, "internal")) {
		end_with(KVM_EXIT_INTERNAL_ERROR, 1);
	} else if (!strcmp(what, "unknown")) {
		end_with(99, 0);
	} else if (!strcmp(what, "errno")) {
		end_with(~0u, count);
	} else if (!strcmp(what, "boot")) {
		tell_boot();
	} else if (!strcmp(what, "echo")) {
		uart_print("ready\n");
		echo(UART0_BASE, 33, 0, true);
	} else if (!strcmp(what, "channel")) {
		echo(UART1_BASE, 40, count, false);
	} else if (!strcmp(what, "flood")) {
		for (long i = 0; i < count; i++)
			wr(UART0_BASE, (uint8_t)(i * 7 >> 3)); /* without a look at TXFF */
		system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
	} else if (!strcmp(what, "wild")) {
		mmio(0x1000, 1, true, 4);
		mmio(0xffffffff, 0, false, 8);
		mmio(UART0_BASE + 0xffe, 0, false, 4);
		mmio(UART0_BASE, 0, false, 1000000);
		uart_print("survived\n");
		end_with(99, 0);
	} else if (!strcmp(what, "abort")) {
		uart_print("ready\n");
		sleep(1);
		abort();
	} else if (!strcmp(what, "idle")) {
		uart_print("ready\n");
	}
	for (;;)
		pause();
}
