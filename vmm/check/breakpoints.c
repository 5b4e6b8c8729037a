// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's break- and watchpoints, as ptrace() reports them: register 0 of
 * PTRACE_GETHBPREGS is architecture << 24 | longest watchpoint << 16 |
 * watchpoints << 8 | breakpoints.  The kernel counts them only on CPUs where it
 * could enable monitor mode, which guests need too.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check/check.h"

#define GETHBPREGS 29 /* PTRACE_GETHBPREGS, which only the Arm headers define */

/* Read register 0 of a stopped child process.  Returns 0 or a negative errno. */
static int read_hw_debug_info(uint32_t *info)
{
	pid_t child = fork();
	int status, err = 0;

	if (child < 0)
		return -errno;
	if (!child) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(errno);
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(child, &status, WUNTRACED) < 0)
		return -errno;
	if (WIFEXITED(status))
		return WEXITSTATUS(status) ? -WEXITSTATUS(status) : -ENOSYS;
	if (WIFSTOPPED(status) && ptrace(GETHBPREGS, child, NULL, info) < 0)
		err = -errno;
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return err;
}

void check_debug_info(uint32_t info, struct finding *breakpoints, struct finding *monitor)
{
	unsigned int arch = info >> 24, longest = info >> 16 & 0xff;
	unsigned int watch = info >> 8 & 0xff, brk = info & 0xff;

	if (brk || watch) {
		check_found(breakpoints, FOUND_OK,
			    "%u breakpoints, %u watchpoints of up to %u bytes", brk, watch,
			    longest);
		check_found(monitor, FOUND_OK, "on");
		return;
	}
	check_found(breakpoints, FOUND_LIMIT, "none on this host (debug architecture %u)", arch);
	check_found(monitor, FOUND_LIMIT, "off, or there is no debug hardware");
	check_fix(monitor,
		  "guests run, but without hardware break- and watchpoints: the kernel could not "
		  "set DBGDSCR.MDBGen; firmware must leave the DBGEN signal on, and no external "
		  "debugger may hold the CPU (dmesg | grep hw-breakpoint)");
}

void check_debug(struct finding *breakpoints, struct finding *monitor)
{
	uint32_t info = 0;
	int err = read_hw_debug_info(&info);

	if (!err) {
		check_debug_info(info, breakpoints, monitor);
		return;
	}
	check_found(breakpoints, FOUND_UNKNOWN, "ptrace: %s", strerror(-err));
	check_found(monitor, FOUND_UNKNOWN, "ptrace: %s", strerror(-err));
}
