// SPDX-License-Identifier: GPL-2.0-only
/* A port on real descriptors: nothing is lost, nothing blocks, nothing spins. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "console.h"
#include "port.h"

static struct pl011 uart;
static struct port port;
static int64_t now;

static void set_irq(void *owner, bool level)
{
	(void)owner;
	(void)level;
}

static void wake(void *owner)
{
	(void)owner;
}

static int fresh(void **state)
{
	(void)state;
	now = 1000;
	pl011_init(&uart, set_irq, wake, NULL);
	pl011_ops.write(&uart, 0x2c, 0x70, 4);
	pl011_ops.write(&uart, 0x30, 0x301, 4);
	return 0;
}

/* One turn of the main loop, without waiting; returns the timeout of its poll(). */
static int64_t turn(void)
{
	struct port_poll io;
	struct pollfd fds[2];
	int64_t timeout = -1;

	port_prepare(&port, &io, now, &timeout);
	fds[0] = io.in;
	fds[1] = io.out;
	if (poll(fds, 2, 0) <= 0)
		return timeout;
	io.in = fds[0];
	io.out = fds[1];
	port_service(&port, &io, now);
	return 0;
}

static void let_in(void)
{
	turn();
	now += 1000;
	turn();
}

static bool guest_has_input(void)
{
	return !(pl011_ops.read(&uart, 0x18, 4) & 0x10);
}

static uint8_t guest_get(void)
{
	return pl011_ops.read(&uart, 0x00, 4);
}

static void guest_put(uint8_t byte)
{
	pl011_ops.write(&uart, 0x00, byte, 4);
}

static void both_ways_under_pressure(void **state)
{
	enum {
		TOTAL = 200000
	};
	unsigned int sent = 0, arrived = 0, given = 0, taken = 0, rounds = 0;
	int pair[2], small = 4096;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	port_init(&port, "test", &uart, pair[0], pair[0]);
	let_in();
	while (arrived < TOTAL || taken < TOTAL) {
		uint8_t buf[777];
		ssize_t n;

		assert_true(rounds++ < 1000000);
		/* The other end writes all it can and reads only now and then. */
		while (given < TOTAL) {
			uint8_t byte = given * 31 >> 3;

			if (write(pair[1], &byte, 1) != 1)
				break;
			given++;
		}
		if (rounds % 7 == 0) {
			n = read(pair[1], buf, sizeof(buf));
			for (ssize_t i = 0; i < n; i++, arrived++)
				assert_int_equal(buf[i], (arrived * 17 >> 2) & 0xff);
		}
		/* The guest looks at TXFF and drains a little. */
		for (unsigned int i = 0; i < 100 && sent < TOTAL; i++) {
			if (pl011_ops.read(&uart, 0x18, 4) & 0x20)
				break;
			guest_put(sent++ * 17 >> 2);
		}
		for (unsigned int i = 0; i < 90 && guest_has_input(); i++, taken++)
			assert_int_equal(guest_get(), (taken * 31 >> 3) & 0xff);
		turn();
		now++;
	}
	close(pair[0]);
	close(pair[1]);
}

/* The guest writes byte by byte, but the host does not get byte by byte. */
static void output_is_collected(void **state)
{
	uint8_t buf[2 * PL011_TX_BATCH];
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	port_init(&port, "test", &uart, pair[0], pair[0]);
	let_in();
	now += 1000;
	guest_put('a');
	turn();
	assert_int_equal(read(pair[1], buf, sizeof(buf)), 1); /* the first one goes out at once */
	guest_put('b');
	guest_put('c');
	assert_in_range(turn(), 1, 10);
	assert_int_equal(read(pair[1], buf, sizeof(buf)), -1);
	guest_put('d');
	now += 10;
	turn();
	assert_int_equal(read(pair[1], buf, sizeof(buf)), 3);
	assert_memory_equal(buf, "bcd", 3);
	for (unsigned int i = 0; i < PL011_TX_BATCH; i++)
		guest_put(i);
	turn();
	assert_int_equal(read(pair[1], buf, sizeof(buf)), PL011_TX_BATCH);
	close(pair[0]);
	close(pair[1]);
}

