// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest, and debuggers on the host beside it, on the same addresses: one has
 * ptrace's points on the very thread that runs the vCPU, one on another process
 * on the same CPU, in as many slots as the kernel gives.  The first of each kind
 * is where the guest executes and stores, each other one in a place of its own
 * beside it.  Each process touches all places once a round, and its debugger has
 * to see just that from each slot; between two rounds the guest is there often.
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
	unsigned int hits[KINDS][PLACES], wrong; /* as its debugger has seen */
};

struct counts {
	uint32_t parkings, activations;
};

/* What the processes say of themselves. */
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

/* One round of a process: each place once, whether its debugger has a slot for it or not. */
static void touch(unsigned int who)
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

static void begin(bool traced)
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
 * Did the guest meet a point of the host and then arm one of its own, from one door
 * to the next?  Only an interrupt may have been between the two.
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
	begin(traced);
	while (stop == DOOR) {
		/* Every signal stop is where the debugger switches its points on. */
		raise(SIGUSR1);
		move();
		for (n = 0; n < DOORS_A_ROUND && stop == DOOR; n++) {
			stop = vm_run(&vm, &door, &came);
			both += parked_and_loaded(&vm, &last);
		}
		touch(0);
	}
	printf("%s", vm.text);
	vm_print_counters(&vm);
	printf("parked, then loaded = %u\n", both);
	shared->done = 1;
	fflush(stdout);
	_exit(0);
}

static void __attribute__((noreturn)) other(bool traced)
{
	begin(traced);
	/* A machine with much to do gives it its turns late. */
	while (!shared->done || shared->rounds[1] < shared->rounds[0] / 4) {
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

static long control(struct side *side, enum kind kind, unsigned int n, bool on)
{
	long reg = 2 * (long)n + 2;
	unsigned long value = CTRL(kind == CODE ? EXECUTE : STORE, 0xful);

	return set(side->pid, kind == CODE ? reg : -reg, on ? value : value & ~1ul);
}

/* The first time: as many slots as there are. */
static void claim(struct side *side)
{
	unsigned int n;
	enum kind kind;

	for (kind = CODE; kind < KINDS; kind++)
		for (n = 0; n < PLACES; n++) {
			long reg = 2 * (long)n + 1;

			if (set(side->pid, kind == CODE ? reg : -reg, place(kind, n)) ||
			    control(side, kind, n, true))
				break;
			side->slots[kind]++;
		}
	if (!side->slots[CODE] || !side->slots[DATA])
		die("points for %s", side->name);
}

static void arm(struct side *side)
{
	unsigned int n;
	enum kind kind;

	if (!side->slots[CODE]) {
		claim(side);
		return;
	}
	for (kind = CODE; kind < KINDS; kind++)
		for (n = 0; n < side->slots[kind]; n++)
			if (control(side, kind, n, true))
				die("%s's point %u", side->name, n);
}

/* A point stops before the access: off with it until the next round. */
static void hit(struct side *side, uint32_t address)
{
	unsigned int n;
	enum kind kind;

	for (kind = CODE; kind < KINDS; kind++)
		for (n = 0; n < side->slots[kind]; n++)
			if (place(kind, n) == address) {
				side->hits[kind][n]++;
				/* For those who wait for it to get on. */
				if (!n)
					printf("# %s\n", side->name);
				control(side, kind, n, false);
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
	for (n = 0; n < 2; n++) {
		printf("%s = %u touches, %u wrong, %u hits elsewhere", sides[n].name,
		       shared->rounds[n], shared->wrong[n], sides[n].wrong);
		print_hits(&sides[n], CODE);
		print_hits(&sides[n], DATA);
		printf("\n");
	}
	return bad != 0;
}
