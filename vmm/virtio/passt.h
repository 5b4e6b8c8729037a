/* SPDX-License-Identifier: GPL-2.0-only */
/* passt, a program that gives the guest a network without any privilege. */
#ifndef ARMVM_VIRTIO_PASST_H
#define ARMVM_VIRTIO_PASST_H

#include <stdbool.h>
#include <sys/types.h>

#include "device_options.h"

struct passt {
	pid_t pid;  /* 0: not started */
	int pid_fd; /* of the process */
};

/* Is the program on the search path? */
bool passt_is_installed(void);
void passt_init(struct passt *passt);
/* Start it.  Returns the socket for its frames or, after one message, a negative errno. */
int passt_start(struct passt *passt, const struct net_options *options);
/* After the socket is closed, which ends it: wait for that, and kill it if it takes long. */
void passt_end(struct passt *passt);

#endif
