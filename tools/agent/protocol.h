/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The framed protocol between the agent and the host's tools (tools/harness/channel.py).
 *
 * The channel is an 8-bit clean byte stream: a virtio-serial port on the board, UART1 in a guest.
 * A frame is a header and its payload. All numbers are little endian. The sum is Adler-32 over the
 * header's first eight bytes and the payload. So a byte that a UART loses shows up as an error of
 * the channel, and never as wrong output of a command.
 */
#ifndef KVM_ARMV7_AGENT_PROTOCOL_H
#define KVM_ARMV7_AGENT_PROTOCOL_H

#include <stdint.h>

#define FRAME_MAGIC 0xa7
#define FRAME_MAX   (1u << 20) /* Longest payload. A command's arguments must fit into one. */

struct frame_header {
	uint8_t magic;
	uint8_t type;
	uint16_t id; /* Names the command. The host chooses it. */
	uint32_t length;
	uint32_t sum;
};

_Static_assert(sizeof(struct frame_header) == 12, "the header is sent as it is in memory");

/* From the host. */
enum {
	FRAME_RUN = 1,	   /* struct run_request, then the arguments, each with its NUL */
	FRAME_STDIN = 2,   /* bytes for standard input, no more than the credit */
	FRAME_EOF = 3,	   /* end of standard input */
	FRAME_SIGNAL = 4,  /* uint32_t: signal for the command's process group */
	FRAME_WINDOW = 5,  /* uint16_t rows, columns of the terminal */
	FRAME_PING = 6,	   /* answer with FRAME_HELLO */
	FRAME_POWEROFF = 7 /* switch the machine off */
};

/* From the agent. */
enum {
	FRAME_HELLO = 64,  /* what init wrote to /run/hello; also sent once at start */
	FRAME_STDOUT = 65, /* also the terminal's output */
	FRAME_STDERR = 66,
	FRAME_EXIT = 67,  /* uint32_t: status as wait(2) gives it; after all output */
	FRAME_CREDIT = 68 /* uint32_t: the host may send this many more bytes of input */
};

struct run_request {
	uint16_t pty; /* 1: give the command a terminal of this size */
	uint16_t rows;
	uint16_t columns;
	uint16_t argc;
};

/* Limits input in flight per command: one that does not read must not stop others. */
#define STDIN_CREDIT (64u << 10)

#endif
