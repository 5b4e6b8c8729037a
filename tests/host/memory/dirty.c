// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dirty log: exactly the pages that the guest wrote, on one vCPU and on two, while the VMM
 * takes copies and while the log is turned on and off.
 */
#include "memory.h"

#define PAGES 100u /* in slot 1, at DATA; not a multiple of 32 */
#define WORDS ((PAGES + 31) / 32)

static struct guest guest;
static uint8_t *memory;

static int set_log(bool on)
{
	return set_slot_flags(guest.vm.fd, 1, on ? KVM_MEM_LOG_DIRTY_PAGES : 0, DATA, memory,
			      PAGES * PAGE);
}

static int get_log(uint32_t slot, void *bitmap)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bitmap };

	return ioctl(guest.vm.fd, KVM_GET_DIRTY_LOG, &log);
}

static int clear_log(uint32_t slot, uint64_t first, uint32_t count, void *bitmap)
{
	struct kvm_clear_dirty_log log = {
		.slot = slot, .first_page = first, .num_pages = count, .dirty_bitmap = bitmap
	};

	return ioctl(guest.vm.fd, KVM_CLEAR_DIRTY_LOG, &log);
}

static int enable(uint32_t flags, uint64_t arg)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
				      .flags = flags,
				      .args = { arg } };

	return ioctl(guest.vm.fd, KVM_ENABLE_CAP, &cap);
}

static void set_bit(uint32_t *bitmap, uint32_t bit)
{
	bitmap[bit / 32] |= 1u << bit % 32;
}

/* Is the log what it should be, and nothing written after its end? */
static bool logged(const uint32_t *wanted)
{
	uint32_t got[WORDS + 1];

	memset(got, 0x5a, sizeof(got));
	return !get_log(1, got) && !memcmp(got, wanted, WORDS * 4) && got[WORDS] == 0x5a5a5a5a;
}

static bool write_pages(const uint32_t *numbers, uint32_t count, uint32_t *bitmap)
{
	bool good = true;
	uint32_t n;

	memset(bitmap, 0, WORDS * 4);
	for (n = 0; n < count; n++) {
		good &= guest_write(&guest, DATA + numbers[n] * PAGE + 8, numbers[n]);
		set_bit(bitmap, numbers[n]);
	}
	return good;
}

static const uint32_t some[] = { 0, 1, 31, 32, 33, 63, 64, 98, 99 };
static const uint32_t others[] = { 1, 2, 64 };
static const uint32_t none[WORDS];
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void test_exact(void)
{
	uint32_t bitmap[WORDS], n, sum = 0;

	claim(get_log(1, bitmap) == -1 && errno == ENOENT, "a slot without a log has none");
	/* Pages that are writable already are logged like those that are not mapped yet. */
	claim(write_pages(some, LENGTH(some) / 2, bitmap),
	      "the guest writes before there is a log");
	/* The process has these pages, so KVM could map them writable at a read. */
	for (n = 0; n < PAGES; n++)
		memory[n * PAGE] = 0;
	claim(!set_log(true) && logged(none), "a new log is empty");
	for (n = 0; n < PAGES; n++)
		sum += guest_read(&guest, DATA + n * PAGE);
	claim(!sum && logged(none), "reads are not in it");
	memory[5 * PAGE] = 1;
	claim(logged(none), "nor is what the process writes");
	claim(write_pages(some, LENGTH(some), bitmap) && logged(bitmap),
	      "what the guest writes is in it, and nothing else");
	claim(logged(none), "then it is empty");
	claim(write_pages(others, LENGTH(others), bitmap) && logged(bitmap),
	      "the same pages are logged again");
	madvise(memory, PAGES * PAGE, MADV_DONTNEED);
	claim(write_pages(some, LENGTH(some), bitmap) && logged(bitmap),
	      "pages that were swapped out or dropped, too");
	write_pages(others, LENGTH(others), bitmap);
	claim(get_log(1, (void *)0xfffff000u) == -1 && errno == EFAULT && logged(bitmap),
	      "a failed call loses nothing");
}

