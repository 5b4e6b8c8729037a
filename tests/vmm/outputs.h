/* SPDX-License-Identifier: GPL-2.0-only */
/* What a PrimeCell under test does to the rest of armvm: its interrupt, and wake-ups. */
#ifndef TESTS_VMM_OUTPUTS_H
#define TESTS_VMM_OUTPUTS_H

#include "test.h"

static bool irq;
static unsigned int wakes;

/* Give it to the device with the two functions. */
#define OWNER (&irq)

static void set_irq(void *owner, bool level)
{
	assert_ptr_equal(owner, OWNER);
	irq = level;
}

static void wake(void *owner)
{
	assert_ptr_equal(owner, OWNER);
	wakes++;
}

#endif
