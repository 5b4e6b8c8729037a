// SPDX-License-Identifier: GPL-2.0-only
/* `armvm run`: build the machine, run it, report how it ended. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "commands.h"
#include "error.h"
#include "firmware.h"
#include "gic.h"
#include "guest_name.h"
#include "hints.h"
#include "host.h"
#include "load.h"
#include "loop.h"
#include "notify.h"
#include "options.h"
#include "pl061.h"
#include "sandbox/sandbox.h"
#include "save/restore.h"
#include "save/save.h"
#include "testdev.h"
#include "virtio/virtio.h"
#include "vm.h"

struct machine {
	struct options options;
	struct user user;
	struct ram ram;
	struct images images;
	struct firmware firmware;
	struct vm vm;
	struct loop loop;
	struct pl011 uart[2];
	struct gic_line uart_irq[2];
	struct pl031 rtc;
	struct gic_line rtc_irq;
	struct pl061 gpio;
	struct gic_line gpio_irq;
	struct testdev testdev;
	struct control_guest control;
	struct virtio_set virtio;
	struct machine_parts parts;
	struct save save;
	struct file saved; /* not open without --restore */
};

static void line_irq(void *owner, bool level)
{
	gic_set_line(owner, level);
}

static void line_wake(void *owner)
{
	struct gic_line *line = owner;

	vm_wake(line->vm);
}

static uint32_t host_seconds(void *owner)
{
	(void)owner;
	return time(NULL);
}

static void on_escape(void *owner)
{
	struct vm *vm = owner;

	vm_end(vm, STATUS_ESCAPE);
}

static int add_device(struct machine *machine, uint32_t base, const struct bus_ops *ops,
		      void *owner)
{
	int err = bus_add(&machine->vm.bus, base, DEVICE_SIZE, ops, owner);

	return err ? fail(-err, "device at %#x", base) : 0;
}

static int add_uart(struct machine *machine, unsigned int n, uint32_t base, uint32_t spi)
{
	machine->uart_irq[n] = (struct gic_line){ .vm = &machine->vm, .spi = spi };
	pl011_init(&machine->uart[n], line_irq, line_wake, &machine->uart_irq[n]);
	return add_device(machine, base, &pl011_ops, &machine->uart[n]);
}

static int add_power_key(struct machine *machine)
{
	machine->gpio_irq = (struct gic_line){ .vm = &machine->vm, .spi = GPIO_SPI };
	pl061_init(&machine->gpio, line_irq, line_wake, &machine->gpio_irq);
	power_init(&machine->loop.power, &machine->gpio,
		   machine->options.stop_timeout * INT64_C(1000));
	return add_device(machine, GPIO_BASE, &pl061_ops, &machine->gpio);
}

static int add_devices(struct machine *machine, int channel)
{
	struct loop *loop = &machine->loop;
	int err;

	loop->vm = &machine->vm;
	loop->rtc = &machine->rtc;
	console_init(&loop->console, on_escape, &machine->vm);
	err = add_uart(machine, 0, UART0_BASE, UART0_SPI);
	if (err)
		return err;
	port_init(&loop->ports[loop->nr_ports], "console", &machine->uart[0], STDIN_FILENO,
		  console_output());
	if (loop->console.tty) {
		loop->ports[loop->nr_ports].filter = console_filter;
		loop->ports[loop->nr_ports].owner = &loop->console;
	}
	loop->nr_ports++;
	machine->rtc_irq = (struct gic_line){ .vm = &machine->vm, .spi = RTC_SPI };
	pl031_init(&machine->rtc, host_seconds, line_irq, line_wake, &machine->rtc_irq);
	err = add_device(machine, RTC_BASE, &pl031_ops, &machine->rtc);
	if (err)
		return err;
	err = add_power_key(machine);
	if (err)
		return err;
	if (channel >= 0) {
		err = add_uart(machine, 1, UART1_BASE, UART1_SPI);
		if (err)
			return err;
		port_init(&loop->ports[loop->nr_ports], "channel", &machine->uart[1], channel,
			  channel);
		loop->nr_ports++;
	}
	if (!machine->options.testdev)
		return 0;
	testdev_init(&machine->testdev);
	return add_device(machine, TESTDEV_BASE, &testdev_ops, &machine->testdev);
}

