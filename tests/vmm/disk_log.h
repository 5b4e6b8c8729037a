/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A log of what a disk asks of its host, with what its driver sends and is told, and its replay: a
 * power cut at any place of it, after which the disk has all that was flushed, and of each later
 * write any of its sectors or none.
 *
 * The driver has one request at a time, and uses LOG_SECTORS sectors.  The n-th that it sends has
 * disk_log_stamp(.., n) for data, so what a sector has says where it is from.
 */
#ifndef TESTS_VMM_DISK_LOG_H
#define TESTS_VMM_DISK_LOG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#define LOG_SECTORS 64u
#define LOG_BYTES   (LOG_SECTORS * 512u)
/* What a log takes at most. */
#define LOG_ROOM (64u << 20)

enum disk_log_kind {
	/* The host's side: before a change, after a sync. */
	LOG_WRITE = 1, /* its data follow */
	LOG_ZERO,
	LOG_SYNC, /* fdatasync() has returned 0 */
	LOG_LOST, /* it has failed: what was written since the last one may be gone */
	/* The driver's. */
	LOG_SENDS_DATA,
	LOG_SENDS_ZEROES,
	LOG_SENDS_DISCARD,
	LOG_FAILED, /* the last request has: nobody knows what its sectors have */
	LOG_SAFE    /* it has been told that all it sent so far is on the disk */
};

/* Bytes; all 0 where they mean nothing. */
struct disk_record {
	uint32_t kind;
	uint32_t length; /* of the request, or of the call */
	uint32_t done;	 /* of that the host has done so much */
	uint32_t unused;
	uint64_t offset;
	uint8_t data[]; /* of LOG_WRITE: length, up to a multiple of 8 */
};

/* memory has LOG_ROOM zeroed bytes; NULL ends the log.  Without one nothing is logged. */
void disk_log_begin(void *memory);

/*
 * The host's side, on one thread: pwritev2() and fallocate() with a record of each, in disk_calls.c
 * and for a program that is linked with --wrap for pwritev64v2 and fallocate64.
 */
ssize_t disk_log_pwritev2(int fd, const struct iovec *iov, int count, off_t offset, int flags);
int disk_log_fallocate(int fd, int mode, off_t offset, off_t length);
/* The records alone: before such a call, and what it returned. */
void disk_log_write(const struct iovec *iov, int count, off_t offset);
void disk_log_allocate(int mode, off_t offset, off_t length);
void disk_log_changed(ssize_t result);
void disk_log_synced(int result);

/* The driver sends a request; returns its number, from 1 on. */
uint32_t disk_log_sends(enum disk_log_kind kind, uint32_t sector, uint32_t sectors);
void disk_log_says(enum disk_log_kind kind); /* LOG_FAILED or LOG_SAFE */
/* The record after this one, or the first one for NULL; NULL at the end. */
struct disk_record *disk_log_next(void *memory, const struct disk_record *record);
/* What the n-th request writes to these sectors. */
void disk_log_stamp(void *data, uint32_t sector, uint32_t sectors, uint32_t number);

/*
 * Cut the power after each record, several times.  Returns NULL or why the disk is wrong.  If
 * cuts is not NULL, *cuts is how many there were.
 */
const char *disk_log_replay(void *memory, unsigned int seed, unsigned int *cuts);
/*
 * Is this what the disk may have after the log's end, by the driver's side alone?  The driver has
 * also been told otherwise that its first safe requests are on it.  NULL, or why not.
 */
const char *disk_log_allows(void *memory, const uint8_t *disk, uint32_t safe);
/* What the disk has if all of the log has reached it. */
void disk_log_sum(void *memory, uint8_t *disk);

#endif
