/* SPDX-License-Identifier: GPL-2.0-only */
/* PL031 real-time clock (DDI 0224): seconds since 1970, settable, one alarm. */
#ifndef ARMVM_PL031_H
#define ARMVM_PL031_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "state.h"

struct pl031 {
	pthread_mutex_t lock;
	uint32_t offset; /* the guest's time minus the host's, modulo 2^32 */
	uint32_t match;
	uint32_t load;
	bool armed; /* RTCMR was written and its time has not come */
	bool imsc;
	bool ris;
	uint32_t (*now)(void *owner); /* the host's seconds */
	/* Both are called with lock held and must not call back. */
	void (*set_irq)(void *owner, bool level);
	void (*wake)(void *owner); /* pl031_poll() would return something else now */
	void *owner;
};

extern const struct bus_ops pl031_ops;

void pl031_init(struct pl031 *rtc, uint32_t (*now)(void *owner),
		void (*set_irq)(void *owner, bool level), void (*wake)(void *owner), void *owner);
/* The guest is reset: the alarm goes, the time stays, as with a battery.  No vCPU may run. */
void pl031_reset(struct pl031 *rtc);
/*
 * Raise the alarm if its time has come.  Returns the number of seconds after
 * which to call again, at least 1, or -1 if no alarm is set.
 */
int64_t pl031_poll(struct pl031 *rtc);

/*
 * For a saved machine; no vCPU may run.  The time is kept as its distance to the host's, so the
 * clock is right after a restore, however long that was.  The latter as state.h says.
 */
struct json_t *pl031_save(struct pl031 *rtc);
int pl031_load(struct pl031 *rtc, const struct json_t *from);

#endif
