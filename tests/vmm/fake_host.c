// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine that armvm runs on, which has room for everything unless the test says otherwise:
 *
 *   FAKE_HOST_CPUS=N      armvm may run on N CPUs
 *   FAKE_HOST_FREE=N      N MiB of memory are left
 *   FAKE_HOST_MIXED=1     its CPUs are of several kinds
 */
#include <stdlib.h>

#include "host.h"

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
