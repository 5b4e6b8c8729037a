// SPDX-License-Identifier: GPL-2.0-only
/* What the fake guest can do: FAKE_GUEST selects it, FAKE_COUNT is its argument. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk_log.h"
#include "fake.h"
#include "memmap.h"

static int resets;

static uint32_t mmio(uint32_t address, uint32_t value, bool write, unsigned int size)
{
	memset(&fake_request, 0, sizeof(fake_request));
	fake_request.exit_reason = KVM_EXIT_MMIO;
	fake_request.mmio.phys_addr = address;
	fake_request.mmio.len = size;
	fake_request.mmio.is_write = write;
	memcpy(fake_request.mmio.data, &value, write ? size : 0);
	fake_exit();
	memcpy(&value, fake_request.mmio.data, 4);
	return value;
}

static uint32_t rd(uint32_t address)
{
	return mmio(address, 0, false, 4);
}

static void wr(uint32_t address, uint32_t value)
{
	if (fake_ioeventfd(address, value))
		return;
	mmio(address, value, true, 4);
}

static void system_event(uint32_t type)
{
	memset(&fake_request, 0, sizeof(fake_request));
	fake_request.exit_reason = KVM_EXIT_SYSTEM_EVENT;
	fake_request.system_event.type = type;
	fake_exit();
}

static void uart_on(uint32_t base)
{
	wr(base + 0x2c, 0x70);
	wr(base + 0x30, 0x301);
	wr(base + 0x38, 0x50);
}

static void uart_put(uint32_t base, uint8_t byte)
{
	while (rd(base + 0x18) & 0x20)
		usleep(100);
	wr(base, byte);
}

static void uart_print(const char *text)
{
	while (*text)
		uart_put(UART0_BASE, *text++);
}

/* Echo input until count bytes (0: no limit) or, with until_q, until 'q'. */
static void echo(uint32_t base, unsigned int id, long count, bool until_q)
{
	long done = 0;

	uart_on(base);
	for (;;) {
		fake_wait_irq(id);
		while (!(rd(base + 0x18) & 0x10)) {
			uint8_t byte = rd(base);

			uart_put(base, byte);
			if (++done == count || (until_q && byte == 'q')) {
				system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
				return;
			}
		}
	}
}

/*
 * A driver of the first virtio device, with queues of 4 from the start of RAM on.  It accepts
 * VIRTIO_F_VERSION_1 and, of the first 32, these features.
 */
static void virtio_begin_with(uint32_t queues, uint32_t features)
{
	memset(fake_ram, 0, 4096);
	wr(VIRTIO_BASE + 0x70, 0);
	wr(VIRTIO_BASE + 0x70, 3);
	wr(VIRTIO_BASE + 0x24, 0);
	wr(VIRTIO_BASE + 0x20, features);
	wr(VIRTIO_BASE + 0x24, 1);
	wr(VIRTIO_BASE + 0x20, 1); /* VIRTIO_F_VERSION_1 */
	wr(VIRTIO_BASE + 0x70, 11);
	for (uint32_t n = 0; n < queues; n++) {
		uint32_t base = RAM_BASE + n * 0x400;

		wr(VIRTIO_BASE + 0x30, n);
		wr(VIRTIO_BASE + 0x38, 4);
		wr(VIRTIO_BASE + 0x80, base);
		wr(VIRTIO_BASE + 0x90, base + 0x100);
		wr(VIRTIO_BASE + 0xa0, base + 0x200);
		wr(VIRTIO_BASE + 0x44, 1);
	}
	wr(VIRTIO_BASE + 0x70, 15);
}

static void virtio_begin(uint32_t queues)
{
	virtio_begin_with(queues, 0);
}

