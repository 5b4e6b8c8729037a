// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "image.h"

/* <linux/fs.h> has it, but does not go with <sys/uio.h>. */
#ifndef BLKDISCARD
#define BLKDISCARD _IO(0x12, 119)
#endif

/* Enough for every file system; 512 is tried first. */
#define DIRECT_ALIGN_MAX 4096u

enum action {
	READING,
	WRITING,
	FLUSHING,
	DISCARDING,
	ZEROING,
	TRUNCATED,
};

static const char *const action_names[] = {
	[READING] = "reading",	     [WRITING] = "writing",	   [FLUSHING] = "flushing",
	[DISCARDING] = "discarding", [ZEROING] = "writing zeroes",
};

/* Print the first failure of each kind: a guest that tries again must not flood the log. */
static int failed(struct image *image, enum action action, int err)
{
	unsigned int bit = 1u << (2 * action + (err == -ENOSPC));

	if (image->told & bit)
		return err;
	image->told |= bit;
	if (action == TRUNCATED)
		error("disk %s: the file was truncated below %llu bytes: the guest sees I/O errors",
		      image->path, (unsigned long long)image->size);
	else
		fail(-err, "disk %s: %s failed, and the guest sees an I/O error%s", image->path,
		     action_names[action],
		     action == FLUSHING ? "; all later flushes fail too, as data may be lost" : "");
	return err;
}

static int truncated(struct image *image)
{
	return failed(image, TRUNCATED, -EIO);
}

/* Is the file as long as it was? */
static bool is_whole(const struct image *image)
{
	struct stat st;

	return image->is_block ||
	       (fstat(image->fd, &st) == 0 && (uint64_t)st.st_size >= image->size);
}

/* ---- opening ---- */

/* Returns the descriptor or, after one message, a negative errno. */
static int open_image(struct image *image)
{
	int access = (image->readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY;
	struct stat st;
	int fd;

	/* O_NONBLOCK: do not wait for the other end of a FIFO, which is refused below. */
	fd = open(image->path, access | O_NONBLOCK);
	if (fd < 0 && errno == EROFS)
		return fail(0, "%s %s: it is read-only here: --disk needs ,readonly", image->option,
			    image->path);
	if (fd < 0)
		return fail(errno, "%s %s", image->option, image->path);
	if (fstat(fd, &st) < 0) {
		close(fd);
		return fail(errno, "%s %s", image->option, image->path);
	}
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
		close(fd);
		return fail(0, "%s %s: neither a regular file nor a block device", image->option,
			    image->path);
	}
	image->is_block = S_ISBLK(st.st_mode);
	if (!image->is_block || image->readonly)
		return fd;
	/* The kernel refuses this if the device is mounted or part of another one. */
	close(fd);
	fd = open(image->path, access | O_EXCL);
	if (fd < 0 && errno == EBUSY)
		return fail(0, "%s %s: the device is in use (mounted?)", image->option,
			    image->path);
	return fd < 0 ? fail(errno, "%s %s", image->option, image->path) : fd;
}

