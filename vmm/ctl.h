/* SPDX-License-Identifier: GPL-2.0-only */
/* A client of a control socket. */
#ifndef ARMVM_CTL_H
#define ARMVM_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Returns a descriptor or a negative errno; prints no message. */
int ctl_connect(const char *path);
/* The same, after one message. */
int ctl_connect_to(const char *path);
/*
 * Send a command, with a size unless it is NULL, and a descriptor unless it is -1.  Returns the
 * answer, or NULL after one message.
 */
json_t *ctl_ask(int fd, const char *command, const uint64_t *memory, int passed);
/* Returns false after a message with the refusal; without one if there was no answer. */
bool ctl_succeeded(const json_t *answer);

#endif
