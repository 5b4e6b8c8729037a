/* SPDX-License-Identifier: GPL-2.0-only */
/* What the descriptor of KVM_GET_STATS_FD says. */
#ifndef VM_STATS_H
#define VM_STATS_H

#include "small-vm.h"

/* The counter of that name, or all ones if there is none. */
static inline uint64_t vm_stat(int fd, const char *name)
{
	struct kvm_stats_header header;
	char room[256];
	struct kvm_stats_desc *desc = (struct kvm_stats_desc *)room;
	uint64_t value = ~0ull;
	uint32_t n, size;

	must(pread(fd, &header, sizeof(header), 0), "a header of counters");
	size = sizeof(*desc) + header.name_size;
	for (n = 0; n < header.num_desc; n++) {
		must(pread(fd, room, size, header.desc_offset + n * size), "a counter's name");
		if (!strcmp(desc->name, name))
			must(pread(fd, &value, 8, header.data_offset + desc->offset), "a counter");
	}
	return value;
}

#endif