/* A lock of the open file, not of the process, so it holds against every other open() of it. */
static int set_lock(const struct image *image)
{
	struct flock lock = { .l_type = image->readonly ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(image->fd, F_OFD_SETLK, &lock) < 0 ? -errno : 0;
}

static bool is_taken(int err)
{
	return err == -EAGAIN || err == -EACCES;
}

int image_lock(const struct image *image)
{
	int err = image->fd < 0 ? 0 : set_lock(image);

	if (is_taken(err))
		return fail(0,
			    image->readonly
				    ? "%s %s: another program has it open for writing"
				    : "%s %s: another program uses it (several guests can share "
				      "a disk only if all add ,readonly)",
			    image->option, image->path);
	return err ? fail(-err, "%s %s: cannot lock it", image->option, image->path) : 0;
}

void image_unlock(const struct image *image)
{
	struct flock lock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	fcntl(image->fd, F_OFD_SETLK, &lock);
}

/* Returns 0 or a negative errno. */
static int measure_image(struct image *image)
{
	struct stat st;

	if (image->is_block)
		return ioctl(image->fd, BLKGETSIZE64, &image->size) < 0 ? -errno : 0;
	if (fstat(image->fd, &st) < 0)
		return -errno;
	image->size = st.st_size;
	return 0;
}

static bool has_fit_size(const struct image *image)
{
	return image->size && !(image->size % IMAGE_SECTOR);
}

int image_open(struct image *image, const char *option, const char *path, bool readonly, bool lock)
{
	int err;

	/* What an earlier guest wrote may be in the page cache only. */
	*image = (struct image){
		.path = path, .option = option, .fd = -1, .readonly = readonly, .dirty = true
	};
	image->fd = open_image(image);
	if (image->fd < 0)
		return image->fd;
	err = lock ? image_lock(image) : 0;
	if (err)
		return err;
	err = measure_image(image);
	if (err)
		return fail(-err, "%s %s", option, path);
	if (!has_fit_size(image))
		return fail(0, "%s %s: its size is %llu bytes, not a multiple of 512%s", option,
			    path, (unsigned long long)image->size,
			    image->size ? " (truncate -s %512 extends it)" : " above 0");
	image->direct_align = IMAGE_SECTOR;
	return 0;
}

/* Is the descriptor open for what the image does? */
static bool is_open_for(int fd, bool readonly)
{
	int flags = fcntl(fd, F_GETFL);
	int access = flags & O_ACCMODE;

	return flags >= 0 && !(flags & O_PATH) &&
	       (access == O_RDWR || (readonly && access == O_RDONLY));
}

const char *image_attach(struct image *image, int fd, const char *path)
{
	struct image new = { .fd = fd,
			     .option = "attach",
			     .readonly = image->readonly,
			     .dirty = true,
			     .direct_align = IMAGE_SECTOR };
	struct stat st;

	if (fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)))
		return "neither a regular file nor a block device";
	if (!is_open_for(fd, new.readonly))
		return new.readonly ? "the file is not open for reading"
				    : "the file is not open for reading and writing";
	new.is_block = S_ISBLK(st.st_mode);
	if (measure_image(&new) || !has_fit_size(&new))
		return "the size is not a multiple of 512 bytes above 0";
	/* Above all no O_APPEND, which would put writes elsewhere. */
	if (fcntl(fd, F_SETFL, 0) < 0)
		return "the file's flags cannot be set";
	new.path = new.attached = strdup(path);
	if (!new.path)
		return "out of memory";
	if (set_lock(&new) < 0) {
		free(new.attached);
		return "another program uses the file";
	}
	*image = new;
	return NULL;
}

void image_close(struct image *image)
{
	if (image->fd >= 0)
		close(image->fd);
	free(image->attached);
	/* An empty drive is as writable as before. */
	*image = (struct image){ .fd = -1, .readonly = image->readonly };
}

/* ---- reading and writing ---- */

/* Returns false if the descriptor cannot be switched. */
static bool set_direct(struct image *image, bool direct)
{
	if (image->direct == direct)
		return true;
	if (fcntl(image->fd, F_SETFL, direct ? O_DIRECT : 0) < 0)
		return false;
	image->direct = direct;
	return true;
}

static bool is_aligned(const struct image *image, const struct iovec *iov, unsigned int count,
		       uint64_t offset)
{
	uint64_t all = offset;

	for (unsigned int i = 0; i < count; i++)
		all |= (uintptr_t)iov[i].iov_base | iov[i].iov_len;
	return image->direct_align && !(all & (image->direct_align - 1));
}

/* One system call. Returns what it did, or a negative errno. */
static ssize_t transfer_some(struct image *image, bool write, const struct iovec *iov,
			     unsigned int count, uint64_t offset)
{
	for (;;) {
		ssize_t done;

		/* tmpfs, for one, has no O_DIRECT. */
		if (!set_direct(image, is_aligned(image, iov, count, offset)))
			image->direct_align = 0;
		done = write ? pwritev2(image->fd, iov, count, offset, 0)
			     : preadv2(image->fd, iov, count, offset, 0);
		if (done >= 0)
			return done;
		if (errno == EINVAL && image->direct)
			image->direct_align =
				image->direct_align < DIRECT_ALIGN_MAX ? DIRECT_ALIGN_MAX : 0;
		else if (errno != EINTR)
			return -errno;
	}
}

