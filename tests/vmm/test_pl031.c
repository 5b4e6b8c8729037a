// SPDX-License-Identifier: GPL-2.0-only
#include "outputs.h"

#include "pl031.h"

#define DR   0x00
#define MR   0x04
#define LR   0x08
#define CR   0x0c
#define IMSC 0x10
#define RIS  0x14
#define MIS  0x18
#define ICR  0x1c

static struct pl031 rtc;
static uint32_t host;

static uint32_t now(void *owner)
{
	(void)owner;
	return host;
}

static uint32_t rd(uint32_t reg)
{
	return pl031_ops.read(&rtc, reg, 4);
}

static void wr(uint32_t reg, uint32_t value)
{
	pl031_ops.write(&rtc, reg, value, 4);
}

static int fresh(void **state)
{
	(void)state;
	host = 1800000000;
	irq = false;
	wakes = 0;
	pl031_init(&rtc, now, set_irq, wake, OWNER);
	return 0;
}

static void identifies_as_a_primecell(void **state)
{
	static const uint8_t id[8] = { 0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(rd(0xfe0 + 4 * i), id[i]);
	assert_int_equal(rd(CR), 1);
}

static void tells_and_keeps_time(void **state)
{
	(void)state;
	assert_int_equal(rd(DR), 1800000000);
	host += 5;
	assert_int_equal(rd(DR), 1800000005);
	wr(LR, 1000);
	assert_int_equal(rd(LR), 1000);
	assert_int_equal(rd(DR), 1000);
	host += 7;
	assert_int_equal(rd(DR), 1007);
	wr(LR, 0xffffffff);
	host += 2;
	assert_int_equal(rd(DR), 1);
}

static void alarm_fires_once(void **state)
{
	(void)state;
	assert_int_equal(pl031_poll(&rtc), -1);
	wr(IMSC, 1);
	wr(MR, host + 10);
	assert_true(wakes > 0);
	assert_int_equal(pl031_poll(&rtc), 10);
	host += 9;
	assert_int_equal(pl031_poll(&rtc), 1);
	assert_false(irq);
	host += 1;
	assert_int_equal(pl031_poll(&rtc), -1);
	assert_true(irq);
	assert_int_equal(rd(MIS), 1);
	wr(ICR, 1);
	assert_false(irq);
	host += 100;
	assert_int_equal(pl031_poll(&rtc), -1);
	assert_int_equal(rd(RIS), 0);
}

static void masked_alarm_is_only_raw(void **state)
{
	(void)state;
	wr(MR, host + 1);
	host += 3; /* looked at late */
	assert_int_equal(rd(RIS), 1);
	assert_int_equal(rd(MIS), 0);
	assert_false(irq);
	wr(IMSC, 1);
	assert_true(irq);
}

static void past_alarm_never_fires(void **state)
{
	(void)state;
	wr(IMSC, 1);
	wr(MR, host - 1);
	assert_int_equal(pl031_poll(&rtc), -1);
	host += 50;
	assert_int_equal(rd(RIS), 0);
	assert_false(irq);
	/* After the clock is set back, the alarm lies in the future. */
	wr(LR, rd(MR) - 20);
	assert_int_equal(pl031_poll(&rtc), 20);
}

static void reset_keeps_the_time_only(void **state)
{
	(void)state;
	wr(LR, 1000);
	wr(IMSC, 1);
	wr(MR, 1000);
	assert_true(irq);
	wr(MR, 2000);
	pl031_reset(&rtc);
	assert_false(irq);
	assert_int_equal(pl031_poll(&rtc), -1);
	assert_int_equal(rd(RIS) | rd(IMSC) | rd(MR), 0);
	assert_int_equal(rd(DR), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(identifies_as_a_primecell, fresh),
		cmocka_unit_test_setup(tells_and_keeps_time, fresh),
		cmocka_unit_test_setup(alarm_fires_once, fresh),
		cmocka_unit_test_setup(masked_alarm_is_only_raw, fresh),
		cmocka_unit_test_setup(past_alarm_never_fires, fresh),
		cmocka_unit_test_setup(reset_keeps_the_time_only, fresh),
	};

	RUN_TESTS("pl031", tests);
}
