/* SPDX-License-Identifier: GPL-2.0-only */
/* Options that describe a device, whose value is a list of words. */
#ifndef ARMVM_DEVICE_OPTIONS_H
#define ARMVM_DEVICE_OPTIONS_H

#include <stdbool.h>

/* --disk FILE[,readonly][,serial=S] */
struct disk_options {
	const char *path;
	const char *serial; /* or NULL; up to 20 characters */
	bool readonly;
	char *text; /* what the others point into, to be freed, also after a failure */
};

/* Returns 0 or, after one message, a negative errno. */
int disk_options_parse(struct disk_options *disk, const char *text);

#endif