static void name_parts(struct machine *machine)
{
	machine->parts = (struct machine_parts){
		.options = &machine->options,
		.firmware = &machine->firmware,
		.ram = &machine->ram,
		.vm = &machine->vm,
		.uarts = machine->uart,
		.rtc = &machine->rtc,
		.gpio = &machine->gpio,
		.power = &machine->loop.power,
		.testdev = &machine->testdev,
		.virtio = &machine->virtio,
	};
	save_init(&machine->save, &machine->parts);
}

static int add_control(struct machine *machine)
{
	static char path[GUEST_PATH_SIZE];
	struct options *options = &machine->options;
	int err;

	if (!options->control && options->name) {
		err = guest_name_socket(options->name, machine->user.uid, path);
		if (err)
			return err;
		options->control = path;
	}
	if (!options->control)
		return 0;
	machine->control = (struct control_guest){
		.vm = &machine->vm,
		.power = &machine->loop.power,
		.memory = machine->options.memory,
		.balloon = machine->virtio.balloon,
		.disks = machine->virtio.disks,
		.nr_disks = machine->virtio.nr_disks,
		.save = &machine->save,
		.gdb = &machine->loop.gdb,
	};
	return control_create(&machine->loop.control, machine->options.control, &machine->control);
}

/* The vCPUs have ended.  Print those that failed first. */
static void dump_vcpus(struct machine *machine)
{
	struct vm *vm = &machine->vm;

	for (int failed = 1; failed >= 0; failed--) {
		for (unsigned int i = 0; i < vm->cpus; i++) {
			if (!*vm->vcpus[i].failure == !failed)
				vcpu_dump(&vm->vcpus[i]);
		}
	}
	fprintf(stderr, "accesses that no device answered: %llu\n", vm->unclaimed);
}

