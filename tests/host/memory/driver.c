// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots of what a driver has mapped without struct page, by tests/modules/driver-map.c: uncached
 * and write-combined mappings work, a cacheable one is refused.
 */
#include "memory.h"

#define CACHEABLE 0u
#define COMBINED  1u
#define UNCACHED  2u

static struct guest guest;

/* The errno of KVM_RUN while the guest reads DATA, or 0. */
static int error_of_read(void)
{
	struct small_vcpu *vcpu = &guest.vcpu;

	vcpu->run->immediate_exit = 1;
	ioctl(vcpu->fd, KVM_RUN, 0);
	vcpu->run->immediate_exit = 0;
	set_core(vcpu, CORE_PC, RAM_BASE + entry_of(READ));
	set_core(vcpu, 1, DATA);
	return ioctl(vcpu->fd, KVM_RUN, 0) ? errno : 0;
}

static volatile uint32_t *map(uint32_t type)
{
	int fd = must(open("/dev/driver_map", O_RDWR | O_CLOEXEC), "/dev/driver_map");
	void *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, type * PAGE);

	if (at == MAP_FAILED)
		must(-1, "mmap of /dev/driver_map");
	close(fd);
	must(set_slot(guest.vm.fd, 1, DATA, at, PAGE), "a slot of it");
	return at;
}

static void unmap(volatile uint32_t *at)
{
	must(set_slot(guest.vm.fd, 1, 0, NULL, 0), "deleting it");
	munmap((void *)at, PAGE);
}

static void test_type(uint32_t type, const char *name)
{
	volatile uint32_t *at = map(type);

	*at = 0x1000 + type;
	claim(guest_read(&guest, DATA) == 0x1000 + type, "%s: a guest reads it", name);
	claim(guest_write(&guest, DATA + 4, 0x2000 + type) && at[1] == 0x2000 + type,
	      "%s: and writes it", name);
	claim(set_slot_flags(guest.vm.fd, 1, KVM_MEM_LOG_DIRTY_PAGES, DATA, (void *)at, PAGE) ==
			      -1 &&
		      errno == EINVAL,
	      "%s: it has no dirty log", name);
	munmap((void *)at, PAGE);
	claim(error_of_read() == EFAULT, "%s: once it is unmapped, the guest has nothing", name);
	unmap(at);
}

void test_driver(void)
{
	volatile uint32_t *at;

	guest_new(&guest);
	test_type(UNCACHED, "uncached");
	test_type(COMBINED, "write-combined");
	at = map(CACHEABLE);
	claim(error_of_read() == EFAULT, "a cacheable mapping is refused");
	unmap(at);
	guest_close(&guest);
}
