/* SPDX-License-Identifier: GPL-2.0-only */
/* Cache maintenance by address, with its barriers. */
#ifndef GUEST_CACHE_H
#define GUEST_CACHE_H

#include "types.h"

/* Call after writing instructions to [start, start + size), before executing them. */
void cache_sync_code(const void *start, u32 size);
/* Clean to the point of coherency, for a CPU or a table walk that bypasses the caches. */
void cache_clean(const void *start, u32 size);
/* Clean and invalidate, before the memory is used with caches off. */
void cache_flush(const void *start, u32 size);
/* Invalidate, after the memory was written with caches off. */
void cache_invalidate(const void *start, u32 size);

#endif
