// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "check/check.h"

#define DEV_KVM "/dev/kvm"

void check_module(struct finding *finding)
{
	FILE *file;
	char version[64] = "";

	if (access("/sys", F_OK) || access("/sys/module", F_OK)) {
		check_found(finding, FOUND_UNKNOWN, "/sys is not mounted");
		return;
	}
	if (access("/sys/module/kvm_armv7", F_OK)) {
		check_found(finding, FOUND_MISSING, "kvm_armv7 is not loaded");
		check_fix(finding, "modprobe kvm_armv7; if that fails, dmesg says why");
		return;
	}
	file = fopen("/sys/module/kvm_armv7/version", "re");
	if (file) {
		if (fgets(version, sizeof(version), file))
			version[strcspn(version, "\n")] = 0;
		fclose(file);
	}
	check_found(finding, FOUND_OK, "kvm_armv7%s%s is loaded", *version ? " " : "", version);
}

static void explain_open_error(struct finding *finding, int err)
{
	struct stat st;

	check_found(finding, FOUND_MISSING, "%s", strerror(err));
	if (err == ENOENT)
		check_fix(finding, "load the module kvm_armv7, which creates the device");
	else if ((err == EACCES || err == EPERM) && !stat(DEV_KVM, &st))
		check_fix(finding,
			  "it belongs to user %u, group %u with mode %03o: run as root, or as a "
			  "member "
			  "of that group if the mode lets it read and write",
			  (unsigned int)st.st_uid, (unsigned int)st.st_gid, st.st_mode & 0777);
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
