// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_IOEVENTFD.  Every notification of a virtio device passes here, so the lookup is two
 * buckets of a hash table: one by address, for those that take any value, and one by address
 * and value.  At most one ioeventfd takes a given write, because assigning refuses another
 * one.  Removing allocates nothing, so it cannot fail.
 */
#include <linux/eventfd.h>
#include <linux/hash.h>
#include <linux/kvm.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "compat/eventfd.h"
#include "core/vm.h"
#include "io/ioeventfd.h"

/* Buses that exist for other architectures; Linux's KVM/arm took ioeventfds for them, too. */
#define OTHER_BUSES (KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY)
/* One eventfd may serve any number of them, so RLIMIT_NOFILE does not limit them. */
#define MAX_IOEVENTFDS 4096

struct ioeventfd {
	struct hlist_node link;
	struct eventfd_ctx *eventfd;
	u64 addr;
	u64 value; /* 0 if it takes any */
	u32 len;   /* 0: any */
	u32 bus;   /* the flag, or 0 for MMIO */
	bool any_value;
};

static struct hlist_head *bucket(struct vm_io *io, u64 addr, u64 value)
{
	u32 key = lower_32_bits(addr) ^ upper_32_bits(addr) ^ hash_32(lower_32_bits(value), 32);

	return &io->ioeventfds[hash_32(key, IOEVENTFD_HASH_BITS)];
}

static struct hlist_head *bucket_of(struct vm_io *io, const struct ioeventfd *p)
{
	return p->bus ? &io->other_buses : bucket(io, p->addr, p->value);
}

static bool takes(const struct ioeventfd *p, u64 addr, u32 len, u64 value)
{
	if (p->addr != addr || (p->len && p->len != len))
		return false;
	return p->any_value || p->value == value;
}

static struct ioeventfd *find(struct hlist_head *head, u64 addr, u32 len, u64 value)
{
	struct ioeventfd *p;

	hlist_for_each_entry_rcu(p, head, link) if (takes(p, addr, len, value)) return p;
	return NULL;
}

bool ioeventfd_write(struct vm *vm, u64 addr, u32 len, u64 value)
{
	struct ioeventfd *p;

	if (!READ_ONCE(vm->io.nr_ioeventfds))
		return false;
	rcu_read_lock();
	p = find(bucket(&vm->io, addr, 0), addr, len, value);
	if (!p && value)
		p = find(bucket(&vm->io, addr, value), addr, len, value);
	if (p)
		compat_eventfd_signal(p->eventfd);
	rcu_read_unlock();
	return p;
}

static bool collide(const struct ioeventfd *a, const struct ioeventfd *b)
{
	if (a->bus != b->bus || a->addr != b->addr)
		return false;
	if (!a->len || !b->len)
		return true;
	return a->len == b->len && (a->any_value || b->any_value || a->value == b->value);
}

static bool collides_in(struct hlist_head *head, const struct ioeventfd *wanted)
{
	struct ioeventfd *p;

	hlist_for_each_entry(p, head, link)
		if (collide(p, wanted))
			return true;
	return false;
}

/* The value is part of the hash, so another one at the same address can be anywhere. */
static bool collides(struct vm_io *io, const struct ioeventfd *wanted)
{
	unsigned int n;

	if (wanted->bus)
		return collides_in(&io->other_buses, wanted);
	for (n = 0; n < ARRAY_SIZE(io->ioeventfds); n++)
		if (collides_in(&io->ioeventfds[n], wanted))
			return true;
	return false;
}

static void describe(struct ioeventfd *p, const struct kvm_ioeventfd *args)
{
	p->addr = args->addr;
	p->len = args->len;
	p->any_value = !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH);
	p->value = p->any_value ? 0 : args->datamatch;
	p->bus = args->flags & KVM_IOEVENTFD_FLAG_PIO ? KVM_IOEVENTFD_FLAG_PIO
						      : args->flags & OTHER_BUSES;
}

static int assign(struct vm_io *io, const struct kvm_ioeventfd *args)
{
	struct ioeventfd *p;
	int ret;

	if (args->len > 8 || (args->len & (args->len - 1)) || args->addr + args->len < args->addr ||
	    args->flags & ~KVM_IOEVENTFD_VALID_FLAG_MASK)
		return -EINVAL;
	if (!args->len && args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH)
		return -EINVAL;
	p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;
	describe(p, args);
	p->eventfd = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(p->eventfd)) {
		ret = PTR_ERR(p->eventfd);
		kfree(p);
		return ret;
	}
	mutex_lock(&io->lock);
	ret = io->nr_ioeventfds >= MAX_IOEVENTFDS ? -ENOSPC : collides(io, p) ? -EEXIST : 0;
	if (!ret) {
		hlist_add_head_rcu(&p->link, bucket_of(io, p));
		WRITE_ONCE(io->nr_ioeventfds, io->nr_ioeventfds + 1);
	}
	mutex_unlock(&io->lock);
	if (ret) {
		eventfd_ctx_put(p->eventfd);
		kfree(p);
	}
	return ret;
}

static int deassign(struct vm_io *io, const struct kvm_ioeventfd *args)
{
	struct eventfd_ctx *eventfd = eventfd_ctx_fdget(args->fd);
	struct ioeventfd *p, wanted;

	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	describe(&wanted, args);
	mutex_lock(&io->lock);
	hlist_for_each_entry(p, bucket_of(io, &wanted), link)
		if (p->eventfd == eventfd && p->bus == wanted.bus && p->addr == wanted.addr &&
		    p->len == wanted.len && p->any_value == wanted.any_value &&
		    p->value == wanted.value)
			break;
	if (p) {
		hlist_del_rcu(&p->link);
		WRITE_ONCE(io->nr_ioeventfds, io->nr_ioeventfds - 1);
	}
	mutex_unlock(&io->lock);
	eventfd_ctx_put(eventfd);
	if (!p)
		return -ENOENT;
	/* Once we return, no vCPU signals it. */
	synchronize_rcu_expedited();
	eventfd_ctx_put(p->eventfd);
	kfree(p);
	return 0;
}

int ioeventfd_set(struct vm *vm, const struct kvm_ioeventfd *args)
{
	return args->flags & KVM_IOEVENTFD_FLAG_DEASSIGN ? deassign(&vm->io, args)
							 : assign(&vm->io, args);
}

static void free_all(struct hlist_head *head)
{
	struct hlist_node *next;
	struct ioeventfd *p;

	hlist_for_each_entry_safe(p, next, head, link)
	{
		eventfd_ctx_put(p->eventfd);
		kfree(p);
	}
}

void ioeventfd_vm_destroy(struct vm *vm)
{
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(vm->io.ioeventfds); n++)
		free_all(&vm->io.ioeventfds[n]);
	free_all(&vm->io.other_buses);
}
