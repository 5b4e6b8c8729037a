/* SPDX-License-Identifier: GPL-2.0-only */
/* A client of a control socket. */
#ifndef ARMVM_CTL_H
#define ARMVM_CTL_H

#include <jansson.h>

/* Returns a descriptor or a negative errno; prints no message. */
int ctl_connect(const char *path);
/* Send a command, without arguments.  Returns the answer, or NULL after one message. */
json_t *ctl_ask(int fd, const char *command);

#endif
