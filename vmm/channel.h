/* SPDX-License-Identifier: GPL-2.0-only */
/* Opening what --channel names. */
#ifndef ARMVM_CHANNEL_H
#define ARMVM_CHANNEL_H

/*
 * name is "fd:N", or the path of a terminal, of another character device or of
 * a listening Unix socket.  Returns a non-blocking descriptor or, after one
 * message, a negative errno.
 */
int channel_open(const char *name);

#endif
