/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frames of gdb's remote protocol (gdb manual, "Overview" of the remote
 * serial protocol): $data#sum, with + and - as answers, and 0x03 alone.
 */
#ifndef ARMVM_GDB_PACKET_H
#define ARMVM_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest packet that is taken or made, without its frame and escapes. */
#define GDB_PACKET_MAX 0x4000
/* A frame around one: each byte may need an escape. */
#define GDB_FRAME_MAX (2 * GDB_PACKET_MAX + 4)

enum gdb_input {
	GDB_MORE,      /* nothing yet */
	GDB_PACKET,    /* data and length hold one */
	GDB_BROKEN,    /* its checksum is wrong: ask for it again */
	GDB_TOO_LONG,  /* longer than GDB_PACKET_MAX: asking again would not help */
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
	int digit; /* the checksum's first; -1: it is none */
	uint8_t sum;
	size_t length;
	char data[GDB_PACKET_MAX + 1]; /* without escapes, with a NUL behind it */
};

/* All zero is the start. */
enum gdb_input gdb_parser_feed(struct gdb_parser *parser, uint8_t byte);
/* Frame length bytes at data, at most GDB_PACKET_MAX, into out; returns how many bytes it became. */
size_t gdb_packet_frame(uint8_t out[GDB_FRAME_MAX], const char *data, size_t length);

/* An answer under construction; what does not fit any more is left out. */
struct gdb_reply {
	size_t length;
	char data[GDB_PACKET_MAX];
};

void gdb_reply_put(struct gdb_reply *reply, const void *data, size_t length);
void gdb_reply_printf(struct gdb_reply *reply, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Two hexadecimal digits for each byte. */
void gdb_reply_put_hex(struct gdb_reply *reply, const void *data, size_t length);

/* A hexadecimal number of 1 to 16 digits at *text, which moves behind it. */
bool gdb_parse_number(const char **text, uint64_t *value);
/* The character, and *text moves behind it. */
bool gdb_parse_char(const char **text, char wanted);
/* Exactly length bytes as pairs of digits, which moves *text behind them. */
bool gdb_parse_bytes(const char **text, uint8_t *data, size_t length);

#endif
