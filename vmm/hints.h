/* SPDX-License-Identifier: GPL-2.0-only */
/* What works, but may surprise: one line each, when the guest starts. */
#ifndef ARMVM_HINTS_H
#define ARMVM_HINTS_H

#include <stdbool.h>

#include "host.h"
#include "options.h"
#include "sandbox/user.h"

/* zimage: armvm has loaded one, so the guest is Linux and starts now. */
void hints_print(const struct options *options, const struct host *host, const struct user *user,
		 bool zimage);

#endif
