// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "error.h"
#include "ram.h"

/* Stage 2 can use a 2M block only where guest and host address agree in their low 21 bits. */
#define BLOCK 0x200000ul

int ram_map(struct ram *ram, uint64_t base, uint64_t size)
{
	size_t length = size + BLOCK;
	uintptr_t start, skip;
	void *map;

	if (size > SIZE_MAX - BLOCK)
		return fail(ENOMEM, "guest memory of %llu MiB", (unsigned long long)(size >> 20));
	map = mmap(NULL, length, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return fail(errno, "guest memory of %llu MiB", (unsigned long long)(size >> 20));
	start = ((uintptr_t)map + BLOCK - 1) & ~(BLOCK - 1);
	skip = start - (uintptr_t)map;
	if (skip)
		munmap(map, skip);
	if (BLOCK - skip)
		munmap((void *)(start + (size_t)size), BLOCK - skip);
	/* Where the host has no huge pages this fails, and nothing is lost. */
	madvise((void *)start, size, MADV_HUGEPAGE);
	/* A core dump of armvm is about armvm. */
	madvise((void *)start, size, MADV_DONTDUMP);
	*ram = (struct ram){ .host = (uint8_t *)start, .base = base, .size = size };
	return 0;
}

void ram_unmap(struct ram *ram)
{
	if (ram->host)
		munmap(ram->host, ram->size);
	ram->host = NULL;
}

bool ram_covers(const struct ram *ram, uint64_t address, uint64_t size)
{
	return address >= ram->base && address - ram->base <= ram->size &&
	       size <= ram->size - (address - ram->base);
}

void *ram_at(const struct ram *ram, uint64_t address, uint64_t size)
{
	return ram_covers(ram, address, size) ? ram->host + (address - ram->base) : NULL;
}
