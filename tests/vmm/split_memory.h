/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver's memory: queues of SIZE, the even ones for the device to write and the odd ones for it
 * to read, and buffers in two pieces.  For tests of one device.
 */
#ifndef TESTS_VMM_SPLIT_MEMORY_H
#define TESTS_VMM_SPLIT_MEMORY_H

#include "test.h"

#include <string.h>

#include <linux/virtio_ring.h>

#include "virtio_driver.h"

#define BASE	 0x40000000u
#define RAM_SIZE 0x80000u
#define SIZE	 16u
#define QUEUE(n) ((n)*0x4000u)
#define AVAIL	 0x1000u
#define USED	 0x2000u

static uint8_t memory[RAM_SIZE] __attribute__((aligned(4096)));
static const struct ram ram = { .host = memory, .base = BASE, .size = RAM_SIZE };
static struct virtio device;

/* Up to DRIVER_OK. */
static inline void drive(uint32_t features, unsigned int queues)
{
	memset(memory, 0, sizeof(memory));
	driver_begin(&device, features);
	for (unsigned int n = 0; n < queues; n++)
		driver_queue(&device, n, SIZE, BASE + QUEUE(n), BASE + QUEUE(n) + AVAIL,
			     BASE + QUEUE(n) + USED);
	driver_ready(&device);
	assert_true(virtio_live(&device));
}

static inline uint16_t used(unsigned int n)
{
	return ((uint16_t *)(memory + QUEUE(n) + USED))[1];
}

static inline uint32_t used_length(unsigned int n, uint16_t index)
{
	return *(uint32_t *)(memory + QUEUE(n) + USED + 4 + 8 * (index % SIZE) + 4);
}

/* Has the driver been told of used buffers since it was asked last? */
static inline bool interrupted(void)
{
	bool told = transport_ops.read(&device, VIRTIO_MMIO_INTERRUPT_STATUS, 4) &
		    VIRTIO_MMIO_INT_VRING;

	driver_write(&device, VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING);
	return told;
}

/* Offer one buffer in two pieces; its descriptors are 2 * slot and the next. */
static inline void offer_slot(unsigned int n, unsigned int slot, uint32_t at, uint32_t first,
			      uint32_t rest)
{
	struct vring_desc *desc = (struct vring_desc *)(memory + QUEUE(n)) + 2 * slot;
	uint16_t *avail = (uint16_t *)(memory + QUEUE(n) + AVAIL);
	uint16_t write = n & 1 ? 0 : VRING_DESC_F_WRITE;

	desc[0] = (struct vring_desc){ BASE + at, first, write | VRING_DESC_F_NEXT, 2 * slot + 1 };
	desc[1] = (struct vring_desc){ BASE + at + first, rest, write, 0 };
	avail[2 + avail[1] % SIZE] = 2 * slot;
	__atomic_store_n(&avail[1], avail[1] + 1, __ATOMIC_RELEASE);
}

#endif
