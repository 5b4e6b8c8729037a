/* SPDX-License-Identifier: GPL-2.0-only */
/* A file named on the command line; each error message names it. */
#ifndef ARMVM_FILE_H
#define ARMVM_FILE_H

#include <stdint.h>

struct file {
	const char *path;
	int fd; /* -1: not open */
	uint64_t size;
};

/* Each but file_close() returns 0 or, after one message, a negative errno. */

/* Open a file that must be regular and not empty. */
int file_open(struct file *file, const char *path);
/* Read exactly size bytes from offset; fewer are an error (the file shrank). */
int file_read(const struct file *file, uint64_t offset, void *data, uint64_t size);
int file_write_new(const char *path, const void *data, uint64_t size);
void file_close(struct file *file);

#endif
