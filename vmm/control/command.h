/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of the control socket: what each of them does, apart from lines and JSON's text. */
#ifndef ARMVM_CONTROL_COMMAND_H
#define ARMVM_CONTROL_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "control/control.h"
#include "pause.h"

/* jansson's. */
struct json_t;

/* What a request says beside its command; it need not say the last one. */
enum {
	TAKES_MEMORY = 1 << 0,
	TAKES_DISK = 1 << 1,
	TAKES_FILE = 1 << 2,
	TAKES_DOWNTIME = 1 << 3,
};

struct arguments {
	int64_t memory;	  /* in bytes; -1: it says nothing */
	int64_t disk;	  /* 1 is the first --disk; -1: it says nothing */
	int64_t downtime; /* in ms; -1: it says nothing */
	const char *file; /* what the descriptor is; NULL: it says nothing */
	int fd;		  /* what came with the line; a command that keeps it sets it to -1 */
	bool holds;	  /* set by a command: the guest stands still until the client is gone */
};

/*
 * begin() returns NULL or why it cannot.  A command with an owner then waits until the vCPUs have
 * paused for it, or calls step() until that returns true; *why is NULL then, or why it failed.
 * result() returns the answer's result, or NULL if there is none.  end() follows each begin() that
 * returned NULL, also if the client is gone.
 */
struct command {
	const char *name;
	unsigned int takes;
	bool after_end; /* it serves a guest that has ended, too */
	const char *(*begin)(struct control_guest *guest, struct arguments *with);
	enum pause_owner owner; /* 0: it does not wait */
	bool (*step)(struct control_guest *guest, const char **why);
	void (*end)(struct control_guest *guest);
	struct json_t *(*result)(struct control_guest *guest);
};

/* Returns NULL if there is none of this name. */
const struct command *command_find(const char *name);

#endif
