// SPDX-License-Identifier: GPL-2.0-only
/*
 * A debugger of one thread of a running process, which does not notice: ptrace's
 * points in it, until FILE exists.  On two addresses that are the guest's, where the
 * thread itself never comes to, and on one that it does come to: each time that
 * point is switched on it has to hit once.
 *
 *   watch-thread TID CODE DATA OWN-CODE FILE
 */
/* Before <asm/ptrace.h>, whose macros have the names of its constants. */
#include <sys/ptrace.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_SETHBPREGS
#define PTRACE_SETHBPREGS 30
#endif
/* The control word of ptrace: enable, PL0, type and byte mask as DBGBCR and DBGWCR have them. */
#define CTRL(type)	 (1ul | 2ul << 1 | (type) << 3 | 0xful << 5)
#define EXECUTE		 0ul
#define STORE		 2ul
#define TRAP_HWBKPT_CODE 4
/* Slot n of breakpoints is 2n + 1 and 2n + 2; of watchpoints the same, negative. */
#define OWN 3l

static pid_t tid;
static uint32_t own;
static unsigned int armed, hits, elsewhere;
static int signal_for_it;

static void set(long reg, unsigned long value)
{
	if (!ptrace(PTRACE_SETHBPREGS, tid, (void *)reg, &value))
		return;
	perror("PTRACE_SETHBPREGS");
	exit(3);
}

/* Until it stops for the next time; a hit of its own point switches that off. */
static void wait_stop(void)
{
	siginfo_t info;
	int status;

	if (waitpid(tid, &status, __WALL) != tid || !WIFSTOPPED(status)) {
		fprintf(stderr, "the thread has ended\n");
		exit(3);
	}
	if (status >> 16) /* a stop that stop() asked for */
		return;
	if (WSTOPSIG(status) != SIGTRAP || ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) ||
	    info.si_code != TRAP_HWBKPT_CODE) {
		signal_for_it = WSTOPSIG(status);
		return;
	}
	if ((uint32_t)(uintptr_t)info.si_addr == own) {
		hits++;
		set(OWN + 1, CTRL(EXECUTE) & ~1ul);
	} else {
		elsewhere++;
		set(2, CTRL(EXECUTE) & ~1ul);
		set(-2, CTRL(STORE) & ~1ul);
	}
}

static void go_on(void)
{
	ptrace(PTRACE_CONT, tid, NULL, (void *)(long)signal_for_it);
	signal_for_it = 0;
}

static void stop(void)
{
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL)) {
		perror("PTRACE_INTERRUPT");
		exit(3);
	}
	wait_stop();
}

int main(int argc, char **argv)
{
	if (argc != 6)
		return 2;
	tid = atoi(argv[1]);
	own = (uint32_t)strtoul(argv[4], NULL, 16);
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL)) {
		perror("PTRACE_SEIZE");
		return 3;
	}
	stop();
	set(1, strtoul(argv[2], NULL, 16));
	set(2, CTRL(EXECUTE));
	set(-1, strtoul(argv[3], NULL, 16));
	set(-2, CTRL(STORE));
	set(OWN, own);
	while (access(argv[5], F_OK)) {
		unsigned int before = hits;

		set(OWN + 1, CTRL(EXECUTE));
		armed++;
		while (hits == before) {
			go_on();
			wait_stop();
		}
		go_on();
		usleep(100000);
		stop();
	}
	printf("armed = %u, hits %u, elsewhere %u\n", armed, hits, elsewhere);
	return 0;
}
