// SPDX-License-Identifier: GPL-2.0-only
/*
 * As many slots as there may be, found by guest address when the guest faults and by user
 * address when the process loses memory.
 */
#include "memory.h"

#define STEP 0x10000u /* between slots: each has 16 pages of the guest's addresses */

static uint32_t *at(void *memory, uint32_t n)
{
	return (uint32_t *)((char *)memory + n * PAGE);
}

/* Slot n is at DATA + n * STEP, its page at (count - n) in the process's memory. */
static void make(struct guest *guest, void *memory, uint32_t n, uint32_t count)
{
	must(set_slot(guest->vm.fd, n, DATA + n * STEP, at(memory, count - n), PAGE), "a slot");
}

static uint32_t wrong(struct guest *guest, uint32_t first, uint32_t end, uint32_t step,
		      uint32_t moved, uint32_t (*wanted)(uint32_t n))
{
	uint32_t n, count = 0;

	for (n = first; n < end; n += step)
		count += guest_read(guest, DATA + n * STEP + moved) != wanted(n);
	return count;
}

static uint32_t number(uint32_t n)
{
	return n;
}

static uint32_t zero(uint32_t n)
{
	(void)n;
	return 0;
}

static uint32_t nothing(uint32_t n)
{
	(void)n;
	return ~0u;
}

static void test_many(uint32_t count)
{
	void *memory = pages(count + 1), *fresh = pages(count + 1);
	struct guest guest;
	uint32_t n;

	guest_new(&guest);
	for (n = 0; n < count; n++)
		*at(memory, count - n) = *at(fresh, count - n) = n;
	/* In an order that is neither that of the addresses nor its reverse. */
	for (n = 1; n < count; n += 2)
		make(&guest, memory, n, count);
	for (n = 2; n < count; n += 2)
		make(&guest, memory, n, count);
	claim(set_slot(guest.vm.fd, count, 0x10000000, memory, PAGE) == -1 && errno == EINVAL,
	      "there are %u slots and no more", count);
	claim(wrong(&guest, 1, count, 1, 0, number) == 0, "a guest finds each of them");
	claim(wrong(&guest, 1, count, 1, PAGE, nothing) == 0, "and nothing in between");
	claim(set_slot(guest.vm.fd, 7, DATA + 9 * STEP, at(memory, count - 7), PAGE) == -1 &&
		      errno == EEXIST,
	      "none moves over another");

	madvise(at(memory, count / 2), (count - count / 2) * PAGE, MADV_DONTNEED);
	claim(wrong(&guest, 1, count / 2, 1, 0, zero) == 0,
	      "half of the memory is dropped, the guest reads zeroes");
	claim(wrong(&guest, count / 2 + 1, count, 1, 0, number) == 0, "but not in the other half");
	if (mremap(fresh, (count + 1) * PAGE, (count + 1) * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		   memory) != memory)
		must(-1, "mremap");
	claim(wrong(&guest, 1, count, 1, 0, number) == 0, "new memory there is seen at once");

	for (n = 1; n < count; n += 2)
		must(set_slot(guest.vm.fd, n, DATA + n * STEP + 4 * PAGE, at(memory, count - n),
			      PAGE),
		     "moving a slot");
	claim(wrong(&guest, 1, count, 2, 0, nothing) == 0, "every second slot is moved away");
	claim(wrong(&guest, 1, count, 2, 4 * PAGE, number) == 0, "and is found where it is");
	claim(wrong(&guest, 2, count, 2, 0, number) == 0, "the others are where they were");
	for (n = 2; n < count; n += 2)
		must(set_slot(guest.vm.fd, n, 0, NULL, 0), "deleting a slot");
	claim(wrong(&guest, 2, count, 2, 0, nothing) == 0, "these are deleted");
	claim(wrong(&guest, 1, count, 2, 4 * PAGE, number) == 0, "and only these");
	guest_close(&guest);
	munmap(memory, (count + 1) * PAGE);
}

/* One page in many places. */
static void test_aliases(void)
{
	uint32_t *page = pages(1), n, count = 100, good = 0;
	struct guest guest;

	guest_new(&guest);
	*page = 1;
	for (n = 1; n <= count; n++)
		must(set_slot(guest.vm.fd, n, DATA + n * STEP, page, PAGE), "a slot");
	for (n = 1; n <= count; n++)
		good += guest_read(&guest, DATA + n * STEP) == 1;
	claim(good == count, "one page backs %u slots", count);
	madvise(page, PAGE, MADV_DONTNEED);
	for (n = 1, good = 0; n <= count; n++)
		good += guest_read(&guest, DATA + n * STEP) == 0;
	claim(good == count, "it is dropped from %u of them", good);
	guest_close(&guest);
	munmap(page, PAGE);
}

void test_slots(void)
{
	test_many((uint32_t)ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS));
	test_aliases();
}
