/* SPDX-License-Identifier: GPL-2.0-only */
/* A file of options, one a line: armvm.conf(5). */
#ifndef ARMVM_CONFIG_H
#define ARMVM_CONFIG_H

/*
 * Call set() for each line of the file that has an option.  value is NULL if the line has none;
 * where is "FILE:LINE".  The strings stay: options point to them.  Returns 0 or, after one message,
 * a negative errno.
 */
int config_read(const char *path,
		int (*set)(void *owner, const char *name, const char *value, const char *where),
		void *owner);

#endif
