/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine whose control socket is fuzzed. */
#ifndef FUZZ_CONTROL_MACHINE_H
#define FUZZ_CONTROL_MACHINE_H

#include <sys/types.h>

#include "control/control.h"
#include "machine.h"
#include "save/save.h"

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