/* The terminal is restored; end by the signal, as armvm would have without handling it. */
static void die_by_signal(int signal_number)
{
	sigset_t set;

	signal(signal_number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, signal_number);
	raise(signal_number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* The guest asked for a reset: put everything back to where vm_start() begins. */
static int reset_machine(struct machine *machine)
{
	struct images *images = &machine->images;
	struct loop *loop = &machine->loop;
	int err;

	for (unsigned int i = 0; i < loop->nr_ports; i++)
		pl011_stop(loop->ports[i].uart);
	vm_stop(&machine->vm);
	save_cancel(&machine->save);
	/* No device touches RAM from here on. */
	virtio_set_stop(&machine->virtio);
	err = virtio_set_reset(&machine->virtio);
	if (err)
		return err;
	for (unsigned int i = 0; i < loop->nr_ports; i++)
		pl011_reset(loop->ports[i].uart);
	pl031_reset(&machine->rtc);
	power_reset(&loop->power);
	pl061_reset(&machine->gpio);
	testdev_reset(&machine->testdev);
	err = ram_discard(&machine->ram);
	if (err)
		return err;
	err = images_load(images, &machine->ram, &machine->options);
	if (err)
		return err;
	gdb_reset(loop->gdb);
	return vm_reset(&machine->vm, images->boot.entry, images->boot.dtb_start);
}

static int start_machine(struct machine *machine)
{
	int err = virtio_set_start(&machine->virtio);

	return err ? err : vm_start(&machine->vm);
}

/* The guest has ended.  After SIGTERM a guest that restarts itself has gone down as well. */
static bool shall_restart(const struct machine *machine)
{
	return machine->vm.status == STATUS_RESET && !machine->loop.signal &&
	       !machine->loop.power.stop_signal &&
	       (!machine->options.no_reboot || machine->vm.restart);
}

/* Run the guest, again after each reset.  Returns a negative errno if no guest code has run. */
static int run_guest(struct machine *machine)
{
	struct loop *loop = &machine->loop;
	int err = start_machine(machine);

	if (err)
		return err;
	for (;;) {
		machine->control.started_at = loop_now();
		loop_run(loop);
		if (!shall_restart(machine))
			return 0;
		machine->vm.restart = false;
		err = reset_machine(machine);
		if (!err)
			err = start_machine(machine);
		if (err) {
			machine->vm.status = STATUS_FAILURE;
			return 0;
		}
	}
}

static int run_machine(struct machine *machine)
{
	struct loop *loop = &machine->loop;
	int err = loop_signals(loop), notify = notify_open(), status;

	if (!err)
		err = sandbox_enter(&machine->options, &machine->user);
	/* The control socket is there. */
	if (!err)
		notify_ready(notify);
	/* Confined already, because the file may be anybody's. */
	if (!err && machine->options.restore)
		err = restore_read(&machine->saved, &machine->parts, loop);
	file_close(&machine->saved);
	if (err)
		return STATUS_SETUP;
	console_enter(&loop->console);
	err = run_guest(machine);
	for (unsigned int i = 0; i < loop->nr_ports; i++)
		pl011_close(loop->ports[i].uart);
	vm_stop(&machine->vm);
	virtio_set_stop(&machine->virtio);
	status = err ? STATUS_SETUP : machine->vm.status;
	gdb_end(loop->gdb, status, loop->signal);
	gdb_destroy(loop->gdb);
	loop->gdb = NULL;
	if (!err && !loop->signal && status != STATUS_ESCAPE)
		loop_drain(loop);
	control_destroy(loop->control);
	loop->control = NULL;
	console_leave();
	/* command_run() ends armvm by it. */
	if (loop->signal)
		return status;
	if (!err && status == STATUS_FAILURE)
		dump_vcpus(machine);
	if (status == STATUS_ESCAPE)
		fputc('\n', stderr);
	return status;
}

int command_run(int argc, char *const *argv)
{
	/* Static because it is large. */
	static struct machine machine;
	const struct options *options = &machine.options;
	int channel = -1, status = STATUS_SETUP;
	struct host host;

	machine.saved.fd = -1;
	if (options_parse(&machine.options, argc, argv))
		goto release_options;
	if (ram_map(&machine.ram, RAM_BASE, options->memory, options->hugepages))
		goto release_options;
	if (images_open(&machine.images, options))
		goto unmap_ram;
	if (options->migratable && ram_note_writes(&machine.ram))
		goto unmap_ram;
	if (options->firmware && firmware_open(&machine.firmware, options->firmware))
		goto unmap_ram;
	if (options->restore && restore_open(&machine.saved, options->restore))
		goto unmap_ram;
	/* A restored guest has its images, and its next start their files. */
	if (!options->restore && images_load(&machine.images, &machine.ram, options))
		goto unmap_ram;
	if (options->dump_dtb) {
		status = 0;
		goto unmap_ram;
	}
	if (user_find(&machine.user, options->user))
		goto unmap_ram;
	if (options->channel) {
		channel = channel_open("--channel", options->channel);
		if (channel < 0)
			goto unmap_ram;
	}
	if (virtio_set_create(&machine.virtio, options, &machine.ram))
		goto destroy_virtio;
	if (vm_open(&machine.vm))
		goto close_vm;
	machine.vm.logs_writes = options->migratable;
	if (add_devices(&machine, channel))
		goto close_vm;
	if (options->firmware && firmware_connect(&machine.firmware, &machine.vm))
		goto close_vm;
	if (vm_build(&machine.vm, &machine.ram, options->cpus, machine.images.boot.entry,
		     machine.images.boot.dtb_start))
		goto close_vm;
	if (virtio_set_connect(&machine.virtio, &machine.vm))
		goto close_vm;
	name_parts(&machine);
	if (add_control(&machine))
		goto close_vm;
	if (options->gdb && gdb_create(&machine.loop.gdb, &machine.vm, &machine.ram, options->gdb,
				       options->gdb_wait))
		goto close_control;
	host_ask(&host);
	hints_print(options, &host, &machine.user, machine.images.boot.zimage);
	status = run_machine(&machine);
	gdb_destroy(machine.loop.gdb);
close_control:
	control_destroy(machine.loop.control);
close_vm:
	vm_close(&machine.vm);
destroy_virtio:
	virtio_set_destroy(&machine.virtio);
unmap_ram:
	file_close(&machine.saved);
	firmware_close(&machine.firmware);
	images_close(&machine.images);
	ram_unmap(&machine.ram);
release_options:
	options_release(&machine.options);
	/* Last: nothing follows it, and sockets are deleted and passt is ended before. */
	if (machine.loop.signal)
		die_by_signal(machine.loop.signal);
	return status;
}
