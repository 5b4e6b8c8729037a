/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of `armvm run`. */
#ifndef ARMVM_OPTIONS_H
#define ARMVM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "device_options.h"

#define MAX_DISKS	    8u
#define MAX_NETS	    4u
#define MAX_PORTS	    8u
#define MAX_VHOST_USER_BLKS 3u

struct options {
	const char *kernel;	   /* NULL with firmware */
	const char *firmware;	   /* for guest address 0; NULL if not given */
	struct disk_options image; /* path is NULL if not given, and once options are complete */
	const char *dtb;
	const char *initrd;
	const char *append;	   /* NULL if not given */
	const char *channel;	   /* PATH or fd:N */
	const char *control;	   /* the path of a socket; NULL if not given */
	const char *gdb;	   /* [HOST:]PORT; NULL if not given */
	const char *name;	   /* valid, as guest_name.h says; NULL if not given */
	const char *user;	   /* whom root becomes; NULL if not given */
	unsigned int stop_timeout; /* in seconds; 0: SIGTERM never forces the guest's end */
	const char *restore;	   /* a saved machine to go on with; NULL if not given */
	const char *dump_dtb;	   /* write the device tree to this file and exit */
	unsigned int cpus;
	uint64_t memory;
	bool testdev;
	bool no_sandbox;
	bool rng;
	bool balloon;
	bool hugepages;
	bool migratable;
	unsigned int nr_disks;
	struct disk_options disks[MAX_DISKS];
	unsigned int nr_vhost_user_blks;
	const char *vhost_user_blks[MAX_VHOST_USER_BLKS]; /* paths of sockets */
	unsigned int nr_nets;
	struct net_options nets[MAX_NETS];
	uint32_t vsock; /* the guest's CID; 0: no such device */
	unsigned int nr_ports;
	struct port_options ports[MAX_PORTS];
	bool no_reboot; /* a reset of the guest ends armvm */
	bool gdb_wait;	/* no vCPU runs until a gdb client resumes it */
};

/* argv[0] is the word after "run".  Returns 0 or, after one message, a negative errno. */
int options_parse(struct options *options, int argc, char *const *argv);
/* How many virtio devices that is; no more than there are slots. */
unsigned int options_virtio_devices(const struct options *options);
/* Free what options_parse() allocated, also if it failed. */
void options_release(struct options *options);

#endif
