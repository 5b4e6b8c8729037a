// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <signal.h>

#include "memmap.h"
#include "pl061.h"
#include "power.h"

#define KEY    (1u << POWER_KEY_LINE)
#define DATA   (4 * KEY)
#define GPIOIE 0x410u

static struct pl061 gpio;
static struct power power;

static void ignore_irq(void *owner, bool level)
{
	(void)owner;
	(void)level;
}

static void ignore_wake(void *owner)
{
	(void)owner;
}

/* The guest looks at the key. */
static bool down(void)
{
	return pl061_ops.read(&gpio, DATA, 1) == KEY;
}

static void listen(bool on)
{
	pl061_ops.write(&gpio, GPIOIE, on ? KEY : 0, 1);
}

static int64_t poll_at(int64_t now)
{
	int64_t timeout = -1;

	assert_true(power_poll(&power, now, &timeout));
	return timeout;
}

static int fresh(void **state)
{
	(void)state;
	pl061_init(&gpio, ignore_irq, ignore_wake, NULL);
	power_init(&power, &gpio, 5000);
	listen(true);
	return 0;
}

static void a_press_ends_after_the_guest_saw_it(void **state)
{
	(void)state;
	assert_true(power_press(&power));
	assert_int_equal(poll_at(1000), -1);
	assert_int_equal(poll_at(900000), -1);
	assert_true(down());
	assert_int_equal(poll_at(900010), 100);
	assert_true(power_press(&power)); /* it is down already */
	assert_int_equal(poll_at(900100), 10);
	assert_true(down());
	assert_int_equal(poll_at(900110), -1);
	assert_false(down());
	assert_int_equal(poll_at(900120), -1);
	/* And once more. */
	assert_true(power_press(&power));
	assert_int_equal(poll_at(900130), -1);
	assert_true(down());
	assert_int_equal(poll_at(900140), 100);
}

static void nobody_listens(void **state)
{
	(void)state;
	listen(false);
	assert_false(power_press(&power));
	assert_false(power_stop(&power, SIGTERM, 0));
	assert_false(down());
	assert_int_equal(power.stop_signal, 0);
	assert_int_equal(poll_at(100000), -1);
	/* The guest's driver comes late: the next signal is the first. */
	listen(true);
	assert_true(power_stop(&power, SIGTERM, 100000));
}

static void stop_has_a_limit(void **state)
{
	int64_t timeout = 700;

	(void)state;
	assert_true(power_stop(&power, SIGTERM, 1000));
	assert_int_equal(power.stop_signal, SIGTERM);
	assert_int_equal(poll_at(1000), 5000);
	assert_true(power_poll(&power, 2000, &timeout));
	assert_int_equal(timeout, 700);
	assert_true(down());
	assert_int_equal(poll_at(5950), 50);
	assert_int_equal(poll_at(5999), 1);
	assert_false(power_poll(&power, 6000, &timeout));
	assert_false(power_stop(&power, SIGINT, 6000));
	assert_int_equal(power.stop_signal, SIGTERM);
}

static void a_second_signal_and_no_limit(void **state)
{
	(void)state;
	power_init(&power, &gpio, 0);
	assert_true(power_stop(&power, SIGINT, 1000));
	assert_int_equal(poll_at(INT64_C(1) << 40), -1);
	assert_false(power_stop(&power, SIGINT, 1001));
}

static void reset_releases_the_key(void **state)
{
	(void)state;
	assert_true(power_press(&power));
	power_reset(&power);
	assert_false(down());
	assert_int_equal(poll_at(5), -1);
	assert_true(power_press(&power));
	assert_true(down());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_press_ends_after_the_guest_saw_it, fresh),
		cmocka_unit_test_setup(nobody_listens, fresh),
		cmocka_unit_test_setup(stop_has_a_limit, fresh),
		cmocka_unit_test_setup(a_second_signal_and_no_limit, fresh),
		cmocka_unit_test_setup(reset_releases_the_key, fresh),
	};

	RUN_TESTS("power", tests);
}
