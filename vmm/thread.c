// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "error.h"
#include "thread.h"

/*
 * The C library's 8 MiB would have room for a huge page, which the kernel then takes for the first
 * page that a thread touches.
 */
#define STACK_SIZE (512u << 10)

struct start {
	enum sandbox_thread kind;
	void *(*body)(void *arg);
	void *arg;
	char name[16];
};

static void *begin(void *arg)
{
	struct start start = *(struct start *)arg;
	int err;

	free(arg);
	prctl(PR_SET_NAME, start.name);
	err = sandbox_apply(start.kind);
	if (!err)
		return start.body(start.arg);
	fail(-err, "cannot confine the thread %s (seccomp)", start.name);
	exit(STATUS_FAILURE);
}

int thread_start(pthread_t *thread, enum sandbox_thread kind, void *(*body)(void *arg), void *arg,
		 int kick, const char *name)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP };
	struct start *start = malloc(sizeof(*start));
	pthread_attr_t attributes;
	sigset_t set, old;
	int err;

	if (!start)
		return ENOMEM;
	*start = (struct start){ .kind = kind, .body = body, .arg = arg };
	snprintf(start->name, sizeof(start->name), "%s", name);
	sigfillset(&set);
	if (kick)
		sigdelset(&set, kick);
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigdelset(&set, crashes[i]);
	err = pthread_attr_init(&attributes);
	if (!err) {
		pthread_attr_setstacksize(&attributes, STACK_SIZE);
		pthread_sigmask(SIG_SETMASK, &set, &old);
		err = pthread_create(thread, &attributes, begin, start);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		pthread_attr_destroy(&attributes);
	}
	if (err)
		free(start);
	return err;
}
