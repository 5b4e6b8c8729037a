// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk_log.h"
#include "fake.h"
#include "fake_guest.h"
#include "memmap.h"

/* Switch off or, with FAKE_RESETS, reset once before. */
static void end(void)
{
	static int resets;

	guest_system_event(getenv("FAKE_RESETS") && !resets++ ? KVM_SYSTEM_EVENT_RESET
							      : KVM_SYSTEM_EVENT_SHUTDOWN);
}

/* One request of a disk: returns its status, or 99 if the device does not answer it right. */
static unsigned int disk_request(uint16_t n, uint32_t type, uint64_t sector, uint32_t length)
{
	uint64_t *desc = (uint64_t *)fake_ram;
	uint16_t *avail = (uint16_t *)(fake_ram + 0x100);
	const uint16_t *used = (const uint16_t *)(fake_ram + 0x200);
	uint32_t *header = (uint32_t *)(fake_ram + 0x1000);
	volatile uint8_t *status = fake_ram + 0x1100;
	unsigned int last = length ? 2 : 1;

	header[0] = type;
	header[1] = 0;
	memcpy(&header[2], &sector, sizeof(sector));
	*status = 99;
	desc[0] = RAM_BASE + 0x1000;
	desc[1] = 16 | 1ull << 32 | 1ull << 48; /* VRING_DESC_F_NEXT */
	desc[2] = RAM_BASE + 0x2000;
	desc[3] = length | (type ? 1ull : 3ull) << 32 | 2ull << 48;
	desc[2 * last] = RAM_BASE + 0x1100;
	desc[2 * last + 1] = 1 | 2ull << 32;
	__atomic_store_n(&avail[1], n, __ATOMIC_RELEASE);
	guest_store(VIRTIO_BASE + 0x50, 0);
	while (__atomic_load_n(&used[1], __ATOMIC_ACQUIRE) != n) {
		/* The back end is gone: there will be no answer. */
		if (guest_load(VIRTIO_BASE + 0x70) & 0x40)
			return 99;
		fake_wait_edge(32 + VIRTIO_SPI);
	}
	return *status;
}

/* Wait until the device says that its configuration has changed. */
static void wait_for_change(uint32_t generation)
{
	while (guest_load(VIRTIO_BASE + 0xfc) == generation)
		fake_wait_edge(32 + VIRTIO_SPI);
	if (!(guest_load(VIRTIO_BASE + 0x60) & 2))
		guest_uart_print("without an interrupt\n");
	guest_store(VIRTIO_BASE + 0x64, guest_load(VIRTIO_BASE + 0x60));
}

void driver_use_drive(long count)
{
	uint8_t *data = fake_ram + 0x2000;
	uint32_t generation;
	uint16_t n = 0;
	char text[128];

	driver_begin(1);
	for (;;) {
		unsigned int reads, writes, flushes;
		uint8_t first;

		generation = guest_load(VIRTIO_BASE + 0xfc);
		memset(data, 0, 512);
		reads = disk_request(++n, 0, 0, 512);
		first = data[0];
		memset(data, 'w', 512);
		writes = disk_request(++n, 1, 1, 512);
		flushes = disk_request(++n, 4, 0, 0);
		snprintf(text, sizeof(text), "sectors %x read %u first %x write %u flush %u\n",
			 guest_load(VIRTIO_BASE + 0x100), reads, first, writes, flushes);
		guest_uart_print(text);
		if (!count--)
			break;
		wait_for_change(generation);
	}
	end();
}

void driver_use_disk(long count)
{
	uint8_t *data = fake_ram + 0x2000;
	unsigned int good = 0;
	uint16_t n = 0;
	char text[128];

	driver_begin(1);
	snprintf(text, sizeof(text), "id %x status %x sectors %x features %x %x\n",
		 guest_load(VIRTIO_BASE + 8), guest_load(VIRTIO_BASE + 0x70),
		 guest_load(VIRTIO_BASE + 0x100),
		 (guest_store(VIRTIO_BASE + 0x14, 0), guest_load(VIRTIO_BASE + 0x10)) >> 9 & 1,
		 (guest_store(VIRTIO_BASE + 0x14, 1), guest_load(VIRTIO_BASE + 0x10)) & 1);
	guest_uart_print(text);
	if (getenv("FAKE_ASKS")) {
		guest_uart_on(UART0_BASE);
		fake_wait_irq(33);
		guest_load(UART0_BASE);
	}
	for (long i = 0; i < count; i++) {
		memset(data, 'a' + i % 26, 4096);
		good += !disk_request(++n, 1, 1 + i % 2, 4096);
		good += !disk_request(++n, 4, 0, 0);
		memset(data, 0, 4096);
		good += !disk_request(++n, 0, 1 + i % 2, 4096) && data[4095] == 'a' + i % 26;
	}
	snprintf(text, sizeof(text), "good %u first %x\n", good,
		 disk_request(++n, 0, 0, 512) ? 0x100 : data[0]);
	guest_uart_print(text);
	driver_begin(1);
	snprintf(text, sizeof(text), "again %u status %x\n", disk_request(1, 0, 0, 512),
		 guest_load(VIRTIO_BASE + 0x70));
	guest_uart_print(text);
	end();
}

void driver_keep_writing(bool flushes)
{
	uint8_t *data = fake_ram + 0x2000;
	uint16_t n = 0;
	char text[32];

	driver_begin_with(1, flushes ? 1u << 9 | 1u << 13 | 1u << 14 : 1u << 13 | 1u << 14);
	guest_uart_print("ready\n");
	for (uint32_t i = 1;; i++) {
		uint32_t sector = i * 7 % 57, sectors = 1 + i % 8;
		bool zeroes = i % 11 == 5;
		unsigned int status;

		disk_log_sends(zeroes ? LOG_SENDS_ZEROES : LOG_SENDS_DATA, sector, sectors);
		if (zeroes)
			memcpy(data, (uint32_t[]){ sector, 0, sectors, 0 }, 16);
		else
			disk_log_stamp(data, sector, sectors, i);
		status = zeroes ? disk_request(++n, 13, 0, 16)
				: disk_request(++n, 1, sector, sectors * 512);
		if (status)
			guest_uart_print("failed\n");
		if (flushes && i % 3)
			continue;
		if (flushes && disk_request(++n, 4, 0, 0))
			guest_uart_print("failed\n");
		disk_log_says(LOG_SAFE);
		snprintf(text, sizeof(text), "safe %u\n", i);
		guest_uart_print(text);
	}
}
