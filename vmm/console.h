/* SPDX-License-Identifier: GPL-2.0-only */
/* The terminal armvm runs on: raw while the guest has it, and given back on every way out. */
#ifndef ARMVM_CONSOLE_H
#define ARMVM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct console {
	bool tty;     /* standard input is a terminal: raw mode, and Ctrl-a is special */
	bool escaped; /* the last byte read was Ctrl-a */
	void (*quit)(void *owner);
	void *owner;
};

/* Descriptors 0 - 2 exist afterwards, whatever the caller of armvm closed. */
void console_open_standard(void);

void console_init(struct console *console, void (*quit)(void *owner), void *owner);
/* Raw mode on, where standard input is a terminal and armvm is not in its background. */
void console_enter(const struct console *console);
/* The terminal as console_enter() found it.  Async-signal-safe; may be called at any time. */
void console_leave(void);
/*
 * A descriptor for writing to the terminal without ever blocking, or standard
 * output itself where that is no terminal.
 */
int console_output(void);
/* A port's filter: takes out and obeys the escapes. */
size_t console_filter(void *console, uint8_t *data, size_t count);

#endif
