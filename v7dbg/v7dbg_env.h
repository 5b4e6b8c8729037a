/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The outside world of v7dbg: integer types, bool, NULL, offsetof and a static
 * assert.  Nothing else of a kernel, a libc or a compiler runtime is used.
 *
 * Where these come from elsewhere, build the library and its users with
 * -DV7DBG_ENV='"types.h"': that header is then included instead.
 *
 * `make install` folds this file into v7dbg.h, which is the one installed header.
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
 * With -DV7DBG_DEBUG the invariants of v7dbg.h are asserted.  Whoever builds so
 * has v7dbg_broken(), which is told the invariant and does not return, or a
 * V7DBG_ASSERT of his own in V7DBG_ENV.
 */
#if !defined(V7DBG_DEBUG)
#undef V7DBG_ASSERT
#define V7DBG_ASSERT(cond, text) ((void)0)
#elif !defined(V7DBG_ASSERT)
void v7dbg_broken(const char *invariant);
#define V7DBG_ASSERT(cond, text) ((cond) ? (void)0 : v7dbg_broken(text))
#endif

#endif /* V7DBG_ENV_H */
