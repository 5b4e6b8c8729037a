/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What armvm gives up once the machine is set up: root's rights, its capabilities, and
 * all system calls but those that it needs from there on.
 */
#ifndef ARMVM_SANDBOX_SANDBOX_H
#define ARMVM_SANDBOX_SANDBOX_H

#include "options.h"
#include "sandbox/user.h"

/*
 * Before any other thread starts; all that armvm opens has been opened.  Returns 0 or, after one
 * message, a negative errno.
 */
int sandbox_enter(const struct options *options, const struct user *user);

#endif
