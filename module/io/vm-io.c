// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices of user space as the kernel knows them: where their writes go, and how they
 * interrupt.
 */
#include "core/vm.h"
#include "io/coalesced.h"
#include "io/ioeventfd.h"
#include "io/irq-routing.h"
#include "io/irqfd.h"
#include "io/vm-io.h"

bool vm_io_write(struct vm *vm, u64 addr, u32 len, u32 value)
{
	return ioeventfd_write(vm, addr, len, value) || coalesced_write(vm, addr, len, &value);
}

int vm_io_init(struct vm *vm)
{
	mutex_init(&vm->io.lock);
	irqfd_vm_init(vm);
	return coalesced_vm_init(vm);
}

void vm_io_destroy(struct vm *vm)
{
	irqfd_vm_destroy(vm);
	ioeventfd_vm_destroy(vm);
	coalesced_vm_destroy(vm);
	irq_routing_vm_destroy(vm);
}
