// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "fake.h"
#include "fake_guest.h"
#include "memmap.h"

void driver_begin_with(uint32_t queues, uint32_t features)
{
	memset(fake_ram, 0, 4096);
	guest_store(VIRTIO_BASE + 0x70, 0);
	guest_store(VIRTIO_BASE + 0x70, 3);
	guest_store(VIRTIO_BASE + 0x24, 0);
	guest_store(VIRTIO_BASE + 0x20, features);
	guest_store(VIRTIO_BASE + 0x24, 1);
	guest_store(VIRTIO_BASE + 0x20, 1); /* VIRTIO_F_VERSION_1 */
	guest_store(VIRTIO_BASE + 0x70, 11);
	for (uint32_t n = 0; n < queues; n++) {
		uint32_t base = RAM_BASE + n * 0x400;

		guest_store(VIRTIO_BASE + 0x30, n);
		guest_store(VIRTIO_BASE + 0x38, 4);
		guest_store(VIRTIO_BASE + 0x80, base);
		guest_store(VIRTIO_BASE + 0x90, base + 0x100);
		guest_store(VIRTIO_BASE + 0xa0, base + 0x200);
		guest_store(VIRTIO_BASE + 0x44, 1);
	}
	guest_store(VIRTIO_BASE + 0x70, 15);
}

void driver_begin(uint32_t queues)
{
	driver_begin_with(queues, 0);
}

