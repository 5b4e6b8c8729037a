// SPDX-License-Identifier: GPL-2.0-only
/* Frames of the remote protocol, intact and damaged. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "gdb/packet.h"

static struct gdb_parser *parser;

static int fresh(void **state)
{
	(void)state;
	parser = calloc(1, sizeof(*parser));
	return !parser;
}

static int done(void **state)
{
	(void)state;
	free(parser);
	return 0;
}

/* Feed text; returns the last result that was not GDB_MORE and counts those. */
static enum gdb_input feed(const void *text, size_t length, unsigned int *count)
{
	enum gdb_input last = GDB_MORE;

	*count = 0;
	for (size_t i = 0; i < length; i++) {
		enum gdb_input input = gdb_parser_feed(parser, ((const uint8_t *)text)[i]);

		if (input != GDB_MORE) {
			last = input;
			++*count;
		}
	}
	return last;
}

static enum gdb_input say(const char *text)
{
	unsigned int count;
	enum gdb_input input = feed(text, strlen(text), &count);

	assert_true(count <= 1);
	return input;
}

static void packets(void **state)
{
	(void)state;
	assert_int_equal(say("$g#67"), GDB_PACKET);
	assert_string_equal(parser->data, "g");
	assert_int_equal(say("$#00"), GDB_PACKET);
	assert_int_equal(parser->length, 0);
	assert_int_equal(say("noise $m0,4#FD"), GDB_PACKET);
	assert_string_equal(parser->data, "m0,4");
	assert_int_equal(say("+"), GDB_ACK);
	assert_int_equal(say("-"), GDB_NAK);
	assert_int_equal(say("\x03"), GDB_INTERRUPT);
	/* Inside a packet 0x03 is data. */
	assert_int_equal(say("$X\x03#5b"), GDB_PACKET);
	assert_int_equal(parser->length, 2);
}

static void damaged(void **state)
{
	(void)state;
	assert_int_equal(say("$g#68"), GDB_BROKEN);
	assert_int_equal(say("$g#6"), GDB_MORE);
	assert_int_equal(say("7"), GDB_PACKET);
	assert_int_equal(say("$g#zz"), GDB_BROKEN);
	assert_int_equal(say("$g#6z"), GDB_BROKEN);
	assert_int_equal(say("$g#g7"), GDB_BROKEN);
	/* An escape character without a byte after it; the checksum is right. */
	assert_int_equal(say("$g}#e4"), GDB_BROKEN);
	/* The end of one packet and the start of the next were lost. */
	assert_int_equal(say("$m4000$g#67"), GDB_PACKET);
	assert_string_equal(parser->data, "g");
}

static void escapes(void **state)
{
	static const uint8_t all[] = { 0x00, 0x03, '#', '$', '*', '}', 0x7f, 0xff, ']' };
	uint8_t frame[GDB_FRAME_MAX];
	unsigned int count;
	size_t length = gdb_packet_frame(frame, (const char *)all, sizeof(all));

	(void)state;
	assert_int_equal(feed(frame, length, &count), GDB_PACKET);
	assert_int_equal(count, 1);
	assert_int_equal(parser->length, sizeof(all));
	assert_memory_equal(parser->data, all, sizeof(all));
	/* Nothing in it can be read as a run length. */
	assert_null(memchr(frame, '*', length));
}

static void frames(void **state)
{
	uint8_t frame[GDB_FRAME_MAX];

	(void)state;
	assert_int_equal(gdb_packet_frame(frame, "OK", 2), 6);
	assert_memory_equal(frame, "$OK#9a", 6);
	assert_int_equal(gdb_packet_frame(frame, "", 0), 4);
	assert_memory_equal(frame, "$#00", 4);
}

static void long_ones(void **state)
{
	char *text = malloc(3 * GDB_PACKET_MAX);
	uint8_t *frame = malloc(GDB_FRAME_MAX);
	unsigned int count;
	uint8_t sum = 0;

	(void)state;
	/* The longest packet, made of bytes that need an escape. */
	memset(text, '}', GDB_PACKET_MAX);
	assert_int_equal(gdb_packet_frame(frame, text, GDB_PACKET_MAX), GDB_FRAME_MAX);
	assert_int_equal(feed(frame, GDB_FRAME_MAX, &count), GDB_PACKET);
	assert_int_equal(parser->length, GDB_PACKET_MAX);
	assert_memory_equal(parser->data, text, GDB_PACKET_MAX);
	/* One byte more, and three times as many, with the right checksum. */
	for (size_t length = GDB_PACKET_MAX + 1; length < 3 * GDB_PACKET_MAX;
	     length += 2 * GDB_PACKET_MAX - 10) {
		char end[4];

		memset(text, 'a', length);
		sum = (uint8_t)('a' * length);
		snprintf(end, sizeof(end), "#%02x", sum);
		assert_int_equal(gdb_parser_feed(parser, '$'), GDB_MORE);
		assert_int_equal(feed(text, length, &count), GDB_MORE);
		assert_int_equal(say(end), GDB_TOO_LONG);
		assert_true(parser->length <= GDB_PACKET_MAX);
	}
	assert_int_equal(say("$g#67"), GDB_PACKET);
	assert_string_equal(parser->data, "g");
	free(text);
	free(frame);
}

