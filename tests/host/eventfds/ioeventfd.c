// SPDX-License-Identifier: GPL-2.0-only
/* KVM_IOEVENTFD: which writes signal it, and that these do not come to user space. */
#include "eventfds.h"

#define MATCH	 KVM_IOEVENTFD_FLAG_DATAMATCH
#define DEASSIGN KVM_IOEVENTFD_FLAG_DEASSIGN
#define A	 0x0b000000u
#define MANY	 4096u

static void any_value(struct storer *s)
{
	int vm = s->vm.fd, fd = new_eventfd();

	must(ioeventfd(vm, fd, A, 4, 0, 0), "KVM_IOEVENTFD");
	claim_is(run_store(s, A, 7, WORD, 1), 0, "a word that any value takes does not exit");
	claim_is(taken(fd), 1, "it signals the eventfd once");
	claim_is(run_store(s, A, 0, WORD, 1000), 0, "1000 words do not exit");
	claim_is(taken(fd), 1000, "they signal it 1000 times");
	claim_is(run_store(s, A, 0x1234, HALF, 1), 1, "a halfword exits");
	claim(s->seen[0].addr == A && s->seen[0].len == 2 && s->seen[0].write &&
		      s->seen[0].value == 0x1234,
	      "user space sees address, length and value");
	claim_is(run_store(s, A, 1, BYTE, 1), 1, "a byte exits");
	claim_is(run_store(s, A, 1, LOAD, 1), 1, "a load exits");
	claim_is(run_store(s, A + 4, 1, WORD, 1), 1, "the next word exits");
	claim_is(run_store(s, A - 4, 1, WORD, 1), 1, "the word before exits");
	claim_is(taken(fd), 0, "none of these signals it");
	must(ioeventfd(vm, fd, A, 4, DEASSIGN, 0), "deassign");
	claim_is(run_store(s, A, 7, WORD, 1), 1, "once it is deassigned, the word exits");
	claim_is(taken(fd), 0, "and does not signal it");
	close(fd);
}

static void one_value(struct storer *s)
{
	int vm = s->vm.fd, zero = new_eventfd(), five = new_eventfd(), big = new_eventfd();

	must(ioeventfd(vm, zero, A, 4, MATCH, 0), "KVM_IOEVENTFD");
	must(ioeventfd(vm, five, A, 4, MATCH, 5), "KVM_IOEVENTFD");
	must(ioeventfd(vm, big, A, 4, MATCH, 1ull << 32 | 6), "KVM_IOEVENTFD");
	claim_is(run_store(s, A, 5, WORD, 3), 0, "a word that matches does not exit");
	claim_is(run_store(s, A, 0, WORD, 2), 0, "nor does 0, which another eventfd has");
	claim_is(taken(five), 3, "each signals its own eventfd");
	claim_is(taken(zero), 2, "and so does 0");
	claim_is(run_store(s, A, 6, WORD, 1), 1, "a word that matches none exits");
	claim(s->seen[0].value == 6 && s->seen[0].len == 4, "with its value");
	claim_is(run_store(s, A, 5, HALF, 1), 1, "a halfword with the right value exits");
	claim_is(taken(five) + taken(zero) + taken(big), 0, "none of these signals one");
	claim_is(run_store(s, A, 0x05000000, BIG_ENDIAN_WORD, 1), 0,
		 "the value is that of the bytes on the bus, if the guest is big-endian");
	claim_is(taken(five), 1, "so it signals");
	claim_is(run_store(s, A, 5, BIG_ENDIAN_WORD, 1), 1, "and the same register content exits");
	must(ioeventfd(vm, five, A, 4, MATCH | DEASSIGN, 5), "deassign");
	claim_is(run_store(s, A, 5, WORD, 1), 1, "a deassigned value exits");
	claim_is(run_store(s, A, 0, WORD, 1), 0, "the other one still does not");
	must(ioeventfd(vm, zero, A, 4, MATCH | DEASSIGN, 0), "deassign");
	must(ioeventfd(vm, big, A, 4, MATCH | DEASSIGN, 1ull << 32 | 6), "deassign");
	close(zero);
	close(five);
	close(big);
}

