// SPDX-License-Identifier: GPL-2.0-only
/* The network device on a stream socket, whose other end may do anything. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/virtio_mmio.h>

#include "virtio/net.h"
#include "virtio/transport.h"
#include "split_memory.h"

#define BUFFER(n) (0x10000u + (n)*0x800u)
#define BIG	  0x30000u
#define HEADER	  12u

enum {
	RX,
	TX
};

static const uint8_t address[6] = { 2, 3, 4, 5, 6, 7 };
static int peer;

/* ---- the driver ---- */

static void kick(unsigned int n)
{
	device.kind->serve(&device, n);
}

/* Send one frame of the guest, whose first byte after the header is `mark`. */
static void transmit(uint32_t at, uint32_t length, uint8_t mark, unsigned int cut)
{
	memset(memory + at, 0, HEADER);
	for (uint32_t i = 0; i < length; i++)
		memory[at + HEADER + i] = mark + i;
	offer_slot(TX, 0, at, cut, HEADER + length - cut);
	kick(TX);
}

/* ---- the other end ---- */

static void put_frame(uint32_t length, uint8_t mark)
{
	uint8_t data[4 + 70000] = { length >> 24, length >> 16, length >> 8, length };

	for (uint32_t i = 0; i < length; i++)
		data[4 + i] = mark + i;
	assert_int_equal(write(peer, data, 4 + length), 4 + length);
}

static void get_frame(uint32_t length, uint8_t mark)
{
	uint8_t data[4 + 70000];

	assert_int_equal(recv(peer, data, 4 + length, MSG_WAITALL), 4 + length);
	assert_int_equal(data[0] << 24 | data[1] << 16 | data[2] << 8 | data[3], length);
	for (uint32_t i = 0; i < length; i++)
		assert_int_equal(data[4 + i], (uint8_t)(mark + i));
}

