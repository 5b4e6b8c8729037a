// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kvm_armv7.h>

#include "error.h"
#include "onereg.h"
#include "pause.h"
#include "thread.h"
#include "vm.h"

/* CPSR at reset: SVC mode, A32, asynchronous aborts, IRQ and FIQ masked (B1.9.1). */
#define CPSR_BOOT 0x1d3

#define WORD(member) (offsetof(struct kvm_regs, member) / 4)

static void on_kick(int signal)
{
	(void)signal; /* its only purpose is to end KVM_RUN with EINTR */
}

static int set_core_reg(const struct vcpu *vcpu, unsigned int word, uint32_t value)
{
	int err = onereg_set(vcpu->fd, ONEREG_CORE(word), value);

	return err ? fail(-err, "KVM_SET_ONE_REG (core register %u)", word) : 0;
}

int vcpu_create(struct vcpu *vcpu, struct vm *vm, unsigned int index)
{
	vcpu->vm = vm;
	vcpu->index = index;
	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, index);
	if (vcpu->fd < 0)
		return fail(errno, "KVM_CREATE_VCPU (%u)", index);
	vcpu->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED) {
		vcpu->run = NULL;
		return fail(errno, "cannot map struct kvm_run of vCPU %u", index);
	}
	return vcpu_reset(vcpu);
}

int vcpu_reset(struct vcpu *vcpu)
{
	struct kvm_vcpu_init init = { .target = vcpu->vm->target };

	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2;
	if (vcpu->index)
		init.features[0] |= 1u << KVM_ARM_VCPU_POWER_OFF;
	if (vcpu->vm->pmu)
		init.features[0] |= 1u << KVM_ARM_VCPU_PMU_V3;
	if (ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init) < 0)
		return fail(errno, "KVM_ARM_VCPU_INIT (%u)", vcpu->index);
	return 0;
}

int vcpu_init_pmu(struct vcpu *vcpu)
{
	int irq = PPI_ID_BASE + PMU_PPI;
	struct kvm_device_attr attr = { .group = KVM_ARM_VCPU_PMU_V3_CTRL,
					.attr = KVM_ARM_VCPU_PMU_V3_IRQ,
					.addr = (uintptr_t)&irq };

	if (ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr) < 0)
		return fail(errno, "KVM_SET_DEVICE_ATTR (PMU interrupt of vCPU %u)", vcpu->index);
	attr.attr = KVM_ARM_VCPU_PMU_V3_INIT;
	if (ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr) < 0)
		return fail(errno, "KVM_SET_DEVICE_ATTR (PMU of vCPU %u)", vcpu->index);
	return 0;
}

/* Documentation/arch/arm/booting.rst, "Calling the kernel image". */
int vcpu_set_boot(struct vcpu *vcpu, uint32_t entry, uint32_t dtb)
{
	const struct {
		unsigned int word;
		uint32_t value;
	} boot[] = {
		{ ONEREG_WORD_CPSR, CPSR_BOOT }, { 0, 0 }, { 1, ~0u }, { 2, dtb },
		{ ONEREG_WORD_PC, entry },
	};

	for (size_t i = 0; i < sizeof(boot) / sizeof(boot[0]); i++) {
		int err = set_core_reg(vcpu, boot[i].word, boot[i].value);

		if (err)
			return err;
	}
	return 0;
}

/* vcpu_dump() prints this, after the guest's last output. */
static void __attribute__((format(printf, 2, 3)))
vcpu_failed(struct vcpu *vcpu, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(vcpu->failure, sizeof(vcpu->failure), fmt, ap);
	va_end(ap);
	vm_end(vcpu->vm, STATUS_FAILURE);
}

static void handle_system_event(struct vcpu *vcpu)
{
	switch (vcpu->run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		vm_end(vcpu->vm, STATUS_POWEROFF);
		break;
	case KVM_SYSTEM_EVENT_RESET:
		vm_end(vcpu->vm, STATUS_RESET);
		break;
	default:
		vcpu_failed(vcpu, "system event %u", vcpu->run->system_event.type);
	}
}

/*
 * The CPUs that the main thread may use, including offline ones.  One line of
 * /proc/self/status: "Cpus_allowed:\tff,00000003"; each word is 32 CPUs, the last
 * one the lowest.
 */
