// SPDX-License-Identifier: GPL-2.0-only
/* Nothing is lost that the guest was told is safe: the power is cut everywhere (disk_log.h). */
#include "disk_driver.h"

#include <errno.h>
#include <fcntl.h>

#include "disk_log.h"

#define ROUNDS 1500u

static uint64_t *recorded;

/* What the driver has at stake: does the answer to its request make all so far safe? */
static bool makes_safe;
static uint16_t used_before;

/* Is the driver told already?  The host asks before it does anything, so it must not be. */
static void look_at_answer(void)
{
	const uint16_t *used = (const uint16_t *)(memory + USED);

	if (!makes_safe || used[1] == used_before || memory[STATUS] != VIRTIO_BLK_S_OK)
		return;
	makes_safe = false;
	disk_log_says(LOG_SAFE);
}

static void expect_answer(bool safe)
{
	used_before = ((const uint16_t *)(memory + USED))[1];
	makes_safe = safe;
}

static int begin(void **state)
{
	if (fresh(state))
		return -1;
	recorded[0] = 0;
	disk_log_begin(recorded);
	host.whole_sectors = true;
	host.asked = look_at_answer;
	return 0;
}

static int end(void **state)
{
	disk_log_begin(NULL);
	host.asked = NULL;
	return done(state);
}

/* ---- what a driver does ---- */

static uint8_t answer(uint8_t status)
{
	look_at_answer();
	if (status)
		disk_log_says(LOG_FAILED);
	makes_safe = false;
	return status;
}

static uint8_t change(enum disk_log_kind kind, bool through)
{
	uint32_t sectors = 1 + rand() % 12, sector = rand() % (LOG_SECTORS - sectors + 1);
	uint32_t number = disk_log_sends(kind, sector, sectors);

	expect_answer(through);
	if (kind == LOG_SENDS_DISCARD)
		return answer(ranges(VIRTIO_BLK_T_DISCARD, sector, sectors, 0));
	if (kind == LOG_SENDS_ZEROES)
		return answer(ranges(VIRTIO_BLK_T_WRITE_ZEROES, sector, sectors, rand() & 1));
	disk_log_stamp(memory + DATA, sector, sectors, number);
	return answer(request(VIRTIO_BLK_T_OUT, sector, sectors * 512));
}

static uint8_t flush(void)
{
	uint8_t status;

	expect_answer(true);
	status = request(VIRTIO_BLK_T_FLUSH, 0, 0);
	look_at_answer();
	makes_safe = false;
	return status;
}

/* Any request but a flush. */
static uint8_t any_change(bool through)
{
	static const enum disk_log_kind kinds[] = { LOG_SENDS_DATA, LOG_SENDS_DATA, LOG_SENDS_DATA,
						    LOG_SENDS_ZEROES, LOG_SENDS_DISCARD };

	return change(kinds[rand() % 5], through);
}

static void is_safe(void)
{
	static uint8_t sum[LOG_BYTES];
	unsigned int cuts = 0;
	const char *why = disk_log_replay(recorded, rand(), &cuts);

	if (why)
		fail_msg("%s", why);
	assert_true(cuts > ROUNDS);
	/* Nothing has gone past the log. */
	disk_log_sum(recorded, sum);
	host_file_is(0, sum, sizeof(sum));
	assert_null(disk_log_allows(recorded, sum, 0));
}

/* How often was the driver told so? */
static unsigned int promises(void)
{
	unsigned int count = 0;

	for (const struct disk_record *record = disk_log_next(recorded, NULL); record;
	     record = disk_log_next(recorded, record))
		count += record->kind == LOG_SAFE;
	return count;
}

/* ---- cases ---- */

static void what_was_flushed_is_there(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		/* A host without holes: armvm writes the zeroes. */
		host.allocate_fails = i & 64 ? EOPNOTSUPP : 0;
		assert_int_equal(rand() % 6 ? any_change(false) : flush(), VIRTIO_BLK_S_OK);
	}
	assert_true(promises() > ROUNDS / 12);
	is_safe();
}

