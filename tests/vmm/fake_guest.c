// SPDX-License-Identifier: GPL-2.0-only
/* What the fake guest can do: FAKE_GUEST selects it, FAKE_COUNT is its argument. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"
#include "fake_guest.h"
#include "memmap.h"

/* Echo input until count bytes (0: no limit) or, with until_q, until 'q'. */
static void echo(uint32_t base, unsigned int id, long count, bool until_q)
{
	long done = 0;

	guest_uart_on(base);
	for (;;) {
		fake_wait_irq(id);
		while (!(guest_load(base + 0x18) & 0x10)) {
			uint8_t byte = guest_load(base);

			guest_uart_put(base, byte);
			if (++done == count || (until_q && byte == 'q')) {
				guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
				return;
			}
		}
	}
}

static void tell_boot(void)
{
	const uint32_t *core = fake_vcpus[0].core;
	const uint8_t *tree = fake_ram + (core[2] - RAM_BASE);
	char text[256];

	snprintf(text, sizeof(text), "r0=%x r1=%x r2=%x pc=%x cpsr=%x tree=%02x%02x%02x%02x\n",
		 core[0], core[1], core[2], core[15], core[16], tree[0], tree[1], tree[2], tree[3]);
	guest_uart_print(text);
	guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
}

/* What each read-only slot has; what a store to it, which is an exit, does. */
static void tell_roms(void)
{
	for (unsigned int i = 0; i < fake_nr_roms; i++) {
		const struct kvm_userspace_memory_region *rom = &fake_roms[i];
		const uint8_t *at = (const uint8_t *)(uintptr_t)rom->userspace_addr;
		unsigned long long sum = 0;
		char text[128];

		guest_store(rom->guest_phys_addr, 0x55555555);
		for (uint64_t n = 0; n < rom->memory_size; n++)
			sum += at[n];
		snprintf(text, sizeof(text), "rom %llx size %llx first %02x sum %llx\n",
			 (unsigned long long)rom->guest_phys_addr,
			 (unsigned long long)rom->memory_size, *at, sum);
		guest_uart_print(text);
	}
	guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
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
	guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
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
		 guest_load(UART0_BASE + 0x38), guest_load(RTC_BASE + 0x10),
		 guest_load(VIRTIO_BASE + 0x70), *mark, fake_ram[0x10000], fake_vcpus[0].core[2]);
	guest_uart_print(text);
	if (count && starts > count)
		guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
	*mark = 1;
	fake_vcpus[0].core[2] = 0;
	guest_store(RTC_BASE + 0x10, 1);
	guest_store(VIRTIO_BASE + 0x70, 3);
	guest_uart_on(UART0_BASE);
	if (getenv("FAKE_ASKS")) {
		fake_wait_irq(33);
		guest_load(UART0_BASE);
	}
	guest_system_event(KVM_SYSTEM_EVENT_RESET);
}

/* Listen for the power key, look at it ms milliseconds after each edge, and obey. */
static void key(long ms, uint32_t event)
{
	const uint32_t bit = 1u << POWER_KEY_LINE, data = GPIO_BASE + 4 * bit;

	guest_store(GPIO_BASE + 0x408, bit); /* GPIOIBE */
	guest_store(GPIO_BASE + 0x410, bit); /* GPIOIE */
	guest_uart_print("ready\n");
	if (ms < 0)
		return;
	for (unsigned int edges = 0; edges < 2; edges++) {
		fake_wait_irq(SPI_ID_BASE + GPIO_SPI);
		usleep(ms * 1000);
		guest_uart_print(guest_load(data) == bit ? "down\n" : "up\n");
		guest_store(GPIO_BASE + 0x41c, bit); /* GPIOIC */
	}
	guest_system_event(event);
}

void fake_guest(void)
{
	const char *what = getenv("FAKE_GUEST"), *number = getenv("FAKE_COUNT");
	long count = number ? atol(number) : 0;

	if (!what || !strcmp(what, "poweroff")) {
		guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
	} else if (!strcmp(what, "reset")) {
		reset(count);
	} else if (!strcmp(what, "reset-at-once")) {
		guest_system_event(KVM_SYSTEM_EVENT_RESET);
	} else if (!strcmp(what, "crash")) {
		guest_system_event(KVM_SYSTEM_EVENT_CRASH);
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
		driver_ask_rng(count);
	} else if (!strcmp(what, "disk")) {
		driver_use_disk(count);
	} else if (!strcmp(what, "drive")) {
		driver_use_drive(count);
	} else if (!strcmp(what, "writer")) {
		driver_keep_writing(count);
	} else if (!strcmp(what, "port")) {
		driver_echo_port(count);
	} else if (!strcmp(what, "vsock")) {
		driver_use_vsock();
	} else if (!strcmp(what, "vsock-stays")) {
		driver_keep_vsock();
	} else if (!strcmp(what, "balloon")) {
		driver_use_balloon();
	} else if (!strcmp(what, "ping")) {
		driver_ping(count);
	} else if (!strcmp(what, "echo")) {
		guest_uart_print("ready\n");
		echo(UART0_BASE, 33, 0, true);
	} else if (!strcmp(what, "channel")) {
		echo(UART1_BASE, 40, count, false);
	} else if (!strcmp(what, "flood") || !strcmp(what, "key-flood")) {
		if (*what == 'k')
			guest_store(GPIO_BASE + 0x410, 1u << POWER_KEY_LINE);
		for (long i = 0; i < count; i++)
			guest_store(UART0_BASE, (uint8_t)(i * 7 >> 3)); /* without checking TXFF */
		if (!getenv("FAKE_STAYS"))
			guest_system_event(KVM_SYSTEM_EVENT_SHUTDOWN);
	} else if (!strcmp(what, "wild")) {
		guest_mmio(0x1000, 1, true, 4);
		guest_mmio(0xffffffff, 0, false, 8);
		guest_mmio(UART0_BASE + 0xffe, 0, false, 4);
		guest_mmio(UART0_BASE, 0, false, 1000000);
		guest_uart_print("survived\n");
		end_with(99, 0);
	} else if (!strcmp(what, "abort")) {
		guest_uart_print("ready\n");
		sleep(5);
		abort();
	} else if (!strcmp(what, "key")) {
		key(count, KVM_SYSTEM_EVENT_SHUTDOWN);
	} else if (!strcmp(what, "key-reset")) {
		key(count, KVM_SYSTEM_EVENT_RESET);
	} else if (!strcmp(what, "idle")) {
		guest_uart_print("ready\n");
	}
	for (;;)
		pause();
}
