/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads other than the main one: they leave signals to it. */
#ifndef ARMVM_THREAD_H
#define ARMVM_THREAD_H

#include <pthread.h>

#include "sandbox/apply.h"

/*
 * Start a thread that takes no signal but those of a crash and, unless it is 0,
 * `kick`, and that may make the system calls of its kind.  The name is cut to
 * 15 bytes.  Returns 0 or a positive error number, as pthread_create() does;
 * prints no message.
 */
int thread_start(pthread_t *thread, enum sandbox_thread kind, void *(*body)(void *arg), void *arg,
		 int kick, const char *name);

#endif
