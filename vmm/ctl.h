/* SPDX-License-Identifier: GPL-2.0-only */
/* A client of a control socket. */
#ifndef ARMVM_CTL_H
#define ARMVM_CTL_H

#include <jansson.h>
#include <stdbool.h>

/* Returns a descriptor or a negative errno; prints no message. */
int ctl_connect(const char *path);
/* The same, but -EAGAIN if nobody takes the connection within this time. */
int ctl_connect_within(const char *path, unsigned int seconds);
/* ctl_connect() after one message. */
int ctl_connect_to(const char *path);
/*
 * Send a request, which is released, and with it a descriptor unless that is -1.  Returns the
 * answer, or NULL after one message.
 */
json_t *ctl_request(int fd, json_t *request, int passed);
/* The same with a request that is a command only. */
json_t *ctl_ask(int fd, const char *command, int passed);
/* .. without a descriptor, and the whole answer has to come within this time. */
json_t *ctl_ask_within(int fd, const char *command, unsigned int seconds);
/* Returns false after a message with the refusal; without one if there was no answer. */
bool ctl_succeeded(const json_t *answer);

/* `attach` and `detach` of armvm ctl; disk is its number or its serial.  As ctl_request(). */
json_t *ctl_attach(int fd, const char *disk, const char *file);
json_t *ctl_detach(int fd, const char *disk);

#endif
