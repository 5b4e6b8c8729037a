// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files of disks, in the tests.
 *
 *   FAKE_DISK_LOG=FILE    log what is done to the only disk (disk_log.h)
 *
 * The file is mapped, so the log has all that armvm did even if it is killed.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "disk_log.h"

ssize_t __wrap_pwritev64v2(int fd, const struct iovec *iov, int count, off_t offset, int flags);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t length);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

/* Before armvm is in its sandbox. */
static void __attribute__((constructor)) begin(void)
{
	const char *path = getenv("FAKE_DISK_LOG");
	void *memory;
	int fd;

	if (!path)
		return;
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, LOG_ROOM) < 0)
		abort();
	memory = mmap(NULL, LOG_ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		abort();
	close(fd);
	disk_log_begin(memory);
}

ssize_t __wrap_pwritev64v2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
	return disk_log_pwritev2(fd, iov, count, offset, flags);
}

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t length)
{
	return disk_log_fallocate(fd, mode, offset, length);
}

int __wrap_fdatasync(int fd)
{
	int done = __real_fdatasync(fd);

	disk_log_synced(done);
	return done;
}
