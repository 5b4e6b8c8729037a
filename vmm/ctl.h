/* SPDX-License-Identifier: GPL-2.0-only */
/* A client of a control socket. */
#ifndef ARMVM_CTL_H
#define ARMVM_CTL_H

#include <jansson.h>
#include <stdint.h>

/* Returns a descriptor or a negative errno; prints no message. */
int ctl_connect(const char *path);
/* Send a command, with a size unless it is NULL.  Returns the answer, or NULL after one message. */
json_t *ctl_ask(int fd, const char *command, const uint64_t *memory);

#endif
