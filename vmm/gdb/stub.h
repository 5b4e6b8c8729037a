/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stub that `armvm run --gdb` offers to gdb's `target remote`.  vCPUs are
 * threads, and all stop and resume together.  Every function here is called on
 * the main thread.
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
 * Listen at [HOST:]PORT; call after vm_build() and before vm_start().  With
 * wait no vCPU runs until a client resumes it.  Returns 0 or, after one
 * message, a negative errno.
 */
int gdb_create(struct gdb **created, struct vm *vm, const struct ram *ram, const char *where,
	       bool wait);
/* Fill fds before poll(), and act on it afterwards.  gdb may be NULL. */
void gdb_prepare(struct gdb *gdb, struct pollfd fds[GDB_POLLFDS]);
void gdb_service(struct gdb *gdb, const struct pollfd fds[GDB_POLLFDS]);
/* Is a client connected, or its breakpoints still in memory?  gdb may be NULL. */
bool gdb_has_client(const struct gdb *gdb);
/*
 * While its guest is being saved or migrated: what a client wrote into memory then would be in what
 * is saved, or missing there.  Call with true only if there is no client.  gdb may be NULL.
 */
void gdb_refuse_clients(struct gdb *gdb, bool refuse);
/*
 * The guest is reset and its memory is loaded again: put the client's breakpoints back into it.
 * No vCPU may run.
 */
void gdb_reset(struct gdb *gdb);
/*
 * The vCPUs have ended: tell the client that armvm ends with this exit status
 * or, unless it is 0, by this signal.
 */
void gdb_end(struct gdb *gdb, int status, int signal);
void gdb_destroy(struct gdb *gdb);

#endif
