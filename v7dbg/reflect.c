// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "reflect.h"

void v7dbg_exception_entry(enum v7dbg_exception kind, const struct v7dbg_guest *guest,
			   struct v7dbg_entry *entry)
{
	v7dbg_make_entry(kind, guest, entry);
}
