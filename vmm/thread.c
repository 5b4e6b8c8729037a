// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stddef.h>
#include <stdio.h>

#include "thread.h"

int thread_start(pthread_t *thread, void *(*body)(void *arg), void *arg, int kick, const char *name)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP };
	sigset_t set, old;
	char cut[16];
	int err;

	sigfillset(&set);
	if (kick)
		sigdelset(&set, kick);
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigdelset(&set, crashes[i]);
	pthread_sigmask(SIG_SETMASK, &set, &old);
	err = pthread_create(thread, NULL, body, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err)
		return err;
	snprintf(cut, sizeof(cut), "%s", name);
	pthread_setname_np(*thread, cut);
	return 0;
}
