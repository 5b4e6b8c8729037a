// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_RUN, and the effect of memory slots and mp_state on a guest of three instructions, which
 * repeatedly loads a word from r1 and stores it to r3.
 */
#include "check.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#define CODE	0x40000000u
#define DATA	0x50000000u
#define DATA2	0x60000000u
#define NO_RAM	0x70000000u
#define WORD	0x600df00du
#define SPIN	0xc00u /* offset of an endless loop */
#define SLOT(n) (1u + (n))

static const uint32_t program[] = {
	0xe5912000, /* ldr r2, [r1] */
	0xe5832000, /* str r2, [r3] */
	0xeafffffc, /* b back */
};

static struct kvm_run *run;
static int vm, vcpu;
static volatile sig_atomic_t alarms;
static unsigned int patience = 5000;

static void on_alarm(int number)
{
	(void)number;
	alarms++;
}

/* Interrupts KVM_RUN after that time, and repeatedly, in case KVM_RUN had not begun yet. */
static void alarm_in(unsigned int milliseconds)
{
	struct timeval time = { milliseconds / 1000, milliseconds % 1000 * 1000 };
	struct itimerval timer = { time, time };

	setitimer(ITIMER_REAL, &timer, NULL);
}

/* Runs the guest from the start until it exits; false if KVM_RUN failed. */
static bool run_from_start(uint32_t pc, uint32_t from, uint32_t to)
{
	int ret;

	/* Complete the last exit without running the guest. */
	run->immediate_exit = 1;
	ioctl(vcpu, KVM_RUN, 0);
	run->immediate_exit = 0;
	set_core(vcpu, 1, from);
	set_core(vcpu, 2, 0);
	set_core(vcpu, 3, to);
	set_core(vcpu, 15, pc);
	set_core(vcpu, 16, 0x1d3);
	memset(&run->mmio, 0xa5, sizeof(run->mmio));
	run->exit_reason = ~0u;
	alarm_in(patience);
	ret = ioctl(vcpu, KVM_RUN, 0);
	alarm_in(0);
	return ret == 0;
}

static bool stores(uint32_t from, uint32_t value)
{
	uint32_t data;

	if (!run_from_start(CODE, from, NO_RAM) || run->exit_reason != KVM_EXIT_MMIO)
		return false;
	memcpy(&data, run->mmio.data, 4);
	return run->mmio.is_write && run->mmio.phys_addr == NO_RAM && run->mmio.len == 4 &&
	       data == value;
}

static bool loads(uint32_t from)
{
	return run_from_start(CODE, from, NO_RAM) && run->exit_reason == KVM_EXIT_MMIO &&
	       !run->mmio.is_write && run->mmio.phys_addr == from && run->mmio.len == 4;
}

/* The guest stores its first word to data and keeps looping, however long that takes. */
static bool loops_until_stored(const uint32_t *data)
{
	bool looped = true;
	int n;

	patience = 100;
	for (n = 0; n < 50 && looped && data[0] != program[0]; n++)
		looped = !run_from_start(CODE, CODE, DATA) && errno == EINTR;
	patience = 5000;
	return looped && data[0] == program[0];
}

static void slots(uint32_t *code, uint32_t *data)
{
	uint32_t value = 0x11223344;

	claim(stores(DATA, WORD),
	      "the guest reads its memory; its store where no memory is, is KVM_EXIT_MMIO");
	data[0] = WORD + 1;
	claim(stores(DATA, WORD + 1), "it sees what this process writes to its memory");
	claim(loads(NO_RAM + 8), "its load where no memory is, is KVM_EXIT_MMIO");
	memcpy(run->mmio.data, &value, 4);
	alarm_in(patience);
	claim(!ioctl(vcpu, KVM_RUN, 0) && run->exit_reason == KVM_EXIT_MMIO && run->mmio.is_write &&
		      !memcmp(run->mmio.data, &value, 4),
	      "the value that this process returns is what it stores next");
	alarm_in(0);

	WORKS(set_slot(vm, SLOT(1), 0, DATA2, PAGE, (uintptr_t)data), "moving the slot");
	claim(stores(DATA2, WORD + 1), "the memory is at its new place");
	claim(loads(DATA), "and no longer at the old one");
	WORKS(set_slot(vm, SLOT(1), 0, DATA2, 0, (uintptr_t)data), "deleting the slot");
	claim(loads(DATA2), "the memory is gone");
	WORKS(set_slot(vm, SLOT(1), KVM_MEM_READONLY, DATA, PAGE, (uintptr_t)data),
	      "a read-only slot");
	claim(stores(DATA, WORD + 1), "it can be read");
	claim(run_from_start(CODE, CODE, DATA) && run->exit_reason == KVM_EXIT_MMIO &&
		      run->mmio.is_write && run->mmio.phys_addr == DATA &&
		      !memcmp(run->mmio.data, code, 4),
	      "a store there is KVM_EXIT_MMIO");
	claim(data[0] == WORD + 1, "and changes nothing");
	set_slot(vm, SLOT(1), 0, DATA, 0, 0);
	set_slot(vm, SLOT(1), 0, DATA, PAGE, (uintptr_t)data);
	claim(loops_until_stored(data), "a store to a writable slot is done without an exit");
}

