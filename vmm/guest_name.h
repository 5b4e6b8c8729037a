/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's name, and where its control socket is: NAME/control in /run/armvm for root and the
 * service, in $XDG_RUNTIME_DIR/armvm for others.
 */
#ifndef ARMVM_GUEST_NAME_H
#define ARMVM_GUEST_NAME_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

#define GUEST_PATH_SIZE sizeof(((struct sockaddr_un *)0)->sun_path)

/* Letters, digits and ._- as in a service's instance, but not .. or what looks like an option. */
bool guest_name_is_valid(const char *name);
/* The directories to look in, with the guests that this user starts first; false after the last. */
bool guest_name_directory(unsigned int n, char path[GUEST_PATH_SIZE]);
/*
 * The path of a new guest's socket; makes its directory, from which armvm as the user UID deletes
 * the socket at its end.  Returns 0 or, after one message, a negative errno.
 */
int guest_name_socket(const char *name, uid_t uid, char path[GUEST_PATH_SIZE]);

#endif
