// SPDX-License-Identifier: GPL-2.0-only
/* Register names and numbers: DDI 0190B, chapter 3. */
#include <string.h>

#include "pl061.h"

enum {
	GPIODATA_LAST = 0x3fc, /* GPIODATA is the 256 words up to here */
	GPIODIR = 0x400,
	GPIOIS = 0x404,
	GPIOIBE = 0x408,
	GPIOIEV = 0x40c,
	GPIOIE = 0x410,
	GPIORIS = 0x414,
	GPIOMIS = 0x418,
	GPIOIC = 0x41c,
	GPIOAFSEL = 0x420,
	GPIOPERIPHID0 = 0xfe0,
};

static const uint8_t periph_id[8] = { 0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

/* Nothing but armvm drives an input, and nobody looks at an output from outside. */
static uint8_t pl061_levels(const struct pl061 *gpio)
{
	return (gpio->pins & ~gpio->dir) | (gpio->data & gpio->dir);
}

/* Lines with GPIOIS set follow the level, the others keep an edge until GPIOIC clears it. */
static uint8_t pl061_ris(const struct pl061 *gpio)
{
	uint8_t active = ~(gpio->pins ^ gpio->iev) & ~gpio->dir;

	return (active & gpio->is) | (gpio->edges & ~gpio->is);
}

static void pl061_update(struct pl061 *gpio)
{
	gpio->set_irq(gpio->owner, pl061_ris(gpio) & gpio->ie);
}

/* Bits 9:2 of the address are a mask (3.3.1): the others read as zero. */
static uint8_t pl061_read_data(struct pl061 *gpio, uint8_t mask)
{
	uint8_t seen = gpio->seen | (mask & ~gpio->dir);

	if (seen != gpio->seen) {
		gpio->seen = seen;
		gpio->wake(gpio->owner);
	}
	return pl061_levels(gpio) & mask;
}

static uint32_t pl061_read_register(struct pl061 *gpio, uint32_t reg)
{
	if (reg <= GPIODATA_LAST)
		return pl061_read_data(gpio, reg >> 2);
	switch (reg) {
	case GPIODIR:
		return gpio->dir;
	case GPIOIS:
		return gpio->is;
	case GPIOIBE:
		return gpio->ibe;
	case GPIOIEV:
		return gpio->iev;
	case GPIOIE:
		return gpio->ie;
	case GPIORIS:
		return pl061_ris(gpio);
	case GPIOMIS:
		return pl061_ris(gpio) & gpio->ie;
	case GPIOAFSEL:
		return gpio->afsel;
	}
	if (reg >= GPIOPERIPHID0)
		return periph_id[(reg - GPIOPERIPHID0) / 4];
	return 0;
}

static void pl061_write_register(struct pl061 *gpio, uint32_t reg, uint8_t value)
{
	if (reg <= GPIODATA_LAST) {
		uint8_t mask = (reg >> 2) & gpio->dir; /* inputs ignore it */

		gpio->data = (gpio->data & ~mask) | (value & mask);
		return;
	}
	switch (reg) {
	case GPIODIR:
		gpio->dir = value;
		break;
	case GPIOIS:
		gpio->is = value;
		break;
	case GPIOIBE:
		gpio->ibe = value;
		break;
	case GPIOIEV:
		gpio->iev = value;
		break;
	case GPIOIE:
		gpio->ie = value;
		break;
	case GPIOIC:
		gpio->edges &= ~value;
		break;
	case GPIOAFSEL: /* no line has another function */
		gpio->afsel = value;
		break;
	}
}

static uint32_t pl061_read(void *owner, uint32_t offset, unsigned int size)
{
	struct pl061 *gpio = owner;
	uint32_t value;

	(void)size;
	if (offset & 3)
		return 0;
	pthread_mutex_lock(&gpio->lock);
	value = pl061_read_register(gpio, offset);
	pthread_mutex_unlock(&gpio->lock);
	return value;
}

static void pl061_write(void *owner, uint32_t offset, uint32_t value, unsigned int size)
{
	struct pl061 *gpio = owner;

	(void)size;
	if (offset & 3)
		return;
	pthread_mutex_lock(&gpio->lock);
	pl061_write_register(gpio, offset, value);
	pl061_update(gpio);
	pthread_mutex_unlock(&gpio->lock);
}

const struct bus_ops pl061_ops = { .read = pl061_read, .write = pl061_write };

void pl061_init(struct pl061 *gpio, void (*set_irq)(void *owner, bool level),
		void (*wake)(void *owner), void *owner)
{
	memset(gpio, 0, sizeof(*gpio));
	pthread_mutex_init(&gpio->lock, NULL);
	gpio->set_irq = set_irq;
	gpio->wake = wake;
	gpio->owner = owner;
}

void pl061_reset(struct pl061 *gpio)
{
	pthread_mutex_lock(&gpio->lock);
	gpio->seen = gpio->data = gpio->dir = gpio->afsel = 0;
	gpio->is = gpio->ibe = gpio->iev = gpio->ie = gpio->edges = 0;
	pl061_update(gpio);
	pthread_mutex_unlock(&gpio->lock);
}

void pl061_drive(struct pl061 *gpio, unsigned int line, bool level)
{
	uint8_t bit = 1u << line, rises = level ? bit : 0;

	pthread_mutex_lock(&gpio->lock);
	if ((gpio->pins & bit) != rises) {
		gpio->pins ^= bit;
		gpio->seen &= ~bit;
		/* GPIOIBE: both edges; else GPIOIEV: the rising or the falling one. */
		gpio->edges |= bit & ~gpio->dir & ~gpio->is &
			       (gpio->ibe | ~(gpio->pins ^ gpio->iev));
		pl061_update(gpio);
	}
	pthread_mutex_unlock(&gpio->lock);
}

bool pl061_listens(struct pl061 *gpio, unsigned int line)
{
	bool listens;

	pthread_mutex_lock(&gpio->lock);
	listens = (gpio->ie & ~gpio->dir) >> line & 1;
	pthread_mutex_unlock(&gpio->lock);
	return listens;
}

bool pl061_was_read(struct pl061 *gpio, unsigned int line)
{
	bool was_read;

	pthread_mutex_lock(&gpio->lock);
	was_read = gpio->seen >> line & 1;
	pthread_mutex_unlock(&gpio->lock);
	return was_read;
}

static const struct state_field fields[] = {
	STATE_FIELD(struct pl061, pins, 0xff),	STATE_FIELD(struct pl061, seen, 0xff),
	STATE_FIELD(struct pl061, data, 0xff),	STATE_FIELD(struct pl061, dir, 0xff),
	STATE_FIELD(struct pl061, is, 0xff),	STATE_FIELD(struct pl061, ibe, 0xff),
	STATE_FIELD(struct pl061, iev, 0xff),	STATE_FIELD(struct pl061, ie, 0xff),
	STATE_FIELD(struct pl061, afsel, 0xff), STATE_FIELD(struct pl061, edges, 0xff),
};

struct json_t *pl061_save(struct pl061 *gpio)
{
	return state_save(STATE_FIELDS(fields), gpio);
}

int pl061_load(struct pl061 *gpio, const struct json_t *from)
{
	int err = state_load(STATE_FIELDS(fields), gpio, from, 0, "gpio");

	if (err)
		return err;
	pthread_mutex_lock(&gpio->lock);
	pl061_update(gpio);
	pthread_mutex_unlock(&gpio->lock);
	return 0;
}
