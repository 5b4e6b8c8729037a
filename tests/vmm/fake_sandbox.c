// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sandbox in the tests: what sanitizers and fakes do beside armvm, and threads that break out.
 *
 *   FAKE_ESCAPE=THREAD:CALL    once this thread runs, it makes this system call, with zeros
 *
 * CALL can also be exec-map, exec-protect, fork, kill-parent, inject (a byte into the terminal) and
 * run (execve of /bin/true).
 */
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake.h"

scmp_filter_ctx __real_seccomp_init(uint32_t action);
scmp_filter_ctx __wrap_seccomp_init(uint32_t action);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);

scmp_filter_ctx __wrap_seccomp_init(uint32_t action)
{
	/* A thread's signal stack is AddressSanitizer's; fake vCPUs sleep. */
	static const int calls[] = { SCMP_SYS(sigaltstack), SCMP_SYS(clock_nanosleep) };
	scmp_filter_ctx filter = __real_seccomp_init(action);

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			 SCMP_A0(SCMP_CMP_EQ, PR_GET_NAME));
	return filter;
}

static void escape(const char *call)
{
	static char *const argv[] = { "true", NULL };
	static void *page;

	if (!strcmp(call, "exec-map"))
		mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	else if (!strcmp(call, "exec-protect"))
		mprotect(&page, 1, PROT_READ | PROT_EXEC);
	else if (!strcmp(call, "fork"))
		syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	else if (!strcmp(call, "kill-parent"))
		syscall(SYS_tgkill, getppid(), getppid(), 0);
	else if (!strcmp(call, "inject"))
		ioctl(STDIN_FILENO, TIOCSTI, "x");
	else if (!strcmp(call, "run"))
		execve("/bin/true", argv, NULL);
	else
		syscall(seccomp_syscall_resolve_name(call), 0, 0, 0, 0, 0, 0);
}

void fake_escape(void)
{
	const char *wish = getenv("FAKE_ESCAPE"), *colon = wish ? strchr(wish, ':') : NULL;
	static __thread bool done;
	char name[16] = "";

	if (!colon || done)
		return;
	done = true;
	prctl(PR_GET_NAME, name);
	if (strlen(name) == (size_t)(colon - wish) && !strncmp(name, wish, colon - wish))
		escape(colon + 1);
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	/* Everything that error.c asks before the sandbox is there has no timeout. */
	if (timeout)
		fake_escape();
	return __real_poll(fds, count, timeout);
}
