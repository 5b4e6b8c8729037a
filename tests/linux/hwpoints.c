// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests ptrace's hardware break- and watchpoints, which debuggers on arm use, without gdb.
 *
 *   hwpoints    prints one line per fact or verdict; exits with 0 only if every verdict is PASS
 *
 * PTRACE_SETHBPREGS numbers its registers: breakpoint n has address 2n + 1 and control 2n + 2,
 * watchpoint n has the same numbers, negated.  Register 0 says how many points there are.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_GETHBPREGS
#define PTRACE_GETHBPREGS 29
#define PTRACE_SETHBPREGS 30
#endif

/* ptrace's control word: enable, privilege, type and byte mask, as in DBGBCR and DBGWCR. */
#define CTRL(type, mask) (1u | 2u << 1 | (type) << 3 | (mask) << 5)
#define EXECUTE		 0u
#define LOAD		 1u
#define STORE		 2u
#define TRAP_HWBKPT_CODE 4

#define SLOTS 16

static volatile uint32_t target[2 * SLOTS] __attribute__((aligned(64)));
static int failures;
static unsigned int verdicts;

static void verdict(int good, const char *text, unsigned int n)
{
	printf("%s ", good ? "PASS" : "FAIL");
	printf(text, n);
	putchar('\n');
	failures += !good;
	verdicts++;
}

#define FUNCTION(n)                                                   \
	__attribute__((noinline, used)) static void function##n(void) \
	{                                                             \
		__asm__ volatile("nop" ::: "memory");                 \
	}
FUNCTION(0)
FUNCTION(1)
FUNCTION(2)
FUNCTION(3)
FUNCTION(4)
FUNCTION(5)

static void (*const functions[])(void) = { function0, function1, function2,
					   function3, function4, function5 };
#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

/* The debugged process stores and loads each word once and calls each function once. */
static void run_child(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	for (size_t i = 0; i < 2 * SLOTS; i++)
		target[i] = (uint32_t)i;
	for (size_t i = 0; i < 2 * SLOTS; i++)
		(void)target[i];
	for (size_t i = 0; i < FUNCTIONS; i++)
		functions[i]();
	_exit(0);
}

static long set_hbpreg(pid_t pid, long reg, unsigned long value)
{
	return ptrace(PTRACE_SETHBPREGS, pid, (void *)reg, &value);
}

static pid_t start_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		run_child();
	waitpid(pid, NULL, 0);
	return pid;
}

struct hits {
	unsigned int count;
	unsigned int wrong;
	int status;
};

static unsigned long pc_of(pid_t pid)
{
	struct user_regs regs;

	ptrace(PTRACE_GETREGS, pid, NULL, &regs);
	return regs.uregs[15];
}

/*
 * Runs the child to its end.  A point stops the child before the access, so switch it off then, as
 * gdb does.
 */
static struct hits count_hits(pid_t pid, long reg, unsigned long control, uintptr_t address,
			      int breakpoint)
{
	struct hits hits = { 0 };
	siginfo_t info;
	int signal = 0;

	for (;;) {
		ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal);
		waitpid(pid, &hits.status, 0);
		if (!WIFSTOPPED(hits.status))
			return hits;
		signal = WSTOPSIG(hits.status);
		ptrace(PTRACE_GETSIGINFO, pid, NULL, &info);
		if (signal == SIGTRAP && info.si_code == TRAP_HWBKPT_CODE) {
			hits.count++;
			hits.wrong += (uintptr_t)info.si_addr != address;
			hits.wrong += breakpoint && pc_of(pid) != address;
			/* Clear only the enable bit: the kernel refuses a control of 0. */
			set_hbpreg(pid, reg, control & ~1ul);
			signal = 0;
		}
		if (hits.count > 100) {
			kill(pid, SIGKILL);
			signal = 0;
		}
	}
}

