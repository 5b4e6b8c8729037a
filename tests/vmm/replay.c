// SPDX-License-Identifier: GPL-2.0-only
/*
 *   replay LOG DISK SAFE
 *
 * Replay a log of fake_disk.c (disk_log.h), and check the file that armvm left: its driver has said
 * that its first SAFE requests are on the disk.  Prints what is wrong, or how much there was.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "disk_log.h"

int main(int argc, char **argv)
{
	static uint8_t disk[LOG_BYTES] __attribute__((aligned(8)));
	unsigned int cuts = 0;
	const char *why;
	void *log;
	int fd;

	if (argc != 4)
		errx(1, "see the source");
	fd = open(argv[1], O_RDONLY);
	log = mmap(NULL, LOG_ROOM, PROT_READ, MAP_SHARED, fd, 0);
	if (log == MAP_FAILED)
		err(1, "%s", argv[1]);
	fd = open(argv[2], O_RDONLY);
	if (pread(fd, disk, sizeof(disk), 0) != sizeof(disk))
		err(1, "%s", argv[2]);
	why = disk_log_allows(log, disk, strtoul(argv[3], NULL, 10));
	if (why)
		errx(1, "the file: %s", why);
	why = disk_log_replay(log, 1, &cuts);
	if (why)
		errx(1, "a power cut: %s", why);
	printf("%u cuts\n", cuts);
	return 0;
}
