/* SPDX-License-Identifier: GPL-2.0-only */
/* The protocol of sd_notify(3): tell a service manager that the machine is set up. */
#ifndef ARMVM_NOTIFY_H
#define ARMVM_NOTIFY_H

/*
 * Connect to the socket that NOTIFY_SOCKET names, before armvm is confined.  Returns a descriptor,
 * or -1 if nobody waits.
 */
int notify_open(void);
/* Say READY=1, and close it.  -1 is allowed. */
void notify_ready(int fd);

#endif
