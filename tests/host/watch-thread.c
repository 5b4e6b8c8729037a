// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debugs one thread of a running process with ptrace's points until FILE exists, without the
 * process noticing.  Two points are on addresses of the guest, CODE and DATA, which the thread
 * itself never touches.  One is on OWN-CODE, which the thread does execute: each time that point
 * is switched on, it must hit once.
 *
 *   watch-thread TID CODE DATA OWN-CODE FILE
 */
/* Must precede <asm/ptrace.h>, whose macros have the same names as its constants. */
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
/* ptrace's control word: enable, PL0, type and byte mask, laid out as in DBGBCR and DBGWCR. */
#define CTRL(type)	 (1ul | 2ul << 1 | (type) << 3 | 0xful << 5)
#define EXECUTE		 0ul
#define STORE		 2ul
#define TRAP_HWBKPT_CODE 4
/* Breakpoint n has ptrace's registers 2n + 1 and 2n + 2; watchpoint n the same, negated. */
#define OWN 3l

static pid_t tid;
static uint32_t own;
static unsigned int armed, hits, elsewhere;
static int signal_for_it;

static void set_hbpreg(long reg, unsigned long value)
{
	if (!ptrace(PTRACE_SETHBPREGS, tid, (void *)reg, &value))
		return;
	perror("PTRACE_SETHBPREGS");
	exit(3);
}

/* Waits until the thread stops; switches a point off that it hit. */
static void wait_stop(void)
{
	siginfo_t info;
	int status;

	if (waitpid(tid, &status, __WALL) != tid || !WIFSTOPPED(status)) {
		fprintf(stderr, "the thread has ended\n");
		exit(3);
	}
	if (status >> 16) /* stop_thread() asked for this stop */
		return;
	if (WSTOPSIG(status) != SIGTRAP || ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) ||
	    info.si_code != TRAP_HWBKPT_CODE) {
		signal_for_it = WSTOPSIG(status);
		return;
	}
	if ((uint32_t)(uintptr_t)info.si_addr == own) {
		hits++;
		set_hbpreg(OWN + 1, CTRL(EXECUTE) & ~1ul);
	} else {
		elsewhere++;
		set_hbpreg(2, CTRL(EXECUTE) & ~1ul);
		set_hbpreg(-2, CTRL(STORE) & ~1ul);
	}
}

static void resume_thread(void)
{
	ptrace(PTRACE_CONT, tid, NULL, (void *)(long)signal_for_it);
	signal_for_it = 0;
}

static void stop_thread(void)
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
	stop_thread();
	set_hbpreg(1, strtoul(argv[2], NULL, 16));
	set_hbpreg(2, CTRL(EXECUTE));
	set_hbpreg(-1, strtoul(argv[3], NULL, 16));
	set_hbpreg(-2, CTRL(STORE));
	set_hbpreg(OWN, own);
	while (access(argv[5], F_OK)) {
		unsigned int before = hits;

		set_hbpreg(OWN + 1, CTRL(EXECUTE));
		armed++;
		while (hits == before) {
			resume_thread();
			wait_stop();
		}
		resume_thread();
		usleep(100000);
		stop_thread();
	}
	printf("armed = %u, hits %u, elsewhere %u\n", armed, hits, elsewhere);
	return 0;
}