static void read_main_cpus(const struct vm *vm, cpu_set_t *cpus)
{
	static const char key[] = "\nCpus_allowed:";
	char text[8192], *word, *end;
	ssize_t size = pread(vm->status_fd, text, sizeof(text) - 1, 0);

	CPU_ZERO(cpus);
	if (size < 0)
		return;
	text[size] = '\0';
	word = strstr(text, key);
	end = word ? strchr(word + 1, '\n') : NULL;
	if (!end)
		return;
	*end = '\0';
	word += strlen(key);
	for (unsigned int first = 0; first < CPU_SETSIZE; first += 32) {
		char *comma = strrchr(word, ',');
		unsigned long bits = strtoul(comma ? comma + 1 : word, NULL, 16);

		for (unsigned int n = 0; n < 32; n++) {
			if (bits >> n & 1)
				CPU_SET(first + n, cpus);
		}
		if (!comma)
			break;
		*comma = '\0';
	}
}

/*
 * The CPUs that this thread may use.  The kernel leaves out those that are
 * offline, and would forget them; the thread's own file in /proc, which has
 * them, cannot be opened any more.  A thread that is bound as the main thread is
 * may use the same offline ones.
 */
static bool allowed_cpus(const struct vm *vm, cpu_set_t *cpus)
{
	cpu_set_t of_main, online;

	if (sched_getaffinity(0, sizeof(*cpus), cpus) < 0)
		return false;
	if (sched_getaffinity(getpid(), sizeof(online), &online) == 0 && CPU_EQUAL(cpus, &online)) {
		read_main_cpus(vm, &of_main);
		CPU_OR(cpus, cpus, &of_main);
	}
	return true;
}

/* Move the thread off a CPU that cannot run guests, if it may use another one. */
static void handle_fail_entry(struct vcpu *vcpu)
{
	uint64_t reason = vcpu->run->fail_entry.hardware_entry_failure_reason;
	uint32_t cpu = vcpu->run->fail_entry.cpu;
	cpu_set_t cpus;

	if (reason != KVM_ARMV7_FAIL_ENTRY_CPU_UNSUPPORTED) {
		vcpu_failed(vcpu, "KVM cannot enter the guest, reason %#llx",
			    (unsigned long long)reason);
		return;
	}
	if (allowed_cpus(vcpu->vm, &cpus)) {
		CPU_CLR(cpu, &cpus);
		if (CPU_COUNT(&cpus) && sched_setaffinity(0, sizeof(cpus), &cpus) == 0)
			return;
	}
	vcpu_failed(vcpu, "CPU %u runs no guests, and it may use no other (see taskset and dmesg)",
		    cpu);
}

/*
 * Returns whether the registers are complete: after KVM_EXIT_MMIO the next
 * KVM_RUN completes them.
 */
static bool vcpu_handle_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_MMIO:
		if (!bus_access(&vcpu->vm->bus, run->mmio.phys_addr, run->mmio.data, run->mmio.len,
				run->mmio.is_write))
			vcpu->vm->unclaimed++;
		return false;
	case KVM_EXIT_INTR:
		break;
	case KVM_EXIT_DEBUG:
		if (vcpu->vm->debugged)
			vcpu->vm->debugged(vcpu->vm->debugger, vcpu);
		else
			vcpu_failed(vcpu, "a debug exit without --gdb");
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		handle_system_event(vcpu);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		handle_fail_entry(vcpu);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		vcpu_failed(vcpu, "KVM internal error %u", run->internal.suberror);
		break;
	default:
		vcpu_failed(vcpu, "unexpected exit reason %u", run->exit_reason);
	}
	return true;
}

static void kvm_run_failed(struct vcpu *vcpu, int err)
{
	if (err == ENOSYS)
		vcpu_failed(
			vcpu,
			"the guest accessed an address outside its RAM with an instruction that "
			"KVM cannot emulate (KVM_RUN: %s)",
			strerror(err));
	else
		vcpu_failed(vcpu, "KVM_RUN: %s", strerror(err));
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	bool complete = true;

	for (;;) {
		if (complete)
			pause_here(vcpu);
		if (vcpu->vm->status != VM_RUNNING)
			break;
		complete = true;
		if (!ioctl(vcpu->fd, KVM_RUN, 0))
			complete = vcpu_handle_exit(vcpu);
		else if (errno != EINTR && errno != EAGAIN)
			kvm_run_failed(vcpu, errno);
	}
	vcpu->running = false;
	return NULL;
}

