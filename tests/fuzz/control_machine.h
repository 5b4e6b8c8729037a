/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine without a thread and without a KVM, whose control socket is fuzzed. */
#ifndef FUZZ_CONTROL_MACHINE_H
#define FUZZ_CONTROL_MACHINE_H

#include <sys/types.h>

#include "control/control.h"
#include "pl061.h"
#include "save/save.h"

#define RAM_SIZE  0x20000u
#define DISK_SIZE 0x8000

extern struct vm vm;
extern struct pl061 gpio;
extern struct save save;
extern struct control_guest machine;
extern bool has_gdb_client;

/* With an empty disk and a balloon. */
void machine_create(void);
void machine_destroy(void);
/* What a vCPU's thread does in pause_here(). */
void machine_move_vcpu(struct vcpu *vcpu);
/* As armvm does when the loop of the main thread has ended. */
void machine_restart(void);
/* A file of this size, without a name. */
int make_file(const char *name, off_t size);

#endif
