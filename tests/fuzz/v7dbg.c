// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer's way into v7dbg: the input is a sequence of what CPUs, guests, host and
 * VMM may do.  v7dbg's assertions, the sanitizers and the oracle of world.c watch.
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
