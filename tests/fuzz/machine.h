/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine without threads, whose KVM takes everything.  Who uses it adds RAM and devices. */
#ifndef FUZZ_MACHINE_H
#define FUZZ_MACHINE_H

#include "save/machine.h"

#define RAM_SIZE  0x20000u
#define DISK_SIZE 0x8000

extern struct options options;
extern struct ram ram;
extern struct vm vm;
extern struct pl011 uart;
extern struct pl031 rtc;
extern struct pl061 gpio;
extern struct power power;
extern struct virtio_set virtio;
extern const struct machine_parts parts;

/* As at its start, but for RAM and the virtio devices. */
void machine_init(void);

#endif
