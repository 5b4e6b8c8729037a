/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line per claim, `PASS ioctls: text` or `FAIL ioctls: text: what came
 * instead`; the last line is `N passed, N failed`.
 */
#ifndef IOCTLS_CHECK_H
#define IOCTLS_CHECK_H

#include <errno.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include <linux/kvm.h>

#define PAGE 4096u

bool report(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The call must fail with that errno. Evaluated once. */
#define REFUSED(error, call, ...)                         \
	({                                                \
		errno = 0;                                \
		long ret_ = (call);                       \
		refused(ret_, errno, error, __VA_ARGS__); \
	})
/* The call must succeed; its result. */
#define WORKS(call, ...)                         \
	({                                       \
		errno = 0;                       \
		long ret_ = (call);              \
		works(ret_, errno, __VA_ARGS__); \
	})
bool refused(long ret, int got, int wanted, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
int works(long ret, int got, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* An address that no process has: the kernel's. */
#define NOWHERE ((void *)0xfffff000u)
/* A pointer to `size` bytes that end at an unmapped page, filled from `data`. */
void *at_the_end(const void *data, uint32_t size);
/* A pointer to the last of these bytes that is mapped: the others are not. */
void *cut_off(const void *data, uint32_t size);
void *pages(uint32_t count);

/* /dev/kvm. */
extern int kvm;
int new_vm(void);
/* A VM with a vCPU that is initialized; *run if asked for. */
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
void test_registers(void);
void test_guest_debug(void);
void test_guest_bkpt(void);
void test_guest_step(void);
void test_debug_registers(void);
void test_saved(void);
void test_guest_debug_args(void);
void test_without_debug(void);
void test_vgic(void);
void test_lifetimes(void);

#endif
