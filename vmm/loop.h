/* SPDX-License-Identifier: GPL-2.0-only */
/* The main thread's loop: it waits for everything other than the guest. */
#ifndef ARMVM_LOOP_H
#define ARMVM_LOOP_H

#include "console.h"
#include "control/control.h"
#include "gdb/stub.h"
#include "pl031.h"
#include "port.h"
#include "power.h"
#include "vm.h"

#define LOOP_PORTS 2

struct loop {
	struct vm *vm;
	struct console console;
	struct pl031 *rtc;
	struct power power;
	struct gdb *gdb;	 /* NULL without --gdb */
	struct control *control; /* NULL without --control */
	struct port ports[LOOP_PORTS];
	unsigned int nr_ports;
	int signal_fd;
	int64_t answer_by; /* until then, in milliseconds, SIGINT is the answer to a question */
	int signal;	   /* the signal that ended the loop, or 0 */
};

/*
 * Route signals to a descriptor.  Call this before any thread starts, so that
 * all inherit the mask.  Returns 0 or, after one message, a negative errno.
 */
int loop_signals(struct loop *loop);
/*
 * While there is no guest yet: has a signal come that ends armvm?  loop->signal says which.  Others
 * are obeyed.  Call it when loop->signal_fd is readable, or at any other time.
 */
bool loop_ended_by_signal(struct loop *loop);
/* CLOCK_MONOTONIC in milliseconds. */
int64_t loop_now(void);
/* Run until the guest ends, or until a signal or Ctrl-a x ends it. */
void loop_run(struct loop *loop);
/*
 * After the vCPUs have ended: write out what the guest sent, as long as
 * somebody takes it, and report what is left.
 */
void loop_drain(struct loop *loop);

#endif