static void full_line_is_not_polled_for_nothing(void **state)
{
	int pair[2];
	static const uint8_t bytes[PL011_RX_SIZE];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	port_init(&port, "test", &uart, pair[0], pair[0]);
	let_in();
	/* When idle there is no timeout. */
	assert_int_equal(turn(), -1);
	/* The guest does not drain: input stays in the descriptor, and poll() would sleep. */
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(write(pair[1], bytes, sizeof(bytes)), sizeof(bytes));
	for (unsigned int i = 0; i < 100; i++)
		turn();
	assert_int_equal(pl011_rx_room(&uart), 0);
	assert_int_equal(turn(), -1);
	/* The other end does not read: the same for output. */
	for (unsigned int i = 0; i < 100000 && turn() == 0; i++)
		;
	while (!(pl011_ops.read(&uart, 0x18, 4) & 0x20)) {
		guest_put(0);
		now += 10;
		turn();
	}
	assert_int_equal(turn(), -1);
	close(pair[0]);
	close(pair[1]);
}

/* How much the guest reads at once; 0: nothing is there. */
static unsigned int guest_reads(void)
{
	unsigned int count;

	for (count = 0; guest_has_input(); count++)
		guest_get();
	return count;
}

/*
 * A flood: the guest gets a batch, then none for as long as it took to read it, but neither
 * less nor more than the limits.  Nothing polls meanwhile.
 */
static void input_is_paced_by_the_guest(void **state)
{
	static const struct {
		unsigned int takes, rest;
	} cases[] = { { 0, 1 }, { 1, 1 }, { 8, 8 }, { 15, 15 }, { 500, 20 } };
	static const uint8_t bytes[PL011_RX_SIZE];
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	port_init(&port, "test", &uart, pair[0], pair[0]);
	let_in();
	assert_int_equal(write(pair[1], bytes, sizeof(bytes)), sizeof(bytes));
	for (unsigned int i = 0; i < 20; i++)
		turn();
	assert_int_equal(guest_reads(), PL011_FIFO); /* this batch began long ago */
	turn();
	now += 20;
	turn();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		now += cases[i].takes;
		assert_int_equal(guest_reads(), PL011_FIFO);
		assert_int_equal(turn(), cases[i].rest);
		now += cases[i].rest - 1;
		if (cases[i].rest > 1)
			assert_int_equal(turn(), 1);
		assert_int_equal(guest_reads(), 0);
		now++;
		turn();
	}
	assert_int_equal(guest_reads(), PL011_FIFO);
	close(pair[0]);
	close(pair[1]);
}

static void hold_ends_by_time(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	port_init(&port, "test", &uart, pair[0], pair[0]);
	assert_int_equal(write(pair[1], "x", 1), 1);
	turn();
	assert_false(guest_has_input());
	assert_in_range(turn(), 1, 1000);
	now += 1000;
	turn();
	assert_true(guest_has_input());
	assert_int_equal(guest_get(), 'x');
	close(pair[0]);
	close(pair[1]);
}

static void end_of_input_leaves_output(void **state)
{
	int in = open("/dev/null", O_RDONLY), out[2];
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(out), 0);
	port_init(&port, "test", &uart, in, out[1]);
	let_in();
	turn();
	assert_int_equal(port.in, -1);
	assert_int_equal(turn(), -1);
	guest_put('o');
	turn();
	assert_int_equal(read(out[0], &byte, 1), 1);
	assert_int_equal(byte, 'o');
	close(in);
	close(out[0]);
	close(out[1]);
}

static void broken_output_does_not_stop_the_guest(void **state)
{
	int out[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(out), 0);
	port_init(&port, "test", &uart, -1, out[1]);
	let_in();
	close(out[0]);
	guest_put('o');
	turn();
	assert_int_equal(port.out, -1);
	for (unsigned int i = 0; i < 2 * PL011_TX_SIZE; i++)
		guest_put('x'); /* would block forever if the line still existed */
	assert_false(port_pending(&port));
	assert_int_equal(turn(), -1);
	close(out[1]);
}

