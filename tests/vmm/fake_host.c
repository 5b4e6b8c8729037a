// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine that armvm runs on, which has room for everything unless the test says otherwise:
 *
 *   FAKE_HOST_CPUS=N      armvm may run on N CPUs
 *   FAKE_HOST_FREE=N      N MiB of memory are left
 *   FAKE_HOST_MIXED=1     its CPUs are of several kinds
 *   FAKE_OWN_USER=N|none  the user _armvm is N; by default 0, so that root stays what it is
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);

void __wrap_host_ask(struct host *host);

void __wrap_host_ask(struct host *host)
{
	const char *cpus = getenv("FAKE_HOST_CPUS"), *available = getenv("FAKE_HOST_FREE");

	*host = (struct host){
		.cpus = cpus ? atoi(cpus) : 8,
		.mixed = getenv("FAKE_HOST_MIXED") != NULL,
		.available = (available ? strtoull(available, NULL, 10) : 4096) << 20,
	};
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
	static char text[100];
	const char *user = getenv("FAKE_OWN_USER");

	if (strcmp(path, "/etc/passwd") != 0)
		return __real_fopen64(path, mode);
	snprintf(text, sizeof(text), "root:x:0:0::/:\nnobody:x:65534:65534::/:\n");
	if (!user || strcmp(user, "none") != 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "_armvm:x:%s:%s::/:\n",
			 user ? user : "0", user ? user : "0");
	return fmemopen(text, strlen(text), "r");
}
