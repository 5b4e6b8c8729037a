/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading a guest's memory on its behalf. */
#ifndef KVM_ARMV7_GUEST_READ_H
#define KVM_ARMV7_GUEST_READ_H

#include <linux/types.h>

struct vm;

/*
 * Copy len bytes at ipa, all in one page, as the guest reads them with its caches on or
 * off.  -ENOENT: no memory slot has this address; otherwise the errors of user_pages_get().
 * The guest may lose the slot or the page at the same time, as if it had read before.
 */
int guest_read(struct vm *vm, u64 ipa, void *data, unsigned int len);

#endif /* KVM_ARMV7_GUEST_READ_H */
