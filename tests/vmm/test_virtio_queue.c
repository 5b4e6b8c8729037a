// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <string.h>

#include <linux/virtio_ring.h>

#include "virtio/queue.h"

#define BASE	 0x40000000ull
#define RAM_SIZE 0x10000u
#define SIZE	 8u
#define AVAIL	 0x100u
#define USED	 0x200u
#define TABLE	 0x400u

/* In front of and after RAM there is more memory, which no request may reach. */
static uint8_t memory[3 * RAM_SIZE] __attribute__((aligned(4096)));
static const struct ram ram = { .host = memory + RAM_SIZE, .base = BASE, .size = RAM_SIZE };
static struct queue queue;
static struct queue_chain chain;

static struct vring_desc *desc(unsigned int n)
{
	return (struct vring_desc *)ram.host + n;
}

static uint16_t *avail(unsigned int n)
{
	return (uint16_t *)(ram.host + AVAIL) + n;
}

static uint16_t used(unsigned int n)
{
	return ((uint16_t *)(ram.host + USED))[n];
}

static void set(struct vring_desc *to, uint64_t address, uint32_t length, uint16_t flags,
		uint16_t next)
{
	*to = (struct vring_desc){ .addr = address, .len = length, .flags = flags, .next = next };
}

static void offer(uint16_t head)
{
	*avail(2 + *avail(1) % SIZE) = head;
	++*avail(1);
}

static bool start(bool indirect, bool event_idx)
{
	queue_reset(&queue);
	queue.size = SIZE;
	queue.desc_address = BASE;
	queue.avail_address = BASE + AVAIL;
	queue.used_address = BASE + USED;
	return queue_start(&queue, &ram, indirect, event_idx);
}

static int fresh(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	return start(true, false) ? 0 : -1;
}

static bool refused(void)
{
	bool said = !queue_pop(&queue, &chain) && queue.broken;

	/* It stays so until a reset. */
	assert_false(queue_pop(&queue, &chain));
	assert_false(queue_rearm(&queue));
	return said;
}

static void requests_go_round(void **state)
{
	(void)state;
	assert_false(queue_pop(&queue, &chain));
	assert_null(queue.broken);
	set(desc(3), BASE + 0x1000, 16, VRING_DESC_F_NEXT, 5);
	set(desc(5), BASE + 0x2000, 0, VRING_DESC_F_NEXT, 0);
	set(desc(0), BASE + RAM_SIZE - 8, 8, VRING_DESC_F_WRITE, 7);
	/* Past the wrap of the 16-bit indexes, too. */
	for (unsigned int i = 1; i <= 0x10010; i++) {
		offer(3);
		assert_true(queue_pop(&queue, &chain));
		assert_int_equal(chain.head, 3);
		assert_int_equal(chain.nr_out, 1);
		assert_int_equal(chain.nr_in, 1);
		assert_int_equal(chain.out_length, 16);
		assert_int_equal(chain.in_length, 8);
		assert_ptr_equal(chain.iov[0].iov_base, ram.host + 0x1000);
		assert_ptr_equal(chain.iov[1].iov_base, ram.host + RAM_SIZE - 8);
		assert_int_equal(chain.iov[1].iov_len, 8);
		assert_false(queue_pop(&queue, &chain));
		queue_push(&queue, &chain, i);
		assert_int_equal(used(1), (uint16_t)i);
		assert_memory_equal(ram.host + USED + 4 + 8 * ((i - 1) % SIZE),
				    ((uint32_t[]){ 3, i }), 8);
	}
}

static void a_request_can_wait(void **state)
{
	(void)state;
	set(desc(1), BASE + 0x1000, 16, 0, 0);
	offer(1);
	assert_true(queue_pop(&queue, &chain));
	queue_unpop(&queue);
	assert_true(queue_rearm(&queue));
	assert_true(queue_pop(&queue, &chain));
	assert_int_equal(chain.head, 1);
	assert_false(queue_rearm(&queue));
}

