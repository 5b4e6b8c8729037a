// SPDX-License-Identifier: GPL-2.0-only
/* Register names and numbers: DDI 0224C, chapter 3. */
#include <string.h>

#include "pl031.h"

enum {
	RTCDR = 0x00,
	RTCMR = 0x04,
	RTCLR = 0x08,
	RTCCR = 0x0c,
	RTCIMSC = 0x10,
	RTCRIS = 0x14,
	RTCMIS = 0x18,
	RTCICR = 0x1c,
	RTCPERIPHID0 = 0xfe0,
};

static const uint8_t periph_id[8] = { 0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

static uint32_t pl031_guest_now(struct pl031 *rtc)
{
	return rtc->now(rtc->owner) + rtc->offset;
}

/*
 * The hardware compares for equality once a second.  We may look later, so a
 * match up to half the counter's range in the past counts as reached.
 */
static void pl031_update(struct pl031 *rtc)
{
	if (rtc->armed && (int32_t)(rtc->match - pl031_guest_now(rtc)) <= 0) {
		rtc->armed = false;
		rtc->ris = true;
	}
	rtc->set_irq(rtc->owner, rtc->ris && rtc->imsc);
}

/* A match in the past does not arm the alarm: its time comes after the counter has wrapped. */
static void pl031_arm(struct pl031 *rtc)
{
	rtc->armed = (int32_t)(rtc->match - pl031_guest_now(rtc)) >= 0;
	rtc->wake(rtc->owner);
}

static uint32_t pl031_read_register(struct pl031 *rtc, uint32_t reg)
{
	switch (reg) {
	case RTCDR:
		return pl031_guest_now(rtc);
	case RTCMR:
		return rtc->match;
	case RTCLR:
		return rtc->load;
	case RTCCR: /* the counter always runs */
		return 1;
	case RTCIMSC:
		return rtc->imsc;
	case RTCRIS:
		return rtc->ris;
	case RTCMIS:
		return rtc->ris && rtc->imsc;
	}
	if (reg >= RTCPERIPHID0)
		return periph_id[(reg - RTCPERIPHID0) / 4];
	return 0;
}

static void pl031_write_register(struct pl031 *rtc, uint32_t reg, uint32_t value)
{
	switch (reg) {
	case RTCMR:
		rtc->match = value;
		pl031_arm(rtc);
		break;
	case RTCLR:
		rtc->load = value;
		rtc->offset = value - rtc->now(rtc->owner);
		pl031_arm(rtc);
		break;
	case RTCIMSC:
		rtc->imsc = value & 1;
		break;
	case RTCICR:
		if (value & 1)
			rtc->ris = false;
		break;
	}
}

static uint32_t pl031_read(void *owner, uint32_t offset, unsigned int size)
{
	struct pl031 *rtc = owner;
	uint32_t value;

	(void)size;
	if (offset & 3)
		return 0;
	pthread_mutex_lock(&rtc->lock);
	pl031_update(rtc);
	value = pl031_read_register(rtc, offset);
	pthread_mutex_unlock(&rtc->lock);
	return value;
}

static void pl031_write(void *owner, uint32_t offset, uint32_t value, unsigned int size)
{
	struct pl031 *rtc = owner;

	(void)size;
	if (offset & 3)
		return;
	pthread_mutex_lock(&rtc->lock);
	pl031_write_register(rtc, offset, value);
	pl031_update(rtc);
	pthread_mutex_unlock(&rtc->lock);
}

const struct bus_ops pl031_ops = { .read = pl031_read, .write = pl031_write };

void pl031_init(struct pl031 *rtc, uint32_t (*now)(void *owner),
		void (*set_irq)(void *owner, bool level), void (*wake)(void *owner), void *owner)
{
	memset(rtc, 0, sizeof(*rtc));
	pthread_mutex_init(&rtc->lock, NULL);
	rtc->now = now;
	rtc->set_irq = set_irq;
	rtc->wake = wake;
	rtc->owner = owner;
}

void pl031_reset(struct pl031 *rtc)
{
	pthread_mutex_lock(&rtc->lock);
	rtc->armed = rtc->imsc = rtc->ris = false;
	rtc->match = 0;
	pl031_update(rtc);
	pthread_mutex_unlock(&rtc->lock);
}

int64_t pl031_poll(struct pl031 *rtc)
{
	int64_t left = -1;

	pthread_mutex_lock(&rtc->lock);
	pl031_update(rtc);
	if (rtc->armed)
		left = (int32_t)(rtc->match - pl031_guest_now(rtc));
	if (rtc->armed && left < 1) /* the second has just changed */
		left = 1;
	pthread_mutex_unlock(&rtc->lock);
	return left;
}

static const struct state_field fields[] = {
	STATE_FIELD(struct pl031, offset, UINT32_MAX),
	STATE_FIELD(struct pl031, match, UINT32_MAX),
	STATE_FIELD(struct pl031, load, UINT32_MAX),
	STATE_FIELD(struct pl031, armed, 1),
	STATE_FIELD(struct pl031, imsc, 1),
	STATE_FIELD(struct pl031, ris, 1),
};

struct json_t *pl031_save(struct pl031 *rtc)
{
	return state_save(STATE_FIELDS(fields), rtc);
}

int pl031_load(struct pl031 *rtc, const struct json_t *from)
{
	int err = state_load(STATE_FIELDS(fields), rtc, from, 0, "rtc");

	if (err)
		return err;
	pthread_mutex_lock(&rtc->lock);
	pl031_update(rtc);
	pthread_mutex_unlock(&rtc->lock);
	return 0;
}
