// SPDX-License-Identifier: GPL-2.0-only
#include "memmap.h"
#include "pl061.h"
#include "power.h"

/*
 * How long the key stays down after the guest has read it.  Linux looks at it 5 ms after each edge,
 * and takes only what it then sees.
 */
#define HOLD_MS 100

void power_init(struct power *power, struct pl061 *gpio, int64_t limit)
{
	*power = (struct power){ .gpio = gpio, .limit = limit };
}

static void power_release(struct power *power)
{
	power->pressed = false;
	power->release_at = 0;
	pl061_drive(power->gpio, POWER_KEY_LINE, false);
}

void power_reset(struct power *power)
{
	power_release(power);
}

void power_restored(struct power *power)
{
	power->pressed = power->gpio->pins >> POWER_KEY_LINE & 1;
}

bool power_listens(const struct power *power)
{
	return pl061_listens(power->gpio, POWER_KEY_LINE);
}

bool power_press(struct power *power)
{
	if (!power_listens(power))
		return false;
	power->pressed = true;
	pl061_drive(power->gpio, POWER_KEY_LINE, true);
	return true;
}

bool power_stop(struct power *power, int signal_number, int64_t now)
{
	if (power->stop_signal || !power_press(power))
		return false;
	power->stop_signal = signal_number;
	if (power->limit)
		power->give_up_at = now + power->limit;
	return true;
}

static void lower(int64_t *timeout, int64_t left)
{
	if (*timeout < 0 || left < *timeout)
		*timeout = left;
}

bool power_poll(struct power *power, int64_t now, int64_t *timeout)
{
	/* A guest on a busy host may come late: without this it would find the key up again. */
	if (power->pressed && !power->release_at && pl061_was_read(power->gpio, POWER_KEY_LINE))
		power->release_at = now + HOLD_MS;
	if (power->release_at && now >= power->release_at)
		power_release(power);
	if (power->release_at)
		lower(timeout, power->release_at - now);
	if (!power->give_up_at)
		return true;
	if (now >= power->give_up_at)
		return false;
	lower(timeout, power->give_up_at - now);
	return true;
}
