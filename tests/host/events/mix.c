// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest, with debuggers on the host that use the same addresses.  One debugger has ptrace's
 * points on the very thread that runs the vCPU, the other on another process on the same CPU,
 * each in as many slots as the kernel offers.  The first point of each kind is where the guest
 * executes or stores; the others are at places of their own beside it.  Each process touches
 * every place once per round, and its debugger must see exactly one hit from each slot.  Between
 * two rounds the guest runs several times.
 */
/* Must precede <asm/ptrace.h>, whose macros have the same names as its constants. */
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
/* ptrace's control word: enable, PL0, type and byte mask, laid out as in DBGBCR and DBGWCR. */
#define CTRL(type, mask) (1ul | 2ul << 1 | (type) << 3 | (mask) << 5)
#define EXECUTE		 0ul
#define STORE		 2ul
#define TRAP_HWBKPT_CODE 4

#define ADD_3	      0xe2800003u /* add r0, r0, #3 */
#define BX_LR	      0xe12fff1eu
#define PLACES	      16
#define CODE_APART    16
#define DATA_APART    8
#define DOORS_A_ROUND 6

enum kind {
	CODE,
	DATA,
	KINDS
};

struct side {
	const char *name;
	pid_t pid;
	bool traced, ended;
	unsigned int slots[KINDS];
	unsigned int hits[KINDS][PLACES], wrong; /* what its debugger saw */
};

struct counts {
	uint32_t parkings, activations;
};

/* What the two processes report about themselves. */
struct shared {
	volatile uint32_t rounds[2], wrong[2], done;
};

static struct shared *shared;
static uint32_t code, data; /* the guest's */

static uint32_t place(enum kind kind, unsigned int n)
{
	return kind == CODE ? code + n * CODE_APART : data + n * DATA_APART;
}

static void *map_at(uint32_t address)
{
	void *at = mmap((void *)(uintptr_t)(address & ~(PAGE - 1)), PAGE,
			PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (at == MAP_FAILED)
		die("cannot map a page at %#x", address);
	return (void *)(uintptr_t)address;
}

/* Both processes move together; if the CPU is offline, they stay where they are. */
static void move_to_other_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(shared->rounds[0] / 8 & 1, &set);
	if (sched_setaffinity(0, sizeof(set), &set) && errno != EINVAL)
		die("sched_setaffinity");
}

/* One round of a process: it touches each place once, whether or not a point is on it. */
static void touch_places(unsigned int who)
{
	uint32_t value = shared->rounds[who]++, n;

	for (n = 0; n < PLACES; n++) {
		volatile uint32_t *word = (volatile uint32_t *)(uintptr_t)place(DATA, n);

		*word = value;
		shared->wrong[who] += *word != value;
		shared->wrong[who] += ((uint32_t(*)(uint32_t))(uintptr_t)place(CODE, n))(value) !=
				      value + 3;
	}
}

