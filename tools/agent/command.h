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

/* A running program. With a terminal, out is used in both directions and err is -1. */
struct command {
	bool used;
	uint16_t id;
	pid_t pid;
	bool pty;
	bool exited;
	int status;
	int in, out, err;
	bool eof; /* Close standard input once the pending bytes are written. */
	size_t pending;
	uint8_t stdin_buffer[STDIN_CREDIT];
};

extern struct command commands[MAX_COMMANDS];

struct command *command_find(uint16_t id);

/* Starts a program. If that fails it exits with 126 or 127, as in a shell. */
void command_start(int channel, uint16_t id, const uint8_t *request, size_t length);
void command_stdin(struct command *command, const uint8_t *data, size_t length);
void command_eof(struct command *command);
void command_signal(struct command *command, int signal);
void command_window(struct command *command, uint16_t rows, uint16_t columns);

/* Reaps every child that has ended, including orphans that programs left behind. */
void command_reap(void);

/* Adds the descriptors to wait for; returns how many. */
size_t command_poll(struct command *command, struct pollfd *polls);

/* Moves input and output without waiting. Tells the host once the program has exited. */
void command_serve(int channel, struct command *command);

#endif
