/* SPDX-License-Identifier: GPL-2.0-only */
/* Claims about single calls, and what the tests share. */
#ifndef IOCTLS_CHECK_H
#define IOCTLS_CHECK_H

#include <errno.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include <linux/kvm.h>

#include "../claims/claims.h"

#define PAGE 4096u

/* The call must fail with that errno; it is evaluated once. */
#define REFUSED(error, call, ...)                         \
	({                                                \
		errno = 0;                                \
		long ret_ = (call);                       \
		refused(ret_, errno, error, __VA_ARGS__); \
	})
/* The call must succeed; returns its result. */
#define WORKS(call, ...)                         \
	({                                       \
		errno = 0;                       \
		long ret_ = (call);              \
		works(ret_, errno, __VA_ARGS__); \
	})
bool refused(long ret, int got, int wanted, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
int works(long ret, int got, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A kernel address, which no process can access. */
#define NOWHERE ((void *)0xfffff000u)
/* A copy of the `size` bytes of `data` that ends where an unmapped page begins. */
void *at_the_end(const void *data, uint32_t size);
/* The same one byte later: the last byte is in the unmapped page. */
void *cut_off(const void *data, uint32_t size);
void *pages(uint32_t count);

/* The descriptor of /dev/kvm. */
extern int kvm;
int new_vm(void);
/* Adds an initialized vCPU to a VM; maps its kvm_run if run is not NULL. */
int new_vcpu(int vm, uint32_t feature_bits, struct kvm_run **run);
int set_slot(int vm, uint32_t slot, uint32_t flags, uint64_t ipa, uint64_t size, uint64_t hva);
int get_reg(int vcpu, uint64_t id, void *value);
int set_reg(int vcpu, uint64_t id, const void *value);
int set_core(int vcpu, uint32_t word, uint32_t value);

void test_device(void);
void test_vm(void);
void test_slots(void);
void test_vcpu(void);
void test_run(void);
void test_mmio(void);
void test_above_4g(void);
void test_registers(void);
void test_linux_registers(void);
void test_events(void);
void test_psci(void);
void test_sigmask(void);
void test_stats(void);
void test_guest_debug(void);
void test_guest_bkpt(void);
void test_guest_step(void);
void test_debug_registers(void);
void test_saved(void);
void test_illegal_state(void);
void test_guest_debug_args(void);
void test_without_debug(void);
void test_vgic(void);
void test_timers(void);
void test_eventfds(void);
void test_lifetimes(void);

#endif
