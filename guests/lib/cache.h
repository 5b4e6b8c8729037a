/* SPDX-License-Identifier: GPL-2.0-only */
/* Cache maintenance by address, with its barriers. */
#ifndef GUEST_CACHE_H
#define GUEST_CACHE_H

#include "types.h"

/* New instructions at [start, start + size): make every CPU here execute them. */
void cache_sync_code(const void *start, u32 size);
/* To the point of coherency: for a CPU or a walker with its caches off. */
void cache_clean(const void *start, u32 size);
/* And drop it from the caches: before it is used with caches off. */
void cache_flush(const void *start, u32 size);
/* Drop what a cache holds of memory that was written with caches off. */
void cache_invalidate(const void *start, u32 size);

#endif
