/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose rights armvm has once the machine is set up. */
#ifndef ARMVM_SANDBOX_USER_H
#define ARMVM_SANDBOX_USER_H

#include <stdbool.h>
#include <sys/types.h>

/* The user that root becomes unless it names another one: the package armvm makes it. */
#define OWN_USER "_armvm"

struct user {
	const char *option; /* what --user says, or NULL */
	uid_t uid;
	gid_t gid;
	bool changes; /* armvm has to become it */
	bool missing; /* there is no OWN_USER, so root stays root */
};

/*
 * Before anything is opened: find the user that --user names, or that root is to become without
 * it.  Returns 0 or, after one message, a negative errno.
 */
int user_find(struct user *user, const char *option);
/*
 * Become it, without further groups.  What capabilities armvm had can still be made effective.
 * Returns 0 or, after one message, a negative errno.
 */
int user_become(const struct user *user);

#endif
