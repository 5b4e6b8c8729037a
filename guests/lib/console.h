/* SPDX-License-Identifier: GPL-2.0-only */
/* The PL011 and a small printf. */
#ifndef GUEST_CONSOLE_H
#define GUEST_CONSOLE_H

#include "types.h"

void console_init(void);
void console_putc(char c);
/* %c %s %d %u %x, `+`, leading zeros, width, `l` and `ll`; nothing else. */
void printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void vprintf(const char *fmt, va_list ap);

#endif
