// SPDX-License-Identifier: GPL-2.0-only
#include <sched.h>
#include <stdio.h>

#include "cpu.h"
#include "host.h"

uint64_t host_available(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long long kib = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			break;
	}
	if (file)
		fclose(file);
	return kib << 10;
}

void host_ask(struct host *host)
{
	struct cpu_info info;
	cpu_set_t cpus;

	*host = (struct host){ .available = host_available("/proc/meminfo") };
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		host->cpus = CPU_COUNT(&cpus);
	/* Fewer than all: somebody has chosen them. */
	host->mixed = cpu_read("/proc/cpuinfo", &info) && info.mixed && host->cpus >= info.cpus;
}
