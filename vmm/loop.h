/* SPDX-License-Identifier: GPL-2.0-only */
/* The main thread's loop: everything that waits for something other than the guest. */
#ifndef ARMVM_LOOP_H
#define ARMVM_LOOP_H

#include "console.h"
#include "gdb/stub.h"
#include "pl031.h"
#include "port.h"
#include "vm.h"

#define LOOP_PORTS 2

struct loop {
	struct vm *vm;
	struct console console;
	struct pl031 *rtc;
	struct gdb *gdb; /* NULL: none */
	struct port ports[LOOP_PORTS];
	unsigned int nr_ports;
	int signal_fd;
	int signal; /* the signal that ended the loop, or 0 */
};

/*
 * Take over the signals; before any thread starts, so that all inherit it.
 * Returns 0 or, after one message, a negative errno.
 */
int loop_signals(struct loop *loop);
/* Until the guest ends, a signal or Ctrl-a x ends it. */
void loop_run(struct loop *loop);
/* After the vCPUs stopped: hand out what they still sent, as long as someone takes it; say what is left. */
void loop_drain(struct loop *loop);

#endif