static void map_places(bool traced)
{
	char *first = map_at(code);
	unsigned int n;

	map_at(data);
	for (n = 0; n < PLACES; n++) {
		uint32_t *insn = (uint32_t *)(uintptr_t)place(CODE, n);

		insn[0] = ADD_3;
		insn[1] = BX_LR;
	}
	__builtin___clear_cache(first, first + PLACES * CODE_APART);
	signal(SIGUSR1, SIG_IGN);
	if (traced)
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

/*
 * Did the guest both hit a point of the host and arm one of its own since the last door?  Between
 * the two nothing but an interrupt can have taken it out.
 */
static bool parked_and_loaded(const struct vm *vm, struct counts *last)
{
	struct counts now = { .parkings = vm_counter(vm, "parkings"),
			      .activations = vm_counter(vm, "activations") };
	bool both = now.parkings != last->parkings && now.activations != last->activations;

	*last = now;
	return both;
}

static void __attribute__((noreturn)) host_guest(const char *elf, const char *bootargs, bool traced)
{
	static struct vm vm;
	enum stop stop = DOOR;
	enum door door;
	uint32_t came, n, both = 0;
	struct counts last = {};

	vm_new(&vm);
	vm_load(&vm, elf, bootargs);
	map_places(traced);
	while (stop == DOOR) {
		/* The debugger switches its points on at each signal stop. */
		raise(SIGUSR1);
		move_to_other_cpu();
		for (n = 0; n < DOORS_A_ROUND && stop == DOOR; n++) {
			stop = vm_run(&vm, &door, &came);
			both += parked_and_loaded(&vm, &last);
		}
		touch_places(0);
	}
	printf("%s", vm.text);
	vm_print_counters(&vm);
	printf("parked, then loaded = %u\n", both);
	shared->done = 1;
	fflush(stdout);
	_exit(0);
}

static void __attribute__((noreturn)) other_process(bool traced)
{
	map_places(traced);
	/* On a busy machine this process may fall behind: let it catch up. */
	while (!shared->done || shared->rounds[1] < shared->rounds[0] / 4) {
		raise(SIGUSR1);
		move_to_other_cpu();
		sched_yield();
		touch_places(1);
		usleep(500);
	}
	_exit(0);
}

static long set_hbpreg(pid_t pid, long reg, unsigned long value)
{
	return ptrace(PTRACE_SETHBPREGS, pid, (void *)reg, &value);
}

static long switch_point(struct side *side, enum kind kind, unsigned int n, bool on)
{
	long reg = 2 * (long)n + 2;
	unsigned long value = CTRL(kind == CODE ? EXECUTE : STORE, 0xful);

	return set_hbpreg(side->pid, kind == CODE ? reg : -reg, on ? value : value & ~1ul);
}

/* Sets points until the kernel has no more slots. */
static void claim_slots(struct side *side)
{
	unsigned int n;
	enum kind kind;

	for (kind = CODE; kind < KINDS; kind++)
		for (n = 0; n < PLACES; n++) {
			long reg = 2 * (long)n + 1;

			if (set_hbpreg(side->pid, kind == CODE ? reg : -reg, place(kind, n)) ||
			    switch_point(side, kind, n, true))
				break;
			side->slots[kind]++;
		}
	if (!side->slots[CODE] || !side->slots[DATA])
		die("no slots for %s", side->name);
}

static void arm_points(struct side *side)
{
	unsigned int n;
	enum kind kind;

	if (!side->slots[CODE]) {
		claim_slots(side);
		return;
	}
	for (kind = CODE; kind < KINDS; kind++)
		for (n = 0; n < side->slots[kind]; n++)
			if (switch_point(side, kind, n, true))
				die("cannot switch on point %u of %s", n, side->name);
}

/* A point stops the process before the access, so switch it off until the next round. */
static void count_hit(struct side *side, uint32_t address)
{
	unsigned int n;
	enum kind kind;

	for (kind = CODE; kind < KINDS; kind++)
		for (n = 0; n < side->slots[kind]; n++)
			if (place(kind, n) == address) {
				side->hits[kind][n]++;
				/* tests/host/churn.py watches these lines for progress. */
				if (!n)
					printf("# %s\n", side->name);
				switch_point(side, kind, n, false);
				return;
			}
	side->wrong++;
}

static void print_hits(const struct side *side, enum kind kind)
{
	unsigned int n;

	printf(", %s", kind == CODE ? "code" : "data");
	for (n = 0; n < side->slots[kind]; n++)
		printf(" %u", side->hits[kind][n]);
}

static void handle_stop(struct side *side, int number)
{
	siginfo_t info;
	long deliver = 0;

	ptrace(PTRACE_GETSIGINFO, side->pid, NULL, &info);
	if (number == SIGUSR1)
		arm_points(side);
	else if (number == SIGTRAP && info.si_code == TRAP_HWBKPT_CODE)
		count_hit(side, (uint32_t)(uintptr_t)info.si_addr);
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
			other_process(sides[n].traced);
		host_guest(argv[0], argv[1], sides[n].traced);
	}
	while (!sides[0].ended || !sides[1].ended) {
		int status;
		pid_t pid = waitpid(-1, &status, 0);
		struct side *side = &sides[pid == sides[1].pid];

		if (pid < 0)
			die("waitpid");
		if (WIFSTOPPED(status)) {
			handle_stop(side, WSTOPSIG(status));
			continue;
		}
		side->ended = true;
		bad += status != 0;
		shared->done = 1;
	}
	for (n = 0; n < 2; n++) {
		printf("%s = %u touches, %u wrong, %u hits elsewhere", sides[n].name,
		       shared->rounds[n], shared->wrong[n], sides[n].wrong);
		print_hits(&sides[n], CODE);
		print_hits(&sides[n], DATA);
		printf("\n");
	}
	return bad != 0;
}
