/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs that the kernel runs at each system call of a thread. */
#ifndef ARMVM_SANDBOX_APPLY_H
#define ARMVM_SANDBOX_APPLY_H

#include <stdbool.h>

#include <linux/filter.h>

/* Threads that may do the same. */
enum sandbox_thread {
	SANDBOX_MAIN, /* also what all others have in common: they begin with its program */
	SANDBOX_VCPU,
	SANDBOX_DISK,
	SANDBOX_RNG,
	SANDBOX_NET,
	SANDBOX_VHOST_USER,
	SANDBOX_CONSOLE,
	SANDBOX_VSOCK,
	SANDBOX_BALLOON,
	SANDBOX_RELAY,
	SANDBOX_THREADS,
};

/* Does this kernel have such programs (CONFIG_SECCOMP_FILTER)? */
bool sandbox_supported(void);

/* Threads of this kind get this program, which stays the caller's. */
void sandbox_set(enum sandbox_thread kind, const struct sock_fprog *program);
/*
 * The calling thread, and those that it starts, are bound to the program from here on; this
 * cannot be undone.  Without a program there is nothing to do.  Returns 0 or a negative errno;
 * prints no message.
 */
int sandbox_apply(enum sandbox_thread kind);

#endif
