// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host sees which pages a guest uses: MADV_PAGEOUT swaps out what nobody has accessed since
 * the last time, and leaves the rest.  Needs swap space.
 */
#include "memory.h"

#define COUNT 8u

static uint32_t *memory;
static struct guest guest;

/* How many of the pages [first, end) are not in memory but in the swap space? */
static uint32_t swapped(uint32_t first, uint32_t end)
{
	int fd = must(open("/proc/self/pagemap", O_RDONLY), "pagemap");
	uint32_t n, count = 0;
	uint64_t entry;

	for (n = first; n < end; n++) {
		if (pread(fd, &entry, 8, ((uintptr_t)memory / PAGE + n) * 8) != 8)
			must(-1, "pagemap");
		count += entry >> 62 & 1;
	}
	close(fd);
	return count;
}

static void page_out(void)
{
	must(madvise(memory, COUNT * PAGE, MADV_PAGEOUT), "MADV_PAGEOUT");
}

static bool reads(uint32_t first, uint32_t end)
{
	uint32_t n, good = 0;

	for (n = first; n < end; n++)
		good += guest_read(&guest, DATA + n * PAGE) == n + 1;
	return good == end - first;
}

void test_young(void)
{
	uint32_t n, good = 0;

	/* New pages wait for the LRU lists on the CPU that made them. */
	pin(0);
	guest_new(&guest);
	memory = pages(COUNT);
	must(set_slot(guest.vm.fd, 1, DATA, memory, COUNT * PAGE), "a memory slot");
	for (n = 0; n < COUNT; n++)
		good += guest_write(&guest, DATA + n * PAGE, n + 1);
	claim(good == COUNT && swapped(0, COUNT) == 0, "a guest writes %u pages", COUNT);
	page_out();
	claim(swapped(0, COUNT) == 0, "they stay in memory: it has just used them");
	claim(reads(0, COUNT / 2), "it reads half of them");
	page_out();
	claim(swapped(0, COUNT / 2) == 0, "the host keeps these");
	claim(swapped(COUNT / 2, COUNT) == COUNT / 2, "and swaps out the others");
	claim(reads(0, COUNT) && swapped(0, COUNT) == 0, "the guest gets them back");
	page_out();
	claim(swapped(0, COUNT) == 0, "all are young then");
	for (n = 0, good = 0; n < COUNT; n++)
		good += guest_write(&guest, DATA + n * PAGE, n + 1);
	page_out();
	claim(good == COUNT && swapped(0, COUNT) == 0, "and also after writes only");
	page_out();
	claim(swapped(0, COUNT) == COUNT, "pages that nobody uses leave");
	claim(reads(0, COUNT), "the guest still reads what it wrote");
	guest_close(&guest);
	munmap(memory, COUNT * PAGE);
}
