/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's registers, one at a time, from outside: while it is not in KVM_RUN. */
#ifndef ARMVM_ONEREG_H
#define ARMVM_ONEREG_H

#include <stdint.h>

/* id: KVM_REG_ARM | ..; both say nothing and return 0 or a negative errno. */
int onereg_get(int vcpu_fd, uint64_t id, uint64_t *value);
int onereg_set(int vcpu_fd, uint64_t id, uint64_t value);

#endif
