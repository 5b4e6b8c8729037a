// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gdb/packet.h"

#define ESCAPE	    '}'
#define ESCAPE_FLIP 0x20
#define INTERRUPT   0x03

static const char digits[] = "0123456789abcdef";

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static void begin_packet(struct gdb_parser *parser)
{
	parser->state = GDB_INSIDE;
	parser->escaped = parser->too_long = false;
	parser->sum = 0;
	parser->length = 0;
}

static enum gdb_input parse_between(struct gdb_parser *parser, uint8_t byte)
{
	switch (byte) {
	case '$':
		begin_packet(parser);
		return GDB_MORE;
	case '+':
		return GDB_ACK;
	case '-':
		return GDB_NAK;
	case INTERRUPT:
		return GDB_INTERRUPT;
	}
	return GDB_MORE; /* line noise */
}

static void parse_inside(struct gdb_parser *parser, uint8_t byte)
{
	/* Data has '$' escaped, so a new packet begins: the rest of the last one was lost. */
	if (byte == '$') {
		begin_packet(parser);
		return;
	}
	if (byte == '#') {
		parser->state = GDB_SUM1;
		return;
	}
	parser->sum += byte;
	if (byte == ESCAPE && !parser->escaped) {
		parser->escaped = true;
		return;
	}
	if (parser->escaped)
		byte ^= ESCAPE_FLIP;
	parser->escaped = false;
	if (parser->length < GDB_PACKET_MAX)
		parser->data[parser->length++] = byte;
	else
		parser->too_long = true;
}

static enum gdb_input finish_packet(struct gdb_parser *parser, int low)
{
	int high = parser->digit;

	parser->state = GDB_BETWEEN;
	parser->data[parser->length] = '\0';
	if (high < 0 || low < 0 || (high << 4 | low) != parser->sum || parser->escaped)
		return GDB_BROKEN;
	return parser->too_long ? GDB_TOO_LONG : GDB_PACKET;
}

enum gdb_input gdb_parser_feed(struct gdb_parser *parser, uint8_t byte)
{
	switch (parser->state) {
	case GDB_BETWEEN:
		return parse_between(parser, byte);
	case GDB_INSIDE:
		parse_inside(parser, byte);
		return GDB_MORE;
	case GDB_SUM1:
		parser->digit = digit_of(byte);
		parser->state = GDB_SUM2;
		return GDB_MORE;
	case GDB_SUM2:
		return finish_packet(parser, digit_of(byte));
	}
	return GDB_MORE;
}

size_t gdb_packet_frame(uint8_t out[GDB_FRAME_MAX], const char *data, size_t length)
{
	uint8_t sum = 0;
	size_t n = 0;

	out[n++] = '$';
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = data[i];

		/* Unescaped, '*' would mean that the byte before it is repeated. */
		if (byte == '$' || byte == '#' || byte == ESCAPE || byte == '*') {
			out[n++] = ESCAPE;
			sum += ESCAPE;
			byte ^= ESCAPE_FLIP;
		}
		out[n++] = byte;
		sum += byte;
	}
	out[n++] = '#';
	out[n++] = digits[sum >> 4];
	out[n++] = digits[sum & 15];
	return n;
}

void gdb_reply_put(struct gdb_reply *reply, const void *data, size_t length)
{
	size_t room = sizeof(reply->data) - reply->length;

	if (length > room)
		length = room;
	memcpy(reply->data + reply->length, data, length);
	reply->length += length;
}

void gdb_reply_printf(struct gdb_reply *reply, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int length;

	va_start(ap, fmt);
	length = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	if (length > 0)
		gdb_reply_put(reply, text, length);
}

void gdb_reply_put_hex(struct gdb_reply *reply, const void *data, size_t length)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < length; i++) {
		const char pair[2] = { digits[bytes[i] >> 4], digits[bytes[i] & 15] };

		gdb_reply_put(reply, pair, sizeof(pair));
	}
}

bool gdb_parse_number(const char **text, uint64_t *value)
{
	unsigned int count = 0;
	int digit;

	*value = 0;
	for (; (digit = digit_of(**text)) >= 0; (*text)++) {
		if (++count > 16)
			return false;
		*value = *value << 4 | digit;
	}
	return count != 0;
}

bool gdb_parse_char(const char **text, char wanted)
{
	if (**text != wanted)
		return false;
	(*text)++;
	return true;
}

bool gdb_parse_bytes(const char **text, uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		int high = digit_of((*text)[0]), low = high < 0 ? -1 : digit_of((*text)[1]);

		if (low < 0)
			return false;
		data[i] = high << 4 | low;
		*text += 2;
	}
	return true;
}
