/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVM_ARMV7_AGENT_CHANNEL_H
#define KVM_ARMV7_AGENT_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

/* Opens the device, in raw mode if it is a terminal. Dies if that fails. */
int channel_open(const char *path);

/* Sends a whole frame. */
void channel_send(int fd, uint8_t type, uint16_t id, const void *payload, size_t length);

struct channel_reader {
	uint8_t buffer[sizeof(struct frame_header) + FRAME_MAX];
	size_t fill;
};

typedef void (*frame_handler)(const struct frame_header *header, const uint8_t *payload);

/* Reads what is available, and calls the handler for each complete frame. */
void channel_read(int fd, struct channel_reader *reader, frame_handler handle);

/* Prints a line on the console, whose last lines the host sees, and exits. */
void die(const char *what) __attribute__((noreturn));

#endif
