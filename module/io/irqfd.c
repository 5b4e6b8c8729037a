// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_IRQFD.  An irqfd waits on its eventfd as poll() does.  Its function in the eventfd's
 * wait queue injects the interrupt, in whatever context the eventfd is signalled.  If the
 * eventfd's last descriptor is closed, that function is told so, but cannot leave the
 * queue whose lock is held; a work does it.
 *
 * Locks, from the outside: io->reap_lock or io->lock, the eventfd's wait queue, io->irqfds_lock.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/kvm.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "compat/eventfd.h"
#include "core/kvm-trace.h"
#include "core/vm.h"
#include "io/irq-routing.h"
#include "io/irqfd.h"
#include "irq/vgic-eoi.h"
#include "irq/vgic.h"

/* Made with the first resampled irqfd of a VM; it asks the routing at each end of an SPI. */
struct irqfd_resampler {
	struct vgic_eoi_notifier notifier;
	struct vm *vm;
};

struct irqfd {
	struct list_head link;	    /* io->irqfds; irqfd_resample() reads it under RCU */
	struct list_head dead_link; /* io->dead_irqfds */
	bool listed;		    /* in io->irqfds */
	struct vm *vm;
	u32 gsi;
	struct eventfd_ctx *eventfd;
	struct eventfd_ctx *resample; /* or NULL */
	wait_queue_head_t *queue;     /* the eventfd's */
	wait_queue_entry_t wait;
	poll_table poll;
};

/*
 * Without a route, or without such an SPI, the event is lost, as on a pin without a wire.  So
 * it is if the SPI is a PMU's: each pin has one wire.
 */
static void set_line(struct irqfd *irqfd, bool level)
{
	u32 intid = irq_routing_intid(irqfd->vm, irqfd->gsi);

	trace_kvm_set_irq(irqfd->gsi, level, irqfd->resample ? TRACE_SOURCE_RESAMPLE : 0);
	if (intid)
		vgic_inject_irq(irqfd->vm, NULL, intid, level);
}

/* A pulse; with a resample eventfd, a level that stays until the guest ends the interrupt. */
static void irqfd_inject(struct irqfd *irqfd)
{
	set_line(irqfd, true);
	if (!irqfd->resample)
		set_line(irqfd, false);
}

/* From here on only irqfds_reap() uses it.  The caller holds io->irqfds_lock. */
static void irqfd_kill(struct vm_io *io, struct irqfd *irqfd)
{
	lockdep_assert_held(&io->irqfds_lock);
	irqfd->listed = false;
	list_del_rcu(&irqfd->link);
	list_add_tail(&irqfd->dead_link, &io->dead_irqfds);
	if (irqfd->resample)
		WRITE_ONCE(io->nr_resampled, io->nr_resampled - 1);
}

/* In the eventfd's wait queue, whose lock is held.  Any context. */
static int irqfd_wakeup(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct irqfd *irqfd = container_of(wait, struct irqfd, wait);
	struct vm_io *io = &irqfd->vm->io;
	__poll_t events = key_to_poll(key);
	unsigned long flags;
	u64 count;

	if (events & EPOLLIN) {
		/* The interrupt is what the event was for: nobody else has to see the count. */
		eventfd_ctx_do_read(irqfd->eventfd, &count);
		irqfd_inject(irqfd);
	}
	if (events & EPOLLHUP) {
		spin_lock_irqsave(&io->irqfds_lock, flags);
		if (irqfd->listed) {
			irqfd_kill(io, irqfd);
			schedule_work(&io->reap_irqfds);
		}
		spin_unlock_irqrestore(&io->irqfds_lock, flags);
	}
	return 0;
}

/* vfs_poll() hands us the eventfd's wait queue. */
static void irqfd_enqueue(struct file *file, wait_queue_head_t *queue, poll_table *poll)
{
	struct irqfd *irqfd = container_of(poll, struct irqfd, poll);

	irqfd->queue = queue;
	add_wait_queue(queue, &irqfd->wait);
}

/* Start to listen; what was signalled before counts. */
static void irqfd_listen(struct irqfd *irqfd, struct file *file)
{
	u64 count;

	init_waitqueue_func_entry(&irqfd->wait, irqfd_wakeup);
	init_poll_funcptr(&irqfd->poll, irqfd_enqueue);
	if (!(vfs_poll(file, &irqfd->poll) & EPOLLIN))
		return;
	/* Meanwhile irqfd_wakeup() may have seen it. */
	spin_lock_irq(&irqfd->queue->lock);
	eventfd_ctx_do_read(irqfd->eventfd, &count);
	spin_unlock_irq(&irqfd->queue->lock);
	if (count)
		irqfd_inject(irqfd);
}

