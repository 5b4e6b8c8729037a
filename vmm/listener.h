/* SPDX-License-Identifier: GPL-2.0-only */
/* A Unix socket of armvm's own, to which programs of the same user connect. */
#ifndef ARMVM_LISTENER_H
#define ARMVM_LISTENER_H

#include <sys/stat.h>
#include <sys/un.h>

struct listener {
	int fd; /* -1: there is none; does not block */
	struct sockaddr_un address;
	struct stat bound; /* the socket's file, in case another one takes its place */
};

/*
 * Create the socket, for `clients` that wait to be accepted.  option is the one that is obeyed,
 * for messages.  Returns 0 or, after one message, a negative errno.
 */
int listener_open(struct listener *listener, const char *option, const char *path, int clients);
/* Close it, and delete its file. */
void listener_close(struct listener *listener);
/* The next client, a descriptor that does not block; or -1. */
int listener_accept(const struct listener *listener);

#endif