/*
 * Whatever the input: nothing is written out of bounds (the sanitizers watch),
 * and a good packet is understood afterwards.
 */
static void any_bytes(void **state)
{
	static const char alphabet[] = "$$$##}}*+-\x03gmMXZz0123456789abcdef,:;";
	uint32_t seed = 1;

	(void)state;
	for (unsigned int round = 0; round < 2000; round++) {
		enum gdb_input last = GDB_MORE;

		for (unsigned int i = 0; i < 200; i++) {
			seed = seed * 1664525 + 1013904223;
			if (round & 1)
				gdb_parser_feed(parser, seed >> 24);
			else
				gdb_parser_feed(parser,
						alphabet[(seed >> 16) % (sizeof(alphabet) - 1)]);
		}
		for (const char *c = "#00$g#67"; *c; c++)
			last = gdb_parser_feed(parser, *c);
		assert_int_equal(last, GDB_PACKET);
		assert_string_equal(parser->data, "g");
	}
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t value;
		size_t used;
	} cases[] = {
		{ "0", true, 0, 1 },
		{ "fFg", true, 0xff, 2 },
		{ "ffffffffffffffff,", true, UINT64_MAX, 16 },
		{ "00000000000000001", false, 0, 0 },
		{ "", false, 0, 0 },
		{ "-1", false, 0, 0 },
		{ ",4", false, 0, 0 },
		{ "x", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = cases[i].text;
		uint64_t value;

		assert_int_equal(gdb_parse_number(&text, &value), cases[i].good);
		if (cases[i].good) {
			assert_true(value == cases[i].value);
			assert_int_equal(text - cases[i].text, cases[i].used);
		}
	}
}

static void bytes(void **state)
{
	const char *text = "00ff7E!";
	uint8_t data[4] = { 9, 9, 9, 9 };

	(void)state;
	assert_true(gdb_parse_bytes(&text, data, 3));
	assert_memory_equal(data, "\x00\xff\x7e\x09", 4);
	assert_string_equal(text, "!");
	text = "123";
	assert_false(gdb_parse_bytes(&text, data, 2));
	text = "1";
	assert_false(gdb_parse_bytes(&text, data, 1));
	text = "";
	assert_false(gdb_parse_bytes(&text, data, 1));
	assert_true(gdb_parse_bytes(&text, data, 0));
}

static void replies(void **state)
{
	struct gdb_reply *reply = calloc(1, sizeof(*reply));
	char text[1000];

	(void)state;
	gdb_reply_printf(reply, "T%02x", 5);
	gdb_reply_put_hex(reply, "\x01\xfe", 2);
	assert_int_equal(reply->length, 7);
	assert_memory_equal(reply->data, "T0501fe", 7);
	/* What does not fit is cut off, whichever function adds it. */
	memset(text, 'x', sizeof(text));
	for (unsigned int i = 0; i < 20; i++)
		gdb_reply_put(reply, text, sizeof(text));
	assert_int_equal(reply->length, GDB_PACKET_MAX);
	gdb_reply_put_hex(reply, text, sizeof(text));
	gdb_reply_printf(reply, "%900s", "x");
	assert_int_equal(reply->length, GDB_PACKET_MAX);
	free(reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(packets, fresh, done),
		cmocka_unit_test_setup_teardown(damaged, fresh, done),
		cmocka_unit_test_setup_teardown(escapes, fresh, done),
		cmocka_unit_test(frames),
		cmocka_unit_test_setup_teardown(long_ones, fresh, done),
		cmocka_unit_test_setup_teardown(any_bytes, fresh, done),
		cmocka_unit_test(numbers),
		cmocka_unit_test(bytes),
		cmocka_unit_test(replies),
	};

	RUN_TESTS("gdb_packet", tests);
}