static bool silent(void)
{
	uint8_t byte;

	return recv(peer, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}

static void received(uint16_t index, uint32_t at, uint32_t length, uint8_t mark)
{
	static const uint8_t header[HEADER] = { [10] = 1 };

	assert_int_equal(used_length(RX, index), HEADER + length);
	assert_memory_equal(memory + at, header, HEADER);
	for (uint32_t i = 0; i < length; i++)
		assert_int_equal(memory[at + HEADER + i], (uint8_t)(mark + i));
}

static int fresh_link(int type, int (*make)(struct link **, int))
{
	struct link *link;
	int fds[2];

	if (socketpair(AF_UNIX, type, 0, fds))
		return -1;
	peer = fds[1];
	if (make(&link, fds[0]))
		return -1;
	if (net_create_on(&device, &ram, link, address))
		return -1;
	drive(0, 2);
	return 0;
}

static int make_stream(struct link **link, int fd)
{
	return stream_open(link, fd, "test");
}

static int fresh(void **state)
{
	(void)state;
	return fresh_link(SOCK_STREAM, make_stream);
}

static int done(void **state)
{
	(void)state;
	virtio_destroy(&device);
	close(peer);
	return 0;
}

/* ---- tests ---- */

static void describes_itself(void **state)
{
	(void)state;
	assert_int_equal(device.kind->id, 1);
	assert_memory_equal(device.config, address, 6);
	assert_int_equal(virtio_offered(&device) & 0xffffff, 1 << VIRTIO_NET_F_MAC);
}

static void frames_go_out(void **state)
{
	(void)state;
	/* The header may be cut anywhere. */
	for (unsigned int cut = 1; cut < 40; cut++) {
		transmit(BUFFER(0), 60, cut, cut);
		get_frame(60, cut);
		assert_int_equal(used(TX), cut);
		assert_int_equal(used_length(TX, cut - 1), 0);
		assert_true(interrupted());
	}
	/* Too short for an Ethernet header, or longer than any: dropped. */
	transmit(BUFFER(0), 13, 1, 12);
	transmit(BIG, 65551, 1, 12);
	assert_true(silent());
	transmit(BUFFER(0), 14, 1, 12);
	get_frame(14, 1);
	transmit(BIG, 65550, 1, 12);
	get_frame(65550, 1);
	assert_int_equal(used(TX), 43);
	/* Not even a header. */
	offer_slot(TX, 0, BUFFER(0), 4, 4);
	kick(TX);
	assert_true(silent());
	assert_null(device.queues[TX].broken);
}

static void frames_come_in(void **state)
{
	(void)state;
	/* No buffer yet: it waits, and poll() is not asked for more. */
	put_frame(60, 1);
	put_frame(1514, 2);
	kick(RX);
	assert_int_equal(device.polls[0].events, 0);
	assert_false(interrupted());
	offer_slot(RX, 0, BUFFER(0), HEADER + 1514, 10);
	kick(RX);
	assert_int_equal(used(RX), 1);
	assert_true(interrupted());
	received(0, BUFFER(0), 60, 1);
	for (unsigned int first = 1; first < 8; first++) {
		offer_slot(RX, 1, BUFFER(1), 2 * first, HEADER + 1514 - 2 * first);
		kick(RX);
		assert_int_equal(used(RX), first + 1);
		received(first, BUFFER(1), 1514, 2);
		put_frame(1514, 2);
	}
	offer_slot(RX, 1, BUFFER(1), HEADER, 1514);
	kick(RX);
	offer_slot(RX, 1, BUFFER(1), HEADER, 1514);
	kick(RX);
	assert_int_equal(device.polls[0].events, POLLIN);
	assert_int_equal(used(RX), 9);
	/* In single bytes; and one that does not fit, one that is too short: dropped. */
	for (unsigned int i = 0; i < 4 + 20; i++) {
		const uint8_t byte = i == 3 ? 20 : i < 4 ? 0 : i - 4 + 9;

		assert_int_equal(used(RX), 9);
		assert_int_equal(write(peer, &byte, 1), 1);
		device.kind->ready(&device);
	}
	assert_int_equal(used(RX), 10);
	received(9, BUFFER(1), 20, 9);
	offer_slot(RX, 1, BUFFER(1), HEADER, 1514);
	kick(RX);
	put_frame(1515, 3);
	put_frame(13, 3);
	put_frame(0, 3);
	put_frame(14, 4);
	device.kind->ready(&device);
	assert_int_equal(used(RX), 11);
	received(10, BUFFER(1), 14, 4);
	assert_null(device.queues[RX].broken);
}

/* What the other end has read and nobody has looked at. */
static uint8_t stream[4 << 20];
static size_t stream_length;

/* Read all that comes while the device writes what waits. */
static void read_all(void)
{
	ssize_t got = 1;

	stream_length = 0;
	while (got > 0 || device.polls[0].events & POLLOUT) {
		got = recv(peer, stream + stream_length, sizeof(stream) - stream_length,
			   MSG_DONTWAIT);
		stream_length += got > 0 ? got : 0;
		device.kind->ready(&device);
	}
}

static size_t check_frame(size_t at, uint32_t length, uint8_t mark)
{
	const uint8_t *data = stream + at;

	assert_true(at + 4 + length <= stream_length);
	assert_int_equal(data[0] << 24 | data[1] << 16 | data[2] << 8 | data[3], length);
	for (uint32_t i = 0; i < length; i++)
		assert_int_equal(data[4 + i], (uint8_t)(mark + i));
	return at + 4 + length;
}

/* So small that the kernel takes a part of a frame. */
static void narrow_socket(void)
{
	const int small = 16384;

	assert_int_equal(
		setsockopt(device.polls[0].fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
}

/* Send frames of 20000 bytes until the socket takes no more; returns how many. */
static unsigned int fill_socket(void)
{
	unsigned int sent = 0;

	narrow_socket();
	while (!(device.polls[0].events & POLLOUT)) {
		transmit(BIG, 20000, sent++, 12);
		assert_true(sent < 1000);
	}
	return sent;
}

/* As if the queue never ran dry; but this test ends where nobody stops it. */
static bool always(struct virtio *one, void *count)
{
	(void)one;
	*(unsigned int *)count += 1;
	return *(unsigned int *)count < 2 * QUEUE_MAX_SIZE;
}

/* A driver that refills a queue while it is served does not keep the others from their turn. */
static void no_queue_is_served_for_ever(void **state)
{
	unsigned int count = 0;
	uint64_t kicks = 0;

	(void)state;
	/* A queue is looked at once when its device comes to life. */
	assert_int_equal(read(device.kick_fds[TX], &kicks, sizeof(kicks)), sizeof(kicks));
	virtio_pump(&device, TX, always, &count);
	assert_int_equal(count, QUEUE_MAX_SIZE);
	assert_int_equal(read(device.kick_fds[TX], &kicks, sizeof(kicks)), sizeof(kicks));
	assert_int_equal(kicks, 1);
}

/* A socket that takes no more: what was begun is finished, what comes next waits. */
static void a_full_socket(void **state)
{
	unsigned int sent, taken;
	size_t at = 0;

	(void)state;
	sent = fill_socket();
	/* The guest may reuse the buffers that it got back. */
	taken = used(TX);
	assert_true(taken == sent || taken == sent - 1);
	if (taken == sent)
		memset(memory + BIG, 0xff, 20000 + HEADER);
	memset(memory + BUFFER(0), 0, HEADER);
	for (uint32_t i = 0; i < 60; i++)
		memory[BUFFER(0) + HEADER + i] = 77 + i;
	offer_slot(TX, 1, BUFFER(0), 12, 60);
	kick(TX);
	assert_int_equal(used(TX), taken);
	read_all();
	assert_int_equal(used(TX), sent + 1);
	for (unsigned int i = 0; i < sent; i++)
		at = check_frame(at, 20000, i);
	at = check_frame(at, 60, 77);
	assert_int_equal(at, stream_length);
	assert_int_equal(device.polls[0].events & POLLOUT, 0);
}

/* The socket takes a part of one frame, or of the first of some. */
static void a_narrow_socket(void **state)
{
	size_t at = 0;

	(void)state;
	narrow_socket();
	transmit(BIG, 65550, 3, 12);
	assert_int_equal(used(TX), 1);
	assert_true(device.polls[0].events & POLLOUT);
	read_all();
	assert_int_equal(check_frame(0, 65550, 3), stream_length);
	for (unsigned int i = 0; i < 4; i++) {
		uint32_t start = BIG + 0x5000 * i;

		for (uint32_t n = 0; n < 20000; n++)
			memory[start + HEADER + n] = i + n;
		offer_slot(TX, i, start, HEADER, 20000);
	}
	kick(TX);
	assert_true(used(TX) < 5);
	read_all();
	for (unsigned int i = 0; i < 4; i++)
		at = check_frame(at, 20000, i);
	assert_int_equal(at, stream_length);
	assert_int_equal(used(TX), 5);
}

/* A reset in the middle of a frame must not lose the rest of it. */
static void a_reset_keeps_the_stream_whole(void **state)
{
	unsigned int taken;
	size_t at = 0;

	(void)state;
	fill_socket();
	taken = used(TX);
	drive(0, 2);
	assert_int_equal(used(TX), 0);
	kick(TX);
	read_all();
	for (unsigned int i = 0; i < taken; i++)
		at = check_frame(at, 20000, i);
	assert_int_equal(at, stream_length);
	transmit(BUFFER(0), 60, 5, 12);
	get_frame(60, 5);
}

/* A driver that stops its queue while the link takes no more does not keep the thread busy. */
static void a_stopped_queue_waits_for_nothing(void **state)
{
	unsigned int taken;
	size_t at = 0;

	(void)state;
	fill_socket();
	offer_slot(TX, 1, BUFFER(0), 12, 60);
	kick(TX);
	taken = used(TX);
	driver_write(&device, VIRTIO_MMIO_QUEUE_SEL, TX);
	driver_write(&device, VIRTIO_MMIO_QUEUE_READY, 0);
	/* The frame that was begun is finished, and no other one is sent. */
	stream_length = 0;
	for (unsigned int i = 0; i < 1000; i++) {
		ssize_t got = recv(peer, stream + stream_length, sizeof(stream) - stream_length,
				   MSG_DONTWAIT);

		stream_length += got > 0 ? got : 0;
		device.kind->ready(&device);
	}
	assert_int_equal(device.polls[0].events & POLLOUT, 0);
	for (unsigned int i = 0; i < taken; i++)
		at = check_frame(at, 20000, i);
	assert_int_equal(at, stream_length);
	assert_int_equal(used(TX), taken);
}

static void the_other_end_goes(void **state)
{
	FILE *err = stderr;
	char *text;
	size_t size;

	(void)state;
	offer_slot(RX, 0, BUFFER(0), HEADER, 1514);
	kick(RX);
	shutdown(peer, SHUT_RDWR);
	stderr = open_memstream(&text, &size);
	for (unsigned int i = 0; i < 3; i++) {
		device.kind->ready(&device);
		transmit(BUFFER(1), 60, 1, 12);
	}
	fclose(stderr);
	stderr = err;
	assert_string_equal(text, "armvm: test: it has ended: the guest's network is dead\n");
	free(text);
	assert_int_equal(device.polls[0].events, 0);
	assert_int_equal(used(TX), 3);
	assert_int_equal(used(RX), 0);
}

static void a_length_that_cannot_be(void **state)
{
	static const uint8_t length[] = { 0, 1, 0, 15 };
	FILE *err = stderr;
	char *text;
	size_t size;

	(void)state;
	offer_slot(RX, 0, BUFFER(0), HEADER, 1514);
	assert_int_equal(write(peer, length, 4), 4);
	stderr = open_memstream(&text, &size);
	kick(RX);
	kick(RX);
	fclose(stderr);
	stderr = err;
	assert_string_equal(
		text,
		"armvm: test: it sent a frame that is too long: the guest's network is dead\n");
	free(text);
	assert_int_equal(used(RX), 0);
}

static void a_buffer_without_room(void **state)
{
	(void)state;
	offer_slot(RX, 0, BUFFER(0), HEADER, 13);
	put_frame(14, 1);
	kick(RX);
	assert_string_equal(device.queues[RX].broken, "a receive buffer is too short for a frame");
	assert_int_equal(used(RX), 0);
}

static void addresses(void **state)
{
	uint8_t one[6], two[6];

	(void)state;
	net_make_address(one, "/srv/a.img", 0);
	net_make_address(two, "/srv/a.img", 0);
	assert_memory_equal(one, two, 6);
	assert_int_equal(one[0] & 3, 2);
	net_make_address(two, "/srv/a.img", 1);
	assert_memory_not_equal(one, two, 6);
	net_make_address(two, "/srv/b.img", 0);
	assert_memory_not_equal(one, two, 6);
	assert_int_equal(two[0] & 3, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(describes_itself, fresh, done),
		cmocka_unit_test_setup_teardown(frames_go_out, fresh, done),
		cmocka_unit_test_setup_teardown(frames_come_in, fresh, done),
		cmocka_unit_test_setup_teardown(no_queue_is_served_for_ever, fresh, done),
		cmocka_unit_test_setup_teardown(a_full_socket, fresh, done),
		cmocka_unit_test_setup_teardown(a_narrow_socket, fresh, done),
		cmocka_unit_test_setup_teardown(a_reset_keeps_the_stream_whole, fresh, done),
		cmocka_unit_test_setup_teardown(a_stopped_queue_waits_for_nothing, fresh, done),
		cmocka_unit_test_setup_teardown(the_other_end_goes, fresh, done),
		cmocka_unit_test_setup_teardown(a_length_that_cannot_be, fresh, done),
		cmocka_unit_test_setup_teardown(a_buffer_without_room, fresh, done),
		cmocka_unit_test(addresses),
	};

	RUN_TESTS("virtio_net", tests);
}