void driver_ask_rng(long count)
{
	uint64_t *desc = (uint64_t *)fake_ram, sum = 0;
	uint16_t *avail = (uint16_t *)(fake_ram + 0x100);
	const uint16_t *used = (const uint16_t *)(fake_ram + 0x200);
	char text[128];
	long good = 0;

	driver_begin(1);
	snprintf(text, sizeof(text), "id %x status %x\n", guest_load(VIRTIO_BASE + 8),
		 guest_load(VIRTIO_BASE + 0x70));
	guest_uart_print(text);
	desc[0] = RAM_BASE + 0x400;
	desc[1] = 16 | 2ull << 32; /* VRING_DESC_F_WRITE */
	for (long i = 1; i <= count; i++) {
		memset(fake_ram + 0x400, 0, 32);
		__atomic_store_n(&avail[1], i, __ATOMIC_RELEASE);
		guest_store(VIRTIO_BASE + 0x50, 0);
		fake_wait_edge(32 + VIRTIO_SPI);
		good += guest_load(VIRTIO_BASE + 0x60) == 1 &&
			__atomic_load_n(&used[1], __ATOMIC_ACQUIRE) == i &&
			*(uint64_t *)(fake_ram + 0x410) == 0;
		guest_store(VIRTIO_BASE + 0x64, 1);
		sum |= *(uint64_t *)(fake_ram + 0x400);
	}
	snprintf(text, sizeof(text), "good %ld length %x random %d idle %x\n", good,
		 *(uint32_t *)(fake_ram + 0x208), sum != 0, guest_load(VIRTIO_BASE + 0x60));
	guest_uart_print(text);
	/* A buffer outside RAM: the device must say so, and work again after a reset. */
	desc[0] = 0x1000;
	__atomic_store_n(&avail[1], count + 1, __ATOMIC_RELEASE);
	guest_store(VIRTIO_BASE + 0x50, 0);
	fake_wait_edge(32 + VIRTIO_SPI);
	snprintf(text, sizeof(text), "broken %x why %x\n", guest_load(VIRTIO_BASE + 0x70),
		 guest_load(VIRTIO_BASE + 0x60));
	guest_uart_print(text);
	driver_begin(1);
	desc[0] = RAM_BASE + 0x400;
	desc[1] = 16 | 2ull << 32;
	__atomic_store_n(&avail[1], 1, __ATOMIC_RELEASE);
	guest_store(VIRTIO_BASE + 0x50, 0);
	fake_wait_edge(32 + VIRTIO_SPI);
	snprintf(text, sizeof(text), "again %x used %x\n", guest_load(VIRTIO_BASE + 0x70), used[1]);
	guest_uart_print(text);
	guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

void driver_ping(long count)
{
	uint64_t *desc = (uint64_t *)fake_ram;
	uint16_t *avail = (uint16_t *)(fake_ram + 0x100);
	const uint16_t *used = (const uint16_t *)(fake_ram + 0x200);
	const uint8_t *got = fake_ram + 0x1000 + 12;
	uint8_t *sent = fake_ram + 0x2000 + 12;
	char text[128];
	long good = 0;

	driver_begin_with(2, 1 << 5); /* VIRTIO_NET_F_MAC */
	snprintf(text, sizeof(text), "id %x address %x %x\n", guest_load(VIRTIO_BASE + 8),
		 guest_load(VIRTIO_BASE + 0x100),
		 guest_mmio(VIRTIO_BASE + 0x104, 0, false, 2) & 0xffff);
	guest_uart_print(text);
	desc[0] = RAM_BASE + 0x1000;
	desc[1] = 2048 | 2ull << 32; /* VRING_DESC_F_WRITE */
	desc[0x80] = RAM_BASE + 0x2000;
	desc[0x81] = 12 + 1514;
	memset(sent - 12, 0, 12);
	for (long i = 1; i <= count; i++) {
		for (long n = 0; n < 1514; n++)
			sent[n] = n * i;
		__atomic_store_n(&avail[1], i, __ATOMIC_RELEASE);
		guest_store(VIRTIO_BASE + 0x50, 0);
		__atomic_store_n(&avail[0x201], i, __ATOMIC_RELEASE);
		guest_store(VIRTIO_BASE + 0x50, 1);
		while (__atomic_load_n(&used[1], __ATOMIC_ACQUIRE) != (uint16_t)i)
			fake_wait_edge(32 + VIRTIO_SPI);
		good += !memcmp(got, sent, 1514);
	}
	snprintf(text, sizeof(text), "good %ld\n", good);
	guest_uart_print(text);
	guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

/* Make the next request of a queue available, and wait until the device is done with it. */
static void driver_wait(uint32_t queue, uint16_t n)
{
	uint16_t *avail = (uint16_t *)(fake_ram + queue * 0x400 + 0x100);
	const uint16_t *used = (const uint16_t *)(fake_ram + queue * 0x400 + 0x200);

	__atomic_store_n(&avail[1], n, __ATOMIC_RELEASE);
	guest_store(VIRTIO_BASE + 0x50, queue);
	while (__atomic_load_n(&used[1], __ATOMIC_ACQUIRE) != n)
		fake_wait_edge(32 + VIRTIO_SPI);
}

void driver_echo_port(long count)
{
	uint64_t *desc = (uint64_t *)fake_ram;
	long done = 0;
	char text[128];

	driver_begin(2);
	snprintf(text, sizeof(text), "id %x ports %x\n", guest_load(VIRTIO_BASE + 8),
		 guest_load(VIRTIO_BASE + 0x104));
	guest_uart_print(text);
	desc[0] = desc[0x80] = RAM_BASE + 0x1000;
	desc[1] = 1000 | 2ull << 32; /* VRING_DESC_F_WRITE */
	for (uint16_t n = 1; done < count; n++) {
		driver_wait(0, n);
		desc[0x81] = *(uint32_t *)(fake_ram + 0x208 + 8 * ((n - 1) % 4));
		driver_wait(1, n);
		done += desc[0x81];
	}
	guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

void driver_use_vsock(void)
{
	char text[128];

	driver_begin(3);
	snprintf(text, sizeof(text), "id %x cid %u status %x why %x\n", guest_load(VIRTIO_BASE + 8),
		 guest_load(VIRTIO_BASE + 0x100), guest_load(VIRTIO_BASE + 0x70),
		 guest_load(VIRTIO_BASE + 0x60));
	guest_uart_print(text);
	driver_begin(3);
	guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

void driver_keep_vsock(void)
{
	uint64_t *desc = (uint64_t *)(fake_ram + 0x800);

	driver_begin(3);
	((uint16_t *)(fake_ram + 0x100))[1] = 3;
	((uint16_t *)(fake_ram + 0x500))[1] = 2;
	desc[0] = RAM_BASE + 0xc00;
	desc[1] = 4 | 2ull << 32; /* VRING_DESC_F_WRITE */
	memset(fake_ram + 0xc00, 0xff, 8);
	__atomic_store_n((uint16_t *)(fake_ram + 0x902), 1, __ATOMIC_RELEASE);
	guest_uart_print("ready\n");
}

void driver_use_balloon(void)
{
	char text[128];
	uint32_t pages;

	driver_begin(3);
	guest_uart_print("ready\n");
	do {
		fake_wait_edge(32 + VIRTIO_SPI);
		guest_store(VIRTIO_BASE + 0x64, guest_load(VIRTIO_BASE + 0x60));
		pages = guest_load(VIRTIO_BASE + 0x100);
		guest_store(VIRTIO_BASE + 0x104, pages);
		snprintf(text, sizeof(text), "id %x pages %x\n", guest_load(VIRTIO_BASE + 8),
			 pages);
		guest_uart_print(text);
	} while (pages);
	guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}
