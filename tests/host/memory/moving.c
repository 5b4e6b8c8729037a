// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that writes while its slot is on the way to another address: the write goes to the old
 * address, where there is no memory any more, or it is in the log.  tests/modules/delay.c makes
 * the way long.
 */
#include "memory.h"

#define PAGES 8u
#define THERE (DATA + 0x01000000u)
#define HITS  3 /* how often the guest has to come in time, of .. */
#define TRIES 50

static struct guest guest;
static uint8_t *memory;
static volatile bool moving, moved;
static uint32_t target;

static void *mover(void *unused)
{
	(void)unused;
	pin(1);
	moving = true;
	must(set_slot_flags(guest.vm.fd, 1, KVM_MEM_LOG_DIRTY_PAGES, target, memory, PAGES * PAGE),
	     "a slot that moves");
	moved = true;
	return NULL;
}

static uint32_t logged(void)
{
	uint32_t bitmap[2] = {};
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = bitmap };

	must(ioctl(guest.vm.fd, KVM_GET_DIRTY_LOG, &log), "KVM_GET_DIRTY_LOG");
	return bitmap[0];
}

void test_moving(void)
{
	uint32_t n, hits = 0, lost = 0, from = DATA;
	pthread_t thread;

	pin(0);
	guest_new(&guest);
	memory = pages(PAGES);
	must(set_slot_flags(guest.vm.fd, 1, KVM_MEM_LOG_DIRTY_PAGES, from, memory, PAGES * PAGE),
	     "a memory slot");
	for (n = 0; n < TRIES && hits < HITS; n++) {
		uint32_t page = n % PAGES;
		volatile uint32_t *word = (volatile uint32_t *)(memory + page * PAGE);

		target = from == DATA ? THERE : DATA;
		must(guest_write(&guest, from + page * PAGE, 1) ? 0 : -1, "a write");
		must(logged() == 1u << page ? 0 : -1, "its place in the log");
		moving = moved = false;
		must(pthread_create(&thread, NULL, mover, NULL) ? -1 : 0, "a thread");
		while (!moving)
			usleep(1000);
		usleep(20000);
		guest_write(&guest, from + page * PAGE, 2);
		hits += !moved;
		pthread_join(thread, NULL);
		lost += logged() != (*word == 2 ? 1u << page : 0);
		from = target;
	}
	claim_is(hits, HITS, "the guest can write while its slot moves");
	claim_is(lost, 0, "what it wrote to memory then is in the log");
	guest_close(&guest);
	munmap(memory, PAGES * PAGE);
}