/* A pty's master goes away and may come back, like the reader of a virtio port. */
static void device_is_looked_at_again(void **state)
{
	struct termios raw;
	int master, slave;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	fcntl(slave, F_SETFL, O_NONBLOCK);
	port_init(&port, "test", &uart, slave, slave);
	assert_true(port.comes_back);
	let_in();
	assert_int_equal(write(master, "a", 1), 1);
	turn();
	assert_int_equal(guest_get(), 'a');
	close(master);
	/* Hung up: one try, then a timeout instead of spinning. */
	turn();
	assert_in_range(turn(), 1, 1000);
	assert_in_range(turn(), 1, 1000);
	now += 1000;
	assert_int_equal(turn(), 0);
	assert_true(port.in >= 0);
	close(slave);
}

/* Input that comes back later is not asked for all the time, and does not hold up output. */
static void output_does_not_wait_for_input(void **state)
{
	static const struct {
		const char *in;
		bool terminal;
	} cases[] = {
		{ "/proc/self/mem", true }, /* EIO, as from a terminal in whose background it is */
		{ "/dev/null", false },	    /* its end */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int in = open(cases[i].in, O_RDWR), pair[2];
		unsigned int count = 0, turns = 0;
		uint8_t bytes[PL011_TX_SIZE];

		fresh(NULL);
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
		port_init(&port, "test", &uart, in, in);
		port.terminal = cases[i].terminal;
		port.out = pair[0];
		let_in();
		assert_in_range(turn(), 1, 1000); /* it has been read, and rests */
		for (unsigned int n = 0; n < PL011_TX_SIZE - 1; n++)
			guest_put(n);
		while (count < PL011_TX_SIZE - 1) {
			ssize_t got;

			assert_true(turns++ < 100);
			turn();
			now++;
			got = read(pair[1], bytes, sizeof(bytes));
			count += got > 0 ? got : 0;
		}
		assert_int_equal(port.in, in);
		close(in);
		close(pair[0]);
		close(pair[1]);
	}
}

/* ---- escapes ---- */

static unsigned int quits;

static void quit(void *owner)
{
	(void)owner;
	quits++;
}

static void escapes(void **state)
{
	static const struct {
		const char *in, *out;
		unsigned int quits;
	} cases[] = {
		{ "plain", "plain", 0 },
		{ "a\001b", "a", 0 },
		{ "\001x", "", 1 },
		{ "ab\001xcd", "abcd", 1 },
		{ "\001a\001a", "\001\001", 0 },
		{ "\001\001x", "\001x", 0 },
		{ "\001", "", 0 },
		{ "\001h", "", 0 },
		{ "x", "x", 0 },
		{ "\003\032\034", "\003\032\034", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct console console = { .quit = quit };
		uint8_t whole[32], pieces[32];
		size_t size = strlen(cases[i].in), n = 0;

		memcpy(whole, cases[i].in, size);
		quits = 0;
		size = console_filter(&console, whole, size);
		assert_int_equal(size, strlen(cases[i].out));
		assert_memory_equal(whole, cases[i].out, size);
		assert_int_equal(quits, cases[i].quits);
		/* The same, a byte at a time. */
		console.escaped = false;
		quits = 0;
		for (const char *c = cases[i].in; *c; c++) {
			uint8_t byte = *c;

			if (console_filter(&console, &byte, 1))
				pieces[n++] = byte;
		}
		assert_int_equal(n, size);
		assert_memory_equal(pieces, cases[i].out, n);
		assert_int_equal(quits, cases[i].quits);
	}
}

/* ---- a filter and a guest that takes nothing ---- */

static void set_cr(uint32_t value)
{
	pl011_ops.write(&uart, 0x30, value, 4);
}

/* A port with a filter; its input comes from the descriptor returned. */
static int filtered(struct console *console)
{
	int in[2];

	*console = (struct console){ .quit = quit };
	quits = 0;
	assert_int_equal(pipe(in), 0);
	port_init(&port, "test", &uart, in[0], -1);
	port.filter = console_filter;
	port.owner = console;
	let_in();
	return in[1];
}

static void type(int fd, unsigned int first, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		uint8_t byte = 2 + (first + i) % 251; /* no Ctrl-a */

		assert_int_equal(write(fd, &byte, 1), 1);
		if (i % 512 == 511)
			turn();
	}
	turn();
}

