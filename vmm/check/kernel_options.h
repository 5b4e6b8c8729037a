/* SPDX-License-Identifier: GPL-2.0-only */
/* The file of the running kernel's options, which distributions install beside it. */
#ifndef ARMVM_CHECK_KERNEL_OPTIONS_H
#define ARMVM_CHECK_KERNEL_OPTIONS_H

#include <stdio.h>

/* NULL if there is none. */
FILE *kernel_options_open(void);

#endif
