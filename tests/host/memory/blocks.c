// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of huge pages: the guest has it in blocks of 2 MiB, and loses nothing else than the
 * process does when that loses a part of one.  Needs 6 free huge pages (hugetlb).
 */
#include "memory.h"

#include <sys/wait.h>

#include "../vm-stats.h"

static struct guest guest;
static int stats;

uint32_t blocks_of(int fd)
{
	return (uint32_t)vm_stat(fd, "pages_2m");
}

static uint32_t blocks(void)
{
	return blocks_of(stats);
}

/* Memory at an address that 2 MiB divide. */
static uint8_t *aligned(uint32_t count)
{
	uint32_t size = (count + 1) * BLOCK;
	uintptr_t at = (uintptr_t)mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == (uintptr_t)MAP_FAILED)
		must(-1, "mmap");
	return (uint8_t *)((at + BLOCK - 1) & ~(uintptr_t)(BLOCK - 1));
}

static void place(uint8_t *at, uint32_t count, int flags, int fd)
{
	if (mmap(at, count * BLOCK, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0) != at)
		must(-1, "mmap of huge pages");
}

uint8_t *transparent(uint32_t count)
{
	uint8_t *at = aligned(count);

	place(at, count, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	must(madvise(at, count * BLOCK, MADV_HUGEPAGE), "MADV_HUGEPAGE");
	return at;
}

static uint8_t *reserved(uint32_t count)
{
	uint8_t *at = aligned(count);

	place(at, count, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);
	return at;
}

static uint32_t *word(uint8_t *memory, uint32_t page)
{
	return (uint32_t *)(memory + page * PAGE + 16);
}

static uint32_t reads(uint32_t page)
{
	return guest_read(&guest, DATA + page * PAGE + 16);
}

static bool writes(uint32_t page, uint32_t value)
{
	return guest_write(&guest, DATA + page * PAGE + 16, value);
}

static void number(uint8_t *memory, uint32_t count)
{
	uint32_t n;

	for (n = 0; n < count; n++)
		*word(memory, n) = n + 1;
}

/* How many of the pages have another value than number() wrote, apart from one? */
static uint32_t wrong(uint32_t count, uint32_t except)
{
	uint32_t n, bad = 0;

	for (n = 0; n < count; n++)
		bad += n != except && reads(n) != n + 1;
	return bad;
}

static void slot(uint8_t *memory, uint32_t size)
{
	must(set_slot(guest.vm.fd, 1, DATA, memory, size), "a memory slot");
}

static void no_slot(uint8_t *memory, uint32_t count)
{
	must(set_slot(guest.vm.fd, 1, 0, NULL, 0), "deleting a slot");
	claim(blocks() == 0, "without the slot there are %u blocks", blocks());
	munmap(memory, count * BLOCK);
}

/* A slot of one huge page that the guest has as a block, with all pages numbered. */
static uint8_t *one_block(void)
{
	uint8_t *memory = transparent(1);

	number(memory, PER_BLOCK);
	slot(memory, BLOCK);
	claim(writes(0, 1) && blocks() == 1, "a transparent huge page is %u block", blocks());
	return memory;
}

static void test_reserved(void)
{
	uint8_t *memory = reserved(2);

	number(memory, 2 * PER_BLOCK);
	slot(memory, 2 * BLOCK);
	claim(reads(PER_BLOCK + 7) == PER_BLOCK + 8 && blocks() == 1,
	      "a huge page is %u block after one access", blocks());
	reads(0);
	claim(blocks() == 2, "another one, too: %u", blocks());
	claim(wrong(2 * PER_BLOCK, ~0u) == 0, "the guest reads what the process has written");
	claim(writes(9, 77) && *word(memory, 9) == 77 && writes(9, 10), "and writes it");
	must(madvise(memory, BLOCK, MADV_DONTNEED), "MADV_DONTNEED");
	claim(blocks() == 1, "the process gives one back: %u is left", blocks());
	claim(reads(9) == 0 && reads(511) == 0 && reads(512) == 513,
	      "the guest reads zeroes there, and only there");
	no_slot(memory, 2);
}

/* Where a block would map memory that is not in the slot, or in the wrong places. */
static void test_refused(void)
{
	uint8_t *memory = reserved(2);

	number(memory, 2 * PER_BLOCK);
	slot(memory + PAGE, BLOCK);
	claim(reads(0) == 2 && reads(511) == 513 && blocks() == 0,
	      "addresses that do not agree: pages");
	must(set_slot(guest.vm.fd, 1, 0, NULL, 0), "deleting a slot");
	slot(memory, BLOCK - PAGE);
	claim(reads(0) == 1 && reads(510) == 511 && reads(511) == ~0u && blocks() == 0,
	      "a slot that ends early: pages, and nothing after it");
	must(set_slot(guest.vm.fd, 1, 0, NULL, 0), "deleting a slot");
	must(set_slot(guest.vm.fd, 1, DATA + PAGE, memory + PAGE, BLOCK), "a memory slot");
	claim(reads(1) == 2 && reads(0) == ~0u && blocks() == 0,
	      "a slot that begins late: pages, and nothing before it");
	claim(reads(512) == 513 && blocks() == 0, "nor in its rest");
	no_slot(memory, 2);
}

static void test_dropped(void)
{
	uint8_t *memory = one_block();

	must(madvise(memory + 5 * PAGE, PAGE, MADV_DONTNEED), "MADV_DONTNEED");
	claim(blocks() == 0, "the process drops one page: %u blocks", blocks());
	claim(reads(5) == 0 && wrong(PER_BLOCK, 5) == 0,
	      "the guest reads zeroes there, and only there");
	claim(writes(5, 55) && *word(memory, 5) == 55, "the process sees what it writes then");
	no_slot(memory, 1);
}

static void test_moved(void)
{
	uint8_t *memory = one_block();
	uint32_t *away = pages(1);

	if (mremap(memory + 8 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, away) != away)
		must(-1, "mremap");
	if (mmap(memory + 8 * PAGE, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		must(-1, "mmap");
	claim(reads(8) == 0 && writes(8, 88) && *word(memory, 8) == 88,
	      "one page is moved away: the guest has the new one");
	claim(away[4] == 9, "and not the one that was moved");
	claim(wrong(PER_BLOCK, 8) == 0, "the others are where they were");
	munmap(away, PAGE);
	no_slot(memory, 1);
}

static bool may_not_write(uint32_t page)
{
	struct small_vcpu *vcpu = &guest.vcpu;

	vcpu->run->immediate_exit = 1;
	ioctl(vcpu->fd, KVM_RUN, 0);
	vcpu->run->immediate_exit = 0;
	set_core(vcpu, CORE_PC, RAM_BASE + entry_of(WRITE));
	set_core(vcpu, 1, DATA + page * PAGE + 16);
	set_core(vcpu, 5, 0xbad);
	return ioctl(vcpu->fd, KVM_RUN, 0) == -1 && errno == EFAULT;
}

static void test_protected(void)
{
	uint8_t *memory = one_block();

	must(mprotect(memory + 7 * PAGE, PAGE, PROT_READ), "mprotect");
	claim(wrong(PER_BLOCK, ~0u) == 0, "one page becomes read-only: all can be read");
	claim(writes(6, 66) && writes(8, 99), "those beside it can be written");
	claim(may_not_write(7) && *word(memory, 7) == 8, "but it cannot");
	must(mprotect(memory + 7 * PAGE, PAGE, PROT_READ | PROT_WRITE), "mprotect");
	claim(writes(7, 77) && *word(memory, 7) == 77, "until the process can write it again");
	no_slot(memory, 1);
}

/* A huge page, and in the middle of it a page that is not part of it, or not as the others. */
static void test_patched(void)
{
	uint8_t *memory = transparent(1);

	number(memory, PER_BLOCK);
	slot(memory, BLOCK);
	must(mprotect(memory + 7 * PAGE, PAGE, PROT_READ), "mprotect");
	claim(writes(0, 1) && blocks() == 0, "one page of it is read-only: %u blocks", blocks());
	claim(may_not_write(7) && *word(memory, 7) == 8, "the guest cannot write that one");
	no_slot(memory, 1);

	memory = transparent(1);
	number(memory, PER_BLOCK);
	if (mmap(memory + 8 * PAGE, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		must(-1, "mmap");
	*word(memory, 8) = 88;
	slot(memory, BLOCK);
	claim(writes(0, 1) && blocks() == 0, "one page is another one: %u blocks", blocks());
	claim(reads(8) == 88 && wrong(PER_BLOCK, 8) == 0, "the guest has that one there");
	no_slot(memory, 1);
}

/* The child has the memory as it was, whatever the guest writes later, and tells. */
static void test_forked(uint8_t *memory, const char *what)
{
	int to_child[2], from_child[2];
	uint32_t seen[2] = { 0, 0 };
	pid_t child;

	must(pipe(to_child), "pipe");
	must(pipe(from_child), "pipe");
	child = must(fork(), "fork");
	if (!child) {
		must(read(to_child[0], seen, 1), "read");
		seen[0] = *word(memory, 3);
		seen[1] = *word(memory, 500);
		must(write(from_child[1], seen, sizeof(seen)), "write");
		_exit(0);
	}
	claim(writes(3, 33) && writes(500, 55), "%s is copied on write: the guest writes", what);
	must(write(to_child[1], "x", 1), "write");
	must(read(from_child[0], seen, sizeof(seen)), "read");
	claim(seen[0] == 4 && seen[1] == 501, "the child has %u and %u as before", seen[0],
	      seen[1]);
	waitpid(child, NULL, 0);
	claim(*word(memory, 3) == 33 && *word(memory, 500) == 55, "and the process the new ones");
	*word(memory, 4) = 44;
	claim(reads(4) == 44 && reads(3) == 33, "the guest reads what the process writes now");
	close(to_child[0]);
	close(to_child[1]);
	close(from_child[0]);
	close(from_child[1]);
}

static void test_copied(void)
{
	uint8_t *memory = one_block();

	test_forked(memory, "a transparent huge page");
	no_slot(memory, 1);
	memory = reserved(1);
	number(memory, PER_BLOCK);
	slot(memory, BLOCK);
	claim(writes(0, 1) && blocks() == 1, "a reserved one is %u block", blocks());
	test_forked(memory, "a reserved huge page");
	no_slot(memory, 1);
}

/* Memory that nobody has touched: the guest's first access brings a huge page. */
static void test_absent(void)
{
	uint8_t *memory = transparent(2);

	slot(memory, 2 * BLOCK);
	claim(writes(100, 1) && blocks() == 1, "an absent page is written: %u block", blocks());
	claim(*word(memory, 100) == 1 && reads(101) == 0, "it is zero");
	claim(reads(600) == 0 && blocks() == 1, "one that is only read is no block: %u", blocks());
	claim(writes(600, 6) && reads(601) == 0 && *word(memory, 600) == 6, "until it is written");
	no_slot(memory, 2);
}

static void test_readonly(void)
{
	uint8_t *memory = transparent(1);

	number(memory, PER_BLOCK);
	must(set_slot_flags(guest.vm.fd, 1, KVM_MEM_READONLY, DATA, memory, BLOCK),
	     "a read-only slot");
	claim(reads(9) == 10 && blocks() == 1, "a read-only slot has %u block", blocks());
	claim(!writes(9, 5) && guest.vcpu.run->mmio.phys_addr == DATA + 9 * PAGE + 16 &&
		      *word(memory, 9) == 10,
	      "a write there goes to the VMM");
	*word(memory, 9) = 11;
	claim(reads(9) == 11, "which can write it");
	no_slot(memory, 1);
}

void test_blocks(void)
{
	guest_new(&guest);
	stats = must(ioctl(guest.vm.fd, KVM_GET_STATS_FD, NULL), "KVM_GET_STATS_FD");
	test_reserved();
	test_refused();
	test_dropped();
	test_moved();
	test_protected();
	test_patched();
	test_copied();
	test_absent();
	test_readonly();
	close(stats);
	guest_close(&guest);
}
