/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVM_ARMV7_AGENT_CHANNEL_H
#define KVM_ARMV7_AGENT_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

/* Opens the device, raw if it is a terminal. Ends the program where that fails. */
int channel_open(const char *path);

/* Sends one frame whole. */
void channel_send(int fd, uint8_t type, uint16_t id, const void *payload, size_t length);

struct channel_reader {
	uint8_t buffer[sizeof(struct frame_header) + FRAME_MAX];
	size_t fill;
};

typedef void (*frame_handler)(const struct frame_header *header, const uint8_t *payload);

/* Reads what is there and hands on each frame that is complete. */
void channel_read(int fd, struct channel_reader *reader, frame_handler handle);

/* Prints one line on the console and stops: the host sees the console's last lines. */
void die(const char *what) __attribute__((noreturn));

#endif