static void without_a_cache_each_write_is(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		/* The driver turns the cache off and on, or has never heard of one. */
		bool through = i / 50 % 2 || i > ROUNDS / 2;

		if (i == ROUNDS / 2)
			drive(1u << VIRTIO_BLK_F_WRITE_ZEROES | 1u << VIRTIO_BLK_F_DISCARD);
		else if (i % 50 == 0 && i < ROUNDS / 2)
			transport_ops.write(&device, VIRTIO_MMIO_CONFIG + WCE, !through, 1);
		assert_int_equal(any_change(through), VIRTIO_BLK_S_OK);
	}
	assert_true(promises() > ROUNDS / 2);
	is_safe();
}

/* A disk that is taken out, and one of a guest that is saved. */
static void what_is_taken_out_or_saved_is(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		assert_int_equal(any_change(false), VIRTIO_BLK_S_OK);
		if (rand() % 8)
			continue;
		if (i & 1) {
			assert_int_equal(device.kind->settle(&device), 0);
			disk_log_says(LOG_SAFE);
			continue;
		}
		assert_null(disk_detach(&device));
		disk_log_says(LOG_SAFE);
		assert_null(disk_attach(&device, open(host.path, O_RDWR | O_CLOEXEC), "file"));
	}
	is_safe();
}

/* Writes and flushes fail: the driver knows which. */
static void whatever_fails(void **state)
{
	unsigned int failed = 0, before;

	(void)state;
	listen(true);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		host.write_fails = rand() % 8 ? 0 : ENOSPC;
		host.allocate_fails = rand() % 8 ? 0 : EIO;
		failed += (rand() % 6 ? any_change(false) : flush()) != VIRTIO_BLK_S_OK;
	}
	assert_true(failed > ROUNDS / 20);
	before = promises();
	assert_true(before > ROUNDS / 12);
	host.write_fails = host.allocate_fails = 0;
	/* The kernel forgets what it could not write, and says so once. */
	any_change(false);
	host.sync_fails = EIO;
	for (unsigned int i = 0; i < ROUNDS / 4; i++) {
		if (rand() % 6)
			any_change(false);
		else
			assert_int_equal(flush(), VIRTIO_BLK_S_IOERR);
	}
	assert_int_equal(promises(), before);
	is_safe();
}

/* ---- the replay itself ---- */

/* Is there a cut at which the disk is wrong so, if each record of a kind is another one? */
static void is_found(enum disk_log_kind from, enum disk_log_kind to, const char *why)
{
	const char *said;

	for (struct disk_record *record = disk_log_next(recorded, NULL); record;
	     record = disk_log_next(recorded, record)) {
		if (record->kind == from)
			record->kind = to;
	}
	said = disk_log_replay(recorded, 1, NULL);
	if (!said || strcmp(said, why))
		fail_msg("%s instead of %s", said, why);
}

static void the_replay_finds_what_is_lost(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(i % 4 ? any_change(false) : flush(), VIRTIO_BLK_S_OK);
	is_found(LOG_SYNC, LOG_LOST, "a sector has lost what its driver was told is on the disk");
}

static void the_replay_finds_what_was_never_sent(void **state)
{
	uint8_t alien[512] = { 1 };
	const struct iovec iov = { .iov_base = alien, .iov_len = sizeof(alien) };

	(void)state;
	assert_int_equal(change(LOG_SENDS_DATA, false), VIRTIO_BLK_S_OK);
	assert_null(disk_log_replay(recorded, 1, NULL));
	disk_log_write(&iov, 1, 0);
	is_found(0, 0, "a sector has what was never sent to it");
}

static void the_replay_finds_what_is_elsewhere(void **state)
{
	(void)state;
	assert_int_equal(change(LOG_SENDS_DATA, false), VIRTIO_BLK_S_OK);
	disk_log_allocate(FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, LOG_BYTES, 512);
	is_found(0, 0, "the disk changes sectors that its driver has not");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_flushed_is_there, begin, end),
		cmocka_unit_test_setup_teardown(without_a_cache_each_write_is, begin, end),
		cmocka_unit_test_setup_teardown(what_is_taken_out_or_saved_is, begin, end),
		cmocka_unit_test_setup_teardown(whatever_fails, begin, end),
		cmocka_unit_test_setup_teardown(the_replay_finds_what_is_lost, begin, end),
		cmocka_unit_test_setup_teardown(the_replay_finds_what_was_never_sent, begin, end),
		cmocka_unit_test_setup_teardown(the_replay_finds_what_is_elsewhere, begin, end),
	};

	make_file();
	recorded = calloc(1, LOG_ROOM);
	if (!recorded)
		return 1;
	RUN_TESTS("virtio_power_cut", tests);
}
