/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests that check their memory while the host takes it away.
 *
 * A walker is a vCPU that goes through its pages again and again.  In round R the first and the
 * last word of each page must be (address ^ seed) + R, which the guest itself compares, and makes
 * it R + 1.  A word that is 0 is one of a page that was dropped: it is counted, and written.
 * Anything else is the wrong page or an old one, and ends the walker.
 */
#ifndef PRESSURE_H
#define PRESSURE_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include "../claims/claims.h"
#include "../small-vm.h"

#define DATA  0x50000000u
#define BLOCK 0x200000u

struct walker {
	struct small_vcpu vcpu;
	uint8_t *data; /* where the process has the memory that the guest has at ipa */
	uint32_t ipa, pages, stride, seed, round;
	volatile uint32_t rounds;      /* since it was started */
	volatile unsigned long absent; /* KVM_RUN that returned EFAULT */
	volatile bool stop;
	uint32_t most;	 /* rounds, or 0 */
	char wrong[128]; /* what ended it */
	pthread_t thread;
};

extern int kvm;
uint32_t below(uint32_t limit);
uint32_t some(uint32_t first, uint32_t last);

/* A VM for walkers: its RAM is one page of code. */
void walkers_vm(struct small_vm *vm);
/* vCPU `id`; the pages are in slot `id` + 1, and each is `stride` after the one before it. */
void walker_new(struct walker *w, struct small_vm *vm, uint32_t id, uint8_t *data, uint32_t pages,
		uint32_t stride, uint32_t seed);
/* What it has to find first, and in all pages. */
void walker_fill(struct walker *w);
/*
 * As a thread, for so many rounds, or until it is stopped.  With step 0 it only reads.  The step
 * may change between rounds, and after one that was 0.
 */
void walker_start(struct walker *w, uint32_t step, uint32_t most);
void walker_stop(struct walker *w);
void walker_join(struct walker *w);
void walker_close(struct walker *w);
/* What it found empty so far does not count. */
void walker_forget(struct walker *w);
/* Wait for so many more rounds; false if they do not come within the seconds. */
bool walker_moves(struct walker *w, uint32_t rounds, unsigned int seconds);
/*
 * Claims of a walker that was stopped: it found nothing wrong, the process sees the same memory
 * as the guest, and what either found empty are at most the words of so many pages.
 */
bool walker_claims(struct walker *w, uint32_t dropped, const char *under);

void *pages_of(int fd, uint32_t count, int flags);
/* No huge pages there.  A kernel without LPAE has none, and refuses MADV_NOHUGEPAGE. */
void only_small_pages(void *at, uint32_t size);
/* A number in a file of sysfs or procfs, after a word if there is one; ~0 if there is none. */
unsigned long number_in(const char *path, const char *word);
bool write_to(const char *path, const char *text);
/* The page frame of a page of this process, or 0 if it has none in memory. */
uint64_t frame_of(const void *at);

/* Each is a subject: `pressure NAME [ARG ..]`. */
void test_mappings(char **arg);
void test_files(char **arg);
void test_same(char **arg);
void test_huge(char **arg);
void test_moved(char **arg);
void test_walk(char **arg);
void test_lock(char **arg);

#endif
