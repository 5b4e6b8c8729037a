// SPDX-License-Identifier: GPL-2.0-only
/* The last step of a save or a migration: all is written, and the time may be over. */
#include "test.h"

#include <string.h>

#include "loop.h"
#include "save/save.h"

/* Nothing is left to write. */
static struct save written(bool migrates, int64_t give_up_at)
{
	return (struct save){
		.phase = SAVE_END,
		.fd = -1,
		.migrates = migrates,
		.give_up_at = give_up_at,
	};
}

static void a_file_that_is_written_is_a_success(void **state)
{
	struct save save = written(false, 0);
	const char *why;

	(void)state;
	assert_true(save_step(&save, &why));
	assert_null(why);
}

static void a_guest_that_is_sent_waits_for_the_answer(void **state)
{
	struct save save = written(true, loop_now() + 3600000);
	const char *why;

	(void)state;
	assert_false(save_step(&save, &why));
	assert_int_equal(save.phase, SAVE_ANSWER);
}

static void a_guest_that_is_sent_too_late_has_not_moved(void **state)
{
	struct save save = written(true, 1);
	const char *why;

	(void)state;
	assert_true(save_step(&save, &why));
	assert_non_null(why);
	assert_non_null(strstr(why, "the guest has stood still for 10 s longer"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_written_is_a_success),
		cmocka_unit_test(a_guest_that_is_sent_waits_for_the_answer),
		cmocka_unit_test(a_guest_that_is_sent_too_late_has_not_moved),
	};

	RUN_TESTS("save_step", tests);
}
