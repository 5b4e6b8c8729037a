// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "console.h"
#include "error.h"

static const char help[] =
	"armvm - run virtual machines on 32-bit Arm with /dev/kvm\n"
	"\n"
	"  armvm run --kernel FILE [OPTION]..   run a guest\n"
	"  armvm check                          what this machine has and lacks for it\n"
	"  armvm debug PID                      the debug registers of a running guest\n"
	"  armvm --help | --version\n"
	"\n"
	"Options of run; each takes its value after a space or a '=':\n"
	"  --kernel FILE    zImage, or an ELF32 executable for bare-metal programs\n"
	"  --initrd FILE    initial RAM disk\n"
	"  --append TEXT    kernel command line\n"
	"  --cpus N         1 to 8 virtual CPUs (1)\n"
	"  --memory SIZE    16M to 3G of RAM (256M)\n"
	"  --dtb FILE       device tree blob instead of the built-in one\n"
	"  --channel C      second serial port (ttyAMA1) on C: a device's or socket's path, or "
	"fd:N\n"
	"  --gdb [HOST:]P   serve gdb's `target remote` on TCP port P (0: any that is free) of\n"
	"                   this machine only, or of HOST's address\n"
	"  --gdb-wait       do not start the guest before gdb says so\n"
	"  --testdev        a page of scratch MMIO at 0x0b000000\n"
	"  --dump-dtb FILE  write the guest's device tree to FILE and stop\n"
	"\n"
	"On a terminal: Ctrl-a x ends the guest, Ctrl-a a sends Ctrl-a, Ctrl-a h helps.\n"
	"Exit status: 0 the guest powered off, 1 usage or set-up, 2 the guest reset,\n"
	"3 the guest or KVM failed, 130 Ctrl-a x or gdb kill.  See armvm(1).\n";

static int print_stdout(const char *text)
{
	if (fputs(text, stdout) < 0 || fflush(stdout) < 0) {
		error("standard output: cannot write");
		return STATUS_SETUP;
	}
	return 0;
}

int main(int argc, char *argv[])
{
	console_open_standard();
	if (argc < 2) {
		error("say run, check or debug, or see armvm --help");
		return STATUS_SETUP;
	}
	if (!strcmp(argv[1], "run"))
		return command_run(argc - 2, argv + 2);
	if (!strcmp(argv[1], "check"))
		return command_check(argc - 2, argv + 2);
	if (!strcmp(argv[1], "debug"))
		return command_debug(argc - 2, argv + 2);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return print_stdout(help);
	if (!strcmp(argv[1], "--version"))
		return print_stdout("armvm " ARMVM_VERSION " (kvm-armv7)\n");
	error("%s: unknown command, see armvm --help", argv[1]);
	return STATUS_SETUP;
}
