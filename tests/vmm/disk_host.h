/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host of a disk under test: a real file, whose system calls fail on demand and are logged
 * (disk_log.h).  The program is linked with --wrap for preadv64v2, pwritev64v2, fallocate64,
 * fdatasync and fcntl64.
 */
#ifndef TESTS_VMM_DISK_HOST_H
#define TESTS_VMM_DISK_HOST_H

#include "test.h"

#include <sys/types.h>

#define HOST_BYTES (2048u * 512)

extern struct disk_host {
	char path[32]; /* of the file: a template of mkstemp() at first */
	/* A call fails with this errno, or 0; a flush fails once. */
	int read_fails, write_fails, sync_fails, allocate_fails, direct_fails;
	bool no_direct;	     /* the file system has no O_DIRECT */
	bool is_direct;	     /* O_DIRECT is on */
	int flags;	     /* what was set last: O_* */
	void (*asked)(void); /* called before each change and sync */
	bool at_once;	     /* no transfer is done in parts */
	bool whole_sectors;  /* .. or only in whole sectors */
	/* How many calls there were; direct_calls: transfers with O_DIRECT. */
	unsigned int reads, writes, syncs, direct_calls;
	/* The file as it was at the last fdatasync(). */
	uint8_t durable[HOST_BYTES];
} host;

/* Nothing fails, and the file is HOST_BYTES of zeroes. */
void host_reset(void);
void host_make_file(off_t size);
/* The file has this data at the sector. */
void host_file_is(uint32_t sector, const void *data, size_t size);

#endif
