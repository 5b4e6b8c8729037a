/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frames of gdb's remote protocol (gdb manual, "Overview" of the remote
 * serial protocol): $data#sum, acknowledged with + or -, and 0x03 alone.
 */
#ifndef ARMVM_GDB_PACKET_H
#define ARMVM_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest packet in either direction, without its frame and escapes. */
#define GDB_PACKET_MAX 0x4000
/* Its frame: each byte may need an escape. */
#define GDB_FRAME_MAX (2 * GDB_PACKET_MAX + 4)

enum gdb_input {
	GDB_MORE,      /* incomplete */
	GDB_PACKET,    /* data and length contain a packet */
	GDB_BROKEN,    /* the checksum is wrong: ask for the packet again */
	GDB_TOO_LONG,  /* longer than GDB_PACKET_MAX: asking again does not help */
	GDB_INTERRUPT, /* 0x03 between packets */
	GDB_ACK,
	GDB_NAK,
};

struct gdb_parser {
	enum {
		GDB_BETWEEN,
		GDB_INSIDE,
		GDB_SUM1,
		GDB_SUM2
	} state;
	bool escaped;
	bool too_long;
	int digit; /* first digit of the checksum; -1: not a digit */
	uint8_t sum;
	size_t length;
	char data[GDB_PACKET_MAX + 1]; /* without escapes, followed by a NUL */
};

/* Add one byte.  A zeroed parser is in its initial state. */
enum gdb_input gdb_parser_feed(struct gdb_parser *parser, uint8_t byte);
/* Put length bytes at data, at most GDB_PACKET_MAX, into a frame.  Returns the frame's length. */
size_t gdb_packet_frame(uint8_t out[GDB_FRAME_MAX], const char *data, size_t length);

/* A reply under construction; what does not fit is cut off. */
struct gdb_reply {
	size_t length;
	char data[GDB_PACKET_MAX];
};

void gdb_reply_put(struct gdb_reply *reply, const void *data, size_t length);
void gdb_reply_printf(struct gdb_reply *reply, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Append two hexadecimal digits for each byte. */
void gdb_reply_put_hex(struct gdb_reply *reply, const void *data, size_t length);

/* Parse a hexadecimal number of 1 to 16 digits and move *text past it. */
bool gdb_parse_number(const char **text, uint64_t *value);
/* If *text begins with wanted, move *text past it and return true. */
bool gdb_parse_char(const char **text, char wanted);
/* Parse exactly length bytes as pairs of digits and move *text past them. */
bool gdb_parse_bytes(const char **text, uint8_t *data, size_t length);

#endif
