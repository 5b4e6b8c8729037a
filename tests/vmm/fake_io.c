// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>

#include "fake.h"
#include "fake_guest.h"
#include "memmap.h"

uint32_t guest_mmio(uint32_t address, uint32_t value, bool write, unsigned int size)
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

uint32_t guest_load(uint32_t address)
{
	return guest_mmio(address, 0, false, 4);
}

void guest_store(uint32_t address, uint32_t value)
{
	if (fake_ioeventfd(address, value))
		return;
	guest_mmio(address, value, true, 4);
}

void guest_system_event(uint32_t type)
{
	memset(&fake_request, 0, sizeof(fake_request));
	fake_request.exit_reason = KVM_EXIT_SYSTEM_EVENT;
	fake_request.system_event.type = type;
	fake_exit();
}

void guest_uart_on(uint32_t base)
{
	guest_store(base + 0x2c, 0x70);
	guest_store(base + 0x30, 0x301);
	guest_store(base + 0x38, 0x50);
}

void guest_uart_put(uint32_t base, uint8_t byte)
{
	while (guest_load(base + 0x18) & 0x20)
		usleep(100);
	guest_store(base, byte);
}

void guest_uart_print(const char *text)
{
	while (*text)
		guest_uart_put(UART0_BASE, *text++);
}
