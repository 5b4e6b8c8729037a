// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hardware watchpoint that stays armed on a CPU until somebody has it hit.
 *
 *   armed FILE    a child spins until the first byte of FILE is not 0, then stores to a variable
 *                 that is watched; prints what the watchpoint reported
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define PTRACE_SETHBPREGS 30
/* Enabled, User mode, stores, all bytes of the word. */
#define CTRL (1u | 2u << 1 | 2u << 3 | 0xfu << 5)
/* TRAP_HWBKPT */
#define HIT 4

static volatile uint32_t watched, beside;

static void spin(const volatile uint8_t *go)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	while (!*go)
		beside++;
	watched = 1;
	_exit(7);
}

static void set(pid_t pid, long number, unsigned long value)
{
	if (ptrace(PTRACE_SETHBPREGS, pid, (void *)number, &value)) {
		perror("PTRACE_SETHBPREGS");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1, status;
	const volatile uint8_t *go = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
	siginfo_t info = { 0 };
	pid_t pid;

	if (go == MAP_FAILED)
		return 2;
	pid = fork();
	if (!pid)
		spin(go);
	waitpid(pid, &status, 0);
	set(pid, -1, (uintptr_t)&watched);
	set(pid, -2, CTRL);
	puts("armed");
	fflush(stdout);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	waitpid(pid, &status, 0);
	ptrace(PTRACE_GETSIGINFO, pid, NULL, &info);
	printf("stopped %d by %d code %d at %d\n", WIFSTOPPED(status), info.si_signo, info.si_code,
	       info.si_addr == &watched);
	set(pid, -2, CTRL & ~1u);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	waitpid(pid, &status, 0);
	printf("exit %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}