int vcpu_start(struct vcpu *vcpu)
{
	struct sigaction kick = { .sa_handler = on_kick };
	char name[16];
	int err;

	sigaction(SIGUSR1, &kick, NULL);
	snprintf(name, sizeof(name), "vcpu%u", vcpu->index);
	vcpu->run->immediate_exit = 0; /* vm_stop() of an earlier start may have set it */
	/* Another vCPU may pause all, and kicks those that run: not before there is a thread. */
	pthread_mutex_lock(&vcpu->vm->pause_lock);
	vcpu->running = true;
	err = thread_start(&vcpu->thread, SANDBOX_VCPU, vcpu_thread, vcpu, SIGUSR1, name);
	if (err) {
		vcpu->running = false;
		vcpu->thread = 0;
	}
	pthread_mutex_unlock(&vcpu->vm->pause_lock);
	return err ? fail(err, "cannot start the thread of vCPU %u", vcpu->index) : 0;
}

void vcpu_kick(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	pthread_kill(vcpu->thread, SIGUSR1);
}

static const struct {
	const char *name;
	unsigned int word;
} shown[] = {
	{ "r0", 0 },
	{ "r1", 1 },
	{ "r2", 2 },
	{ "r3", 3 },
	{ "r4", 4 },
	{ "r5", 5 },
	{ "r6", 6 },
	{ "r7", 7 },
	{ "r8", 8 },
	{ "r9", 9 },
	{ "r10", 10 },
	{ "r11", 11 },
	{ "r12", 12 },
	{ "sp_usr", 13 },
	{ "lr_usr", 14 },
	{ "pc", ONEREG_WORD_PC },
	{ "cpsr", ONEREG_WORD_CPSR },
	{ "sp_svc", WORD(KVM_ARM_SVC_sp) },
	{ "lr_svc", WORD(KVM_ARM_SVC_lr) },
	{ "spsr_svc", WORD(KVM_ARM_SVC_spsr) },
	{ "sp_abt", WORD(KVM_ARM_ABT_sp) },
	{ "lr_abt", WORD(KVM_ARM_ABT_lr) },
	{ "spsr_abt", WORD(KVM_ARM_ABT_spsr) },
	{ "sp_und", WORD(KVM_ARM_UND_sp) },
	{ "lr_und", WORD(KVM_ARM_UND_lr) },
	{ "spsr_und", WORD(KVM_ARM_UND_spsr) },
	{ "sp_irq", WORD(KVM_ARM_IRQ_sp) },
	{ "lr_irq", WORD(KVM_ARM_IRQ_lr) },
	{ "spsr_irq", WORD(KVM_ARM_IRQ_spsr) },
};

const char *vcpu_register_name(unsigned int n)
{
	return n < sizeof(shown) / sizeof(shown[0]) ? shown[n].name : NULL;
}

int vcpu_register_get(const struct vcpu *vcpu, unsigned int n, uint32_t *value)
{
	uint64_t wide;
	int err = onereg_get(vcpu->fd, ONEREG_CORE(shown[n].word), &wide);

	if (!err)
		*value = wide;
	return err;
}

void vcpu_dump(const struct vcpu *vcpu)
{
	unsigned int n;

	if (*vcpu->failure)
		error("vCPU %u: %s", vcpu->index, vcpu->failure);
	fprintf(stderr, "vCPU %u:\n", vcpu->index);
	for (n = 0; n < sizeof(shown) / sizeof(shown[0]); n++) {
		uint32_t value;

		if (vcpu_register_get(vcpu, n, &value))
			fprintf(stderr, " %8s ????????", shown[n].name);
		else
			fprintf(stderr, " %8s %08x", shown[n].name, value);
		if (n % 4 == 3)
			fputc('\n', stderr);
	}
	if (n % 4)
		fputc('\n', stderr);
}
