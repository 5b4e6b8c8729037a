// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"

#define IMPLEMENTER_ARM 0x41

/* The ARMv7-A cores with the Virtualization Extensions. */
static const struct {
	unsigned int part;
	const char *name;
} cores[] = {
	{ 0xc07, "Cortex-A7" },
	{ 0xc0d, "Cortex-A12" },
	{ 0xc0e, "Cortex-A17" },
	{ 0xc0f, "Cortex-A15" },
};

/* name begins with the blank that precedes each. */
static bool has_feature(const char *list, const char *name)
{
	const char *at = strstr(list, name);

	return at && strchr(" ", at[strlen(name)]);
}

bool cpu_read(const char *path, struct cpu_info *info)
{
	FILE *file = fopen(path, "re");
	char line[1024];

	*info = (struct cpu_info){ 0 };
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		const char *colon = strchr(line, ':');

		if (!colon)
			continue;
		if (!strncmp(line, "processor", 9)) {
			info->cpus++;
		} else if (!strncmp(line, "Features", 8)) {
			line[strcspn(line, "\n")] = 0;
			info->lpae |= has_feature(colon + 1, " lpae");
		} else if (!strncmp(line, "CPU implementer", 15)) {
			info->implementer = strtoul(colon + 1, NULL, 0);
		} else if (!strncmp(line, "CPU part", 8)) {
			unsigned int part = strtoul(colon + 1, NULL, 0);

			if (info->part && part != info->part)
				info->mixed = true;
			else
				info->part = part;
		}
	}
	fclose(file);
	return true;
}

const char *cpu_name(const struct cpu_info *info)
{
	if (info->implementer != IMPLEMENTER_ARM)
		return NULL;
	for (size_t i = 0; i < sizeof(cores) / sizeof(cores[0]); i++) {
		if (cores[i].part == info->part)
			return cores[i].name;
	}
	return NULL;
}

const char *cpu_compatible(void)
{
	struct cpu_info info;

	if (cpu_read("/proc/cpuinfo", &info) && info.implementer == IMPLEMENTER_ARM &&
	    info.part == 0xc07)
		return "arm,cortex-a7";
	return "arm,cortex-a15";
}

/* The timer's node has no unit address, so the path is the same in every host's tree. */
uint32_t cpu_timer_hz(void)
{
	FILE *file = fopen("/proc/device-tree/timer/clock-frequency", "re");
	unsigned char cell[5];
	size_t size;

	if (!file)
		return 0;
	size = fread(cell, 1, sizeof(cell), file);
	fclose(file);
	if (size != 4)
		return 0;
	return (uint32_t)cell[0] << 24 | cell[1] << 16 | cell[2] << 8 | cell[3];
}
