/* SPDX-License-Identifier: GPL-2.0-only */
/* The terminal that armvm runs on: raw while the guest uses it, restored however armvm ends. */
#ifndef ARMVM_CONSOLE_H
#define ARMVM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct console {
	bool tty;     /* standard input is a terminal: use raw mode and filter Ctrl-a */
	bool escaped; /* the last byte read was Ctrl-a */
	void (*quit)(void *owner);
	void *owner;
};

/* Open /dev/null for those of descriptors 0 - 2 that armvm's caller closed. */
void console_open_standard(void);

void console_init(struct console *console, void (*quit)(void *owner), void *owner);
/* Set raw mode if standard input is a terminal and armvm is in its foreground. */
void console_enter(const struct console *console);
/* Restore what console_enter() found.  Async-signal-safe; may be called at any time. */
void console_leave(void);
/* Do the terminal's keys, such as Ctrl-c, go to the guest? */
bool console_is_raw(void);
/*
 * Returns a descriptor that writes to the terminal without blocking, or
 * standard output if that is not a terminal.
 */
int console_output(void);
/* A filter for struct port: removes the escapes from the input and obeys them. */
size_t console_filter(void *console, uint8_t *data, size_t count);

#endif
