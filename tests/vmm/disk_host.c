// SPDX-License-Identifier: GPL-2.0-only
#include "disk_host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "disk_log.h"

struct disk_host host = { .path = "/tmp/armvm-disk-XXXXXX" };

ssize_t __real_preadv64v2(int fd, const struct iovec *iov, int count, off_t offset, int flags);
ssize_t __wrap_preadv64v2(int fd, const struct iovec *iov, int count, off_t offset, int flags);
ssize_t __wrap_pwritev64v2(int fd, const struct iovec *iov, int count, off_t offset, int flags);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t length);
int __wrap_fdatasync(int fd);
int __real_fcntl64(int fd, int command, void *arg);
int __wrap_fcntl64(int fd, int command, ...);

static void ask(void)
{
	if (host.asked)
		host.asked();
}

static int result(int error)
{
	errno = error;
	return error ? -1 : 0;
}

/* Two of three transfers are half done, as the kernel may: half the buffers, or half of one. */
static const struct iovec *part(const struct iovec *iov, int *count, unsigned int calls)
{
	static struct iovec half;

	if (host.at_once)
		return iov;
	if (calls % 3 == 1 && *count > 1)
		*count /= 2;
	if (calls % 3 != 2 || iov->iov_len < 4)
		return iov;
	half = (struct iovec){ .iov_base = iov->iov_base, .iov_len = iov->iov_len / 2 };
	if (host.whole_sectors)
		half.iov_len &= ~(size_t)511;
	if (!half.iov_len)
		return iov;
	*count = 1;
	return &half;
}

ssize_t __wrap_preadv64v2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
	host.direct_calls += host.is_direct;
	if (host.is_direct && host.direct_fails)
		return result(host.direct_fails);
	host.reads++;
	if (host.read_fails)
		return result(host.read_fails);
	iov = part(iov, &count, host.reads);
	return __real_preadv64v2(fd, iov, count, offset, flags);
}

ssize_t __wrap_pwritev64v2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
	ask();
	host.direct_calls += host.is_direct;
	if (host.is_direct && host.direct_fails)
		return result(host.direct_fails);
	host.writes++;
	if (host.write_fails)
		return result(host.write_fails);
	iov = part(iov, &count, host.writes);
	return disk_log_pwritev2(fd, iov, count, offset, flags);
}

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t length)
{
	ask();
	if (host.allocate_fails)
		return result(host.allocate_fails);
	return disk_log_fallocate(fd, mode, offset, length);
}

int __wrap_fdatasync(int fd)
{
	int error = host.sync_fails;

	ask();
	host.syncs++;
	/* The kernel tells of lost data once. */
	host.sync_fails = 0;
	disk_log_synced(error);
	if (error)
		return result(error);
	return pread(fd, host.durable, HOST_BYTES, 0) == HOST_BYTES ? 0 : result(EIO);
}

int __wrap_fcntl64(int fd, int command, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, command);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (command != F_SETFL)
		return __real_fcntl64(fd, command, arg);
	if (host.no_direct && (uintptr_t)arg & O_DIRECT)
		return result(EINVAL);
	host.is_direct = (uintptr_t)arg & O_DIRECT;
	host.flags = (uintptr_t)arg;
	return 0;
}

void host_make_file(off_t size)
{
	int fd = open(host.path, O_RDWR | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

void host_file_is(uint32_t sector, const void *data, size_t size)
{
	uint8_t *now = malloc(size);
	int fd = open(host.path, O_RDONLY);

	assert_int_equal(pread(fd, now, size, sector * 512ull), size);
	assert_memory_equal(now, data, size);
	close(fd);
	free(now);
}

void host_reset(void)
{
	host.read_fails = host.write_fails = host.sync_fails = 0;
	host.allocate_fails = host.direct_fails = 0;
	host.no_direct = host.at_once = host.is_direct = host.whole_sectors = false;
	host.flags = -1;
	host_make_file(0);
	host_make_file(HOST_BYTES);
}
