// SPDX-License-Identifier: GPL-2.0-only
/* The ports of a console device, whose driver and whose other ends may do anything. */
#include "console_driver.h"

static void describes_itself(void **state)
{
	(void)state;
	assert_int_equal(device.kind->id, VIRTIO_ID_CONSOLE);
	assert_int_equal(virtio_offered(&device) & 0xffffff, MULTIPORT);
	assert_int_equal(device.kind->nr_queues, 6);
	assert_int_equal(transport_ops.read(&device, VIRTIO_MMIO_CONFIG + 4, 4), 2);
	begin();
}

static void bytes_go_both_ways(void **state)
{
	(void)state;
	begin();
	control(0, OPEN, 1);
	send_text(OUT0, "from the guest");
	got(peer, "from the guest");
	assert_int_equal(used(OUT0), 1);
	assert_true(interrupted());
	assert_int_equal(write(peer, "to the guest", 12), 12);
	wait_once();
	assert_int_equal(device.polls[0].events, 0); /* no buffer, so nothing is waited for */
	offer(IN0, DATA, 5, 100);
	kick(IN0);
	assert_int_equal(used(IN0), 1);
	assert_true(interrupted());
	assert_int_equal(used_length(IN0, 0), 12);
	assert_memory_equal(memory + DATA, "to the guest", 12);
	/* A buffer first, and bytes later, of which each buffer takes what there is. */
	offer(IN0, DATA, 2, 1);
	offer(IN0, DATA + 0x100, 2, 1);
	kick(IN0);
	assert_int_equal(device.polls[0].events, POLLIN);
	assert_int_equal(write(peer, "abcde", 5), 5);
	wait_once();
	assert_int_equal(used(IN0), 3);
	assert_memory_equal(memory + DATA, "abc", 3);
	assert_memory_equal(memory + DATA + 0x100, "de", 2);
	assert_int_equal(used_length(IN0, 2), 2);
}

static void input_waits_until_the_port_is_open(void **state)
{
	(void)state;
	begin();
	offer(IN0, DATA, 5, 100);
	kick(IN0);
	assert_int_equal(write(peer, "early", 5), 5);
	wait_once();
	assert_int_equal(used(IN0), 0);
	control(0, OPEN, 1);
	assert_int_equal(used_length(IN0, 0), 5);
	control(0, OPEN, 0);
	offer(IN0, DATA, 5, 100);
	kick(IN0);
	assert_int_equal(write(peer, "late", 4), 4);
	wait_once();
	assert_int_equal(used(IN0), 1);
}

/* 5.3.6: without the feature there is one port. */
static void without_multiport_the_first_port_is_open(void **state)
{
	(void)state;
	drive(0, 2);
	offer(IN0, DATA, 5, 100);
	kick(IN0);
	assert_int_equal(write(peer, "hello", 5), 5);
	wait_once();
	assert_int_equal(used_length(IN0, 0), 5);
	send_text(OUT0, "world");
	got(peer, "world");
}

static void a_client_comes_and_goes(void **state)
{
	int fd, next;

	(void)state;
	begin();
	control(1, OPEN, 1);
	send_text(OUT1, "to nobody");
	assert_int_equal(used(OUT1), 1);
	fd = client();
	next = client();
	wait_once();
	told(1, OPEN, 1, "");
	send_text(OUT1, "hello");
	got(fd, "hello");
	silent(next);
	/* It sends its last words, but can still receive. */
	assert_int_equal(write(fd, "bye", 3), 3);
	shutdown(fd, SHUT_WR);
	offer(IN1, DATA, 5, 100);
	offer(IN1, DATA + 0x100, 5, 100);
	kick(IN1);
	assert_int_equal(used(IN1), 1);
	wait_once();
	told_no_more();
	send_text(OUT1, "answer");
	got(fd, "answer");
	close(fd);
	wait_once();
	told(1, OPEN, 0, "");
	/* Now the next one has its turn. */
	wait_once();
	told(1, OPEN, 1, "");
	assert_int_equal(write(next, "again", 5), 5);
	wait_once();
	assert_memory_equal(memory + DATA + 0x100, "again", 5);
	close(next);
}

/* The driver learns of a client's end before the next one begins, when it has room for messages. */
static void the_next_client_waits_for_the_driver(void **state)
{
	int fd, next;

	(void)state;
	drive(MULTIPORT, NR_QUEUES);
	heard = 0;
	for (unsigned int i = 0; i < 4; i++)
		room_for_message();
	control(0, READY, 1);
	control(1, PORT_IS, 1);
	control(1, OPEN, 1);
	fd = client();
	wait_once();
	told(0, ADD, 0, "");
	told(1, ADD, 0, "");
	told(1, NAME, 1, "org.test.second");
	told(1, OPEN, 1, "");
	close(fd);
	offer(IN1, DATA, 5, 100);
	kick(IN1);
	wait_once();
	next = client();
	for (unsigned int i = 0; i < 4; i++)
		wait_once();
	send_text(OUT1, "for whom");
	room_for_message();
	kick(TO_DRIVER);
	told(1, OPEN, 0, "");
	wait_once();
	room_for_message();
	kick(TO_DRIVER);
	told(1, OPEN, 1, "");
	silent(next);
	close(next);
}

