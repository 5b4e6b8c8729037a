/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the headers of the running kernel come from. */
#ifndef ARMVM_CHECK_HEADERS_H
#define ARMVM_CHECK_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write what installs the headers of kernel RELEASE on this distribution, for example "apt
 * install linux-headers-..", to text.  Returns false if no package has them, as for a kernel
 * that somebody built: then text says what else will do.
 */
bool headers_advice(const char *release, char *text, size_t size);
/* Does this distribution install Debian's packages? */
bool headers_use_apt(void);

#endif
