// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "disk_log.h"

#define CUTS		6u /* at each place */
#define MAX_REQUESTS	0x10000u
#define WORDS_IN_SECTOR (512 / sizeof(uint64_t))

/* What the driver knows of its requests, by number. */
struct driver {
	struct sent {
		uint32_t sector, sectors;
		enum disk_log_kind kind;
		bool certain; /* its sectors have it, once it is safe */
	} sent[MAX_REQUESTS];
	uint32_t count, safe;
};

/* The disk as the last sync left it, and the first record after that. */
struct host {
	uint8_t durable[LOG_BYTES];
	const struct disk_record *since;
};

/* ---- the driver's side ---- */

static void driver_reads(struct driver *driver, const struct disk_record *record)
{
	switch (record->kind) {
	case LOG_SENDS_DATA:
	case LOG_SENDS_ZEROES:
	case LOG_SENDS_DISCARD:
		if (++driver->count == MAX_REQUESTS)
			abort();
		driver->sent[driver->count] =
			(struct sent){ .sector = record->offset / 512,
				       .sectors = record->length / 512,
				       .kind = record->kind,
				       .certain = record->kind != LOG_SENDS_DISCARD };
		break;
	case LOG_FAILED:
		driver->sent[driver->count].certain = false;
		break;
	case LOG_SAFE:
		driver->safe = driver->count;
		break;
	}
}

/* Which request is a sector's content of?  0 for zeroes, ~0 for none. */
static uint32_t request_of(const uint8_t *content, uint32_t sector)
{
	const uint64_t *words = (const uint64_t *)content;

	for (size_t n = 1; n < WORDS_IN_SECTOR; n++) {
		if (words[n] != words[0])
			return ~0u;
	}
	if (words[0] && (uint32_t)words[0] != sector)
		return ~0u;
	return words[0] >> 32;
}

/* From the newest request on: what the sector may have, up to the last that it must have had. */
static bool is_allowed(const struct driver *driver, uint32_t sector, uint32_t from)
{
	for (uint32_t n = driver->count; n; n--) {
		const struct sent *sent = &driver->sent[n];

		if (sector < sent->sector || sector >= sent->sector + sent->sectors)
			continue;
		if (from == (sent->kind == LOG_SENDS_DATA ? n : 0))
			return true;
		if (n <= driver->safe && sent->certain)
			return false;
	}
	return from == 0;
}

static const char *check(const struct driver *driver, const uint8_t *disk)
{
	for (uint32_t i = 0; i < LOG_SECTORS; i++) {
		uint32_t from = request_of(disk + i * 512, i);

		if (from == ~0u || from > driver->count)
			return "a sector has what was never sent to it";
		if (!is_allowed(driver, i, from))
			return "a sector has lost what its driver was told is on the disk";
	}
	return NULL;
}

/* ---- the host's ---- */

static bool is_change(const struct disk_record *record)
{
	return record->kind == LOG_WRITE || record->kind == LOG_ZERO;
}

static uint32_t roll(uint32_t *dice)
{
	*dice = *dice * 1664525 + 1013904223;
	return *dice >> 16;
}

enum how {
	NONE,
	ALL,
	SOME
};

/* Let the sectors of a change reach the disk: none, all, or some of them. */
static void apply(uint8_t *disk, const struct disk_record *record, enum how how, uint32_t *dice)
{
	uint64_t at = record->offset, end = at + record->done;

	while (how != NONE && at < end) {
		uint64_t part = 512 - at % 512 < end - at ? 512 - at % 512 : end - at;

		if (how == SOME && roll(dice) & 1)
			;
		else if (record->kind == LOG_ZERO)
			memset(disk + at, 0, part);
		else
			memcpy(disk + at, record->data + (at - record->offset), part);
		at += part;
	}
}

/* The changes from the last sync up to the record at end. */
static void apply_since(void *log, const struct host *host, uint8_t *disk,
			const struct disk_record *end, enum how how, uint32_t *dice)
{
	for (const struct disk_record *record = host->since; record != end;
	     record = disk_log_next(log, record)) {
		if (is_change(record))
			apply(disk, record, how, dice);
	}
}

static const char *cut(void *log, const struct driver *driver, const struct host *host,
		       const struct disk_record *end, uint32_t *dice)
{
	uint8_t disk[LOG_BYTES] __attribute__((aligned(8)));
	const char *why = NULL;

	for (unsigned int i = 0; !why && i < CUTS; i++) {
		memcpy(disk, host->durable, sizeof(disk));
		apply_since(log, host, disk, end, i < SOME ? (enum how)i : SOME, dice);
		why = check(driver, disk);
	}
	return why;
}

const char *disk_log_replay(void *log, unsigned int seed, unsigned int *cuts)
{
	struct driver *driver = calloc(1, sizeof(*driver));
	struct host *host = calloc(1, sizeof(*host));
	const struct disk_record *record, *after;
	const char *why = NULL;
	uint32_t dice = seed;

	if (!driver || !host)
		abort();
	record = host->since = disk_log_next(log, NULL);
	for (; !why && record; record = after) {
		after = disk_log_next(log, record);
		driver_reads(driver, record);
		if (is_change(record) && record->offset + record->length > LOG_BYTES)
			why = "the disk changes sectors that its driver has not";
		/* Of what a failed sync was for, some may be there; the kernel forgets the rest. */
		if (record->kind == LOG_SYNC || record->kind == LOG_LOST) {
			apply_since(log, host, host->durable, record,
				    record->kind == LOG_SYNC ? ALL : SOME, &dice);
			host->since = after;
		}
		if (!why)
			why = cut(log, driver, host, after, &dice);
		if (cuts)
			*cuts += CUTS;
	}
	free(driver);
	free(host);
	return why;
}

const char *disk_log_allows(void *log, const uint8_t *disk, uint32_t safe)
{
	struct driver *driver = calloc(1, sizeof(*driver));
	const char *why;

	if (!driver)
		abort();
	for (const struct disk_record *record = disk_log_next(log, NULL); record;
	     record = disk_log_next(log, record))
		driver_reads(driver, record);
	if (driver->safe < safe)
		driver->safe = safe;
	why = driver->count < safe ? "more is safe than was sent" : check(driver, disk);
	free(driver);
	return why;
}

void disk_log_sum(void *log, uint8_t *disk)
{
	memset(disk, 0, LOG_BYTES);
	for (const struct disk_record *record = disk_log_next(log, NULL); record;
	     record = disk_log_next(log, record)) {
		if (is_change(record))
			apply(disk, record, ALL, NULL);
	}
}
