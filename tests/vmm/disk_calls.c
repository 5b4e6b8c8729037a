// SPDX-License-Identifier: GPL-2.0-only
#include "disk_log.h"

ssize_t __real_pwritev64v2(int fd, const struct iovec *iov, int count, off_t offset, int flags);
int __real_fallocate64(int fd, int mode, off_t offset, off_t length);

ssize_t disk_log_pwritev2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
	ssize_t done;

	disk_log_write(iov, count, offset);
	done = __real_pwritev64v2(fd, iov, count, offset, flags);
	disk_log_changed(done);
	return done;
}

int disk_log_fallocate(int fd, int mode, off_t offset, off_t length)
{
	int done;

	disk_log_allocate(mode, offset, length);
	done = __real_fallocate64(fd, mode, offset, length);
	disk_log_changed(done);
	return done;
}
