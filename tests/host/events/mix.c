// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest, and debuggers on the host beside it, on the same addresses: one has
 * ptrace's points on the very thread that runs the vCPU, one on another process
 * on the same CPU, in as many slots as the kernel gives.  Each process executes
 * and stores to its own pages at the guest's addresses, once a round, and its
 * debugger has to see just that; between two of them the guest does so often.
 */
/* Before <asm/ptrace.h>, whose macros have the names of its constants. */
#include <sys/ptrace.h>

#include "vm.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_SETHBPREGS
#define PTRACE_SETHBPREGS 30
#endif
/* The control word of ptrace: enable, PL0, type and byte mask as DBGBCR and DBGWCR have them. */
#define CTRL(type, mask) (1ul | 2ul << 1 | (type) << 3 | (mask) << 5)
#define EXECUTE		 0ul
#define STORE		 2ul
#define TRAP_HWBKPT_CODE 4

#define ADD_3	      0xe2800003u /* add r0, r0, #3 */
#define BX_LR	      0xe12fff1eu
#define UNUSED	      0x42000000u
#define DOORS_A_ROUND 6

struct side {
	const char *name;
	pid_t pid;
	bool traced, ended;
	unsigned int breaks, watches, wrong; /* as its debugger has seen */
	unsigned int slots;
};

/* What the processes say of themselves. */
struct shared {
	volatile uint32_t rounds[2], wrong[2], done;
};

static struct shared *shared;
static uint32_t code, data;

static void *map_at(uint32_t address)
{
	void *at = mmap((void *)(uintptr_t)(address & ~(PAGE - 1)), PAGE,
			PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (at == MAP_FAILED)
		die("a page at %#x", address);
	return (void *)(uintptr_t)address;
}

/* Both processes move together; where that CPU is offline, they stay. */
static void move(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(shared->rounds[0] / 8 & 1, &set);
	if (sched_setaffinity(0, sizeof(set), &set) && errno != EINVAL)
		die("sched_setaffinity");
}

/* One round of a process: both points are hit where its debugger has them. */
static void touch(unsigned int who)
{
	uint32_t n = shared->rounds[who]++;

	*(volatile uint32_t *)(uintptr_t)data = n;
	shared->wrong[who] += *(volatile uint32_t *)(uintptr_t)data != n;
	shared->wrong[who] += ((uint32_t(*)(uint32_t))(uintptr_t)code)(n) != n + 3;
}

static void begin(bool traced)
{
	uint32_t *insn = map_at(code);

	map_at(data);
	insn[0] = ADD_3;
	insn[1] = BX_LR;
	__builtin___clear_cache((char *)insn, (char *)(insn + 2));
	signal(SIGUSR1, SIG_IGN);
	if (traced)
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void __attribute__((noreturn)) host_guest(const char *elf, const char *bootargs, bool traced)
{
	static struct vm vm;
	enum stop stop = DOOR;
	enum door door;
	uint32_t came, n;

	vm_new(&vm);
	vm_load(&vm, elf, bootargs);
	begin(traced);
	while (stop == DOOR) {
		/* Every signal stop is where the debugger switches its points on. */
		raise(SIGUSR1);
		move();
		for (n = 0; n < DOORS_A_ROUND && stop == DOOR; n++)
			stop = vm_run(&vm, &door, &came);
		touch(0);
	}
	printf("%s", vm.text);
	vm_print_counters(&vm);
	shared->done = 1;
	fflush(stdout);
	_exit(0);
}

static void __attribute__((noreturn)) other(bool traced)
{
	begin(traced);
	while (!shared->done) {
		raise(SIGUSR1);
		move();
		sched_yield();
		touch(1);
		usleep(500);
	}
	_exit(0);
}

static long set(pid_t pid, long reg, unsigned long value)
{
	return ptrace(PTRACE_SETHBPREGS, pid, (void *)reg, &value);
}

/* All other slots, at an address of nobody, as many as there are. */
static unsigned int fill(pid_t pid)
{
	unsigned int count = 0;
	long n;

	for (n = 1; n < 16; n++)
		count += !set(pid, 2 * n + 1, UNUSED) && !set(pid, 2 * n + 2, CTRL(EXECUTE, 0xful));
	for (n = 1; n < 16; n++)
		count += !set(pid, -2 * n - 1, UNUSED) && !set(pid, -2 * n - 2, CTRL(STORE, 0xful));
	return count;
}

static void arm(struct side *side)
{
	bool first = !side->slots;

	if (set(side->pid, 1, code) || set(side->pid, 2, CTRL(EXECUTE, 0xful)) ||
	    set(side->pid, -1, data) || set(side->pid, -2, CTRL(STORE, 0xful)))
		die("points for %s", side->name);
	if (first)
		side->slots = 2 + fill(side->pid);
}

/* A point stops before the access: off with it until the next round. */
static void hit(struct side *side, uint32_t address)
{
	if (address == code) {
		side->breaks++;
		set(side->pid, 2, CTRL(EXECUTE, 0xful) & ~1ul);
	} else if (address == data) {
		side->watches++;
		set(side->pid, -2, CTRL(STORE, 0xful) & ~1ul);
	} else {
		side->wrong++;
	}
}

static void stopped(struct side *side, int number)
{
	siginfo_t info;
	long deliver = 0;

	ptrace(PTRACE_GETSIGINFO, side->pid, NULL, &info);
	if (number == SIGUSR1)
		arm(side);
	else if (number == SIGTRAP && info.si_code == TRAP_HWBKPT_CODE)
		hit(side, (uint32_t)(uintptr_t)info.si_addr);
	else
		deliver = number;
	ptrace(PTRACE_CONT, side->pid, NULL, (void *)deliver);
}

int command_mix(int argc, char **argv)
{
	struct side sides[2] = { { .name = "self" }, { .name = "other" } };
	unsigned int n, bad = 0;

	(void)argc;
	code = (uint32_t)strtoul(argv[2], NULL, 16);
	data = (uint32_t)strtoul(argv[3], NULL, 16);
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (n = 0; n < 2; n++) {
		sides[n].traced = !strcmp(argv[4 + n], sides[n].name);
		fflush(stdout);
		sides[n].pid = fork();
		if (sides[n].pid)
			continue;
		if (n)
			other(sides[n].traced);
		host_guest(argv[0], argv[1], sides[n].traced);
	}
	while (!sides[0].ended || !sides[1].ended) {
		int status;
		pid_t pid = waitpid(-1, &status, 0);
		struct side *side = &sides[pid == sides[1].pid];

		if (pid < 0)
			die("waitpid");
		if (WIFSTOPPED(status)) {
			stopped(side, WSTOPSIG(status));
			continue;
		}
		side->ended = true;
		bad += status != 0;
		shared->done = 1;
	}
	for (n = 0; n < 2; n++)
		printf("%s = %u touches, %u wrong, hits %u %u, %u at another place, %u slots\n",
		       sides[n].name, shared->rounds[n], shared->wrong[n], sides[n].breaks,
		       sides[n].watches, sides[n].wrong, sides[n].slots);
	return bad != 0;
}