static void expect_typed(unsigned int first, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (!guest_has_input()) {
			/* The line rests: a turn to notice, and one when it is over. */
			turn();
			now += 20;
			turn();
		}
		assert_true(guest_has_input());
		assert_int_equal(guest_get(), 2 + (first + i) % 251);
	}
}

static void looped_back_guest_cannot_keep_escapes_out(void **state)
{
	struct console console;
	int fd = filtered(&console);

	(void)state;
	set_cr(0x381);
	type(fd, 0, 10);
	assert_int_equal(write(fd, "\001x", 2), 2);
	turn();
	assert_int_equal(quits, 1);
	type(fd, 10, 10);
	/* The receiver is disconnected, but what was typed is not lost. */
	turn();
	assert_false(guest_has_input());
	set_cr(0x301);
	let_in();
	expect_typed(0, 20);
	turn();
	assert_false(guest_has_input());
	assert_int_equal(turn(), -1);
	close(port.in);
	close(fd);
}

static void full_guest_cannot_keep_escapes_out(void **state)
{
	const unsigned int all = PL011_RX_SIZE + PORT_KEPT;
	struct console console;
	int fd = filtered(&console);

	(void)state;
	type(fd, 0, all);
	assert_int_equal(write(fd, "\001x", 2), 2);
	turn();
	assert_int_equal(quits, 1);
	/* Now the buffer is full; escapes are still obeyed, and nothing spins. */
	type(fd, all, 1000);
	assert_int_equal(write(fd, "\001x", 2), 2);
	turn();
	assert_int_equal(quits, 2);
	assert_int_equal(turn(), -1);
	expect_typed(0, all);
	turn();
	assert_false(guest_has_input());
	/* Input works again. */
	type(fd, 7, 100);
	expect_typed(7, 100);
	close(port.in);
	close(fd);
}

/* Stands in for a guest that enters loopback between poll() and read(). */
static size_t loop_back(void *owner, uint8_t *data, size_t count)
{
	(void)owner;
	(void)data;
	set_cr(0x381);
	return count;
}

static void looped_back_in_between(void **state)
{
	struct console console;
	int fd = filtered(&console);

	(void)state;
	port.filter = loop_back;
	type(fd, 0, 30);
	port.filter = NULL;
	/* As on a channel, no more is read while that input waits. */
	assert_int_equal(write(fd, "z", 1), 1);
	assert_int_equal(turn(), -1);
	set_cr(0x301);
	let_in();
	expect_typed(0, 30);
	assert_int_equal(guest_get(), 'z');
	close(port.in);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(both_ways_under_pressure, fresh),
		cmocka_unit_test_setup(output_is_collected, fresh),
		cmocka_unit_test_setup(full_line_is_not_polled_for_nothing, fresh),
		cmocka_unit_test_setup(input_is_paced_by_the_guest, fresh),
		cmocka_unit_test_setup(hold_ends_by_time, fresh),
		cmocka_unit_test_setup(end_of_input_leaves_output, fresh),
		cmocka_unit_test_setup(broken_output_does_not_stop_the_guest, fresh),
		cmocka_unit_test_setup(device_is_looked_at_again, fresh),
		cmocka_unit_test(output_does_not_wait_for_input),
		cmocka_unit_test(escapes),
		cmocka_unit_test_setup(looped_back_guest_cannot_keep_escapes_out, fresh),
		cmocka_unit_test_setup(full_guest_cannot_keep_escapes_out, fresh),
		cmocka_unit_test_setup(looped_back_in_between, fresh),
	};

	RUN_TESTS("port", tests);
}
