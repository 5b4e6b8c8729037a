/* SPDX-License-Identifier: GPL-2.0-only */
/* What --channel names. */
#ifndef ARMVM_CHANNEL_H
#define ARMVM_CHANNEL_H

/*
 * "fd:N" or the path of a terminal, another character device or a listening
 * Unix socket.  Returns a non-blocking descriptor or, after one message, a
 * negative errno.
 */
int channel_open(const char *name);

#endif