static void indirect_tables(void **state)
{
	struct vring_desc *table = (struct vring_desc *)(ram.host + TABLE);

	(void)state;
	/* A direct buffer, then a table whose descriptors are used out of order. */
	set(desc(2), BASE + 0x1000, 1, VRING_DESC_F_NEXT, 6);
	set(desc(6), BASE + TABLE, 3 * 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_WRITE, 0);
	set(&table[0], BASE + 0x1100, 2, VRING_DESC_F_NEXT, 2);
	set(&table[2], BASE + 0x1200, 4, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 1);
	set(&table[1], BASE + 0x1300, 8, VRING_DESC_F_WRITE, 0);
	offer(2);
	assert_true(queue_pop(&queue, &chain));
	assert_int_equal(chain.nr_out, 2);
	assert_int_equal(chain.nr_in, 2);
	assert_int_equal(chain.out_length, 3);
	assert_int_equal(chain.in_length, 12);
	assert_ptr_equal(chain.iov[3].iov_base, ram.host + 0x1300);
	/* Not if the driver did not accept the feature. */
	assert_true(start(false, false));
	assert_true(refused());
}

static void hostile_chains(void **state)
{
	static const struct {
		uint64_t address;
		uint32_t length;
		uint16_t flags, next;
	} cases[] = {
		{ BASE - 1, 1, 0, 0 },
		{ BASE + RAM_SIZE, 1, 0, 0 },
		{ BASE + RAM_SIZE - 1, 2, 0, 0 },
		{ BASE + 8, 0xffffffff, 0, 0 },
		{ 0xfffffffffffffff8, 16, 0, 0 },
		{ 0x140000000, 16, 0, 0 },
		{ 0, 0, 0, 0 },
		{ BASE, 1, VRING_DESC_F_NEXT, 0 },    /* a loop of one */
		{ BASE, 1, VRING_DESC_F_NEXT, 1 },    /* a loop of two */
		{ BASE, 0, VRING_DESC_F_NEXT, 0 },    /* .. of empty buffers */
		{ BASE, 1, VRING_DESC_F_NEXT, SIZE }, /* past the table */
		{ BASE, 1, VRING_DESC_F_NEXT, 0xffff },
		{ BASE, 1, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 2 }, /* writable first */
		{ BASE + TABLE, 0, VRING_DESC_F_INDIRECT, 0 },
		{ BASE + TABLE, 17, VRING_DESC_F_INDIRECT, 0 },
		{ BASE + TABLE + 4, 16, VRING_DESC_F_INDIRECT, 0 },
		{ BASE + RAM_SIZE - 16, 32, VRING_DESC_F_INDIRECT, 0 },
		{ BASE + TABLE, 0xfffffff0, VRING_DESC_F_INDIRECT, 0 },
		{ BASE + TABLE, 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 2 },
		{ BASE + TABLE, 16, VRING_DESC_F_INDIRECT, 0 },	     /* a table in a table */
		{ BASE + TABLE + 16, 16, VRING_DESC_F_INDIRECT, 0 }, /* a loop in a table */
		{ BASE + TABLE + 32, 16, VRING_DESC_F_INDIRECT, 0 }, /* past a table */
	};
	struct vring_desc *table = (struct vring_desc *)(ram.host + TABLE);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh(NULL);
		set(&table[0], BASE + TABLE, 16, VRING_DESC_F_INDIRECT, 0);
		set(&table[1], BASE, 1, VRING_DESC_F_NEXT, 0);
		set(&table[2], BASE, 1, VRING_DESC_F_NEXT, 1);
		set(&table[3], BASE, 1, 0, 0);
		set(desc(0), cases[i].address, cases[i].length, cases[i].flags, cases[i].next);
		set(desc(1), BASE, 1, VRING_DESC_F_NEXT, 0);
		set(desc(2), BASE, 1, 0, 0);
		offer(0);
		if (!refused())
			fail_msg("case %zu was accepted", i);
	}
}

static void hostile_rings(void **state)
{
	(void)state;
	set(desc(0), BASE, 1, 0, 0);
	offer(SIZE);
	assert_true(refused());
	fresh(NULL);
	set(desc(0), BASE, 1, 0, 0);
	*avail(1) = SIZE + 1;
	assert_true(refused());
	fresh(NULL);
	set(desc(0), BASE, 1, 0, 0);
	*avail(1) = 0xffff; /* the index goes back */
	assert_true(refused());
	fresh(NULL);
	*avail(1) = SIZE; /* all at once is allowed, and so is one buffer in every request */
	set(desc(0), BASE, 1, 0, 0);
	for (unsigned int i = 0; i < SIZE; i++)
		assert_true(queue_pop(&queue, &chain));
	assert_false(queue_pop(&queue, &chain));
	assert_null(queue.broken);
}

