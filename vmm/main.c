// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "console.h"
#include "error.h"

static const char help[] =
	"armvm - run virtual machines on 32-bit Arm with /dev/kvm\n"
	"\n"
	"  armvm run --image FILE [OPTION]..    run a guest from a disk image\n"
	"  armvm run --kernel FILE [OPTION]..   run a guest from a kernel\n"
	"  armvm check [--report]               check what this machine has for running guests;\n"
	"                                       --report: all that a developer needs to know\n"
	"  armvm debug PID                      print the debug registers of a running guest\n"
	"  armvm list                           list the running guests that have a name\n"
	"  armvm ctl SOCKET COMMAND [ARG]..     steer a guest that runs with --control\n"
	"  armvm save [--quit] SOCKET FILE      save such a guest to a file, and end it with "
	"--quit\n"
	"  armvm migrate [--downtime MS] SOCKET SOCKET2\n"
	"                                       send it to an armvm with --restore "
	"listen:SOCKET2,\n"
	"                                       if it stands still for MS milliseconds (300) at "
	"most\n"
	"  armvm --help | --version\n"
	"\n"
	"Options of run (a value follows a space or an equals sign):\n"
	"  --kernel FILE    a zImage, or an ELF32 executable (a bare-metal program)\n"
	"  --image FILE[,readonly][,serial=S]\n"
	"                   boot a disk image by its own boot loader: short for --firmware with\n"
	"                   the U-Boot of package u-boot-qemu, --disk FILE, and --net user\n"
	"  --firmware FILE  start in this firmware, at address 0, instead of a kernel\n"
	"  --initrd FILE    initial RAM disk\n"
	"  --append TEXT    kernel command line\n"
	"  --cpus N         number of virtual CPUs, 1 to 8 (default 1)\n"
	"  --memory SIZE    RAM, 16M to 3G (default 256M)\n"
	"  --hugepages      take the RAM from this machine's reserved huge pages\n"
	"  --dtb FILE       use this device tree blob instead of the built-in one\n"
	"  --channel C      second serial port (ttyAMA1): the path of a device or Unix\n"
	"                   socket, or fd:N\n"
	"  --disk FILE|none[,readonly][,serial=S]\n"
	"                   virtio disk: a raw file or a block device, or nothing until ctl's\n"
	"                   attach; can be repeated\n"
	"  --net tap=IF[,vhost=on|off][,mac=M]\n"
	"                   virtio network on a tap interface, with vhost-net if it is there\n"
	"  --net user[,tcp=PORTS]..[,udp=PORTS]..[,mac=M]\n"
	"                   virtio network through passt, which needs no privilege\n"
	"  --net vhost-user=SOCKET[,mac=M]\n"
	"                   virtio network that another process serves\n"
	"  --vhost-user-blk SOCKET\n"
	"                   virtio disk that another process serves, as qemu-storage-daemon does\n"
	"  --port NAME=listen:SOCKET, --port NAME=C\n"
	"                   virtio port: the guest's /dev/virtio-ports/NAME, on a Unix socket\n"
	"                   that armvm makes, or on C, as for --channel; can be repeated\n"
	"  --vsock CID      virtio socket device: the guest's address for AF_VSOCK, 3 or more\n"
	"  --balloon        virtio balloon: memory that the guest does not use goes back to this\n"
	"                   machine, and more on request (ctl's balloon)\n"
	"  --rng            virtio entropy device: the guest's /dev/hwrng\n"
	"  --config FILE    read options from FILE, one a line (armvm.conf(5))\n"
	"  --name NAME      what armvm list shows; a --control of its own, and the network "
	"address\n"
	"  --control PATH   serve `armvm ctl` on this Unix socket\n"
	"  --restore FILE   go on with a guest that was saved to FILE; the options that describe\n"
	"                   the machine must be those it was started with\n"
	"  --restore listen:SOCKET\n"
	"                   go on with a guest that armvm migrate sends\n"
	"  --migratable     note what is written to memory, for armvm migrate\n"
	"  --gdb [HOST:]P   serve gdb's `target remote` on TCP port P (0: any free port), for\n"
	"                   this machine only unless HOST is another of its addresses\n"
	"  --gdb-wait       do not start the guest until gdb resumes it\n"
	"  --no-reboot      end when the guest resets itself, instead of starting it again\n"
	"  --stop-timeout S how long the guest may take to power off after SIGTERM, in seconds\n"
	"                   (default 90; 0: for ever)\n"
	"  --user NAME      as root: run as this user once the machine is set up (default _armvm;\n"
	"                   root: stay root)\n"
	"  --sandbox on|off off: do not confine armvm to the system calls that it needs\n"
	"  --testdev        add a page of scratch MMIO at 0x0b000000\n"
	"  --dump-dtb FILE  write the guest's device tree to FILE and exit\n"
	"\n"
	"Commands of ctl: status, pause, resume, balloon, attach, detach, power-button, reset,\n"
	"quit, registers.  balloon takes a SIZE, attach a DISK (its number or serial) and a FILE,\n"
	"detach a DISK.\n"
	"On a terminal: Ctrl-a x ends the guest, Ctrl-a a sends Ctrl-a, Ctrl-a h shows help.\n"
	"SIGTERM and SIGINT press the guest's power key; a second one ends it.  On a terminal\n"
	"the first SIGINT asks.\n"
	"Exit status: 0 guest powered off, 1 wrong usage or failed setup, 2 guest reset\n"
	"itself with --no-reboot or after SIGTERM, 3 guest or KVM failed, 130 Ctrl-a x or\n"
	"gdb's kill.  See armvm(1).\n";

static int print_stdout(const char *text)
{
	if (fputs(text, stdout) < 0 || fflush(stdout) < 0) {
		error("cannot write to standard output");
		return STATUS_SETUP;
	}
	return 0;
}

int main(int argc, char *argv[])
{
	console_open_standard();
	if (argc < 2) {
		error("no command: give run, check, debug, list, ctl, save or migrate, or see "
		      "armvm --help");
		return STATUS_SETUP;
	}
	if (!strcmp(argv[1], "run"))
		return command_run(argc - 2, argv + 2);
	if (!strcmp(argv[1], "check"))
		return command_check(argc - 2, argv + 2);
	if (!strcmp(argv[1], "debug"))
		return command_debug(argc - 2, argv + 2);
	if (!strcmp(argv[1], "list"))
		return command_list(argc - 2, argv + 2);
	if (!strcmp(argv[1], "ctl"))
		return command_ctl(argc - 2, argv + 2);
	if (!strcmp(argv[1], "save"))
		return command_save(argc - 2, argv + 2);
	if (!strcmp(argv[1], "migrate"))
		return command_migrate(argc - 2, argv + 2);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return print_stdout(help);
	if (!strcmp(argv[1], "--version"))
		return print_stdout("armvm " ARMVM_VERSION " (kvm-armv7)\n");
	error("%s: unknown command, see armvm --help", argv[1]);
	return STATUS_SETUP;
}
