/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVM_ARMV7_AGENT_COMMAND_H
#define KVM_ARMV7_AGENT_COMMAND_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "protocol.h"

#define MAX_COMMANDS 16

/* One running program. A terminal is one descriptor in both directions, then err is -1. */
struct command {
	bool used;
	uint16_t id;
	pid_t pid;
	bool pty;
	bool exited;
	int status;
	int in, out, err;
	bool eof; /* close standard input once the pending bytes are written */
	size_t pending;
	uint8_t stdin_buffer[STDIN_CREDIT];
};

extern struct command commands[MAX_COMMANDS];

struct command *command_find(uint16_t id);

/* Starts what the request names; a program that cannot be started exits 126 or 127 as a shell's. */
void command_start(int channel, uint16_t id, const uint8_t *request, size_t length);
void command_stdin(struct command *command, const uint8_t *data, size_t length);
void command_eof(struct command *command);
void command_signal(struct command *command, int signal);
void command_window(struct command *command, uint16_t rows, uint16_t columns);

/* Collects every child that ended, our own and those left behind by their parents. */
void command_reap(void);

/* Appends the descriptors to wait for; returns how many. */
size_t command_poll(struct command *command, struct pollfd *polls);

/* Moves what can be moved without waiting; tells the host once the program is gone. */
void command_serve(int channel, struct command *command);

#endif
