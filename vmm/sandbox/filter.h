/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of system calls (syscalls.def), made into programs for the kernel. */
#ifndef ARMVM_SANDBOX_FILTER_H
#define ARMVM_SANDBOX_FILTER_H

#include <stdint.h>
#include <sys/types.h>

#include <linux/filter.h>

/* What armvm does once the machine is set up; threads do several of these. */
enum sandbox_part {
	BASE = 1 << 0, /* every thread */
	VCPU = 1 << 1,
	VCPU_NET = 1 << 2, /* a vCPU's thread, if the guest has a network */
	VCPU_GDB = 1 << 3, /* .. if there is a gdb stub */
	DISK = 1 << 4,
	RNG = 1 << 5,
	NET = 1 << 6,
	RELAY = 1 << 7, /* virtio's interrupts without KVM_IRQFD */
	LOOP = 1 << 8,
	LOOP_NET = 1 << 9, /* the main thread, if the guest has a network */
	CONTROL = 1 << 10,
	GDB = 1 << 11,
	VHOST_USER = 1 << 12,	   /* it sees when a back end ends */
	VCPU_VHOST_USER = 1 << 13, /* a vCPU's thread, if there are such devices */
	CONSOLE = 1 << 14,
	VCPU_VSOCK = 1 << 16,  /* a vCPU's thread, if there is a vsock */
	LOOP_SOCKET = 1 << 15, /* the main thread, if it has made a socket to delete */
	RESTORE = 1 << 17,     /* the main thread, with --restore */
	MIGRATE = 1 << 18,     /* .. with --migratable */
	ATTACH = 1 << 19,      /* .. with a control socket and a disk */
};

/*
 * Make the program for a thread that does these parts, in the process `pid`, on an architecture
 * of libseccomp's (SCMP_ARCH_*).  A call that is not in the table kills the process.  The caller
 * frees program->filter.  Returns 0 or a negative errno; prints no message.
 */
int filter_compile(struct sock_fprog *program, uint32_t parts, pid_t pid, uint32_t arch);

#endif