/* Returns 0, a negative errno, or -ENODATA at the end of the file. */
static int transfer(struct image *image, bool write, struct iovec *iov, unsigned int count,
		    uint64_t offset)
{
	while (count) {
		ssize_t done = transfer_some(image, write, iov, count, offset);

		if (done <= 0)
			return done ? done : -ENODATA;
		offset += done;
		while (count && (size_t)done >= iov->iov_len) {
			done -= iov->iov_len;
			iov++;
			count--;
		}
		if (count) {
			iov->iov_base = (uint8_t *)iov->iov_base + done;
			iov->iov_len -= done;
		}
	}
	return 0;
}

int image_read(struct image *image, struct iovec *iov, unsigned int count, uint64_t offset)
{
	int err = transfer(image, false, iov, count, offset);

	if (err == -ENODATA)
		return truncated(image);
	return err ? failed(image, READING, err) : 0;
}

int image_write(struct image *image, struct iovec *iov, unsigned int count, uint64_t offset)
{
	int err;

	if (!is_whole(image))
		return truncated(image);
	image->dirty = true;
	err = transfer(image, true, iov, count, offset);
	return err ? failed(image, WRITING, err) : 0;
}

/* ---- the rest ---- */

int image_flush(struct image *image)
{
	int err;

	if (image->lost)
		return -EIO;
	if (!is_whole(image))
		return truncated(image);
	do {
		err = fdatasync(image->fd) < 0 ? -errno : 0;
	} while (err == -EINTR);
	/* What was not written stays so: whoever detaches or saves the disk hears of it, too. */
	image->dirty = err != 0;
	image->lost = err;
	return err ? failed(image, FLUSHING, err) : 0;
}

static int allocate(struct image *image, int mode, uint64_t offset, uint64_t length)
{
	int err;

	do {
		err = fallocate(image->fd, mode | FALLOC_FL_KEEP_SIZE, offset, length) < 0 ? -errno
											   : 0;
	} while (err == -EINTR);
	return err;
}

/* The host's file system or device has no such operation. */
static bool is_unsupported(int err)
{
	return err == -EOPNOTSUPP || err == -ENOSYS || err == -EINVAL || err == -ENOTTY;
}

int image_discard(struct image *image, uint64_t offset, uint64_t length)
{
	uint64_t range[] = { offset, length };
	int err;

	if (!is_whole(image))
		return truncated(image);
	image->dirty = true;
	if (!image->is_block)
		err = allocate(image, FALLOC_FL_PUNCH_HOLE, offset, length);
	else
		err = ioctl(image->fd, BLKDISCARD, range) < 0 ? -errno : 0;
	/* It is advice, and may do nothing. */
	return err && !is_unsupported(err) ? failed(image, DISCARDING, err) : 0;
}

static int write_zeroes(struct image *image, uint64_t offset, uint64_t length)
{
	static uint8_t zeroes[0x10000] __attribute__((aligned(DIRECT_ALIGN_MAX)));

	while (length) {
		size_t size = length < sizeof(zeroes) ? length : sizeof(zeroes);
		struct iovec iov = { .iov_base = zeroes, .iov_len = size };
		int err = transfer(image, true, &iov, 1, offset);

		if (err)
			return err;
		offset += size;
		length -= size;
	}
	return 0;
}

int image_zero(struct image *image, uint64_t offset, uint64_t length, bool unmap)
{
	int err = -EOPNOTSUPP;

	if (!is_whole(image))
		return truncated(image);
	image->dirty = true;
	if (unmap)
		err = allocate(image, FALLOC_FL_PUNCH_HOLE, offset, length);
	if (is_unsupported(err))
		err = allocate(image, FALLOC_FL_ZERO_RANGE, offset, length);
	if (is_unsupported(err))
		err = write_zeroes(image, offset, length);
	return err ? failed(image, ZEROING, err) : 0;
}