static void irqfd_free(struct irqfd *irqfd)
{
	if (!IS_ERR_OR_NULL(irqfd->resample))
		eventfd_ctx_put(irqfd->resample);
	if (!IS_ERR_OR_NULL(irqfd->eventfd))
		eventfd_ctx_put(irqfd->eventfd);
	kfree(irqfd);
}

static struct irqfd *irqfd_alloc(struct vm *vm, const struct kvm_irqfd *args, struct file *file)
{
	struct irqfd *irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!irqfd)
		return ERR_PTR(-ENOMEM);
	irqfd->vm = vm;
	irqfd->gsi = args->gsi;
	irqfd->eventfd = eventfd_ctx_fileget(file);
	ret = PTR_ERR_OR_ZERO(irqfd->eventfd);
	if (!ret && args->flags & KVM_IRQFD_FLAG_RESAMPLE) {
		irqfd->resample = eventfd_ctx_fdget(args->resamplefd);
		ret = PTR_ERR_OR_ZERO(irqfd->resample);
	}
	if (ret) {
		irqfd_free(irqfd);
		return ERR_PTR(ret);
	}
	return irqfd;
}

/* -EBUSY if the eventfd is in the list already.  The caller holds io->lock. */
static int irqfd_add(struct vm_io *io, struct irqfd *irqfd)
{
	struct irqfd *other;
	int ret = 0;

	spin_lock_irq(&io->irqfds_lock);
	list_for_each_entry(other, &io->irqfds, link)
		if (other->eventfd == irqfd->eventfd)
			ret = -EBUSY;
	if (!ret) {
		irqfd->listed = true;
		list_add_tail_rcu(&irqfd->link, &io->irqfds);
		if (irqfd->resample)
			WRITE_ONCE(io->nr_resampled, io->nr_resampled + 1);
	}
	spin_unlock_irq(&io->irqfds_lock);
	return ret;
}

/*
 * The guest has ended the level-sensitive SPI intid: lower the line of the irqfds with a
 * resample eventfd, and signal these.
 */
static void irqfd_resample(struct vgic_eoi_notifier *notifier, u32 intid)
{
	struct vm *vm = container_of(notifier, struct irqfd_resampler, notifier)->vm;
	struct vm_io *io = &vm->io;
	struct irqfd *irqfd;
	bool lowered = false;

	if (!READ_ONCE(io->nr_resampled))
		return;
	rcu_read_lock();
	list_for_each_entry_rcu(irqfd, &io->irqfds, link)
	{
		if (!irqfd->resample || irq_routing_intid(vm, irqfd->gsi) != intid)
			continue;
		/* Before anybody is told: what is signalled in return raises it again. */
		if (!lowered) {
			trace_kvm_ack_irq(0, intid - VGIC_NR_PRIVATE);
			trace_kvm_set_irq(irqfd->gsi, 0, TRACE_SOURCE_RESAMPLE);
			vgic_inject_irq(vm, NULL, intid, false);
		}
		lowered = true;
		compat_eventfd_signal(irqfd->resample);
	}
	rcu_read_unlock();
}

static int irqfd_make_resampler(struct vm *vm)
{
	struct irqfd_resampler *resampler;

	lockdep_assert_held(&vm->io.lock);
	if (vm->io.resampler)
		return 0;
	resampler = kzalloc(sizeof(*resampler), GFP_KERNEL_ACCOUNT);
	if (!resampler)
		return -ENOMEM;
	resampler->vm = vm;
	resampler->notifier.intid = VGIC_EOI_ANY;
	resampler->notifier.ended = irqfd_resample;
	vgic_eoi_notifier_add(vm, &resampler->notifier);
	vm->io.resampler = resampler;
	return 0;
}

static int irqfd_assign(struct vm *vm, const struct kvm_irqfd *args)
{
	struct irqfd *irqfd;
	struct file *file;
	int ret;

	/* Pairs with vgic_init(): the SPIs exist. */
	if (!smp_load_acquire(&vm->vgic.initialized))
		return -EAGAIN;
	file = fget(args->fd);
	if (!file)
		return -EBADF;
	irqfd = irqfd_alloc(vm, args, file);
	ret = PTR_ERR_OR_ZERO(irqfd);
	if (ret)
		goto put_file;
	/*
	 * Nobody takes it off the list before it listens: deassigning needs the lock, and
	 * the eventfd stays open as long as we have the file.
	 */
	mutex_lock(&vm->io.lock);
	ret = irqfd->resample ? irqfd_make_resampler(vm) : 0;
	if (!ret)
		ret = irqfd_add(&vm->io, irqfd);
	if (!ret)
		irqfd_listen(irqfd, file);
	mutex_unlock(&vm->io.lock);
	if (ret)
		irqfd_free(irqfd);
put_file:
	fput(file);
	return ret;
}

