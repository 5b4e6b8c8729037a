// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "file.h"

int file_open(struct file *file, const char *path)
{
	struct stat st;
	int err;

	file->path = path;
	/* O_NONBLOCK: do not wait for the other end of a FIFO, which is refused anyway. */
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file->fd < 0)
		return fail(errno, "%s", path);
	if (fstat(file->fd, &st) < 0) {
		err = fail(errno, "%s", path);
		goto close_file;
	}
	if (!S_ISREG(st.st_mode)) {
		err = fail(0, "%s: not a regular file", path);
		goto close_file;
	}
	if (!st.st_size) {
		err = fail(0, "%s: the file is empty", path);
		goto close_file;
	}
	file->size = st.st_size;
	return 0;

close_file:
	file_close(file);
	return err;
}

int file_read(const struct file *file, uint64_t offset, void *data, uint64_t size)
{
	uint8_t *to = data;

	while (size) {
		size_t chunk = size > 1 << 20 ? 1 << 20 : size;
		ssize_t got = pread(file->fd, to, chunk, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(errno, "%s", file->path);
		if (!got)
			return fail(0, "%s: the file is truncated", file->path);
		to += got;
		offset += got;
		size -= got;
	}
	return 0;
}

int file_write_new(const char *path, const void *data, uint64_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	const uint8_t *from = data;
	int err;

	if (fd < 0)
		return fail(errno, "%s", path);
	while (size) {
		ssize_t put = write(fd, from, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0) {
			err = fail(errno, "%s", path);
			goto close_fd;
		}
		from += put;
		size -= put;
	}
	return close(fd) < 0 ? fail(errno, "%s", path) : 0;

close_fd:
	close(fd);
	return err;
}

void file_close(struct file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}
