/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef GUEST_PL0_H
#define GUEST_PL0_H

#include "types.h"

/* Call fn(a0, a1) in User mode; bit 0 of fn selects Thumb.  Calls do not nest. */
u32 pl0_call(u32 fn, u32 a0, u32 a1);

#endif
