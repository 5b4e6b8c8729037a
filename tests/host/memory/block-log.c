// SPDX-License-Identifier: GPL-2.0-only
/* The dirty log of memory that the guest has in blocks; and the age of a block. */
#include "memory.h"

#define WORDS (PER_BLOCK / 32)

static struct guest guest;
static int stats;
static uint8_t *memory;

static void set_log(bool on)
{
	must(set_slot_flags(guest.vm.fd, 1, on ? KVM_MEM_LOG_DIRTY_PAGES : 0, DATA, memory, BLOCK),
	     "a log");
}

static void get_log(uint32_t *bitmap)
{
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = bitmap };

	must(ioctl(guest.vm.fd, KVM_GET_DIRTY_LOG, &log), "KVM_GET_DIRTY_LOG");
}

/* Is the log made of these pages, and of no others? */
static bool logged(const uint32_t *pages, uint32_t count)
{
	uint32_t wanted[WORDS] = { 0 }, got[WORDS], n;

	for (n = 0; n < count; n++)
		wanted[pages[n] / 32] |= 1u << pages[n] % 32;
	get_log(got);
	return !memcmp(got, wanted, sizeof(got));
}

static bool writes(uint32_t page, uint32_t value)
{
	return guest_write(&guest, DATA + page * PAGE, value);
}

static uint32_t reads(uint32_t page)
{
	return guest_read(&guest, DATA + page * PAGE);
}

static void begin(void)
{
	guest_new(&guest);
	stats = must(ioctl(guest.vm.fd, KVM_GET_STATS_FD, NULL), "KVM_GET_STATS_FD");
	memory = transparent(1);
	must(set_slot(guest.vm.fd, 1, DATA, memory, BLOCK), "a memory slot");
}

static void end(void)
{
	close(stats);
	guest_close(&guest);
	munmap(memory, BLOCK);
}

static void test_exact(void)
{
	static const uint32_t some[] = { 0, 5, 31, 32, 257, 511 };
	uint32_t n, good = 0;

	claim(writes(1, 1) && blocks_of(stats) == 1, "there is %u block", blocks_of(stats));
	set_log(true);
	claim(blocks_of(stats) == 0, "with a log there is none: %u", blocks_of(stats));
	for (n = 0; n < PER_BLOCK; n++)
		good += reads(n) == (n == 1);
	claim(good == PER_BLOCK && logged(NULL, 0), "reads are not in the log");
	for (n = 0; n < sizeof(some) / sizeof(some[0]); n++)
		writes(some[n], n);
	claim(logged(some, n), "the pages that the guest writes are, and no others");
	claim(logged(NULL, 0), "then it is empty");
	claim(writes(31, 1) && writes(32, 1) && logged(some + 2, 2), "these are logged again");
	madvise(memory, BLOCK, MADV_DONTNEED);
	claim(writes(9, 9) && reads(8) == 0 && blocks_of(stats) == 0,
	      "a new huge page is no block: %u", blocks_of(stats));
	n = 9;
	claim(logged(&n, 1), "what is written of it is logged");
	set_log(false);
	madvise(memory, BLOCK, MADV_DONTNEED);
	claim(writes(9, 9) && blocks_of(stats) == 1, "without the log, it is %u", blocks_of(stats));
}

static uint32_t copy_logged(uint8_t *copy)
{
	uint32_t bitmap[WORDS];

	get_log(bitmap);
	return copy_dirty(copy, memory, PER_BLOCK, bitmap);
}

/*
 * Two vCPUs increment a counter in each page of their half of a block.  While they do, the
 * memory is mapped anew, which drops the block and lets the next fault make another, and the log
 * is turned on: the copy that is taken then, with what the log adds, is what they wrote.
 */
#define TIMES  4u
#define ROUNDS 10000u

static void map_again(int fd)
{
	if (mmap(memory, BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) != memory)
		must(-1, "mmap");
}

static void test_running(void)
{
	int fd = must(memfd_create("block", MFD_HUGETLB), "memfd_create");
	uint32_t n, page, complete = 0, whole = 0, caught = 0, right = 0;
	uint8_t *copy = pages(PER_BLOCK);
	struct counter counters[2];
	struct small_vcpu second;

	must(ftruncate(fd, BLOCK), "ftruncate");
	small_vcpu_new(&second, &guest.vm, 1, 0);
	for (n = 0; n < TIMES; n++) {
		set_log(false);
		map_again(fd);
		memset(memory, 0, BLOCK);
		count_on = true;
		count_start(&counters[0], &guest.vcpu, 0, PER_BLOCK / 2, ROUNDS);
		count_start(&counters[1], &second, PER_BLOCK / 2, PER_BLOCK / 2, ROUNDS);
		for (page = 0; page < n % 4; page++) {
			EVENTUALLY(blocks_of(stats));
			map_again(fd);
		}
		whole += EVENTUALLY(blocks_of(stats));
		set_log(true);
		memcpy(copy, memory, BLOCK);
		while (counting) {
			if (copy_logged(copy) > 0) {
				caught += count_on;
				count_on = false;
			}
			usleep(20000);
		}
		right += count_join(&counters[0], memory, PER_BLOCK / 2) +
			 count_join(&counters[1], memory + BLOCK / 2, PER_BLOCK / 2);
		copy_logged(copy);
		complete += !memcmp(copy, memory, BLOCK);
	}
	claim(whole == TIMES && caught == TIMES,
	      "%u times two vCPUs write a block, and the log of %u finds pages", whole, caught);
	claim(complete == TIMES, "the copy is complete: %u", complete);
	claim(right == TIMES * PER_BLOCK, "and no write is lost: %u", right);
	small_vcpu_close(&second);
	close(fd);
	munmap(copy, PER_BLOCK * PAGE);
}

void test_block_log(void)
{
	begin();
	test_exact();
	test_running();
	end();
}

/* ---- age ------------------------------------------------------------------------- */

static bool in_memory(void)
{
	uint8_t there[PER_BLOCK];
	uint32_t n, count = 0;

	must(mincore(memory, BLOCK, there), "mincore");
	for (n = 0; n < PER_BLOCK; n++)
		count += there[n] & 1;
	return count == PER_BLOCK;
}

static void page_out(void)
{
	must(madvise(memory, BLOCK, MADV_PAGEOUT), "MADV_PAGEOUT");
}

/* As test_young() in young.c.  Needs swap space for 2 MiB. */
void test_block_young(void)
{
	uint32_t n, good = 0;

	pin(0);
	begin();
	for (n = 0; n < PER_BLOCK; n++)
		good += writes(n, n + 1);
	claim(good == PER_BLOCK && blocks_of(stats) == 1, "a guest writes %u block",
	      blocks_of(stats));
	page_out();
	claim(in_memory() && blocks_of(stats) == 1,
	      "it stays in memory, and a block: the guest has just used it");
	claim(reads(300) == 301, "the guest reads one page of it");
	page_out();
	claim(in_memory() && blocks_of(stats) == 1, "the host keeps it");
	page_out();
	claim(!in_memory() && blocks_of(stats) == 0, "nobody uses it any more: it is swapped out");
	for (n = 0, good = 0; n < PER_BLOCK; n++)
		good += reads(n) == n + 1;
	claim(good == PER_BLOCK, "the guest gets all of it back");
	end();
}