static void test_flags(void)
{
	uint32_t bitmap[WORDS], entry = DATA + 7 * PAGE + 8;

	claim(!set_log(false) && get_log(1, bitmap) == -1 && errno == ENOENT,
	      "the log is turned off");
	claim(guest_write(&guest, entry, 1) && !set_log(true) && logged(none),
	      "it begins empty when it is turned on again");
	memset(bitmap, 0, sizeof(bitmap));
	set_bit(bitmap, 7);
	guest_write(&guest, entry, 2);
	claim(set_slot_flags(guest.vm.fd, 1, KVM_MEM_LOG_DIRTY_PAGES, DATA, memory, PAGES * PAGE) ==
			      0 &&
		      logged(bitmap),
	      "a slot that is set unchanged keeps it");
	guest_write(&guest, entry, 3);
	claim(!set_slot_flags(guest.vm.fd, 1, KVM_MEM_LOG_DIRTY_PAGES, DATA + 0x1000000, memory,
			      PAGES * PAGE) &&
		      logged(bitmap),
	      "a slot that is moved takes it along");
	claim(guest_write(&guest, entry + 0x1000000, 4) && logged(bitmap), "and it goes on there");
	must(set_log(true), "moving back");
	claim(set_slot_flags(guest.vm.fd, 1, KVM_MEM_READONLY, DATA, memory, PAGES * PAGE) == -1 &&
		      errno == EINVAL,
	      "no slot becomes read-only");
}

static void test_manual(void)
{
	uint32_t bitmap[WORDS], part[2];

	claim(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2) == 1,
	      "manual protection is offered");
	claim(enable(1, 1) == -1 && errno == EINVAL, "no flags");
	claim(enable(0, 2) == -1 && errno == EINVAL, "no pages that are dirty from the start");
	claim(enable(0, 1) == 0, "it is turned on");
	claim(write_pages(some, LENGTH(some), bitmap) && logged(bitmap) && logged(bitmap),
	      "reading the log does not clear it");
	claim(clear_log(1, 32, 64, bitmap) == -1 && errno == EINVAL, "clearing from page 32");
	claim(clear_log(1, 0, 32, bitmap) == -1 && errno == EINVAL, "clearing 32 pages");
	claim(clear_log(1, 0, 128, bitmap) == -1 && errno == EINVAL, "more pages than there are");
	claim(clear_log(1, 128, 0, bitmap) == -1 && errno == EINVAL, "after the end");
	claim(clear_log(1, 0, PAGES, (void *)0xfffff000u) == -1 && errno == EFAULT,
	      "a bitmap in the kernel");
	claim(clear_log(2, 0, PAGES, bitmap) == -1 && errno == ENOENT, "a slot without a log");
	claim(clear_log(508, 0, PAGES, bitmap) == -1 && errno == EINVAL, "slot 508");
	claim(get_log(508, bitmap) == -1 && errno == EINVAL, "reading that of slot 508");

	part[0] = ~0u;
	part[1] = 0;
	claim(!clear_log(1, 0, 64, part), "the first 32 pages are cleared");
	bitmap[0] = 0;
	claim(logged(bitmap), "and only these");
	part[0] = ~0u;
	part[1] = ~0u;
	claim(!clear_log(1, 64, PAGES - 64, part), "the last 36 pages");
	bitmap[2] = bitmap[3] = 0;
	claim(logged(bitmap), "and only these");
	guest_write(&guest, DATA + 99 * PAGE, 5);
	guest_write(&guest, DATA + 33 * PAGE, 5);
	set_bit(bitmap, 99);
	claim(logged(bitmap), "a page that was cleared is logged again");
	claim(!clear_log(1, 0, PAGES, bitmap) && logged(none), "all are cleared");
	claim(enable(0, 0) == 0 && write_pages(others, LENGTH(others), bitmap) && logged(bitmap) &&
		      logged(none),
	      "without manual protection, reading clears again");
}

/*
 * Two vCPUs increment a counter in each page of their own half, while the VMM copies dirty
 * pages and, in between, turns the log off and on: what it has at the end is what they wrote.
 */
#define SHORT 20000u /* how often each counter is incremented */
#define LONG  40000u

