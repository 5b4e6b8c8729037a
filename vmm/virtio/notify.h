/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notifications between guest and devices, both ways through eventfds: KVM takes
 * a store to QueueNotify (KVM_IOEVENTFD), and turns a device's signal into an
 * interrupt (KVM_IRQFD).  Without these, transport.c and a thread do it.
 */
#ifndef ARMVM_VIRTIO_NOTIFY_H
#define ARMVM_VIRTIO_NOTIFY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "device.h"
#include "memmap.h"

struct vm;

struct notify {
	struct vm *vm;
	bool ioeventfd;
	bool irqfd;
	/* Without irqfd: the thread that makes interrupts of signals. */
	pthread_t thread;
	bool running;
	int stop_fd;
	unsigned int nr_lines;
	struct {
		int fd;
		uint32_t spi;
	} lines[VIRTIO_SLOTS];
};

/* Ask what KVM offers; prints one line if something is missing. */
void notify_init(struct notify *notify, struct vm *vm);
/* Both return 0 or, after one message, a negative errno. */

/* After vm_build(): connect one device, whose registers are at base. */
int notify_connect(struct notify *notify, struct virtio *device, uint32_t base, uint32_t spi);
int notify_start(struct notify *notify);
void notify_stop(struct notify *notify);

#endif