/* The last irqfd that held a line high is gone: nobody would lower it any more. */
static void irqfd_leave_line(struct vm_io *io, struct irqfd *irqfd)
{
	u32 intid = irq_routing_intid(irqfd->vm, irqfd->gsi);
	struct irqfd *other;
	bool last = irqfd->resample;

	/* An irqfd that is added after this raises the line after this. */
	spin_lock_irq(&io->irqfds_lock);
	list_for_each_entry(other, &io->irqfds, link)
		if (other->resample && irq_routing_intid(other->vm, other->gsi) == intid)
			last = false;
	if (last)
		set_line(irqfd, false);
	spin_unlock_irq(&io->irqfds_lock);
}

/* The caller holds io->reap_lock. */
static void reap(struct vm_io *io)
{
	struct irqfd *irqfd, *next;
	LIST_HEAD(dead);
	u64 count;

	spin_lock_irq(&io->irqfds_lock);
	list_splice_init(&io->dead_irqfds, &dead);
	spin_unlock_irq(&io->irqfds_lock);
	if (list_empty(&dead))
		return;
	list_for_each_entry(irqfd, &dead, dead_link)
		eventfd_ctx_remove_wait_queue(irqfd->eventfd, &irqfd->wait, &count);
	/* irqfd_resample() may be looking at them. */
	synchronize_rcu_expedited();
	list_for_each_entry_safe(irqfd, next, &dead, dead_link) {
		irqfd_leave_line(io, irqfd);
		irqfd_free(irqfd);
	}
}

/*
 * Destroy the dead ones.  When it returns, those that were dead before the call inject nothing any
 * more, also if another caller had taken them off the list.
 */
static void irqfds_reap(struct vm_io *io)
{
	mutex_lock(&io->reap_lock);
	reap(io);
	mutex_unlock(&io->reap_lock);
}

static void irqfds_reap_work(struct work_struct *work)
{
	irqfds_reap(container_of(work, struct vm_io, reap_irqfds));
}

/* Not finding it is no error: it is gone either way. */
static int irqfd_deassign(struct vm *vm, const struct kvm_irqfd *args)
{
	struct eventfd_ctx *eventfd = eventfd_ctx_fdget(args->fd);
	struct vm_io *io = &vm->io;
	struct irqfd *irqfd;

	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	mutex_lock(&io->lock);
	spin_lock_irq(&io->irqfds_lock);
	list_for_each_entry(irqfd, &io->irqfds, link)
		if (irqfd->eventfd == eventfd && irqfd->gsi == args->gsi) {
			irqfd_kill(io, irqfd);
			break;
		}
	spin_unlock_irq(&io->irqfds_lock);
	mutex_unlock(&io->lock);
	eventfd_ctx_put(eventfd);
	irqfds_reap(io);
	return 0;
}

int irqfd_set(struct vm *vm, const struct kvm_irqfd *args)
{
	if (args->flags & ~(KVM_IRQFD_FLAG_DEASSIGN | KVM_IRQFD_FLAG_RESAMPLE))
		return -EINVAL;
	return args->flags & KVM_IRQFD_FLAG_DEASSIGN ? irqfd_deassign(vm, args)
						     : irqfd_assign(vm, args);
}

void irqfd_vm_init(struct vm *vm)
{
	spin_lock_init(&vm->io.irqfds_lock);
	mutex_init(&vm->io.reap_lock);
	INIT_LIST_HEAD(&vm->io.irqfds);
	INIT_LIST_HEAD(&vm->io.dead_irqfds);
	INIT_WORK(&vm->io.reap_irqfds, irqfds_reap_work);
}

void irqfd_vm_destroy(struct vm *vm)
{
	struct vm_io *io = &vm->io;
	struct irqfd *irqfd, *next;

	spin_lock_irq(&io->irqfds_lock);
	list_for_each_entry_safe(irqfd, next, &io->irqfds, link)
		irqfd_kill(io, irqfd);
	spin_unlock_irq(&io->irqfds_lock);
	/* Now nothing schedules it any more. */
	cancel_work_sync(&io->reap_irqfds);
	irqfds_reap(io);
	if (io->resampler)
		vgic_eoi_notifier_remove(vm, &io->resampler->notifier);
	kfree(io->resampler);
}
