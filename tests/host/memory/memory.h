/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of guests' memory share. */
#ifndef MEMORY_H
#define MEMORY_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include "../claims/claims.h"
#include "../small-vm.h"

#define DATA 0x50000000u /* where the tests put their slots */

/* Wait for up to 10 s until the byte or condition is true. */
#define EVENTUALLY(condition)                           \
	({                                              \
		int tries_ = 0;                         \
		while (!(condition) && tries_++ < 1000) \
			usleep(10000);                  \
		(condition);                            \
	})

extern int kvm;
void *pages(uint32_t count);

/*
 * A guest that stores r5 to MMIO, after it has
 *   READ   loaded r5 from r1
 *   WRITE  stored r5 to r1
 *   COUNT  incremented the first word of r3 pages from r1 on, again and again, r6 times
 */
enum {
	READ,
	WRITE,
	COUNT
};
struct guest {
	struct small_vm vm;
	struct small_vcpu vcpu;
};
void guest_new(struct guest *guest);
void guest_close(struct guest *guest);
uint32_t entry_of(int program);
/* What the guest reads there, or 0xffffffff if there is no memory. */
uint32_t guest_read(struct guest *guest, uint32_t ipa);
/* False if there is no memory. */
bool guest_write(struct guest *guest, uint32_t ipa, uint32_t value);

/*
 * A vCPU that runs COUNT in a thread.  It increments each page's counter `rounds` times, and starts
 * over while count_on is true, at most TURNS times.  The test clears count_on when it has seen
 * enough, so the guest still writes then, however slowly the test's own thread gets on.
 */
#define TURNS 1000u /* a minute and more */
struct counter {
	struct small_vcpu *vcpu;
	pthread_t thread;
	uint32_t rounds, total; /* total: what it has incremented each counter by, at its end */
};
extern volatile bool count_on;
extern volatile unsigned int counting; /* how many have not ended */
void count_start(struct counter *counter, struct small_vcpu *vcpu, uint32_t first,
		 uint32_t nr_pages, uint32_t rounds);
/* Wait for its end; how many of its pages, which begin there, have what they should. */
uint32_t count_join(struct counter *counter, const uint8_t *first, uint32_t nr_pages);

/* Copy those of count pages whose bit is set; how many they were. */
uint32_t copy_dirty(uint8_t *copy, const uint8_t *from, uint32_t count, const uint32_t *bitmap);

#define PER_BLOCK 512u
#define BLOCK	  (PER_BLOCK * PAGE)
/* How many blocks a VM has: pages_2m of the descriptor of KVM_GET_STATS_FD. */
uint32_t blocks_of(int stats);
/* Huge pages without reservation, at an address that their size divides. */
uint8_t *transparent(uint32_t count);

void test_blocked(void);
void test_blocks(void);
void test_block_log(void);
void test_block_young(void);
void test_dirty(void);
void test_driver(void);
void test_moving(void);
void test_slots(void);
void test_young(void);

#endif
