// SPDX-License-Identifier: GPL-2.0-only
/* `armvm check`: what ptrace() reports of the host's points, which no made-up machine can have. */
#include <string.h>

#include "test.h"

#include "check/check.h"

static struct finding breakpoints, monitor;

static void points_prove_monitor_mode(void **state)
{
	(void)state;
	/* A Cortex-A15 on the emulator: 6 breakpoints and 4 watchpoints of up to 8 bytes. */
	check_debug_info(0x05080406, &breakpoints, &monitor);
	assert_int_equal(breakpoints.verdict, FOUND_OK);
	assert_string_equal(breakpoints.what, "6 breakpoints, 4 watchpoints of up to 8 bytes");
	assert_int_equal(monitor.verdict, FOUND_OK);
	assert_string_equal(monitor.fix, "");
	/* Watchpoints alone do so, too. */
	check_debug_info(0x05080100, &breakpoints, &monitor);
	assert_int_equal(monitor.verdict, FOUND_OK);
}

/* Guests run all the same, so it is no MISSING. */
static void without_points_guests_have_none(void **state)
{
	(void)state;
	check_debug_info(0x05080000, &breakpoints, &monitor);
	assert_int_equal(breakpoints.verdict, FOUND_LIMIT);
	assert_string_equal(breakpoints.what, "none on this host (debug architecture 5)");
	assert_int_equal(monitor.verdict, FOUND_LIMIT);
	assert_non_null(strstr(monitor.fix, "without hardware break- and watchpoints"));
	assert_non_null(strstr(monitor.fix, "DBGEN"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_prove_monitor_mode),
		cmocka_unit_test(without_points_guests_have_none),
	};

	RUN_TESTS("check", tests);
}