static void long_requests(void **state)
{
	struct vring_desc *table = (struct vring_desc *)(ram.host + TABLE);
	unsigned int i;

	(void)state;
	/* QUEUE_MAX_SIZE buffers fit into a chain, one more does not. */
	for (i = 0; i <= QUEUE_MAX_SIZE; i++)
		set(&table[i], BASE, 1, VRING_DESC_F_NEXT, i + 1);
	table[QUEUE_MAX_SIZE - 1].flags = 0;
	set(desc(0), BASE + TABLE, 16 * (QUEUE_MAX_SIZE + 1), VRING_DESC_F_INDIRECT, 0);
	offer(0);
	assert_true(queue_pop(&queue, &chain));
	assert_int_equal(chain.nr_out, QUEUE_MAX_SIZE);
	table[QUEUE_MAX_SIZE - 1].flags = VRING_DESC_F_NEXT;
	table[QUEUE_MAX_SIZE].flags = 0;
	offer(0);
	assert_true(refused());
}

static void bad_addresses(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 12; i++) {
		static const uint32_t sizes[] = { 0, 3, 512, 0x10000, 0xffffffff, 6 };

		queue_reset(&queue);
		queue.size = i < 6 ? sizes[i] : SIZE;
		queue.desc_address = i == 6 ? BASE + 8 : i == 7 ? BASE + RAM_SIZE - 112 : BASE;
		queue.avail_address = i == 8 ? BASE + 1 : i == 9 ? 0 : BASE + AVAIL;
		queue.used_address = i == 10 ? BASE + 2 : i == 11 ? BASE - 4 : BASE + USED;
		assert_false(queue_start(&queue, &ram, true, true));
		assert_non_null(queue.broken);
		assert_false(queue_pop(&queue, &chain));
	}
}

static void interrupts_as_the_flag_says(void **state)
{
	(void)state;
	set(desc(0), BASE, 1, 0, 0);
	assert_false(queue_must_interrupt(&queue));
	for (uint16_t flags = 0; flags < 2; flags++) {
		*avail(0) = flags;
		offer(0);
		assert_true(queue_pop(&queue, &chain));
		queue_push(&queue, &chain, 0);
		assert_int_equal(queue_must_interrupt(&queue), !flags);
		assert_false(queue_must_interrupt(&queue));
	}
}

static void interrupts_as_the_index_says(void **state)
{
	(void)state;
	assert_true(start(true, true));
	set(desc(0), BASE, 1, 0, 0);
	*avail(0) = VRING_AVAIL_F_NO_INTERRUPT; /* means nothing here */
	for (unsigned int i = 0; i < 0x10004; i++) {
		offer(0);
		assert_true(queue_pop(&queue, &chain));
		queue_push(&queue, &chain, 0);
		/* Every fourth one is waited for. */
		*avail(2 + SIZE) = (i & ~3u) + 3;
		assert_int_equal(queue_must_interrupt(&queue), i % 4 == 3);
		assert_false(queue_rearm(&queue));
		assert_int_equal(used(2 + 4 * SIZE), (uint16_t)(i + 1));
	}
	/* Several at once: the one that is waited for is among them, or it is not. */
	*avail(2 + SIZE) += 3;
	for (unsigned int round = 0; round < 2; round++) {
		for (unsigned int i = 0; i < 4; i++) {
			offer(0);
			assert_true(queue_pop(&queue, &chain));
			queue_push(&queue, &chain, 0);
		}
		assert_int_equal(queue_must_interrupt(&queue), !round);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(requests_go_round, fresh),
		cmocka_unit_test_setup(a_request_can_wait, fresh),
		cmocka_unit_test_setup(indirect_tables, fresh),
		cmocka_unit_test_setup(hostile_chains, fresh),
		cmocka_unit_test_setup(hostile_rings, fresh),
		cmocka_unit_test_setup(long_requests, fresh),
		cmocka_unit_test_setup(bad_addresses, fresh),
		cmocka_unit_test_setup(interrupts_as_the_flag_says, fresh),
		cmocka_unit_test_setup(interrupts_as_the_index_says, fresh),
	};

	RUN_TESTS("virtio_queue", tests);
}
