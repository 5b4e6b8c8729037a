/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_GUEST_H
#define FUZZ_GUEST_H

#include <stddef.h>
#include <stdint.h>

/*
 * The guest's RAM, at RAM_BASE: the vectors with their handlers, a page of A32 code, one of T32
 * code, and data.  A handler resumes at the next block, so code is made in blocks.
 */
#define RAM_BYTES   0x10000u
#define CODE_ARM    0x1000u
#define CODE_THUMB  0x2000u
#define CODE_END    0x3000u /* the code that ends a lap */
#define DATA	    0x4000u
#define BLOCK_BYTES 16u

/* A generator of numbers; equal seeds give equal programs. */
struct rng {
	uint64_t state;
};

void rng_seed(struct rng *rng, uint32_t seed, uint32_t program);
uint32_t rng_next(struct rng *rng);
/* 0 .. limit - 1 */
uint32_t rng_below(struct rng *rng, uint32_t limit);

/* Words that a guest would have in registers: addresses, PSCI functions, 0, ~0, noise. */
uint32_t interesting_word(struct rng *rng);
/* A PSR of any PL1 mode, or of User mode; in A32 or T32. */
uint32_t random_psr(struct rng *rng);
/* Fill a page with blocks of random instructions. */
void make_arm(struct rng *rng, uint32_t *page);
void make_thumb(struct rng *rng, uint16_t *page);

#endif
