// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "check/check.h"

#define DEV_KVM "/dev/kvm"

/*
 * Find the group's name in /etc/group.  getgrgid() would need the C library's plug-ins,
 * which a static program should not load.
 */
static bool find_group(unsigned int wanted, char *name, size_t size)
{
	FILE *file = fopen("/etc/group", "re");
	bool found = false;
	char line[1024];

	while (file && !found && fgets(line, sizeof(line), file)) {
		unsigned int gid;

		if (sscanf(line, "%*[^:]:%*[^:]:%u", &gid) != 1 || gid != wanted)
			continue;
		line[strcspn(line, ":")] = 0;
		found = snprintf(name, size, "%s", line) < (int)size;
	}
	if (file)
		fclose(file);
	return found;
}

static void explain_permission(struct finding *finding)
{
	char group[64];
	struct stat st;

	if (stat(DEV_KVM, &st)) {
		check_fix(finding, "run as root");
	} else if (st.st_gid && (st.st_mode & 060) == 060 &&
		   find_group(st.st_gid, group, sizeof(group))) {
		check_fix(finding, "it is for the group %s: usermod -aG %s USER, then log in again",
			  group, group);
	} else {
		check_fix(finding, "its mode is %03o, user %u, group %u: run as root",
			  st.st_mode & 0777, (unsigned int)st.st_uid, (unsigned int)st.st_gid);
	}
}

static void explain_open_error(struct finding *finding, int err)
{
	check_found(finding, FOUND_MISSING, "%s", strerror(err));
	if (err == ENOENT)
		check_fix(finding, "load the module kvm_armv7, which creates the device");
	else if (err == EACCES || err == EPERM)
		explain_permission(finding);
	else
		check_fix(finding, "load the module kvm_armv7");
}

/* Creating a virtual machine is the proof; closing its descriptor deletes it. */
void check_dev_kvm(struct finding *finding)
{
	int fd = open(DEV_KVM, O_RDWR | O_CLOEXEC), version, vm;

	if (fd < 0) {
		explain_open_error(finding, errno);
		return;
	}
	version = ioctl(fd, KVM_GET_API_VERSION, 0);
	vm = version == KVM_API_VERSION ? ioctl(fd, KVM_CREATE_VM, 0) : -1;
	if (version != KVM_API_VERSION)
		check_found(finding, FOUND_MISSING, "does not offer KVM API version %d",
			    KVM_API_VERSION);
	else if (vm < 0)
		check_found(finding, FOUND_MISSING, "KVM_CREATE_VM: %s", strerror(errno));
	else
		check_found(finding, FOUND_OK, "creates virtual machines");
	if (vm >= 0)
		close(vm);
	close(fd);
}
