/* SPDX-License-Identifier: GPL-2.0-only */
/* Options that describe a device, whose value is a list of words. */
#ifndef ARMVM_DEVICE_OPTIONS_H
#define ARMVM_DEVICE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/if_ether.h>

/* --disk FILE|none[,readonly][,serial=S] */
struct disk_options {
	const char *path;   /* NULL: a drive with nothing in it */
	const char *serial; /* or NULL; up to 20 characters */
	bool readonly;
	bool comes_later; /* another armvm has it until its guest comes */
	char *text;	  /* what the others point into, to be freed, also after a failure */
};

#define PORT_NAME_MAX 64u

/* --port NAME=TARGET */
struct port_options {
	const char *name;
	const char *target; /* listen:PATH, or what --channel takes */
	char *text;	    /* what the others point into, to be freed, also after a failure */
};

#define NET_MAX_FORWARDS 16u

/*
 * --net tap=IF[,vhost=on|off][,mac=M], --net user[,tcp=PORTS]..[,udp=PORTS]..[,mac=M] or
 * --net vhost-user=SOCKET[,mac=M]
 */
struct net_options {
	const char *tap;
	const char *vhost_user; /* if both are NULL: user */
	enum {
		NET_VHOST_AUTO,
		NET_VHOST_ON,
		NET_VHOST_OFF
	} vhost;
	bool has_address;
	uint8_t address[ETH_ALEN];
	unsigned int nr_forwards;
	struct {
		const char *ports; /* as passt's --tcp-ports and --udp-ports take them */
		bool udp;
	} forwards[NET_MAX_FORWARDS];
	char *text; /* what the others point into, to be freed, also after a failure */
};

/* Each returns 0 or, after one message, a negative errno. */

/* option is the one that is parsed; only --disk can be a drive with nothing in it. */
int disk_options_parse(struct disk_options *disk, const char *option, const char *text);
int net_options_parse(struct net_options *net, const char *text);
int port_options_parse(struct port_options *port, const char *text);

#endif
