// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entry for libFuzzer: the input is a sequence of what CPUs, guests, host and VMM do.
 * v7dbg's assertions, the sanitizers and the oracle of world.c check each step.
 */
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct input in = { data, data + size };

	world_init(&w, &in);
	world_check(&w);
	while (world_step(&w, &in))
		world_check(&w);
	return 0;
}
