/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * All that v7dbg takes from outside: integer types, bool, NULL, offsetof and a static
 * assert.  It uses nothing else of a kernel, a libc or a compiler runtime.
 *
 * If these come from elsewhere, build the library and its users with
 * -DV7DBG_ENV='"types.h"', and that header is included instead.
 *
 * `make install` folds this file into v7dbg.h.
 */
#ifndef V7DBG_ENV_H
#define V7DBG_ENV_H

#if defined(V7DBG_ENV)
#include V7DBG_ENV
#elif defined(__KERNEL__)
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

#define V7DBG_STATIC_ASSERT(cond, text) _Static_assert(cond, text)

/*
 * With -DV7DBG_DEBUG the invariants of v7dbg.h are asserted.  The program then provides
 * v7dbg_broken(), which gets the invariant and does not return, or its V7DBG_ENV defines
 * V7DBG_ASSERT.
 */
#if !defined(V7DBG_DEBUG)
#undef V7DBG_ASSERT
#define V7DBG_ASSERT(cond, text) ((void)0)
#elif !defined(V7DBG_ASSERT)
void v7dbg_broken(const char *invariant);
#define V7DBG_ASSERT(cond, text) ((cond) ? (void)0 : v7dbg_broken(text))
#endif

#endif /* V7DBG_ENV_H */
