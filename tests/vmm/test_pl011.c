// SPDX-License-Identifier: GPL-2.0-only
/* The PL011, from the driver's side and from the line's. */
#include "outputs.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "pl011.h"

#define DR    0x00
#define FR    0x18
#define IBRD  0x24
#define FBRD  0x28
#define LCR_H 0x2c
#define CR    0x30
#define IFLS  0x34
#define IMSC  0x38
#define RIS   0x3c
#define MIS   0x40
#define ICR   0x44

#define FR_BUSY 0x08
#define FR_RXFE 0x10
#define FR_TXFF 0x20
#define FR_RXFF 0x40
#define FR_TXFE 0x80
#define INT_RX	0x10
#define INT_TX	0x20
#define INT_RT	0x40
#define FEN	0x10
#define CR_ON	0x301
#define CR_LBE	0x80

static struct pl011 uart;

static uint32_t rd(uint32_t reg)
{
	return pl011_ops.read(&uart, reg, 4);
}

static void wr(uint32_t reg, uint32_t value)
{
	pl011_ops.write(&uart, reg, value, 4);
}

static int fresh(void **state)
{
	(void)state;
	pl011_init(&uart, set_irq, wake, OWNER);
	irq = false;
	wakes = 0;
	return 0;
}

/* As a driver sets it up, with input released. */
static int ready(void **state)
{
	fresh(state);
	wr(LCR_H, 0x60 | FEN);
	wr(CR, CR_ON);
	pl011_rx_release(&uart);
	wakes = 0;
	return 0;
}

static void identifies_as_a_primecell(void **state)
{
	uint32_t id = 0, cid = 0;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		id |= (rd(0xfe0 + 4 * i) & 0xff) << (8 * i);
		cid |= (rd(0xff0 + 4 * i) & 0xff) << (8 * i);
	}
	assert_int_equal(cid, 0xb105f00d);
	assert_int_equal(id & 0x000fffff, 0x00041011);
	/* From revision 3 on, Linux assumes a FIFO of 32 bytes, which is right. */
	assert_int_equal(id >> 20 & 0xf, 3);
}

static void reset_values(void **state)
{
	(void)state;
	assert_int_equal(rd(CR), 0x300);
	assert_int_equal(rd(IFLS), 0x12);
	assert_int_equal(rd(IMSC), 0);
	assert_int_equal(rd(RIS), 0);
	assert_int_equal(rd(FR) & (FR_BUSY | FR_RXFE | FR_TXFF | FR_RXFF | FR_TXFE),
			 FR_RXFE | FR_TXFE);
	assert_int_equal(rd(LCR_H), 0);
	assert_false(irq);
}

