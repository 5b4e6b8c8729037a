/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fake guest is made of: what its instructions do, and its drivers. */
#ifndef TESTS_VMM_FAKE_GUEST_H
#define TESTS_VMM_FAKE_GUEST_H

#include <stdbool.h>
#include <stdint.h>

/* fake_io.c: accesses that are exits, of SIZE bytes or of 4; a store may be an ioeventfd's. */
uint32_t guest_mmio(uint32_t address, uint32_t value, bool write, unsigned int size);
uint32_t guest_load(uint32_t address);
void guest_store(uint32_t address, uint32_t value);
/* type: KVM_SYSTEM_EVENT_*. */
void guest_system_event(uint32_t type);
void guest_uart_on(uint32_t base);
void guest_uart_put(uint32_t base, uint8_t byte);
void guest_uart_print(const char *text);

/*
 * fake_virtio.c: drivers of the first virtio device.  It begins with queues of 4 from the start of
 * RAM on, VIRTIO_F_VERSION_1 and, of the first 32, these features or none.
 */
void driver_begin_with(uint32_t queues, uint32_t features);
void driver_begin(uint32_t queues);
/* Ask for 16 random bytes, `count` times, and say how often each interrupt and answer came. */
void driver_ask_rng(long count);
/* Send a frame `count` times, and wait each time for one that comes back. */
void driver_ping(long count);
/* Send back what the first port receives, `count` bytes of it. */
void driver_echo_port(long count);
/* One that comes, goes and comes back; one that stays, with requests in its queues. */
void driver_use_vsock(void);
void driver_keep_vsock(void);
/* Obey each wish for memory, without giving any, until nothing is wished for any more. */
void driver_use_balloon(void);

/* fake_virtio_disk.c: write to sectors 1 to 8, flush, and read them, count times. */
void driver_use_disk(long count);
/* A disk whose file comes and goes, count times. */
void driver_use_drive(long count);
/* Write for ever, and say each time that everything is on the disk. */
void driver_keep_writing(bool flushes);

#endif
