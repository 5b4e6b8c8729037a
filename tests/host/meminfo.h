/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc/meminfo says. */
#ifndef MEMINFO_H
#define MEMINFO_H

#include "small-vm.h"

/* A line's number, in kB, once the counters of all CPUs are folded: until then they lag behind. */
static inline unsigned long meminfo_kb(const char *name)
{
	int fd = must(open("/proc/sys/vm/stat_refresh", O_WRONLY), "stat_refresh");
	unsigned long kb = ~0ul;
	size_t length = strlen(name);
	char line[128];
	FILE *file;

	must(write(fd, "1", 1), "stat_refresh");
	close(fd);
	file = fopen("/proc/meminfo", "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, length) && line[length] == ':')
			kb = strtoul(line + length + 1, NULL, 10);
	if (!file || kb == ~0ul)
		must(-1, name);
	fclose(file);
	return kb;
}

#endif