static void signals(void)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_STOPPED };
	int before = alarms;

	set_core(vcpu, 15, CODE + SPIN);
	alarm_in(30);
	REFUSED(EINTR, ioctl(vcpu, KVM_RUN, 0), "a signal during KVM_RUN of a guest that loops");
	claim(run->exit_reason == KVM_EXIT_INTR && alarms > before,
	      "the exit reason is KVM_EXIT_INTR");
	WORKS(ioctl(vcpu, KVM_SET_MP_STATE, &state), "KVM_SET_MP_STATE of stopped");
	before = alarms;
	alarm_in(30);
	REFUSED(EINTR, ioctl(vcpu, KVM_RUN, 0), "KVM_RUN of a stopped vCPU waits for a signal");
	claim(alarms > before, "it did wait");
	alarm_in(0);
	patience = 100;
	claim(!loads(NO_RAM), "a stopped vCPU does not run");
	patience = 5000;
	state.mp_state = KVM_MP_STATE_RUNNABLE;
	ioctl(vcpu, KVM_SET_MP_STATE, &state);
	claim(loads(NO_RAM), "once it is runnable again, it does");
}

/* PSCI SYSTEM_OFF, by HVC. */
static void system_off(uint32_t *code)
{
	code[SPIN / 4] = 0xe1400070; /* hvc #0 */
	code[SPIN / 4 + 1] = 0xeafffffe;
	__sync_synchronize();
	run->immediate_exit = 1;
	ioctl(vcpu, KVM_RUN, 0);
	run->immediate_exit = 0;
	set_core(vcpu, 0, 0x84000008);
	set_core(vcpu, 15, CODE + SPIN);
	alarm_in(patience);
	claim(!ioctl(vcpu, KVM_RUN, 0) && run->exit_reason == KVM_EXIT_SYSTEM_EVENT &&
		      run->system_event.type == KVM_SYSTEM_EVENT_SHUTDOWN,
	      "SYSTEM_OFF is KVM_EXIT_SYSTEM_EVENT");
	alarm_in(0);
}

/* A slot whose memory this process has unmapped: the guest's access must not harm the host. */
static void no_memory(uint32_t *code, uint32_t *data)
{
	munmap(data, PAGE);
	REFUSED(EFAULT, run_from_start(CODE, DATA, NO_RAM) ? 0 : -1,
		"KVM_RUN of a guest whose memory was unmapped");
	(void)code;
	mmap(data, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	data[0] = WORD;
	claim(stores(DATA, WORD), "with other memory mapped there it runs");
}

void test_run(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	uint32_t *code = pages(1), *data = pages(1);

	sigaction(SIGALRM, &action, NULL);
	memcpy(code, program, sizeof(program));
	code[SPIN / 4] = 0xeafffffe; /* b . */
	data[0] = WORD;
	vm = new_vm();
	vcpu = new_vcpu(vm, 1u << KVM_ARM_VCPU_PSCI_0_2, &run);
	WORKS(set_slot(vm, SLOT(0), 0, CODE, PAGE, (uintptr_t)code), "a slot for code");
	WORKS(set_slot(vm, SLOT(1), 0, DATA, PAGE, (uintptr_t)data), "a slot for data");
	slots(code, data);
	no_memory(code, data);
	signals();
	system_off(code);
	close(vm);
	close(vcpu);
	/* The mapping keeps the page. */
	claim(run->exit_reason == KVM_EXIT_SYSTEM_EVENT,
	      "kvm_run can be read after every descriptor is closed");
	munmap(run, PAGE);
}
