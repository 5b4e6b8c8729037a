/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading a saved machine.  The file may be anything: nothing in it is trusted. */
#ifndef ARMVM_SAVE_RESTORE_H
#define ARMVM_SAVE_RESTORE_H

#include "file.h"
#include "save/machine.h"

struct loop;

/* Both return 0 or, after one message, a negative errno. */

/*
 * Open it, before the sandbox lets nothing be opened any more.  listen:PATH waits for an armvm
 * that sends its guest.
 */
int restore_open(struct file *file, const char *path);
/*
 * Give the machine, whose RAM is zero and of which nothing runs, the state in the file.  After a
 * failure it must not run.  A signal of the loop's that ends armvm ends it.
 */
int restore_read(const struct file *file, const struct machine_parts *parts, struct loop *loop);

#endif
