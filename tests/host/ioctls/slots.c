// SPDX-License-Identifier: GPL-2.0-only
/* KVM_SET_USER_MEMORY_REGION: which arguments it refuses.  run.c tests the effect of slots. */
#include "check.h"

#include <sys/mman.h>
#include <unistd.h>

#define IPA   0x40000000ull
#define SIZE  (4 * PAGE)
#define MB512 0x20000000ull

void test_slots(void)
{
	uint32_t slots = (uint32_t)ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS);
	uint64_t mem = (uintptr_t)pages(16);
	struct kvm_userspace_memory_region region = { .guest_phys_addr = IPA,
						      .memory_size = SIZE,
						      .userspace_addr = mem };
	int vm = new_vm();

	claim(slots == 508, "%u memory slots", slots);
	claim(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_SYNC_MMU) == 1,
	      "a guest follows the process's memory");
	REFUSED(EFAULT, ioctl(vm, KVM_SET_USER_MEMORY_REGION, NULL), "a slot from NULL");
	REFUSED(EFAULT, ioctl(vm, KVM_SET_USER_MEMORY_REGION, NOWHERE),
		"a slot from a kernel address");
	REFUSED(EFAULT, ioctl(vm, KVM_SET_USER_MEMORY_REGION, cut_off(&region, sizeof(region))),
		"a slot from half a structure");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, 0, mem), "deleting a slot that does not exist");
	REFUSED(EINVAL, set_slot(vm, slots, 0, IPA, SIZE, mem), "the first slot number too large");
	REFUSED(EINVAL, set_slot(vm, 0xffff, 0, IPA, SIZE, mem), "slot 65535");
	REFUSED(EINVAL, set_slot(vm, 1u << 16, 0, IPA, SIZE, mem), "a slot of address space 1");
	REFUSED(EINVAL, set_slot(vm, ~0u, 0, IPA, SIZE, mem), "slot -1");
	REFUSED(EINVAL, set_slot(vm, 0, 1u << 2, IPA, SIZE, mem), "an unknown flag");
	WORKS(set_slot(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, IPA, SIZE, mem), "a slot with a dirty log");
	WORKS(set_slot(vm, 0, 0, IPA, SIZE, mem), "turning it off");
	WORKS(set_slot(vm, 0, 0, 0, 0, 0), "deleting that slot");
	REFUSED(EINVAL, set_slot(vm, 0, ~0u, IPA, SIZE, mem), "all flags");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA + 1, SIZE, mem), "an unaligned guest address");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA + PAGE / 2, SIZE, mem),
		"one in the middle of a page");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, SIZE + 1, mem), "an unaligned size");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, SIZE, mem + 4), "an unaligned host address");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, SIZE, 0xfffff000u), "the kernel's memory");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, 0x80000000u, 0x80000000u),
		"memory that runs into the kernel's");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, SIZE, mem | 1ull << 32),
		"a host address of 33 bits");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, SIZE, 0xfffffffffffff000ull),
		"the last host address");
	REFUSED(EINVAL, set_slot(vm, 0, 0, 0xfffffffffffff000ull, SIZE, mem),
		"a guest address that overflows");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, 0xfffffffffffff000ull, mem),
		"a size that overflows");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, 1ull << 32, mem), "a size of 4 GiB");
	REFUSED(EFAULT, set_slot(vm, 0, 0, 1ull << 40, SIZE, mem), "a guest address above 40 bits");
	REFUSED(EFAULT, set_slot(vm, 0, 0, (1ull << 40) - PAGE, SIZE, mem),
		"a slot that goes beyond 40 bits");

	WORKS(set_slot(vm, 0, 0, (1ull << 40) - SIZE, SIZE, mem),
	      "a slot at the very end of 40 bits");
	WORKS(set_slot(vm, 0, 0, 0, 0, 0), "deleting it");
	WORKS(ioctl(vm, KVM_SET_USER_MEMORY_REGION, at_the_end(&region, sizeof(region))),
	      "a slot from the end of a page");
	REFUSED(EEXIST, set_slot(vm, 1, 0, IPA, SIZE, mem), "a second slot in the same place");
	REFUSED(EEXIST, set_slot(vm, 1, 0, IPA + SIZE - PAGE, SIZE, mem),
		"one that overlaps its end");
	REFUSED(EEXIST, set_slot(vm, 1, 0, IPA - SIZE + PAGE, SIZE, mem),
		"one that overlaps its beginning");
	REFUSED(EEXIST, set_slot(vm, 1, 0, IPA + PAGE, PAGE, mem), "one inside it");
	REFUSED(EEXIST, set_slot(vm, 1, 0, IPA - SIZE, 3 * SIZE, mem), "one around it");
	WORKS(set_slot(vm, 1, 0, IPA + SIZE, SIZE, mem), "one right after it");
	WORKS(set_slot(vm, slots - 1, 0, IPA - SIZE, SIZE, mem), "the last slot, right before it");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, SIZE + PAGE, mem), "making a slot larger");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, PAGE, mem), "making it smaller");
	REFUSED(EINVAL, set_slot(vm, 0, 0, IPA, SIZE, mem + PAGE), "giving it other memory");
	REFUSED(EINVAL, set_slot(vm, 0, KVM_MEM_READONLY, IPA, SIZE, mem), "making it read-only");
	WORKS(set_slot(vm, 0, 0, IPA, SIZE, mem), "setting it unchanged");
	REFUSED(EEXIST, set_slot(vm, 0, 0, IPA + PAGE, SIZE, mem), "moving it over its neighbour");
	WORKS(set_slot(vm, 0, 0, IPA + 8 * SIZE, SIZE, mem), "moving it to free space");
	WORKS(set_slot(vm, 0, 0, IPA + 8 * SIZE + PAGE, SIZE, mem),
	      "moving it by less than its size");
	WORKS(set_slot(vm, 2, KVM_MEM_READONLY, IPA, SIZE, mem), "a read-only one where it was");
	WORKS(set_slot(vm, 2, 0, IPA, 0, mem), "deleting that");
	REFUSED(EINVAL, set_slot(vm, 2, 0, IPA, 0, mem), "deleting it twice");
	WORKS(set_slot(vm, 2, 0, IPA, SIZE, mem), "creating it again, writable");
	close(vm);
	REFUSED(EBADF, set_slot(vm, 0, 0, IPA, SIZE, mem), "a slot of a closed VM");
	munmap((void *)(uintptr_t)mem, 16 * PAGE);
}