static void a_slow_reader_loses_nothing(void **state)
{
	const uint32_t size = 0x8000;
	uint8_t data[4096], expected = 0;
	uint64_t sent = 0, read_back = 0;
	const int small = 4096;
	ssize_t count;

	(void)state;
	begin();
	assert_int_equal(
		setsockopt(device.polls[0].fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
	for (uint32_t i = 0; i < size; i++)
		memory[DATA + i] = i * 7 >> 3;
	for (unsigned int i = 0; i < 4; i++, sent += size)
		offer(OUT0, DATA, 77, size - 77);
	kick(OUT0);
	assert_true(used(OUT0) < 4);
	assert_int_equal(device.polls[0].events & POLLOUT, POLLOUT);
	while (read_back < sent) {
		count = read(peer, data, sizeof(data));
		if (count < 0)
			assert_int_equal(errno, EAGAIN);
		for (ssize_t i = 0; i < count; i++, read_back++) {
			expected = (read_back % size) * 7 >> 3;
			assert_int_equal(data[i], expected);
		}
		wait_once();
	}
	assert_int_equal(used(OUT0), 4);
	assert_int_equal(device.polls[0].events & POLLOUT, 0);
}

static void what_the_guest_said_last_goes_out(void **state)
{
	(void)state;
	begin();
	memcpy(memory + DATA, "last words", 10);
	offer(OUT0, DATA, 1, 9);
	/* The guest has ended before the worker took the notification. */
	device.kind->ending(&device);
	got(peer, "last words");
}

static void a_socket_that_closes_is_gone(void **state)
{
	(void)state;
	begin();
	control(0, OPEN, 1);
	close(peer);
	peer = -1;
	send_text(OUT0, "x");
	assert_int_equal(used(OUT0), 1);
	told(0, OPEN, 0, "");
	assert_int_equal(device.polls[0].fd, -1);
	send_text(OUT0, "y");
	assert_int_equal(used(OUT0), 2);
}

/* The other end of a terminal comes back. */
static void a_terminal_that_closes_rests(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), slave;

	(void)state;
	virtio_destroy(&device);
	assert_int_equal(grantpt(master) | unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_int_equal(create(master), 0);
	begin();
	control(0, OPEN, 1);
	offer(IN0, DATA, 5, 100);
	kick(IN0);
	assert_int_equal(device.poll_timeout, -1);
	close(slave);
	wait_once();
	assert_int_equal(device.polls[0].events, 0);
	assert_int_equal(device.poll_timeout, 100);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_int_equal(write(slave, "back", 4), 4);
	wait_once();
	assert_int_equal(used_length(IN0, 0), 4);
	close(slave);
}

static void a_reset_forgets_the_driver_and_keeps_the_client(void **state)
{
	int fd;

	(void)state;
	begin();
	control(1, OPEN, 1);
	fd = client();
	wait_once();
	told(1, OPEN, 1, "");
	begin_with(true);
	send_text(OUT1, "still here");
	got(fd, "still here");
	close(fd);
}

static void a_driver_that_breaks_the_rules(void **state)
{
	(void)state;
	/* Ports, events and lengths that there are not. */
	begin();
	control(2, PORT_IS, 1);
	control(0xffffffff, OPEN, 1);
	control(0, 77, 1);
	control(0, READY, 0);
	told_no_more();
	assert_true(virtio_live(&device));
	offer(TO_DEVICE, DATA, 3, 4);
	kick(TO_DEVICE);
	assert_false(virtio_live(&device));
	drive(MULTIPORT, NR_QUEUES);
	offer(TO_DRIVER, DATA, 3, 4);
	control(0, READY, 1);
	kick(TO_DRIVER);
	assert_int_equal(used(TO_DRIVER), 0);
	assert_non_null(device.queues[TO_DRIVER].broken);
	/* A buffer for input that is for output. */
	begin();
	control(0, OPEN, 1);
	assert_int_equal(write(peer, "x", 1), 1);
	((struct vring_desc *)(memory + QUEUE(IN0)))[0] = (struct vring_desc){ BASE, 8, 0, 0 };
	((uint16_t *)(memory + QUEUE(IN0) + AVAIL))[1] = 1;
	kick(IN0);
	assert_false(virtio_live(&device));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(describes_itself, fresh, done),
		cmocka_unit_test_setup_teardown(bytes_go_both_ways, fresh, done),
		cmocka_unit_test_setup_teardown(input_waits_until_the_port_is_open, fresh, done),
		cmocka_unit_test_setup_teardown(without_multiport_the_first_port_is_open, fresh,
						done),
		cmocka_unit_test_setup_teardown(a_client_comes_and_goes, fresh, done),
		cmocka_unit_test_setup_teardown(the_next_client_waits_for_the_driver, fresh, done),
		cmocka_unit_test_setup_teardown(a_slow_reader_loses_nothing, fresh, done),
		cmocka_unit_test_setup_teardown(what_the_guest_said_last_goes_out, fresh, done),
		cmocka_unit_test_setup_teardown(a_socket_that_closes_is_gone, fresh, done),
		cmocka_unit_test_setup_teardown(a_terminal_that_closes_rests, fresh, done),
		cmocka_unit_test_setup_teardown(a_reset_forgets_the_driver_and_keeps_the_client,
						fresh, done),
		cmocka_unit_test_setup_teardown(a_driver_that_breaks_the_rules, fresh, done),
	};

	signal(SIGPIPE, SIG_IGN);
	RUN_TESTS("virtio_console", tests);
}