static void registers_keep_their_bits(void **state)
{
	static const struct {
		uint32_t reg, bits;
	} kept[] = {
		{ IBRD, 0xffff }, { FBRD, 0x3f },  { LCR_H, 0xff },
		{ IFLS, 0x3f },	  { IMSC, 0x7ff }, { CR, 0xff87 & ~CR_LBE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		wr(kept[i].reg, 0xffffffff & ~(kept[i].reg == CR ? CR_LBE : 0));
		assert_int_equal(rd(kept[i].reg), kept[i].bits);
		wr(kept[i].reg, 0);
		assert_int_equal(rd(kept[i].reg), 0);
	}
	/* Only the first byte of each word is a register. */
	wr(IMSC + 1, 0x7ff);
	assert_int_equal(rd(IMSC), 0);
	assert_int_equal(rd(IFLS + 2), 0);
}

static void sends_in_order(void **state)
{
	uint8_t out[16];

	(void)state;
	for (const char *c = "hello\xff"; *c; c++)
		wr(DR, (uint8_t)*c);
	assert_int_equal(wakes, 1); /* once, not for each byte */
	/* The bytes count as sent, so an early console does not wait for the host. */
	assert_int_equal(rd(FR) & (FR_BUSY | FR_TXFE), FR_TXFE);
	assert_int_equal(pl011_peek(&uart, out, 3), 3);
	assert_int_equal(pl011_peek(&uart, out, sizeof(out)), 6);
	assert_memory_equal(out, "hello\xff", 6);
	pl011_sent(&uart, 2);
	assert_int_equal(pl011_peek(&uart, out, sizeof(out)), 4);
	assert_memory_equal(out, "llo\xff", 4);
	pl011_sent(&uart, 4);
	assert_int_equal(rd(FR) & (FR_BUSY | FR_TXFE), FR_TXFE);
	wr(DR, 'x');
	assert_int_equal(wakes, 2);
}

static void transmit_interrupt(void **state)
{
	(void)state;
	wr(IMSC, INT_TX);
	assert_false(irq); /* nothing was sent, so there was no transition */
	wr(DR, 'a');
	assert_true(irq);
	assert_int_equal(rd(MIS), INT_TX);
	wr(ICR, INT_TX);
	assert_false(irq);
	pl011_sent(&uart, 1);
	assert_true(irq);
	wr(IMSC, 0);
	assert_false(irq);
	assert_int_equal(rd(RIS) & INT_TX, INT_TX);
	assert_int_equal(rd(MIS), 0);
}

/* When tx is full, TXFF is set and no interrupt comes until a whole FIFO has room. */
static void transmit_back_pressure(void **state)
{
	unsigned int sent = 0;

	(void)state;
	wr(IMSC, INT_TX);
	while (!(rd(FR) & FR_TXFF)) {
		wr(DR, sent++);
		/* After the interrupt a driver writes 16 bytes without reading FR. */
		if (irq)
			assert_true(PL011_TX_SIZE - sent >= PL011_FIFO / 2);
		assert_int_equal(rd(FR) & (FR_BUSY | FR_TXFE),
				 PL011_TX_SIZE - sent >= PL011_FIFO ? FR_TXFE : FR_BUSY);
	}
	assert_int_equal(sent, PL011_TX_SIZE);
	assert_int_equal(wakes, 2); /* the first byte and the first batch */
	assert_false(irq);
	pl011_sent(&uart, 1);
	assert_false(rd(FR) & FR_TXFF);
	assert_false(irq);
	pl011_sent(&uart, PL011_FIFO - 1);
	assert_true(irq);
}

static void *send_one(void *arg)
{
	wr(DR, 0x5a);
	*(volatile bool *)arg = true;
	return NULL;
}

static void full_store_waits(void **state)
{
	volatile bool done = false;
	pthread_t thread;
	uint8_t out[PL011_TX_SIZE];

	(void)state;
	for (unsigned int i = 0; i < PL011_TX_SIZE; i++)
		wr(DR, i);
	pthread_create(&thread, NULL, send_one, (void *)&done);
	usleep(50000);
	assert_false(done);
	pl011_sent(&uart, 1);
	pthread_join(thread, NULL);
	assert_true(done);
	assert_int_equal(pl011_peek(&uart, out, sizeof(out)), PL011_TX_SIZE);
	assert_int_equal(out[0], 1);
	assert_int_equal(out[PL011_TX_SIZE - 1], 0x5a);
}

static void close_frees_a_waiting_store(void **state)
{
	volatile bool done = false;
	pthread_t thread;

	(void)state;
	for (unsigned int i = 0; i < PL011_TX_SIZE; i++)
		wr(DR, i);
	pthread_create(&thread, NULL, send_one, (void *)&done);
	usleep(20000);
	assert_false(done);
	pl011_close(&uart);
	pthread_join(thread, NULL);
	/* What was queued before is kept, what comes after is dropped. */
	assert_int_equal(pl011_tx_count(&uart), PL011_TX_SIZE);
	assert_int_equal(rd(FR) & (FR_TXFF | FR_BUSY | FR_TXFE), FR_TXFE);
	pl011_sent(&uart, PL011_TX_SIZE);
	wr(DR, 1);
	assert_int_equal(pl011_tx_count(&uart), 0);
}

static void receives_all_values_in_order(void **state)
{
	uint8_t in[256];

	(void)state;
	for (unsigned int i = 0; i < sizeof(in); i++)
		in[i] = i;
	assert_int_equal(pl011_receive(&uart, in, sizeof(in)), sizeof(in));
	assert_int_equal(rd(FR) & (FR_RXFE | FR_RXFF), FR_RXFF);
	for (unsigned int i = 0; i < sizeof(in); i++) {
		if (pl011_rx_resting(&uart))
			pl011_rx_resume(&uart);
		assert_false(rd(FR) & FR_RXFE);
		assert_int_equal(rd(DR), i);
	}
	assert_int_equal(rd(FR) & (FR_RXFE | FR_RXFF), FR_RXFE);
	assert_int_equal(rd(DR), 0);
}

/* A guest that reads as fast as it can gets a FIFO's worth, then none until the rest is over. */
static void input_comes_in_batches(void **state)
{
	static const uint8_t in[100];

	(void)state;
	wr(IMSC, INT_RX | INT_RT);
	assert_int_equal(pl011_receive(&uart, in, 100), 100);
	for (unsigned int left = 100; left;) {
		unsigned int batch = left < PL011_FIFO ? left : PL011_FIFO, got = 0;

		assert_true(irq);
		wakes = 0;
		for (; !(rd(FR) & FR_RXFE); got++) {
			assert_false(pl011_rx_resting(&uart));
			rd(DR);
		}
		assert_int_equal(got, batch);
		assert_false(irq);
		left -= got;
		assert_int_equal(pl011_rx_resting(&uart), batch == PL011_FIFO);
		assert_int_equal(wakes, batch == PL011_FIFO);
		if (left) { /* what arrives meanwhile waits, too */
			assert_int_equal(pl011_receive(&uart, in, 1), 1);
			left++;
		}
		assert_true(rd(FR) & FR_RXFE);
		assert_false(irq);
		if (pl011_rx_resting(&uart))
			pl011_rx_resume(&uart);
	}
	/* Less than a batch does not have to wait. */
	assert_false(pl011_rx_resting(&uart));
	pl011_receive(&uart, in, 1);
	assert_true(irq);
}

static void receive_interrupts(void **state)
{
	uint8_t in[PL011_FIFO] = { 0 };

	(void)state;
	wr(IMSC, INT_RX | INT_RT);
	pl011_receive(&uart, in, 1);
	assert_true(irq);
	assert_int_equal(rd(MIS), INT_RT);
	pl011_receive(&uart, in, 14);
	assert_int_equal(rd(RIS), INT_RT);
	pl011_receive(&uart, in, 1); /* 16 bytes: half of the FIFO, IFLS's reset value */
	assert_int_equal(rd(RIS), INT_RT | INT_RX);
	rd(DR);
	assert_int_equal(rd(RIS), INT_RT);
	/* Cleared with bytes left, the interrupt comes again, so nothing gets stuck. */
	wr(ICR, INT_RT);
	assert_true(irq);
	for (unsigned int i = 0; i < 15; i++) {
		assert_true(irq);
		rd(DR);
	}
	assert_false(irq);
	assert_int_equal(rd(RIS), 0);
}

static void trigger_levels(void **state)
{
	static const uint8_t levels[5] = { 4, 8, 16, 24, 28 };
	uint8_t byte = 0;

	(void)state;
	for (unsigned int i = 0; i < 5; i++) {
		unsigned int n = 0;

		pl011_rx_resume(&uart); /* a whole batch */
		wr(IFLS, i << 3);
		while (!(rd(RIS) & INT_RX) && n < 2 * PL011_FIFO) {
			pl011_receive(&uart, &byte, 1);
			n++;
		}
		assert_int_equal(n, levels[i]);
		while (n--)
			rd(DR);
	}
	/* Without FIFOs every byte triggers. */
	wr(LCR_H, 0x60);
	pl011_receive(&uart, &byte, 1);
	assert_int_equal(rd(RIS) & INT_RX, INT_RX);
	assert_int_equal(rd(FR) & FR_RXFF, FR_RXFF);
}

static void receive_back_pressure(void **state)
{
	static uint8_t in[PL011_RX_SIZE + 100];
	unsigned int got = 0;

	(void)state;
	for (unsigned int i = 0; i < sizeof(in); i++)
		in[i] = i * 7;
	assert_int_equal(pl011_receive(&uart, in, sizeof(in)), PL011_RX_SIZE);
	assert_int_equal(pl011_rx_room(&uart), 0);
	while (pl011_rx_room(&uart) < PL011_RX_SIZE / 2) {
		if (pl011_rx_resting(&uart))
			pl011_rx_resume(&uart);
		assert_int_equal(rd(DR), in[got] & 0xff);
		got++;
		assert_true(got <= PL011_RX_SIZE);
	}
	assert_int_equal(got, PL011_RX_SIZE / 2);
	assert_int_equal(pl011_receive(&uart, in + PL011_RX_SIZE, 100), 100);
	for (; got < sizeof(in); got++) {
		if (pl011_rx_resting(&uart))
			pl011_rx_resume(&uart);
		assert_int_equal(rd(DR), in[got] & 0xff);
	}
	assert_true(rd(FR) & FR_RXFE);
}

/* What Linux's driver does when a program opens the port while input waits. */
static void input_waits_for_the_driver(void **state)
{
	(void)state;
	pl011_receive(&uart, (const uint8_t *)"root\n", 5);
	assert_true(rd(FR) & FR_RXFE); /* not enabled yet */
	wr(LCR_H, 0x60 | FEN);
	wr(CR, CR_ON);
	assert_int_equal(wakes, 1);
	assert_true(pl011_rx_held(&uart));
	wr(ICR, INT_RX | INT_RT);
	for (unsigned int i = 0; i < 2 * PL011_FIFO && !(rd(FR) & FR_RXFE); i++)
		rd(DR); /* the flush */
	wr(IMSC, INT_RX | INT_RT);
	assert_false(irq);
	pl011_rx_release(&uart);
	assert_true(irq);
	for (const char *c = "root\n"; *c; c++)
		assert_int_equal(rd(DR), *c);
	assert_false(irq);
}

static void disabled_receiver_loses_nothing(void **state)
{
	(void)state;
	pl011_receive(&uart, (const uint8_t *)"ab", 2);
	wr(CR, 0x101); /* RXE off, as while the baud rate changes */
	assert_true(rd(FR) & FR_RXFE);
	wr(CR, CR_ON);
	pl011_rx_release(&uart);
	assert_int_equal(rd(DR), 'a');
	assert_int_equal(rd(DR), 'b');
}

static void loopback(void **state)
{
	(void)state;
	wr(CR, CR_ON | CR_LBE);
	assert_int_equal(pl011_rx_room(&uart), 0);
	wr(DR, 0xa5);
	assert_int_equal(pl011_tx_count(&uart), 0);
	assert_int_equal(rd(DR), 0xa5);
	for (unsigned int i = 0; i <= PL011_FIFO; i++)
		wr(DR, i);
	assert_int_equal(rd(RIS) & 0x400, 0x400); /* overrun by one byte */
	wr(0x04, 0);
	wr(ICR, 0x400);
	for (unsigned int i = 0; i < PL011_FIFO; i++)
		assert_int_equal(rd(DR), i);
	assert_true(rd(FR) & FR_RXFE);
	wakes = 0;
	wr(CR, CR_ON);
	assert_int_equal(wakes, 1);
	assert_int_equal(pl011_rx_room(&uart), PL011_RX_SIZE);
}

static void *store_without_looking(void *arg)
{
	(void)arg;
	wr(DR, '!');
	return NULL;
}

/* A byte that waits for room is lost with the guest that sent it; what was queued is not. */
static void reset_keeps_what_is_queued(void **state)
{
	uint8_t sent[2];
	pthread_t thread;

	(void)state;
	for (unsigned int i = 0; i < PL011_TX_SIZE; i++)
		wr(DR, 'a' + i);
	pl011_receive(&uart, (const uint8_t *)"xy", 2);
	wr(IMSC, 0x7ff);
	assert_true(irq);
	pthread_create(&thread, NULL, store_without_looking, NULL);
	usleep(20000);
	pl011_stop(&uart);
	pthread_join(thread, NULL);
	pl011_reset(&uart);
	assert_false(irq);
	assert_int_equal(rd(IMSC), 0);
	assert_int_equal(rd(LCR_H), 0);
	assert_int_equal(rd(CR), 0x300);
	assert_int_equal(pl011_tx_count(&uart), PL011_TX_SIZE);
	assert_int_equal(pl011_peek(&uart, sent, 2), 2);
	assert_memory_equal(sent, "ab", 2);
	wr(CR, CR_ON);
	pl011_rx_release(&uart);
	assert_int_equal(rd(DR), 'x');
	assert_int_equal(rd(DR), 'y');
}

static void reset_drops_what_was_looped_back(void **state)
{
	(void)state;
	wr(CR, CR_ON | CR_LBE);
	wr(DR, 0xa5);
	pl011_reset(&uart);
	pl011_receive(&uart, (const uint8_t *)"x", 1);
	wr(CR, CR_ON);
	pl011_rx_release(&uart);
	assert_int_equal(rd(DR), 'x');
}

#define TEST(name, setup) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(identifies_as_a_primecell, fresh),
		TEST(reset_values, fresh),
		TEST(registers_keep_their_bits, fresh),
		TEST(sends_in_order, ready),
		TEST(transmit_interrupt, ready),
		TEST(transmit_back_pressure, ready),
		TEST(full_store_waits, ready),
		TEST(close_frees_a_waiting_store, ready),
		TEST(receives_all_values_in_order, ready),
		TEST(input_comes_in_batches, ready),
		TEST(receive_interrupts, ready),
		TEST(trigger_levels, ready),
		TEST(receive_back_pressure, ready),
		TEST(input_waits_for_the_driver, fresh),
		TEST(disabled_receiver_loses_nothing, ready),
		TEST(loopback, ready),
		TEST(reset_keeps_what_is_queued, ready),
		TEST(reset_drops_what_was_looped_back, ready),
	};

	RUN_TESTS("pl011", tests);
}
