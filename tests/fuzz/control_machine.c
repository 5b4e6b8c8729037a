// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "control_machine.h"
#include "error.h"
#include "gdb/stub.h"
#include "loop.h"
#include "pause.h"
#include "virtio/balloon.h"
#include "virtio/disk.h"

/* Nothing here has a thread. */
int virtio_set_start(struct virtio_set *set)
{
	(void)set;
	return 0;
}

void virtio_set_stop(struct virtio_set *set)
{
	(void)set;
}

struct save save;
struct control_guest machine;
static struct gdb *gdb;
bool has_gdb_client;

bool gdb_has_client(const struct gdb *stub)
{
	(void)stub;
	return has_gdb_client;
}

void gdb_refuse_clients(struct gdb *stub, bool refuse)
{
	(void)stub;
	(void)refuse;
}

int64_t loop_now(void)
{
	return 1000;
}

int make_file(const char *name, off_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, size) < 0)
		abort();
	return fd;
}

void machine_create(void)
{
	const struct disk_options none = { .serial = "s" };

	ram.fd = make_file("ram", RAM_SIZE);
	ram.host = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ram.fd, 0);
	if (ram.host == MAP_FAILED)
		abort();
	ram.host[0x5000] = 1;
	machine_init();
	vm.status = VM_RUNNING;
	vm.wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pause_init(&vm);
	virtio = (struct virtio_set){ .count = 2, .nr_disks = 1 };
	virtio.disks = &virtio.devices[0];
	virtio.balloon = &virtio.devices[1];
	if (disk_create(virtio.disks, &ram, &none) || balloon_create(virtio.balloon, &ram))
		abort();
	save_init(&save, &parts);
	has_gdb_client = false;
	machine = (struct control_guest){
		.vm = &vm,
		.power = &power,
		.memory = 64 << 20,
		.balloon = virtio.balloon,
		.disks = virtio.disks,
		.nr_disks = virtio.nr_disks,
		.save = &save,
		.gdb = &gdb,
	};
}

void machine_destroy(void)
{
	for (unsigned int i = 0; i < virtio.count; i++)
		virtio_destroy(&virtio.devices[i]);
	munmap(ram.host, RAM_SIZE);
	close(ram.fd);
	close(vm.wake_fd);
}

void machine_move_vcpu(struct vcpu *vcpu)
{
	vcpu->paused = vcpu->pause_owners != 0;
}

void machine_restart(void)
{
	if (vm.status != STATUS_RESET || !vm.restart)
		return;
	save_cancel(&save);
	power_reset(&power);
	vm.restart = false;
	vm.status = VM_RUNNING;
}
