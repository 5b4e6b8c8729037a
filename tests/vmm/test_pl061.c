// SPDX-License-Identifier: GPL-2.0-only
#include "outputs.h"

#include "pl061.h"

enum {
	DATA = 0x000,
	DIR = 0x400,
	IS = 0x404,
	IBE = 0x408,
	IEV = 0x40c,
	IE = 0x410,
	RIS = 0x414,
	MIS = 0x418,
	IC = 0x41c,
	AFSEL = 0x420,
};

#define ALL (DATA + 4 * 0xff)

static struct pl061 gpio;

static uint32_t rd(uint32_t reg)
{
	return pl061_ops.read(&gpio, reg, 4);
}

static void wr(uint32_t reg, uint32_t value)
{
	pl061_ops.write(&gpio, reg, value, 4);
}

static int fresh(void **state)
{
	(void)state;
	irq = false;
	wakes = 0;
	pl061_init(&gpio, set_irq, wake, OWNER);
	return 0;
}

static void identifies_as_a_primecell(void **state)
{
	static const uint8_t id[8] = { 0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(rd(0xfe0 + 4 * i), id[i]);
	wr(0xfe0, 0xff);
	assert_int_equal(rd(0xfe0), 0x61);
	assert_int_equal(rd(0x424) | rd(0xfdc), 0);
}

static void registers_keep_a_byte(void **state)
{
	static const uint32_t registers[] = { DIR, IS, IBE, IEV, IE, AFSEL };

	(void)state;
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		assert_int_equal(rd(registers[i]), 0);
		wr(registers[i], 0x1a5);
		assert_int_equal(rd(registers[i]), 0xa5);
		/* An address between two registers is none. */
		wr(registers[i] + 1, 0);
		assert_int_equal(rd(registers[i]), 0xa5);
		assert_int_equal(rd(registers[i] + 2), 0);
		wr(registers[i], 0);
	}
}

static void the_address_is_a_mask(void **state)
{
	(void)state;
	wr(DIR, 0xf0);
	wr(ALL, 0xff); /* the inputs ignore it */
	assert_int_equal(rd(ALL), 0xf0);
	wr(DATA + 4 * 0x30, 0);
	assert_int_equal(rd(ALL), 0xc0);
	assert_int_equal(rd(DATA + 4 * 0x40), 0x40);
	assert_int_equal(rd(DATA + 4 * 0x30), 0);
	assert_int_equal(rd(DATA), 0);
	wr(DATA, 0xff);
	assert_int_equal(rd(ALL), 0xc0);
	/* Outputs show what the guest drives, inputs what armvm drives. */
	pl061_drive(&gpio, 3, true);
	pl061_drive(&gpio, 4, true);
	assert_int_equal(rd(ALL), 0xc8);
	wr(DIR, 0);
	assert_int_equal(rd(ALL), 0x18);
	wr(DIR, 0xff);
	assert_int_equal(rd(ALL), 0xc0);
}

static void edges_stay_until_cleared(void **state)
{
	(void)state;
	wr(IE, 1 << 3);
	wr(IEV, 1 << 3);
	pl061_drive(&gpio, 3, true);
	assert_true(irq);
	assert_int_equal(rd(RIS), 1 << 3);
	assert_int_equal(rd(MIS), 1 << 3);
	pl061_drive(&gpio, 3, false); /* not an edge that counts */
	assert_true(irq);
	wr(IC, 0xff & ~(1 << 3));
	assert_true(irq);
	wr(IC, 1 << 3);
	assert_false(irq);
	assert_int_equal(rd(RIS), 0);
	assert_int_equal(rd(IC), 0);
	pl061_drive(&gpio, 3, false); /* no change */
	pl061_drive(&gpio, 3, true);
	assert_true(irq);
	pl061_drive(&gpio, 3, true);
	wr(IC, 1 << 3);
	assert_false(irq);
	/* The falling edge. */
	wr(IEV, 0);
	assert_false(irq);
	pl061_drive(&gpio, 3, false);
	assert_true(irq);
}

static void both_edges(void **state)
{
	(void)state;
	wr(IBE, 1 << 3);
	wr(IE, 1 << 3);
	for (unsigned int i = 0; i < 2; i++) {
		pl061_drive(&gpio, 3, !i);
		assert_true(irq);
		wr(IC, 1 << 3);
		assert_false(irq);
	}
	/* Another line's IBE is not its own. */
	wr(IEV, 1 << 2);
	pl061_drive(&gpio, 2, true);
	wr(IC, 0xff);
	pl061_drive(&gpio, 2, false);
	assert_int_equal(rd(RIS), 0);
}

