/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stub that `armvm run --gdb` offers to gdb's `target remote`: vCPUs are
 * threads, all of which stop and go together.  Everything here is called on the
 * main thread.
 */
#ifndef ARMVM_GDB_STUB_H
#define ARMVM_GDB_STUB_H

#include <poll.h>
#include <stdbool.h>

#include "ram.h"
#include "vm.h"

struct gdb;

#define GDB_POLLFDS 2

/*
 * Listen at [HOST:]PORT; after vm_build(), before vm_start().  wait: no vCPU
 * runs until a client lets it.  Returns 0 or, after one message, a negative
 * errno.
 */
int gdb_create(struct gdb **created, struct vm *vm, const struct ram *ram, const char *where,
	       bool wait);
/* What poll() shall wait for, and what it found; both do nothing for NULL. */
void gdb_prepare(struct gdb *gdb, struct pollfd fds[GDB_POLLFDS]);
void gdb_service(struct gdb *gdb, const struct pollfd fds[GDB_POLLFDS]);
/*
 * The guest ended: tell the client that armvm ends with that exit status or, where
 * it is not 0, of that signal.  The vCPUs have ended, too.
 */
void gdb_end(struct gdb *gdb, int status, int signal);
void gdb_destroy(struct gdb *gdb);

#endif
