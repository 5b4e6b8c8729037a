/* SPDX-License-Identifier: GPL-2.0-only */
/* The running kernel's options: a file that distributions install beside it, or its own. */
#ifndef ARMVM_CHECK_KERNEL_OPTIONS_H
#define ARMVM_CHECK_KERNEL_OPTIONS_H

#include <stdio.h>

/* NULL if there is none. */
FILE *kernel_options_open(void);

#endif
