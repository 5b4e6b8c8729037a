// SPDX-License-Identifier: GPL-2.0-only
/* KVM_GET_STATS_FD: the file describes itself, and counts what the guest does. */
#include "guest-debug.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *const names[] = { "exits",	      "hvc_exit_stat",	"wfe_exit_stat",
				     "wfi_exit_stat", "mmio_exit_user", "mmio_exit_kernel",
				     "signal_exits",  "halt_wakeup" };
enum {
	EXITS,
	HVC,
	WFE,
	WFI,
	MMIO_USER,
	MMIO_KERNEL,
	SIGNALS,
	WAKEUPS,
	COUNT
};

/* A reader that trusts the file's own offsets only. */
static bool read_stats(int fd, const char *const *wanted, uint32_t count, uint64_t *values)
{
	struct kvm_stats_header header;
	char room[256];
	struct kvm_stats_desc *desc = (struct kvm_stats_desc *)room;
	uint32_t n, size;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) || header.flags ||
	    header.num_desc != count || !header.name_size || header.name_size > 128)
		return false;
	size = sizeof(*desc) + header.name_size;
	for (n = 0; n < count; n++) {
		if (pread(fd, room, size, header.desc_offset + n * size) != (ssize_t)size ||
		    strcmp(desc->name, wanted[n]) || desc->size != 1 || desc->exponent ||
		    desc->flags != ((strcmp(desc->name, "pages_2m") ? KVM_STATS_TYPE_CUMULATIVE
								    : KVM_STATS_TYPE_INSTANT) |
				    KVM_STATS_UNIT_NONE | KVM_STATS_BASE_POW10) ||
		    pread(fd, &values[n], 8, header.data_offset + desc->offset) != 8)
			return false;
	}
	return true;
}

static bool has_id(int fd, const char *wanted)
{
	struct kvm_stats_header header;
	char id[64] = "";

	return pread(fd, &header, sizeof(header), 0) == sizeof(header) &&
	       pread(fd, id, sizeof(id) - 1, header.id_offset) == sizeof(id) - 1 &&
	       !strcmp(id, wanted);
}

/*
 * Only the given counter grew, and those of exits: begin() makes a KVM_RUN that returns EINTR.
 * Returns by how much.
 */
static uint64_t grown(int fd, uint64_t *before, uint32_t which)
{
	uint64_t now[COUNT], by;
	uint32_t n;

	if (!read_stats(fd, names, COUNT, now))
		return 0;
	by = now[which] - before[which];
	for (n = 0; n < COUNT; n++)
		if (n != which && n != EXITS && n != MMIO_USER && n != SIGNALS &&
		    now[n] != before[n])
			by = 0;
	if (now[EXITS] <= before[EXITS])
		by = 0;
	memcpy(before, now, sizeof(now));
	return by;
}

/* The emulator does not trap WFE. */
static void counters(struct debug_vm *g, int fd)
{
	uint64_t before[COUNT], now[COUNT];
	uint32_t n;

	read_stats(fd, names, COUNT, before);
	begin(g, AT(device), PSR_SVC_IF);
	claim(stores(g, REACHED) && grown(fd, before, MMIO_USER) == 1,
	      "mmio_exit_user counts an access that user space serves");
	/* MIGRATE_INFO_TYPE three times, and once PSCI_VERSION, which HYP answers. */
	for (n = 0; n < 4; n++) {
		begin(g, AT(psci), PSR_SVC_IF);
		set_core(g->vcpu, 0, n < 3 ? 0x84000006 : 0x84000000);
		stores(g, REACHED);
	}
	claim(grown(fd, before, HVC) == 3,
	      "hvc_exit_stat counts three calls that reach the kernel");
	begin(g, AT(wfi), PSR_SVC_IF);
	read_stats(fd, names, COUNT, before);
	claim(go_for(g, 100) == -EINTR, "a guest waits in WFI");
	read_stats(fd, names, COUNT, now);
	claim(now[WFI] == 1 && now[WAKEUPS] == 0 && now[SIGNALS] == before[SIGNALS] + 1,
	      "wfi_exit_stat counts the WFI, signal_exits the signal: %llu, %llu, %llu",
	      (unsigned long long)now[WFI], (unsigned long long)now[SIGNALS],
	      (unsigned long long)now[WAKEUPS]);
}

void test_stats(void)
{
	static const char *const vm_names[] = { "remote_tlb_flush", "pages_2m" };
	struct rlimit limit, none;
	uint64_t values[COUNT], before[2], after[2];
	char id[48], byte, data[2048];
	struct debug_vm g;
	int vcpu_fd, vm_fd, old;

	debug_vm_open(&g);
	claim(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_BINARY_STATS_FD) == 1,
	      "KVM_CAP_BINARY_STATS_FD is offered");
	vcpu_fd = WORKS(ioctl(g.vcpu, KVM_GET_STATS_FD, NULL), "KVM_GET_STATS_FD of a vCPU");
	vm_fd = WORKS(ioctl(g.vm, KVM_GET_STATS_FD, NULL), "KVM_GET_STATS_FD of a VM");
	snprintf(id, sizeof(id), "kvm-%d/vcpu-0", getpid());
	claim(has_id(vcpu_fd, id), "the vCPU's id is %s", id);
	snprintf(id, sizeof(id), "kvm-%d", getpid());
	claim(has_id(vm_fd, id), "the VM's id is %s", id);
	claim(read_stats(vcpu_fd, names, COUNT, values), "the vCPU's file describes itself");
	claim(read_stats(vm_fd, vm_names, 2, before), "the VM's file does, too");
	claim(read(vcpu_fd, data, 10) == 10 && read(vcpu_fd, data, sizeof(data)) > 500 &&
		      read(vcpu_fd, data, sizeof(data)) == 0,
	      "read() goes on where it was, to the end");
	REFUSED(EBADF, write(vcpu_fd, "x", 1), "writing to it");
	REFUSED(EFAULT, pread(vcpu_fd, NOWHERE, 8, 0), "reading to a kernel address");
	claim(pread(vcpu_fd, &byte, 1, 1 << 20) == 0, "far after the end there is nothing");

	counters(&g, vcpu_fd);
	begin(&g, AT(load), PSR_SVC_IF);
	stores(&g, REACHED);
	set_slot(g.vm, 1, 0, DATA, 0, 0);
	claim(read_stats(vm_fd, vm_names, 2, after) && after[0] > before[0],
	      "remote_tlb_flush counts the flush when memory goes");

	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = (rlim_t)vm_fd + 1;
	setrlimit(RLIMIT_NOFILE, &none);
	old = dup(0);
	REFUSED(EMFILE, ioctl(g.vcpu, KVM_GET_STATS_FD, NULL),
		"KVM_GET_STATS_FD without a free descriptor");
	setrlimit(RLIMIT_NOFILE, &limit);
	close(old);

	debug_vm_close(&g);
	claim(read_stats(vcpu_fd, names, COUNT, values) && values[EXITS],
	      "a vCPU's counters can be read after its descriptor is closed");
	close(vcpu_fd);
	claim(read_stats(vm_fd, vm_names, 2, after), "and so can a VM's");
	close(vm_fd);
}