static void lengths(struct storer *s)
{
	int vm = s->vm.fd, any = new_eventfd(), byte = new_eventfd(), half = new_eventfd(),
	    eight = new_eventfd();

	must(ioeventfd(vm, any, A, 0, 0, 0), "KVM_IOEVENTFD");
	must(ioeventfd(vm, byte, A + 8, 1, MATCH, 0xfe), "KVM_IOEVENTFD");
	must(ioeventfd(vm, half, A + 8, 2, MATCH, 0xfedc), "KVM_IOEVENTFD");
	must(ioeventfd(vm, eight, A + 8, 8, 0, 0), "KVM_IOEVENTFD");
	claim_is(run_store(s, A, 1, BYTE, 1) + run_store(s, A, 2, HALF, 1) +
			 run_store(s, A, 3, WORD, 1),
		 0, "without a length, a byte, a halfword and a word do not exit");
	claim_is(taken(any), 3, "each signals it");
	claim_is(run_store(s, A + 1, 1, BYTE, 1), 1, "the second byte exits");
	claim_is(run_store(s, A + 8, 0x1fe, BYTE, 1), 0,
		 "only the stored bits of a register count: byte");
	claim_is(taken(byte), 1, "it signals");
	claim_is(run_store(s, A + 8, 0x1fedc, HALF, 1), 0, ".. halfword");
	claim_is(taken(half), 1, "it signals");
	claim_is(run_store(s, A + 8, 0xfedc, WORD, 1), 1, "no word is 8 bytes long");
	claim_is(taken(any) + taken(byte) + taken(half) + taken(eight), 0,
		 "none of these signals one");
	must(ioeventfd(vm, any, A, 0, DEASSIGN, 0), "deassign");
	claim_is(run_store(s, A, 1, WORD, 1), 1, "without it, the word exits");
	close(any);
	close(byte);
	close(half);
	close(eight);
}

static void other_buses(struct storer *s)
{
	int vm = s->vm.fd, pio = new_eventfd(), ccw = new_eventfd(), mmio = new_eventfd();

	must(ioeventfd(vm, pio, A, 4, KVM_IOEVENTFD_FLAG_PIO, 0), "an ioeventfd of port I/O");
	must(ioeventfd(vm, ccw, A, 4, KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY, 0), "one of s390");
	claim_is(run_store(s, A, 0, WORD, 1), 1, "a store to the address of a port exits");
	must(ioeventfd(vm, mmio, A, 4, 0, 0), "one of memory at the same address");
	claim_is(run_store(s, A, 0, WORD, 1), 0,
		 "it does not if there is an ioeventfd of memory, too");
	claim_is(taken(mmio), 1, "which is signalled");
	claim_is(taken(pio) + taken(ccw), 0, "and not the others");
	claim_is((uint64_t)ioeventfd(vm, pio, A, 4, KVM_IOEVENTFD_FLAG_PIO | DEASSIGN, 0), 0,
		 "the one of port I/O can be deassigned");
	must(ioeventfd(vm, mmio, A, 4, DEASSIGN, 0), "deassign");
	close(pio);
	close(ccw);
	close(mmio);
}

static void many(struct storer *s)
{
	int vm = s->vm.fd, fd = new_eventfd(), left = 0;
	unsigned int n;

	/* The ioeventfds of ports and lengths() that are still there count, too. */
	for (n = 0; n < MANY; n++)
		if (ioeventfd(vm, fd, A + 0x1000 + (n & ~3u), 4, MATCH, 0x100 + n)) {
			left = errno;
			break;
		}
	claim(n == MANY - 4 && left == ENOSPC, "%u ioeventfds are the most: errno %d after %u",
	      MANY, left, n);
	claim_is(run_store(s, A + 0x1000, 0x103, WORD, 10) +
			 run_store(s, A + 0x1000 + 2000, 0x100 + 2001, WORD, 10),
		 0, "each of them works");
	claim_is(taken(fd), 20, "they signal");
	claim_is(run_store(s, A + 0x1000, 0x104, WORD, 1), 1, "the value of another address exits");
	/* They stay until the VM is destroyed. */
	close(fd);
}

void test_ioeventfds(void)
{
	struct storer s;

	storer_new(&s);
	any_value(&s);
	one_value(&s);
	lengths(&s);
	other_buses(&s);
	many(&s);
	storer_close(&s);
}