static int right_hits(struct hits hits, unsigned int count)
{
	if (hits.count == count && !hits.wrong && WIFEXITED(hits.status) &&
	    WEXITSTATUS(hits.status) == 0)
		return 1;
	printf("# %u hits, %u at a wrong place, status %#x\n", hits.count, hits.wrong, hits.status);
	return 0;
}

static void watch(unsigned int slot, unsigned int kind, const char *text)
{
	uintptr_t address = (uintptr_t)&target[2 * slot];
	long reg = -(2 * (long)slot + 1);
	pid_t pid = start_child();

	if (set_hbpreg(pid, reg, address) || set_hbpreg(pid, reg - 1, CTRL(kind, 0xfu))) {
		printf("# watchpoint %u: %s\n", slot, strerror(errno));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		verdict(0, text, slot);
		return;
	}
	verdict(right_hits(count_hits(pid, reg - 1, CTRL(kind, 0xfu), address, 0), 1), text, slot);
}

static void watch_outside(unsigned int slot)
{
	static uint32_t untouched __attribute__((aligned(8)));
	long reg = -(2 * (long)slot + 1);
	pid_t pid = start_child();

	set_hbpreg(pid, reg, (uintptr_t)&untouched);
	set_hbpreg(pid, reg - 1, CTRL(STORE | LOAD, 0xfu));
	verdict(right_hits(count_hits(pid, reg - 1, CTRL(STORE | LOAD, 0xfu), 0, 0), 0),
		"watchpoint %u: nothing touches it, nothing stops", slot);
}

static void breakpoint(unsigned int slot)
{
	uintptr_t code = (uintptr_t)functions[slot];
	uintptr_t address = code & ~(uintptr_t)1;
	unsigned int mask = !(code & 1) ? 0xfu : (address & 2) ? 0xcu : 0x3u;
	long reg = 2 * (long)slot + 1;
	pid_t pid = start_child();

	/* The byte mask selects a Thumb instruction in the upper half of a word. */
	if (set_hbpreg(pid, reg, address & ~(uintptr_t)3) ||
	    set_hbpreg(pid, reg + 1, CTRL(EXECUTE, mask))) {
		printf("# breakpoint %u: %s\n", slot, strerror(errno));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		verdict(0, "breakpoint %u stops", slot);
		return;
	}
	verdict(right_hits(count_hits(pid, reg + 1, CTRL(EXECUTE, mask), address, 1), 1),
		"breakpoint %u stops at its function, once", slot);
}

static void disabled_points(void)
{
	pid_t pid = start_child();

	set_hbpreg(pid, -1, (uintptr_t)&target[0]);
	set_hbpreg(pid, -2, CTRL(STORE, 0xfu) & ~1u);
	set_hbpreg(pid, 1, (uintptr_t)functions[0] & ~(uintptr_t)3);
	set_hbpreg(pid, 2, CTRL(EXECUTE, 0xfu) & ~1u);
	verdict(right_hits(count_hits(pid, -2, 0, 0, 0), 0),
		"points that are not enabled stop nothing%.0u", 0);
}

int main(void)
{
	unsigned long info = 0;
	unsigned int brps, wrps;
	pid_t pid = start_child();

	if (ptrace(PTRACE_GETHBPREGS, pid, (void *)0, &info))
		perror("# PTRACE_GETHBPREGS");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	brps = info & 0xff;
	wrps = info >> 8 & 0xff;
	printf("resources = 0x%08lx\n", info);
	verdict(brps >= 1 && wrps >= 1 && brps <= FUNCTIONS && wrps <= SLOTS,
		"there are break- and watchpoints%.0u", 0);
	if (failures)
		return 1;
	for (unsigned int n = 0; n < wrps; n++) {
		watch(n, STORE, "watchpoint %u stops at a store, once");
		watch(n, LOAD, "watchpoint %u stops at a load, once");
		watch_outside(n);
	}
	for (unsigned int n = 0; n < brps; n++)
		breakpoint(n);
	disabled_points();
	printf("%u verdicts\n", verdicts);
	return failures != 0;
}
