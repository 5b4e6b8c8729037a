/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contents of a disk: a raw file or a block device.
 *
 * Requests bypass the page cache (O_DIRECT) as far as the file system lets them
 * and their alignment allows it; the others go through it.  One thread makes
 * them, one after the other, so the kernel keeps both kinds coherent.
 *
 * A file that is shorter than it was when it was opened has lost data: every
 * request but a read before its new end fails, and none makes it longer again.
 */
#ifndef ARMVM_VIRTIO_IMAGE_H
#define ARMVM_VIRTIO_IMAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#define IMAGE_SECTOR 512u

struct image {
	const char *path; /* for messages, as are the next two */
	const char *option;
	char *attached; /* path, if image_attach() made it */
	int fd;		/* -1: there is none, and only image_lock(), _unlock() and _close() work */
	bool readonly;
	bool is_block;	       /* a block device */
	uint64_t size;	       /* in bytes, a multiple of IMAGE_SECTOR */
	uint32_t direct_align; /* what O_DIRECT needs of addresses, offsets, lengths; 0: it fails */
	bool direct;	       /* O_DIRECT is set now */
	bool dirty;	       /* something was written since the last image_flush() */
	bool lost;	       /* a flush failed */
	unsigned int told;     /* the failures that were printed */
};

/*
 * Without lock, image_lock() is due before anything is read or written.  Both return 0 or, after
 * one message that begins with option, a negative errno; image_close() is allowed then too.
 */
int image_open(struct image *image, const char *option, const char *path, bool readonly, bool lock);
int image_lock(const struct image *image);
/* Let another process have it, before this one closes it. */
void image_unlock(const struct image *image);
void image_close(struct image *image);
/*
 * Where there is none: take fd, which is open for what image->readonly says, lock it, and close it
 * in image_close().  Returns NULL or, fd being the caller's still, why it cannot be.
 */
const char *image_attach(struct image *image, int fd, const char *path);

/*
 * The rest is for one thread.  Each returns 0 or a negative errno, and prints a message if it
 * is the first failure of its kind.  Ranges are inside the image; iov is used up.
 */
int image_read(struct image *image, struct iovec *iov, unsigned int count, uint64_t offset);
int image_write(struct image *image, struct iovec *iov, unsigned int count, uint64_t offset);
/*
 * Wait until all that was written is on the disk.  The kernel tells of data that it could not
 * write only once, so after a failure this fails for good.
 */
int image_flush(struct image *image);
/* The range's contents are not needed any more. */
int image_discard(struct image *image, uint64_t offset, uint64_t length);
/* The range shall read as zeroes, and need no space if unmap is set and the host can do that. */
int image_zero(struct image *image, uint64_t offset, uint64_t length, bool unmap);

#endif
