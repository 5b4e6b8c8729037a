// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tree of bits with three levels: which ranks have entries; for each rank, which words
 * of 32 INTIDs; and the INTIDs.  Bits are counted from the most significant one, so that
 * CLZ finds the first.
 */
#include <linux/slab.h>

#include "irq/vgic-queue.h"

#define FIRST(n) (0x80000000u >> (n))

/* The first bit of word from bit n on, or 32. */
static unsigned int next_bit(u32 word, unsigned int n)
{
	return n < 32 ? 32 - fls(word & (0xffffffffu >> n)) : 32;
}

int vgic_queue_init(struct vgic_queue *queue, unsigned int nr_irqs)
{
	memset(queue, 0, sizeof(*queue));
	queue->nr_words = nr_irqs / 32;
	queue->intids = kcalloc(VGIC_RANKS * queue->nr_words, sizeof(u32), GFP_KERNEL_ACCOUNT);
	return queue->intids ? 0 : -ENOMEM;
}

void vgic_queue_destroy(struct vgic_queue *queue)
{
	kfree(queue->intids);
	queue->intids = NULL;
}

void vgic_queue_add(struct vgic_queue *queue, unsigned int rank, unsigned int intid)
{
	queue->intids[rank * queue->nr_words + intid / 32] |= FIRST(intid % 32);
	queue->words[rank] |= FIRST(intid / 32);
	/* vgic_pending() reads it without the lock. */
	WRITE_ONCE(queue->ranks[rank / 32], queue->ranks[rank / 32] | FIRST(rank % 32));
}

void vgic_queue_del(struct vgic_queue *queue, unsigned int rank, unsigned int intid)
{
	u32 *word = &queue->intids[rank * queue->nr_words + intid / 32];

	*word &= ~FIRST(intid % 32);
	if (*word)
		return;
	queue->words[rank] &= ~FIRST(intid / 32);
	if (!queue->words[rank])
		WRITE_ONCE(queue->ranks[rank / 32], queue->ranks[rank / 32] & ~FIRST(rank % 32));
}

bool vgic_queue_next(const struct vgic_queue *queue, unsigned int *rank, int *intid)
{
	unsigned int r = *rank, from = *intid + 1, word, bit;

	for (;;) {
		/* In the rest of this word, then in the words after it. */
		if (from / 32 < queue->nr_words && queue->words[r] & FIRST(from / 32)) {
			bit = next_bit(queue->intids[r * queue->nr_words + from / 32], from % 32);
			if (bit < 32) {
				*rank = r;
				*intid = from / 32 * 32 + bit;
				return true;
			}
		}
		word = next_bit(queue->words[r], from / 32 + 1);
		if (word < 32) {
			from = word * 32;
			continue;
		}
		/* The next rank; its first word may be word 0. */
		bit = next_bit(queue->ranks[r / 32], r % 32 + 1);
		r = r / 32 * 32 + bit;
		if (bit == 32) {
			if (r >= VGIC_RANKS || !queue->ranks[r / 32])
				return false;
			r += next_bit(queue->ranks[r / 32], 0);
		}
		from = next_bit(queue->words[r], 0) * 32;
	}
}
