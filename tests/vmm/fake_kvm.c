// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fake /dev/kvm below the whole of armvm, so that everything around the guest
 * can be tested on any machine: exit statuses, the terminal, the channel,
 * signals.  The guest (fake_guest.c) is a function on a thread of its own, whose
 * accesses become MMIO exits.  With FAKE_GUEST=cpu each vCPU executes a few kinds
 * of instructions instead (fake_cpu.c) and can be debugged.
 *
 *   FAKE_OPEN=errno       opening /dev/kvm fails
 *   FAKE_FAIL=NAME:errno  the ioctl NAME fails
 *   FAKE_GUEST=name       selects what the guest does
 *   FAKE_COUNT=n          its argument
 *   FAKE_NO_DEBUG=1       without KVM_CAP_SET_GUEST_DEBUG
 *   FAKE_NO_PMU=1         without KVM_CAP_ARM_PMU_V3
 *   FAKE_NO_READONLY=1    without KVM_CAP_READONLY_MEM
 *   FAKE_NO_EVENTFD=1     without KVM_CAP_IOEVENTFD and KVM_CAP_IRQFD
 *   FAKE_MIDR=value       the CPU's
 *   FAKE_STEP=1           with KVM_GUESTDBG_SINGLESTEP
 *   FAKE_NO_MADVISE=N     madvise(MADV_DONTNEED) fails from the Nth call on
 *   FAKE_UNCACHED=1       the CPUs' caches are off: see fake_cache.c
 *   FAKE_DIRTY=N          the dirty log always has the first N pages, too
 *   FAKE_DIRTY_BEFORE=N   .. only the first time that it is read
 *   FAKE_DIRTY_STOPPED=N  .. only the first time that it is read while no vCPU is in KVM_RUN
 *   FAKE_SLOW_INJECT=N    KVM_GUESTDBG_INJECT_BP takes N milliseconds
 *   FAKE_SLOW_MMIO=N      KVM_RUN takes N milliseconds to return KVM_EXIT_MMIO
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "fake.h"
#include "memmap.h"

int __real_open64(const char *path, int flags, mode_t mode);
int __real_ioctl(int fd, unsigned long request, void *arg);
void *__real_mmap64(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
int __real_madvise(void *addr, size_t length, int advice);
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_madvise(void *addr, size_t length, int advice);
void *__wrap_mmap64(void *addr, size_t length, int prot, int flags, int fd, off_t offset);

#define RUN_SIZE 4096

enum kind {
	OTHER,
	KVM,
	VM,
	GIC,
	VCPU,
	VHOST
};

static struct {
	enum kind kind;
	unsigned int vcpu;
} fds[1024];

static struct kvm_run *runs[MAX_CPUS];
struct fake_vcpu fake_vcpus[MAX_CPUS];
uint8_t *fake_ram;
struct kvm_userspace_memory_region fake_roms[FAKE_ROMS];
unsigned int fake_nr_roms;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t irq_changed = PTHREAD_COND_INITIALIZER;
static bool irq_level[64];
static unsigned int irq_edges[64]; /* rising ones since fake_wait_edge() */
static int irqfds[64];		   /* by interrupt id; 0: none */
static struct kvm_ioeventfd ioeventfds[64];
static unsigned int nr_ioeventfds;

/* The guest's request to the vCPU thread, and the vCPU thread's answer. */
struct kvm_run fake_request;
static int request_fd = -1;
static sem_t *answered; /* a new one for each start of the guest */
static bool waits_for_answer;

static int new_fd(enum kind kind, unsigned int vcpu)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd >= 0) {
		fds[fd].kind = kind;
		fds[fd].vcpu = vcpu;
	}
	return fd;
}

