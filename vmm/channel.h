/* SPDX-License-Identifier: GPL-2.0-only */
/* Opening what --channel and --port name. */
#ifndef ARMVM_CHANNEL_H
#define ARMVM_CHANNEL_H

/*
 * name is "fd:N", or the path of a terminal, of another character device or of
 * a listening Unix socket.  Returns a non-blocking descriptor or, after one
 * message, a negative errno.  option is the one that is obeyed, for messages.
 */
int channel_open(const char *option, const char *name);

#endif
