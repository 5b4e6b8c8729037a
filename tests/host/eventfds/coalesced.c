// SPDX-License-Identifier: GPL-2.0-only
/* KVM_REGISTER_COALESCED_MMIO: the ring, and what happens when user space does not empty it. */
#include "eventfds.h"

#define Z    0x0c000000u
#define SIZE 6u
#define MAX  ((PAGE - sizeof(struct kvm_coalesced_mmio_ring)) / sizeof(struct kvm_coalesced_mmio))

static int zone(int vm, bool add, uint64_t addr, uint32_t size)
{
	struct kvm_coalesced_mmio_zone args = { .addr = addr, .size = size };

	return ioctl(vm, add ? KVM_REGISTER_COALESCED_MMIO : KVM_UNREGISTER_COALESCED_MMIO, &args);
}

static uint32_t word_of(const struct kvm_coalesced_mmio *entry)
{
	uint32_t value;

	memcpy(&value, entry->data, 4);
	return value;
}

static void collects(struct storer *s, struct kvm_coalesced_mmio_ring *ring)
{
	struct store stores[] = { { Z, 0x11223344, WORD },
				  { Z + 4, 0x5566, HALF },
				  { Z + 5, 0x77, BYTE } };
	const struct kvm_coalesced_mmio *at = ring->coalesced_mmio;

	claim_is(run_stores(s, stores, 3), 0, "stores in the zone do not exit");
	claim_is(ring->last, 3, "they are in the ring");
	claim(at[0].phys_addr == Z && at[0].len == 4 && word_of(&at[0]) == 0x11223344,
	      "in order: the word");
	claim(at[1].phys_addr == Z + 4 && at[1].len == 2 && (word_of(&at[1]) & 0xffff) == 0x5566,
	      "the halfword");
	claim(at[2].phys_addr == Z + 5 && at[2].len == 1 && at[2].data[0] == 0x77, "the byte");
	claim_is(run_store(s, Z + 4, 1, WORD, 1), 1, "a store that goes beyond the zone exits");
	claim_is(run_store(s, Z - 4, 1, WORD, 1), 1, "one before it exits");
	claim_is(run_store(s, Z, 1, LOAD, 1), 1, "a load exits");
	claim_is(ring->last, 3, "these are not in the ring");
	ring->first = 3;
}

static void full(struct storer *s, struct kvm_coalesced_mmio_ring *ring)
{
	unsigned int n;

	claim_is(run_store(s, Z, 1, WORD, MAX - 1), 0, "the ring takes one less than its entries");
	claim_is(run_store(s, Z, 0xabc, WORD, 1), 1, "the next store exits");
	claim(s->seen[0].addr == Z && s->seen[0].value == 0xabc, "and is user space's");
	claim_is(ring->last, 2, "the end is just before the beginning");
	ring->first = 4;
	claim_is(run_store(s, Z, 2, WORD, 2), 1, "with one entry taken, one of two stores exits");
	ring->first = ring->last;
	ring->last = (uint32_t)MAX;
	claim_is(run_store(s, Z, 1, WORD, 1), 1,
		 "with an end that is outside the page, a store exits");
	ring->last = ~0u;
	claim_is(run_store(s, Z, 1, WORD, 1), 1, "also with another one");
	ring->first = ~0u;
	ring->last = 0;
	for (n = 0; n < 3; n++)
		run_store(s, Z, 1, WORD, MAX);
	claim(ring->last < MAX, "a beginning that is outside the page harms nobody");
	ring->first = ring->last = 0;
}

void test_coalesced(void)
{
	long size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	long page = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_COALESCED_MMIO);
	struct kvm_coalesced_mmio_ring *ring, *again;
	struct small_vcpu other;
	struct storer s;
	int fd = new_eventfd();

	storer_new(&s);
	claim(page == 1 && size == 2 * (long)PAGE, "the ring is a vCPU's second page");
	ring = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, s.vcpu.fd, page * PAGE);
	claim(ring != MAP_FAILED && ring->first == 0 && ring->last == 0, "it is empty");
	must(zone(s.vm.fd, true, Z, SIZE), "KVM_REGISTER_COALESCED_MMIO");
	collects(&s, ring);
	full(&s, ring);
	must(ioeventfd(s.vm.fd, fd, Z, 4, 0, 0), "KVM_IOEVENTFD");
	claim_is(run_store(&s, Z, 1, WORD, 1), 0, "an ioeventfd in the zone");
	claim_is(taken(fd), 1, "comes before the ring");
	claim_is(ring->last, 0, "which stays empty");
	must(ioeventfd(s.vm.fd, fd, Z, 4, KVM_IOEVENTFD_FLAG_DEASSIGN, 0), "deassign");

	small_vcpu_new(&other, &s.vm, 1, 0);
	again = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, other.fd, 0);
	run_store(&s, Z, 1, WORD, 1);
	claim(again != MAP_FAILED &&
		      ((struct kvm_coalesced_mmio_ring *)((char *)again + PAGE))->last == 1,
	      "another vCPU has the same ring");
	munmap(again, 2 * PAGE);
	small_vcpu_close(&other);

	must(zone(s.vm.fd, false, Z + SIZE, 1), "a zone that does not exist");
	claim_is(run_store(&s, Z, 1, WORD, 1), 0, "unregistering another zone changes nothing");
	must(zone(s.vm.fd, false, Z + 1, 2), "a part of the zone");
	claim_is(run_store(&s, Z, 1, WORD, 1), 1, "unregistering a part of it ends it");
	must(zone(s.vm.fd, true, Z, SIZE), "KVM_REGISTER_COALESCED_MMIO");
	storer_close(&s);
	claim(ring->last == 2, "the ring outlives its VM");
	munmap(ring, PAGE);
	close(fd);
}