int __wrap_open64(const char *path, int flags, ...)
{
	const char *wrong = getenv("FAKE_OPEN");
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (!strcmp(path, "/dev/vhost-vsock")) {
		int fd = fake_vhost_open();

		if (fd >= 0)
			fds[fd].kind = VHOST;
		return fd;
	}
	if (strcmp(path, "/dev/kvm"))
		return __real_open64(path, flags, mode);
	if (wrong) {
		errno = atoi(wrong);
		return -1;
	}
	return new_fd(KVM, 0);
}

void *__wrap_mmap64(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	void *map;

	if (fd < 0 || fds[fd].kind != VCPU)
		return __real_mmap64(addr, length, prot, flags, fd, offset);
	map = __real_mmap64(NULL, length, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	runs[fds[fd].vcpu] = map;
	return map;
}

int __wrap_madvise(void *addr, size_t length, int advice)
{
	const char *fails_from = getenv("FAKE_NO_MADVISE");
	static atomic_int calls;

	if (advice != MADV_DONTNEED)
		return __real_madvise(addr, length, advice);
	if (fails_from && ++calls >= atoi(fails_from)) {
		errno = ENOMEM;
		return -1;
	}
	fake_cache_unmap(addr, length);
	return __real_madvise(addr, length, advice);
}

int __wrap_close(int fd)
{
	if (fd >= 0 && fd < 1024)
		fds[fd].kind = OTHER;
	return __real_close(fd);
}

/* ---- vCPUs ---- */

static void *guest_thread(void *arg)
{
	(void)arg;
	fake_guest();
	return NULL;
}

/*
 * Guests are not armvm: the thread that starts them begins before armvm does, and so outside its
 * sandbox.
 */
static sem_t guest_wanted, guest_started;
static int never = -1;

static void *start_guests(void *arg)
{
	(void)arg;
	/* Those that it starts have this name too. */
	prctl(PR_SET_NAME, "fake");
	for (;;) {
		pthread_t thread;

		while (sem_wait(&guest_wanted))
			;
		request_fd = eventfd(0, EFD_CLOEXEC);
		answered = calloc(1, sizeof(*answered));
		sem_init(answered, 0, 0);
		pthread_create(&thread, NULL, guest_thread, NULL);
		sem_post(&guest_started);
	}
	return NULL;
}

static void __attribute__((constructor)) start_starter(void)
{
	pthread_t thread;
	sigset_t all, old;

	never = eventfd(0, EFD_CLOEXEC);
	sem_init(&guest_wanted, 0, 0);
	sem_init(&guest_started, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_create(&thread, NULL, start_guests, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void start_guest(void)
{
	sem_post(&guest_wanted);
	while (sem_wait(&guest_started))
		;
}

static int off(struct kvm_run *run)
{
	uint64_t count;

	run->exit_reason = KVM_EXIT_INTR;
	return read(never, &count, sizeof(count)) < 0 ? -1 : 0;
}

static int run_vcpu(unsigned int index)
{
	struct kvm_run *run = runs[index];
	uint64_t count;

	const char *what = getenv("FAKE_GUEST");

	fake_escape();
	if (what && !strcmp(what, "cpu"))
		return fake_cpu_run(index, run);
	if (run->immediate_exit) {
		errno = EINTR;
		return -1;
	}
	if (index)
		return off(run);
	if (request_fd < 0)
		start_guest();
	if (waits_for_answer) {
		waits_for_answer = false;
		memcpy(fake_request.mmio.data, run->mmio.data, 8);
		sem_post(answered);
	}
	/* A kick ends this with EINTR, as it ends the real KVM_RUN. */
	if (read(request_fd, &count, sizeof(count)) < 0)
		return -1;
	if (fake_request.exit_reason == ~0u) {
		errno = fake_request.hw.hardware_exit_reason;
		return -1;
	}
	run->exit_reason = fake_request.exit_reason;
	memcpy(&run->mmio, &fake_request.mmio, sizeof(run->mmio));
	memcpy(run->padding, fake_request.padding, sizeof(run->padding));
	waits_for_answer = true;
	return 0;
}

/* ---- ioctls ---- */

static const struct {
	unsigned long request;
	const char *name;
} names[] = {
	{ KVM_GET_API_VERSION, "KVM_GET_API_VERSION" },
	{ KVM_CREATE_VM, "KVM_CREATE_VM" },
	{ KVM_CHECK_EXTENSION, "KVM_CHECK_EXTENSION" },
	{ KVM_GET_VCPU_MMAP_SIZE, "KVM_GET_VCPU_MMAP_SIZE" },
	{ KVM_ARM_PREFERRED_TARGET, "KVM_ARM_PREFERRED_TARGET" },
	{ KVM_SET_USER_MEMORY_REGION, "KVM_SET_USER_MEMORY_REGION" },
	{ KVM_CREATE_DEVICE, "KVM_CREATE_DEVICE" },
	{ KVM_SET_DEVICE_ATTR, "KVM_SET_DEVICE_ATTR" },
	{ KVM_CREATE_VCPU, "KVM_CREATE_VCPU" },
	{ KVM_ARM_VCPU_INIT, "KVM_ARM_VCPU_INIT" },
	{ KVM_SET_ONE_REG, "KVM_SET_ONE_REG" },
	{ KVM_IRQ_LINE, "KVM_IRQ_LINE" },
	{ KVM_IOEVENTFD, "KVM_IOEVENTFD" },
	{ KVM_IRQFD, "KVM_IRQFD" },
	{ KVM_ARMV7_SET_GUEST_DEBUG, "KVM_ARMV7_SET_GUEST_DEBUG" },
	{ KVM_RUN, "KVM_RUN" },
	{ KVM_GET_REG_LIST, "KVM_GET_REG_LIST" },
	{ KVM_GET_ONE_REG, "KVM_GET_ONE_REG" },
	{ KVM_GET_MP_STATE, "KVM_GET_MP_STATE" },
	{ KVM_SET_MP_STATE, "KVM_SET_MP_STATE" },
	{ KVM_GET_DEVICE_ATTR, "KVM_GET_DEVICE_ATTR" },
};

static bool shall_fail(unsigned long request_number)
{
	const char *wish = getenv("FAKE_FAIL"), *colon = wish ? strchr(wish, ':') : NULL;
	const char *second = colon ? strchr(colon + 1, ':') : NULL;
	static atomic_int calls;

	for (size_t i = 0; colon && i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].request == request_number &&
		    strlen(names[i].name) == (size_t)(colon - wish) &&
		    !strncmp(names[i].name, wish, colon - wish)) {
			if (second && ++calls != atoi(second + 1))
				return false;
			errno = atoi(colon + 1);
			return true;
		}
	}
	return false;
}

static int irq_line(const struct kvm_irq_level *level)
{
	/* The type must be SPI, with an interrupt id. */
	if (level->irq >> 24 != 1 || (level->irq & 0xffff) < 32 || (level->irq & 0xffff) > 63) {
		errno = EINVAL;
		return -1;
	}
	pthread_mutex_lock(&lock);
	irq_edges[level->irq & 0xffff] += level->level && !irq_level[level->irq & 0xffff];
	irq_level[level->irq & 0xffff] = level->level;
	pthread_cond_broadcast(&irq_changed);
	pthread_mutex_unlock(&lock);
	return 0;
}

static int set_ioeventfd(const struct kvm_ioeventfd *wish)
{
	if (wish->flags != KVM_IOEVENTFD_FLAG_DATAMATCH || wish->len != 4 || nr_ioeventfds == 64) {
		errno = EINVAL;
		return -1;
	}
	ioeventfds[nr_ioeventfds++] = *wish;
	return 0;
}

static int set_irqfd(const struct kvm_irqfd *wish)
{
	if (wish->flags || wish->gsi > 31) {
		errno = EINVAL;
		return -1;
	}
	irqfds[32 + wish->gsi] = wish->fd;
	return 0;
}

static bool logs;

/* Slot 0 is RAM; all others must be read-only, in whole pages, and away from each other. */
static int set_memory(const struct kvm_userspace_memory_region *region)
{
	if (!region->slot && !(region->flags & ~KVM_MEM_LOG_DIRTY_PAGES)) {
		logs = region->flags;
		fake_ram = (uint8_t *)(uintptr_t)region->userspace_addr;
		fake_cache_init(region->memory_size);
		return 0;
	}
	if (region->slot != fake_nr_roms + 1 || region->flags != KVM_MEM_READONLY ||
	    fake_nr_roms == FAKE_ROMS || region->memory_size % 4096 || !region->memory_size ||
	    region->userspace_addr % 4096) {
		errno = EINVAL;
		return -1;
	}
	fake_roms[fake_nr_roms++] = *region;
	return 0;
}

static int vm_ioctl(unsigned long number, void *arg)
{
	struct kvm_userspace_memory_region *region = arg;
	struct kvm_create_device *device = arg;

	switch (number) {
	case KVM_ARM_PREFERRED_TARGET:
		return 0;
	case KVM_SET_USER_MEMORY_REGION:
		return set_memory(region);
	case KVM_CREATE_DEVICE:
		device->fd = new_fd(GIC, 0);
		return 0;
	case KVM_CREATE_VCPU:
		return new_fd(VCPU, (uintptr_t)arg);
	case KVM_GET_DIRTY_LOG:
		if (logs)
			return fake_cache_log(arg);
		errno = ENOENT;
		return -1;
	case KVM_IRQ_LINE:
		return irq_line(arg);
	case KVM_IOEVENTFD:
		return set_ioeventfd(arg);
	case KVM_IRQFD:
		return set_irqfd(arg);
	}
	errno = ENOTTY;
	return -1;
}

static int refuse(int error)
{
	errno = error;
	return -1;
}

static int init_vcpu(struct fake_vcpu *vcpu, const struct kvm_vcpu_init *init)
{
	if (vcpu == fake_vcpus && request_fd >= 0) {
		/* A reset: the next KVM_RUN starts another guest; the old one waits for ever. */
		__real_close(request_fd);
		request_fd = -1;
		waits_for_answer = false;
	}
	memset(vcpu->core, 0, sizeof(vcpu->core));
	vcpu->off = vcpu - fake_vcpus >= 2;
	vcpu->pmu = init->features[0] & 1u << KVM_ARM_VCPU_PMU_V3;
	return vcpu->pmu && getenv("FAKE_NO_PMU") ? refuse(ENOENT) : 0;
}

/* The PMU's interrupt, a PPI, has to come before its initialisation. */
static int set_pmu(struct fake_vcpu *vcpu, const struct kvm_device_attr *attr)
{
	if (!vcpu->pmu || attr->group != KVM_ARM_VCPU_PMU_V3_CTRL)
		return refuse(ENXIO);
	switch (attr->attr) {
	case KVM_ARM_VCPU_PMU_V3_IRQ:
		vcpu->pmu_irq = *(const int *)(uintptr_t)attr->addr;
		return vcpu->pmu_irq < 16 || vcpu->pmu_irq > 31 ? refuse(EINVAL) : 0;
	case KVM_ARM_VCPU_PMU_V3_INIT:
		vcpu->pmu_ready = vcpu->pmu_irq;
		return vcpu->pmu_ready ? 0 : refuse(ENXIO);
	}
	return refuse(ENXIO);
}

static atomic_int running;

bool fake_anyone_runs(void)
{
	return running;
}

static int vcpu_ioctl(unsigned int index, unsigned long number, void *arg)
{
	int ret;

	switch (number) {
	case KVM_ARM_VCPU_INIT:
		return init_vcpu(&fake_vcpus[index], arg);
	case KVM_SET_DEVICE_ATTR:
		return set_pmu(&fake_vcpus[index], arg);
	case KVM_SET_ONE_REG:
	case KVM_GET_ONE_REG:
		return fake_one_reg(&fake_vcpus[index], arg, number == KVM_SET_ONE_REG);
	case KVM_ARMV7_SET_GUEST_DEBUG:
		return fake_guest_debug(&fake_vcpus[index], arg);
	case KVM_RUN:
		if ((fake_vcpus[index].pmu && !fake_vcpus[index].pmu_ready) ||
		    fake_vcpus[index].early)
			return refuse(EINVAL);
		running++;
		ret = run_vcpu(index);
		running--;
		return ret;
	}
	return fake_state_ioctl(&fake_vcpus[index], number, arg);
}

static int extension(unsigned long name)
{
	switch (name) {
	case KVM_CAP_MAX_VCPUS:
	case KVM_CAP_GUEST_DEBUG_HW_WPS:
		return 4;
	case KVM_CAP_GUEST_DEBUG_HW_BPS:
		return 6;
	case KVM_CAP_SET_GUEST_DEBUG2:
		return fake_debug_controls();
	case KVM_CAP_SET_GUEST_DEBUG:
		return getenv("FAKE_NO_DEBUG") ? 0 : 1;
	case KVM_CAP_IOEVENTFD:
	case KVM_CAP_IRQFD:
		return getenv("FAKE_NO_EVENTFD") ? 0 : 1;
	case KVM_CAP_READONLY_MEM:
		return getenv("FAKE_NO_READONLY") ? 0 : 1;
	case KVM_CAP_ARM_PMU_V3:
		return getenv("FAKE_NO_PMU") ? 0 : 1;
	}
	return 1;
}

int __wrap_ioctl(int fd, unsigned long number, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, number);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (fd < 0 || fd >= 1024 || fds[fd].kind == OTHER)
		return __real_ioctl(fd, number, arg);
	if (fds[fd].kind == VHOST)
		return fake_vhost_ioctl(number, arg);
	if (shall_fail(number))
		return -1;
	switch (fds[fd].kind) {
	case KVM:
		if (number == KVM_GET_API_VERSION)
			return 12;
		if (number == KVM_CREATE_VM)
			return new_fd(VM, 0);
		if (number == KVM_CHECK_EXTENSION)
			return extension((uintptr_t)arg);
		return number == KVM_GET_VCPU_MMAP_SIZE ? RUN_SIZE : -1;
	case VM:
		return vm_ioctl(number, arg);
	case VCPU:
		return vcpu_ioctl(fds[fd].vcpu, number, arg);
	case GIC:
		return fake_gic_ioctl(number, arg);
	default:
		return 0;
	}
}

/* ---- called by the guest's thread ---- */

void fake_exit(void)
{
	const uint64_t one = 1;
	sem_t *mine = answered;

	if (write(request_fd, &one, sizeof(one)) < 0)
		abort();
	while (sem_wait(mine))
		;
}

void fake_wait_irq(unsigned int id)
{
	pthread_mutex_lock(&lock);
	while (!irq_level[id])
		pthread_cond_wait(&irq_changed, &lock);
	pthread_mutex_unlock(&lock);
}

bool fake_ioeventfd(uint32_t address, uint32_t value)
{
	const uint64_t one = 1;

	for (unsigned int i = 0; i < nr_ioeventfds; i++) {
		if (ioeventfds[i].addr == address && ioeventfds[i].datamatch == value)
			return write(ioeventfds[i].fd, &one, sizeof(one)) > 0;
	}
	return false;
}

void fake_wait_edge(unsigned int id)
{
	struct pollfd irq = { .fd = irqfds[id], .events = POLLIN };
	uint64_t count;

	if (irqfds[id]) {
		while (poll(&irq, 1, -1) < 0 || read(irq.fd, &count, sizeof(count)) < 0)
			;
		return;
	}
	pthread_mutex_lock(&lock);
	while (!irq_edges[id])
		pthread_cond_wait(&irq_changed, &lock);
	irq_edges[id] = 0;
	pthread_mutex_unlock(&lock);
}