static struct small_vcpu second;
volatile unsigned int counting;
volatile bool count_on;

static bool count_once(const struct counter *counter)
{
	struct small_vcpu *vcpu = counter->vcpu;

	set_core(vcpu, 6, counter->rounds);
	/* Work that the kernel has for the thread may end KVM_RUN. */
	while (ioctl(vcpu->fd, KVM_RUN, 0) && errno == EINTR)
		;
	if (vcpu->run->exit_reason == KVM_EXIT_MMIO)
		return true;
	printf("FAIL memory: a vCPU ends with exit reason %u\n", vcpu->run->exit_reason);
	return false;
}

static void *count(void *arg)
{
	struct counter *counter = arg;

	do {
		if (!count_once(counter))
			break;
		counter->total += counter->rounds;
	} while (count_on && counter->total < TURNS * counter->rounds);
	__atomic_sub_fetch(&counting, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

void count_start(struct counter *counter, struct small_vcpu *vcpu, uint32_t first,
		 uint32_t nr_pages, uint32_t rounds)
{
	*counter = (struct counter){ .vcpu = vcpu, .rounds = rounds };
	vcpu->run->immediate_exit = 1;
	ioctl(vcpu->fd, KVM_RUN, 0);
	vcpu->run->immediate_exit = 0;
	set_core(vcpu, CORE_PC, RAM_BASE + entry_of(COUNT));
	set_core(vcpu, 1, DATA + first * PAGE);
	set_core(vcpu, 3, nr_pages);
	__atomic_add_fetch(&counting, 1, __ATOMIC_SEQ_CST);
	if (pthread_create(&counter->thread, NULL, count, counter))
		must(-1, "pthread_create");
}

uint32_t count_join(struct counter *counter, const uint8_t *first, uint32_t nr_pages)
{
	uint32_t n, right = 0;

	pthread_join(counter->thread, NULL);
	for (n = 0; n < nr_pages; n++)
		right += *(const uint32_t *)(first + n * PAGE) == counter->total;
	return right;
}

uint32_t copy_dirty(uint8_t *copy, const uint8_t *from, uint32_t count, const uint32_t *bitmap)
{
	uint32_t n, copied = 0;

	for (n = 0; n < count; n++) {
		if (!(bitmap[n / 32] & 1u << n % 32))
			continue;
		memcpy(copy + n * PAGE, from + n * PAGE, PAGE);
		copied++;
	}
	return copied;
}

/*
 * Returns how many rounds found dirty pages.  When there have been BUSY of them, the vCPUs may end.
 * Each round protects the pages again, so that after the first RACES the guest would hardly get
 * on: from then on it has PAUSE_US between two rounds.
 */
#define BUSY	 3u
#define RACES	 1000u
#define PAUSE_US 20000u
static uint32_t follow(uint8_t *copy, bool manual)
{
	uint32_t bitmap[WORDS], busy = 0, rounds = 0;
	bool last;

	do {
		if (++rounds > RACES)
			usleep(PAUSE_US);
		last = !counting;
		must(get_log(1, bitmap), "KVM_GET_DIRTY_LOG");
		if (manual)
			must(clear_log(1, 0, PAGES, bitmap), "KVM_CLEAR_DIRTY_LOG");
		busy += copy_dirty(copy, memory, PAGES, bitmap) > 0;
		count_on = busy < BUSY;
	} while (!last);
	return busy;
}

/* Each vCPU has its half of the pages. */
static void both_start(struct counter *counters, uint32_t rounds)
{
	count_on = true;
	count_start(&counters[0], &guest.vcpu, 0, PAGES / 2, rounds);
	count_start(&counters[1], &second, PAGES / 2, PAGES / 2, rounds);
}

static uint32_t both_join(struct counter *counters)
{
	return count_join(&counters[0], memory, PAGES / 2) +
	       count_join(&counters[1], memory + PAGES / 2 * PAGE, PAGES / 2);
}

static void test_running(bool manual)
{
	uint8_t *copy = pages(PAGES);
	struct counter counters[2];
	uint32_t right, busy;

	must(enable(0, manual), "KVM_ENABLE_CAP");
	memset(memory, 0, PAGES * PAGE);
	both_start(counters, SHORT);
	busy = follow(copy, manual);
	right = both_join(counters);
	claim(busy >= BUSY, "two vCPUs write while %u logs are read%s", busy,
	      manual ? " and cleared by hand" : "");
	claim(!memcmp(copy, memory, PAGES * PAGE), "the copy of the dirty pages is complete");
	claim_is(right, PAGES, "pages of which the guest lost no write");
	munmap(copy, PAGES * PAGE);
}

/*
 * The last writes count.  A page that a TLB still has writable can be written without a trace
 * until its vCPU exits, which flushes it; a write after that would be logged and hide the loss.
 * Few pages, so that the guest soon writes them all without a fault.
 */
#define ENDS	   100u
#define END_PAGES  4u
#define END_ROUNDS 20000u

static void test_ends(void)
{
	uint8_t *copy = pages(PAGES);
	uint32_t bitmap[WORDS], n, complete = 0, right = 0;
	struct counter counters[2];

	count_on = false;
	for (n = 0; n < ENDS; n++) {
		memset(memory, 0, PAGES * PAGE);
		memset(copy, 0, PAGES * PAGE);
		count_start(&counters[0], &guest.vcpu, 0, END_PAGES, END_ROUNDS);
		count_start(&counters[1], &second, PAGES / 2, END_PAGES, END_ROUNDS);
		while (counting) {
			must(get_log(1, bitmap), "KVM_GET_DIRTY_LOG");
			copy_dirty(copy, memory, PAGES, bitmap);
			usleep(2000);
		}
		right += count_join(&counters[0], memory, END_PAGES) +
			 count_join(&counters[1], memory + PAGES / 2 * PAGE, END_PAGES);
		must(get_log(1, bitmap), "KVM_GET_DIRTY_LOG");
		copy_dirty(copy, memory, PAGES, bitmap);
		complete += !memcmp(copy, memory, PAGES * PAGE);
	}
	claim(complete == ENDS && right == ENDS * END_PAGES * 2,
	      "%u of %u times nothing is lost when they end", complete, ENDS);
	munmap(copy, PAGES * PAGE);
}

/* With the log turned on late, the first copy is of all pages. */
static void test_turned_on(void)
{
	uint8_t *copy = pages(PAGES);
	struct counter counters[2];
	uint32_t n, busy, right;

	must(enable(0, 0), "KVM_ENABLE_CAP");
	memset(memory, 0, PAGES * PAGE);
	both_start(counters, LONG);
	for (n = 0; n < 20; n++) {
		must(set_log(false), "turning the log off");
		must(set_log(true), "turning the log on");
	}
	memcpy(copy, memory, PAGES * PAGE);
	busy = follow(copy, false);
	right = both_join(counters);
	claim(busy >= BUSY && !memcmp(copy, memory, PAGES * PAGE),
	      "the log is turned on while they write, and none is lost");
	claim_is(right, PAGES, "pages of which the guest lost none either");
	munmap(copy, PAGES * PAGE);
}

static void test_arguments(void)
{
	uint8_t *plain = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	claim(set_slot(guest.vm.fd, 3, DATA + 0x2000000, plain, 2 * PAGE) == -1 && errno == EPERM,
	      "no writable slot of memory that the process may not write");
	claim(!set_slot_flags(guest.vm.fd, 3, KVM_MEM_READONLY, DATA + 0x2000000, plain, 2 * PAGE),
	      "but a read-only one");
	munmap(plain, 2 * PAGE);
}

void test_dirty(void)
{
	guest_new(&guest);
	small_vcpu_new(&second, &guest.vm, 1, 0);
	memory = pages(PAGES);
	must(set_slot(guest.vm.fd, 1, DATA, memory, PAGES * PAGE), "a memory slot");
	test_exact();
	test_flags();
	test_manual();
	test_running(false);
	test_running(true);
	must(enable(0, 0), "KVM_ENABLE_CAP");
	test_ends();
	test_turned_on();
	test_arguments();
	small_vcpu_close(&second);
	guest_close(&guest);
	munmap(memory, PAGES * PAGE);
}
