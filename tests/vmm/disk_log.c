// SPDX-License-Identifier: GPL-2.0-only
#include "disk_log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A log in memory, which may be a file's: whoever reads it sees whole records. */
struct log {
	uint64_t used;
	uint8_t records[];
};

static struct log *now;
static struct disk_record *change; /* the last one of the host's side */
static uint32_t sent;
/* The driver's thread, and the disk's. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static size_t size_of(const struct disk_record *record)
{
	return sizeof(*record) + (record->kind == LOG_WRITE ? (record->length + 7) & ~7u : 0);
}

struct disk_record *disk_log_next(void *memory, const struct disk_record *record)
{
	struct log *log = memory;
	uint8_t *next = record ? (uint8_t *)record + size_of(record) : log->records;

	return next == log->records + log->used ? NULL : (struct disk_record *)next;
}

void disk_log_begin(void *memory)
{
	now = memory;
	sent = 0;
}

static struct disk_record *note(enum disk_log_kind kind, uint64_t offset, uint64_t length,
				const struct iovec *iov)
{
	struct disk_record *record;
	uint64_t at = 0;

	pthread_mutex_lock(&lock);
	record = (struct disk_record *)(now->records + now->used);
	if (length > LOG_BYTES || now->used + 2 * sizeof(*record) + LOG_BYTES > LOG_ROOM)
		abort();
	*record = (struct disk_record){
		.kind = kind, .offset = offset, .length = length, .done = length
	};
	for (; iov && at < length; at += iov++->iov_len)
		memcpy(record->data + at, iov->iov_base, iov->iov_len);
	__atomic_store_n(&now->used, now->used + size_of(record), __ATOMIC_RELEASE);
	pthread_mutex_unlock(&lock);
	return record;
}

void disk_log_write(const struct iovec *iov, int count, off_t offset)
{
	uint64_t length = 0;

	for (int i = 0; i < count; i++)
		length += iov[i].iov_len;
	if (now)
		change = note(LOG_WRITE, offset, length, iov);
}

void disk_log_allocate(int mode, off_t offset, off_t length)
{
	/* Only these two leave zeroes in the range, and all else as it is. */
	if (mode != (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE) &&
	    mode != (FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE))
		abort();
	if (now)
		change = note(LOG_ZERO, offset, length, NULL);
}

void disk_log_changed(ssize_t result)
{
	if (!now)
		return;
	if (change->kind == LOG_ZERO)
		change->done = result ? 0 : change->length;
	else
		change->done = result < 0 ? 0 : result;
}

void disk_log_synced(int result)
{
	if (now)
		note(result ? LOG_LOST : LOG_SYNC, 0, 0, NULL);
}

uint32_t disk_log_sends(enum disk_log_kind kind, uint32_t sector, uint32_t sectors)
{
	if (now)
		note(kind, sector * 512u, sectors * 512u, NULL);
	return ++sent;
}

void disk_log_says(enum disk_log_kind kind)
{
	if (now)
		note(kind, 0, 0, NULL);
}

void disk_log_stamp(void *data, uint32_t sector, uint32_t sectors, uint32_t number)
{
	uint64_t *words = data;

	for (uint32_t i = 0; i < sectors; i++) {
		for (size_t n = 0; n < 512 / sizeof(*words); n++)
			*words++ = (uint64_t)number << 32 | (sector + i);
	}
}
