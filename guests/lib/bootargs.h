/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef GUEST_BOOTARGS_H
#define GUEST_BOOTARGS_H

#include "types.h"

/* /chosen/bootargs of the device tree, or "". */
const char *bootargs(void);
/* The decimal number after `name=` in the boot arguments, or otherwise. */
u32 bootargs_number(const char *name, u32 otherwise);

#endif