/* Ask for 16 random bytes, `count` times, and say how often each interrupt and answer came. */
static void ask_rng(long count)
{
	uint64_t *desc = (uint64_t *)fake_ram, sum = 0;
	uint16_t *avail = (uint16_t *)(fake_ram + 0x100);
	const uint16_t *used = (const uint16_t *)(fake_ram + 0x200);
	char text[128];
	long good = 0;

	virtio_begin(1);
	snprintf(text, sizeof(text), "id %x status %x\n", rd(VIRTIO_BASE + 8),
		 rd(VIRTIO_BASE + 0x70));
	uart_print(text);
	desc[0] = RAM_BASE + 0x400;
	desc[1] = 16 | 2ull << 32; /* VRING_DESC_F_WRITE */
	for (long i = 1; i <= count; i++) {
		memset(fake_ram + 0x400, 0, 32);
		__atomic_store_n(&avail[1], i, __ATOMIC_RELEASE);
		wr(VIRTIO_BASE + 0x50, 0);
		fake_wait_edge(32 + VIRTIO_SPI);
		good += rd(VIRTIO_BASE + 0x60) == 1 &&
			__atomic_load_n(&used[1], __ATOMIC_ACQUIRE) == i &&
			*(uint64_t *)(fake_ram + 0x410) == 0;
		wr(VIRTIO_BASE + 0x64, 1);
		sum |= *(uint64_t *)(fake_ram + 0x400);
	}
	snprintf(text, sizeof(text), "good %ld length %x random %d idle %x\n", good,
		 *(uint32_t *)(fake_ram + 0x208), sum != 0, rd(VIRTIO_BASE + 0x60));
	uart_print(text);
	/* A buffer outside RAM: the device must say so, and work again after a reset. */
	desc[0] = 0x1000;
	__atomic_store_n(&avail[1], count + 1, __ATOMIC_RELEASE);
	wr(VIRTIO_BASE + 0x50, 0);
	fake_wait_edge(32 + VIRTIO_SPI);
	snprintf(text, sizeof(text), "broken %x why %x\n", rd(VIRTIO_BASE + 0x70),
		 rd(VIRTIO_BASE + 0x60));
	uart_print(text);
	virtio_begin(1);
	desc[0] = RAM_BASE + 0x400;
	desc[1] = 16 | 2ull << 32;
	__atomic_store_n(&avail[1], 1, __ATOMIC_RELEASE);
	wr(VIRTIO_BASE + 0x50, 0);
	fake_wait_edge(32 + VIRTIO_SPI);
	snprintf(text, sizeof(text), "again %x used %x\n", rd(VIRTIO_BASE + 0x70), used[1]);
	uart_print(text);
	system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

/* Send a frame `count` times, and wait each time for one that comes back. */
static void ping(long count)
{
	uint64_t *desc = (uint64_t *)fake_ram;
	uint16_t *avail = (uint16_t *)(fake_ram + 0x100);
	const uint16_t *used = (const uint16_t *)(fake_ram + 0x200);
	const uint8_t *got = fake_ram + 0x1000 + 12;
	uint8_t *sent = fake_ram + 0x2000 + 12;
	char text[128];
	long good = 0;

	virtio_begin(2);
	snprintf(text, sizeof(text), "id %x address %x %x\n", rd(VIRTIO_BASE + 8),
		 rd(VIRTIO_BASE + 0x100), mmio(VIRTIO_BASE + 0x104, 0, false, 2) & 0xffff);
	uart_print(text);
	desc[0] = RAM_BASE + 0x1000;
	desc[1] = 2048 | 2ull << 32; /* VRING_DESC_F_WRITE */
	desc[0x80] = RAM_BASE + 0x2000;
	desc[0x81] = 12 + 1514;
	memset(sent - 12, 0, 12);
	for (long i = 1; i <= count; i++) {
		for (long n = 0; n < 1514; n++)
			sent[n] = n * i;
		__atomic_store_n(&avail[1], i, __ATOMIC_RELEASE);
		wr(VIRTIO_BASE + 0x50, 0);
		__atomic_store_n(&avail[0x201], i, __ATOMIC_RELEASE);
		wr(VIRTIO_BASE + 0x50, 1);
		while (__atomic_load_n(&used[1], __ATOMIC_ACQUIRE) != (uint16_t)i)
			fake_wait_edge(32 + VIRTIO_SPI);
		good += !memcmp(got, sent, 1514);
	}
	snprintf(text, sizeof(text), "good %ld\n", good);
	uart_print(text);
	system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

/* Make the next request of a queue available, and wait until the device is done with it. */
static void virtio_wait(uint32_t queue, uint16_t n)
{
	uint16_t *avail = (uint16_t *)(fake_ram + queue * 0x400 + 0x100);
	const uint16_t *used = (const uint16_t *)(fake_ram + queue * 0x400 + 0x200);

	__atomic_store_n(&avail[1], n, __ATOMIC_RELEASE);
	wr(VIRTIO_BASE + 0x50, queue);
	while (__atomic_load_n(&used[1], __ATOMIC_ACQUIRE) != n)
		fake_wait_edge(32 + VIRTIO_SPI);
}

/* Send back what the first port receives, `count` bytes of it. */
static void echo_port(long count)
{
	uint64_t *desc = (uint64_t *)fake_ram;
	long done = 0;
	char text[128];

	virtio_begin(2);
	snprintf(text, sizeof(text), "id %x ports %x\n", rd(VIRTIO_BASE + 8),
		 rd(VIRTIO_BASE + 0x104));
	uart_print(text);
	desc[0] = desc[0x80] = RAM_BASE + 0x1000;
	desc[1] = 1000 | 2ull << 32; /* VRING_DESC_F_WRITE */
	for (uint16_t n = 1; done < count; n++) {
		virtio_wait(0, n);
		desc[0x81] = *(uint32_t *)(fake_ram + 0x208 + 8 * ((n - 1) % 4));
		virtio_wait(1, n);
		done += desc[0x81];
	}
	system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

/* A driver of the first device that comes, goes and comes back. */
static void use_vsock(void)
{
	char text[128];

	virtio_begin(3);
	snprintf(text, sizeof(text), "id %x cid %u status %x why %x\n", rd(VIRTIO_BASE + 8),
		 rd(VIRTIO_BASE + 0x100), rd(VIRTIO_BASE + 0x70), rd(VIRTIO_BASE + 0x60));
	uart_print(text);
	virtio_begin(3);
	system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

/*
 * A driver with requests for the kernel in the first two queues, and room for one event, which has
 * something else in it.
 */
static void keep_vsock(void)
{
	uint64_t *desc = (uint64_t *)(fake_ram + 0x800);

	virtio_begin(3);
	((uint16_t *)(fake_ram + 0x100))[1] = 3;
	((uint16_t *)(fake_ram + 0x500))[1] = 2;
	desc[0] = RAM_BASE + 0xc00;
	desc[1] = 4 | 2ull << 32; /* VRING_DESC_F_WRITE */
	memset(fake_ram + 0xc00, 0xff, 8);
	__atomic_store_n((uint16_t *)(fake_ram + 0x902), 1, __ATOMIC_RELEASE);
	uart_print("ready\n");
}

/* Obey each wish for memory, without giving any, until nothing is wished for any more. */
static void use_balloon(void)
{
	char text[128];
	uint32_t pages;

	virtio_begin(3);
	uart_print("ready\n");
	do {
		fake_wait_edge(32 + VIRTIO_SPI);
		wr(VIRTIO_BASE + 0x64, rd(VIRTIO_BASE + 0x60));
		pages = rd(VIRTIO_BASE + 0x100);
		wr(VIRTIO_BASE + 0x104, pages);
		snprintf(text, sizeof(text), "id %x pages %x\n", rd(VIRTIO_BASE + 8), pages);
		uart_print(text);
	} while (pages);
	system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
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
	wr(VIRTIO_BASE + 0x50, 0);
	while (__atomic_load_n(&used[1], __ATOMIC_ACQUIRE) != n) {
		/* The back end is gone: there will be no answer. */
		if (rd(VIRTIO_BASE + 0x70) & 0x40)
			return 99;
		fake_wait_edge(32 + VIRTIO_SPI);
	}
	return *status;
}

/* Wait until the device says that its configuration has changed. */
static void wait_for_change(uint32_t generation)
{
	while (rd(VIRTIO_BASE + 0xfc) == generation)
		fake_wait_edge(32 + VIRTIO_SPI);
	if (!(rd(VIRTIO_BASE + 0x60) & 2))
		uart_print("without an interrupt\n");
	wr(VIRTIO_BASE + 0x64, rd(VIRTIO_BASE + 0x60));
}

/* A disk whose file comes and goes: each time read sector 0, and write to sector 1. */
static void use_drive(long count)
{
	uint8_t *data = fake_ram + 0x2000;
	uint32_t generation;
	uint16_t n = 0;
	char text[128];

	virtio_begin(1);
	for (;;) {
		unsigned int reads, writes, flushes;
		uint8_t first;

		generation = rd(VIRTIO_BASE + 0xfc);
		memset(data, 0, 512);
		reads = disk_request(++n, 0, 0, 512);
		first = data[0];
		memset(data, 'w', 512);
		writes = disk_request(++n, 1, 1, 512);
		flushes = disk_request(++n, 4, 0, 0);
		snprintf(text, sizeof(text), "sectors %x read %u first %x write %u flush %u\n",
			 rd(VIRTIO_BASE + 0x100), reads, first, writes, flushes);
		uart_print(text);
		if (!count--)
			break;
		wait_for_change(generation);
	}
	system_event(getenv("FAKE_RESETS") && !resets++ ? KVM_SYSTEM_EVENT_RESET
							: KVM_SYSTEM_EVENT_SHUTDOWN);
}

/* Write a pattern to sectors 1 to 8, flush, and read them and what was there before. */
static void use_disk(long count)
{
	uint8_t *data = fake_ram + 0x2000;
	unsigned int good = 0;
	uint16_t n = 0;
	char text[128];

	virtio_begin(1);
	snprintf(text, sizeof(text), "id %x status %x sectors %x features %x %x\n",
		 rd(VIRTIO_BASE + 8), rd(VIRTIO_BASE + 0x70), rd(VIRTIO_BASE + 0x100),
		 (wr(VIRTIO_BASE + 0x14, 0), rd(VIRTIO_BASE + 0x10)) >> 9 & 1,
		 (wr(VIRTIO_BASE + 0x14, 1), rd(VIRTIO_BASE + 0x10)) & 1);
	uart_print(text);
	if (getenv("FAKE_ASKS")) {
		uart_on(UART0_BASE);
		fake_wait_irq(33);
		rd(UART0_BASE);
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
	uart_print(text);
	virtio_begin(1);
	snprintf(text, sizeof(text), "again %u status %x\n", disk_request(1, 0, 0, 512),
		 rd(VIRTIO_BASE + 0x70));
	uart_print(text);
	system_event(getenv("FAKE_RESETS") && !resets++ ? KVM_SYSTEM_EVENT_RESET
							: KVM_SYSTEM_EVENT_SHUTDOWN);
}

/*
 * Write to the first LOG_SECTORS sectors of a disk for ever, and say each time that everything is
 * on it: after a flush or, without that feature, after each write.
 */
static void keep_writing(bool flushes)
{
	uint8_t *data = fake_ram + 0x2000;
	uint16_t n = 0;
	char text[32];

	virtio_begin_with(1, flushes ? 1u << 9 | 1u << 13 | 1u << 14 : 1u << 13 | 1u << 14);
	uart_print("ready\n");
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
			uart_print("failed\n");
		if (flushes && i % 3)
			continue;
		if (flushes && disk_request(++n, 4, 0, 0))
			uart_print("failed\n");
		disk_log_says(LOG_SAFE);
		snprintf(text, sizeof(text), "safe %u\n", i);
		uart_print(text);
	}
}

static void tell_boot(void)
{
	const uint32_t *core = fake_vcpus[0].core;
	const uint8_t *tree = fake_ram + (core[2] - RAM_BASE);
	char text[256];

	snprintf(text, sizeof(text), "r0=%x r1=%x r2=%x pc=%x cpsr=%x tree=%02x%02x%02x%02x\n",
		 core[0], core[1], core[2], core[15], core[16], tree[0], tree[1], tree[2], tree[3]);
	uart_print(text);
	system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

/* What each read-only slot has; what a store to it, which is an exit, does. */
static void tell_roms(void)
{
	for (unsigned int i = 0; i < fake_nr_roms; i++) {
		const struct kvm_userspace_memory_region *rom = &fake_roms[i];
		const uint8_t *at = (const uint8_t *)(uintptr_t)rom->userspace_addr;
		unsigned long long sum = 0;
		char text[128];

		wr(rom->guest_phys_addr, 0x55555555);
		for (uint64_t n = 0; n < rom->memory_size; n++)
			sum += at[n];
		snprintf(text, sizeof(text), "rom %llx size %llx first %02x sum %llx\n",
			 (unsigned long long)rom->guest_phys_addr,
			 (unsigned long long)rom->memory_size, *at, sum);
		uart_print(text);
	}
	system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

static void end_with(uint32_t reason, uint32_t detail)
{
	memset(&fake_request, 0, sizeof(fake_request));
	fake_request.exit_reason = reason;
	fake_request.hw.hardware_exit_reason = detail;
	fake_exit();
}

/* Once.  Only a board can tell where the vCPU's thread went. */
static void wrong_cpu(uint32_t cpu)
{
	memset(&fake_request, 0, sizeof(fake_request));
	fake_request.exit_reason = KVM_EXIT_FAIL_ENTRY;
	fake_request.fail_entry.hardware_entry_failure_reason =
		KVM_ARMV7_FAIL_ENTRY_CPU_UNSUPPORTED;
	fake_request.fail_entry.cpu = cpu;
	fake_exit();
	system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

/*
 * Leave something behind and reset, count times or, for 0, each time; then tell what is left.
 * With FAKE_ASKS, wait for input before each reset.
 */
static void reset(long count)
{
	static long starts;
	uint8_t *mark = fake_ram + 0x800000;
	char text[128];

	snprintf(text, sizeof(text),
		 "start %ld: imsc=%x alarm=%x virtio=%x mark=%x kernel=%02x r2=%x\n", ++starts,
		 rd(UART0_BASE + 0x38), rd(RTC_BASE + 0x10), rd(VIRTIO_BASE + 0x70), *mark,
		 fake_ram[0x10000], fake_vcpus[0].core[2]);
	uart_print(text);
	if (count && starts > count)
		system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
	*mark = 1;
	fake_vcpus[0].core[2] = 0;
	wr(RTC_BASE + 0x10, 1);
	wr(VIRTIO_BASE + 0x70, 3);
	uart_on(UART0_BASE);
	if (getenv("FAKE_ASKS")) {
		fake_wait_irq(33);
		rd(UART0_BASE);
	}
	system_event(KVM_SYSTEM_EVENT_RESET);
}

/* Listen for the power key, look at it ms milliseconds after each edge, and obey. */
static void key(long ms, uint32_t event)
{
	const uint32_t bit = 1u << POWER_KEY_LINE, data = GPIO_BASE + 4 * bit;

	wr(GPIO_BASE + 0x408, bit); /* GPIOIBE */
	wr(GPIO_BASE + 0x410, bit); /* GPIOIE */
	uart_print("ready\n");
	if (ms < 0)
		return;
	for (unsigned int edges = 0; edges < 2; edges++) {
		fake_wait_irq(SPI_ID_BASE + GPIO_SPI);
		usleep(ms * 1000);
		uart_print(rd(data) == bit ? "down\n" : "up\n");
		wr(GPIO_BASE + 0x41c, bit); /* GPIOIC */
	}
	system_event(event);
}

void fake_guest(void)
{
	const char *what = getenv("FAKE_GUEST"), *number = getenv("FAKE_COUNT");
	long count = number ? atol(number) : 0;

	if (!what || !strcmp(what, "poweroff")) {
		system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
	} else if (!strcmp(what, "reset")) {
		reset(count);
	} else if (!strcmp(what, "reset-at-once")) {
		system_event(KVM_SYSTEM_EVENT_RESET);
	} else if (!strcmp(what, "crash")) {
		system_event(KVM_SYSTEM_EVENT_CRASH);
	} else if (!strcmp(what, "fail-entry")) {
		end_with(KVM_EXIT_FAIL_ENTRY, 7);
	} else if (!strcmp(what, "wrong-cpu")) {
		wrong_cpu((uint32_t)count);
	} else if (!strcmp(what, "internal")) {
		end_with(KVM_EXIT_INTERNAL_ERROR, 1);
	} else if (!strcmp(what, "unknown")) {
		end_with(99, 0);
	} else if (!strcmp(what, "errno")) {
		end_with(~0u, count);
	} else if (!strcmp(what, "boot")) {
		tell_boot();
	} else if (!strcmp(what, "roms")) {
		tell_roms();
	} else if (!strcmp(what, "rng")) {
		ask_rng(count);
	} else if (!strcmp(what, "disk")) {
		use_disk(count);
	} else if (!strcmp(what, "drive")) {
		use_drive(count);
	} else if (!strcmp(what, "writer")) {
		keep_writing(count);
	} else if (!strcmp(what, "port")) {
		echo_port(count);
	} else if (!strcmp(what, "vsock")) {
		use_vsock();
	} else if (!strcmp(what, "vsock-stays")) {
		keep_vsock();
	} else if (!strcmp(what, "balloon")) {
		use_balloon();
	} else if (!strcmp(what, "ping")) {
		ping(count);
	} else if (!strcmp(what, "echo")) {
		uart_print("ready\n");
		echo(UART0_BASE, 33, 0, true);
	} else if (!strcmp(what, "channel")) {
		echo(UART1_BASE, 40, count, false);
	} else if (!strcmp(what, "flood") || !strcmp(what, "key-flood")) {
		if (*what == 'k')
			wr(GPIO_BASE + 0x410, 1u << POWER_KEY_LINE);
		for (long i = 0; i < count; i++)
			wr(UART0_BASE, (uint8_t)(i * 7 >> 3)); /* without checking TXFF */
		if (!getenv("FAKE_STAYS"))
			system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
	} else if (!strcmp(what, "wild")) {
		mmio(0x1000, 1, true, 4);
		mmio(0xffffffff, 0, false, 8);
		mmio(UART0_BASE + 0xffe, 0, false, 4);
		mmio(UART0_BASE, 0, false, 1000000);
		uart_print("survived\n");
		end_with(99, 0);
	} else if (!strcmp(what, "abort")) {
		uart_print("ready\n");
		sleep(5);
		abort();
	} else if (!strcmp(what, "key")) {
		key(count, KVM_SYSTEM_EVENT_SHUTDOWN);
	} else if (!strcmp(what, "key-reset")) {
		key(count, KVM_SYSTEM_EVENT_RESET);
	} else if (!strcmp(what, "idle")) {
		uart_print("ready\n");
	}
	for (;;)
		pause();
}
