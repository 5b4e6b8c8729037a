// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_GSI_ROUTING.  A GICv2 is one irqchip, so a GSI has one entry at most, and the
 * table is an array by GSI.  Without a table, GSI n is pin n, which is INTID n + 32.
 */
#include <linux/kvm.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core/vm.h"
#include "io/irq-routing.h"

#define NR_PINS (VGIC_FIRST_RESERVED - VGIC_NR_PRIVATE)

/* What an entry of the table says, if it is not the INTID of an SPI. */
#define ROUTE_NONE 0
#define ROUTE_MSI  1

struct irq_routing {
	u32 nr; /* the highest GSI + 1 */
	u16 intid[];
};

/* The route of one entry of user space, or -EINVAL. */
static int route_of(const struct kvm_irq_routing_entry *entry)
{
	switch (entry->type) {
	case KVM_IRQ_ROUTING_IRQCHIP:
		if (entry->flags || entry->u.irqchip.irqchip >= KVM_NR_IRQCHIPS ||
		    entry->u.irqchip.pin >= NR_PINS)
			return -EINVAL;
		return entry->u.irqchip.pin + VGIC_NR_PRIVATE;
	case KVM_IRQ_ROUTING_MSI:
		/* Accepted, as for any irqchip, but a GICv2 has nothing that receives it. */
		return entry->flags & ~KVM_MSI_VALID_DEVID ? -EINVAL : ROUTE_MSI;
	default:
		return -EINVAL;
	}
}

static struct irq_routing *make_table(const struct kvm_irq_routing_entry *entries, u32 count)
{
	struct irq_routing *table;
	u32 n, nr = 0;
	int route;

	for (n = 0; n < count; n++) {
		if (entries[n].gsi >= IRQ_ROUTING_MAX)
			return ERR_PTR(-EINVAL);
		nr = max(nr, entries[n].gsi + 1);
	}
	table = kvzalloc(struct_size(table, intid, nr), GFP_KERNEL_ACCOUNT);
	if (!table)
		return ERR_PTR(-ENOMEM);
	table->nr = nr;
	for (n = 0; n < count; n++) {
		route = route_of(&entries[n]);
		if (route < 0 || table->intid[entries[n].gsi] != ROUTE_NONE) {
			kvfree(table);
			return ERR_PTR(-EINVAL);
		}
		table->intid[entries[n].gsi] = route;
	}
	return table;
}

int irq_routing_set(struct vm *vm, const struct kvm_irq_routing __user *user)
{
	struct kvm_irq_routing_entry *entries = NULL;
	struct irq_routing *table, *old;
	struct kvm_irq_routing head;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nr > IRQ_ROUTING_MAX || head.flags)
		return -EINVAL;
	if (head.nr) {
		entries = vmemdup_user(user->entries, array_size(head.nr, sizeof(*entries)));
		if (IS_ERR(entries))
			return PTR_ERR(entries);
	}
	table = make_table(entries, head.nr);
	kvfree(entries);
	if (IS_ERR(table))
		return PTR_ERR(table);

	mutex_lock(&vm->io.lock);
	old = rcu_replace_pointer(vm->io.routing, table, lockdep_is_held(&vm->io.lock));
	mutex_unlock(&vm->io.lock);
	/* Once we return, no interrupt takes the old route. */
	synchronize_rcu_expedited();
	kvfree(old);
	return 0;
}

u32 irq_routing_intid(struct vm *vm, u32 gsi)
{
	const struct irq_routing *table;
	u32 intid = ROUTE_NONE;

	rcu_read_lock();
	table = rcu_dereference(vm->io.routing);
	if (!table) {
		if (gsi < NR_PINS)
			intid = gsi + VGIC_NR_PRIVATE;
	} else if (gsi < table->nr) {
		intid = table->intid[array_index_nospec(gsi, table->nr)];
	}
	rcu_read_unlock();
	return intid < VGIC_NR_PRIVATE ? 0 : intid;
}

void irq_routing_vm_destroy(struct vm *vm)
{
	kvfree(rcu_dereference_protected(vm->io.routing, true));
}