static void levels_follow_the_line(void **state)
{
	(void)state;
	wr(IS, 1 << 3);
	wr(IEV, 0xff);
	wr(IE, 0xff);
	assert_false(irq);
	pl061_drive(&gpio, 3, true);
	assert_true(irq);
	wr(IC, 0xff);
	assert_true(irq);
	pl061_drive(&gpio, 3, false);
	assert_false(irq);
	pl061_drive(&gpio, 3, true);
	wr(IS, 0); /* the edge of before was none */
	assert_false(irq);
	wr(IS, 1 << 3);
	wr(IEV, 0xff & ~(1 << 3));
	assert_false(irq);
	pl061_drive(&gpio, 3, false);
	assert_true(irq);
}

static void masked_is_only_raw(void **state)
{
	(void)state;
	wr(IEV, 1 << 3);
	pl061_drive(&gpio, 3, true);
	assert_int_equal(rd(RIS), 1 << 3);
	assert_int_equal(rd(MIS), 0);
	assert_false(irq);
	assert_false(pl061_listens(&gpio, 3));
	wr(IE, 1 << 3);
	assert_true(irq);
	assert_true(pl061_listens(&gpio, 3));
	assert_false(pl061_listens(&gpio, 2));
}

static void an_output_does_not_interrupt(void **state)
{
	(void)state;
	wr(IE, 0xff);
	wr(IBE, 0xff);
	wr(DIR, 1 << 3);
	assert_false(pl061_listens(&gpio, 3));
	assert_true(pl061_listens(&gpio, 4));
	pl061_drive(&gpio, 3, true);
	wr(ALL, 0xff);
	assert_false(irq);
	wr(IS, 0xff);
	wr(IEV, 1 << 3);
	assert_int_equal(rd(RIS) & 1 << 3, 0);
}

static void armvm_learns_that_a_line_was_read(void **state)
{
	(void)state;
	pl061_drive(&gpio, 3, true);
	assert_false(pl061_was_read(&gpio, 3));
	rd(DATA + 4 * 0xf7);
	rd(RIS);
	assert_false(pl061_was_read(&gpio, 3));
	wakes = 0;
	rd(DATA + 4 * 8);
	assert_true(pl061_was_read(&gpio, 3));
	assert_int_equal(wakes, 1);
	rd(DATA + 4 * 8); /* a guest that polls does not wake armvm each time */
	assert_int_equal(wakes, 1);
	pl061_drive(&gpio, 3, false);
	assert_false(pl061_was_read(&gpio, 3));
	assert_true(pl061_was_read(&gpio, 2));
}

static void reset_leaves_the_pins_only(void **state)
{
	(void)state;
	for (uint32_t reg = DIR; reg <= IE; reg += 4)
		wr(reg, 0x77);
	wr(AFSEL, 0xff);
	wr(ALL, 0xff);
	pl061_drive(&gpio, 3, true);
	rd(ALL);
	wr(IS, 0);
	wr(IEV, 0);
	wr(IBE, 0xff);
	pl061_drive(&gpio, 7, true);
	wr(IE, 0xff);
	assert_true(irq);
	pl061_reset(&gpio);
	assert_false(irq);
	for (uint32_t reg = DIR; reg <= AFSEL; reg += 4)
		assert_int_equal(rd(reg), 0);
	assert_false(pl061_was_read(&gpio, 3));
	assert_int_equal(rd(ALL), 0x88);
	wr(DIR, 0xff);
	assert_int_equal(rd(ALL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(identifies_as_a_primecell, fresh),
		cmocka_unit_test_setup(registers_keep_a_byte, fresh),
		cmocka_unit_test_setup(the_address_is_a_mask, fresh),
		cmocka_unit_test_setup(edges_stay_until_cleared, fresh),
		cmocka_unit_test_setup(both_edges, fresh),
		cmocka_unit_test_setup(levels_follow_the_line, fresh),
		cmocka_unit_test_setup(masked_is_only_raw, fresh),
		cmocka_unit_test_setup(an_output_does_not_interrupt, fresh),
		cmocka_unit_test_setup(armvm_learns_that_a_line_was_read, fresh),
		cmocka_unit_test_setup(reset_leaves_the_pins_only, fresh),
	};

	RUN_TESTS("pl061", tests);
}
