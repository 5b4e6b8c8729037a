/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The framed protocol between the agent and the host's tools (tools/harness/channel.py).
 *
 * The channel is an 8-bit clean byte stream: a virtio-serial port on the board, UART1 in a guest.
 * Each frame is a header and its payload; all numbers are little endian. The sum is Adler-32 over
 * the header's first eight bytes and the payload: a byte that a UART loses must show up as an
 * error of the channel, never as different output of a command.
 */
#ifndef KVM_ARMV7_AGENT_PROTOCOL_H
#define KVM_ARMV7_AGENT_PROTOCOL_H

#include <stdint.h>

#define FRAME_MAGIC 0xa7
#define FRAME_MAX   (1u << 20) /* Longest payload; a command's arguments must fit in one. */

struct frame_header {
	uint8_t magic;
	uint8_t type;
	uint16_t id; /* Names the command; chosen by the host. */
	uint32_t length;
	uint32_t sum;
};

_Static_assert(sizeof(struct frame_header) == 12, "the header goes over the wire as it is");

/* From the host. */
enum {
	FRAME_RUN = 1,	   /* struct run_request, then the arguments, each ended by NUL */
	FRAME_STDIN = 2,   /* bytes for standard input, at most the credit given */
	FRAME_EOF = 3,	   /* end of standard input */
	FRAME_SIGNAL = 4,  /* uint32_t: signal for the command's process group */
	FRAME_WINDOW = 5,  /* uint16_t rows, columns of the terminal */
	FRAME_PING = 6,	   /* answered by FRAME_HELLO */
	FRAME_POWEROFF = 7 /* switch the machine off */
};

/* From the agent. */
enum {
	FRAME_HELLO = 64,  /* what init wrote to /run/hello; also sent unasked at start */
	FRAME_STDOUT = 65, /* also the terminal's output */
	FRAME_STDERR = 66,
	FRAME_EXIT = 67,  /* uint32_t: status as wait(2) gives it; after all output */
	FRAME_CREDIT = 68 /* uint32_t: so many more bytes of standard input may be sent */
};

struct run_request {
	uint16_t pty; /* 1: give it a terminal of this size */
	uint16_t rows;
	uint16_t columns;
	uint16_t argc;
};

/* Standard input in flight per command, so that one that does not read stops no other. */
#define STDIN_CREDIT (64u << 10)

#endif
