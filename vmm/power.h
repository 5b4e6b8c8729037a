/* SPDX-License-Identifier: GPL-2.0-only */
/* The power key, and the time that a guest has for switching itself off after SIGTERM. */
#ifndef ARMVM_POWER_H
#define ARMVM_POWER_H

#include <stdbool.h>
#include <stdint.h>

struct pl061;

/* Only the main thread uses it.  Times are in milliseconds. */
struct power {
	struct pl061 *gpio;
	int64_t limit; /* how long power_stop() waits; 0: for ever */
	bool pressed;
	int64_t release_at; /* 0: not before the guest has read the key */
	int stop_signal;    /* the signal that asked the guest to switch itself off, or 0 */
	int64_t give_up_at; /* 0: never */
};

void power_init(struct power *power, struct pl061 *gpio, int64_t limit);
/* The guest is reset: release the key. */
void power_reset(struct power *power);
/* pl061_load() may have found the key pressed. */
void power_restored(struct power *power);
/* Has the guest enabled the key's interrupt, as its driver does? */
bool power_listens(const struct power *power);
/*
 * Press the key; power_poll() releases it.  Returns false, without pressing it, if the guest has
 * not enabled the key's interrupt: then no driver would see it.
 */
bool power_press(struct power *power);
/*
 * A signal asks the guest to switch itself off: press the key, and begin to count the time.
 * Returns false if the caller has to end the guest itself: it does not listen, or this is the
 * second signal.
 */
bool power_stop(struct power *power, int signal_number, int64_t now);
/*
 * Release the key if it is time to.  Lowers *timeout (-1: none) to when to call again.  Returns
 * false if the guest had its time after power_stop().
 */
bool power_poll(struct power *power, int64_t now, int64_t *timeout);

#endif
