// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_STATS_FD: a file that describes itself (Documentation/virt/kvm/api.rst).  It has a
 * header, the id, a descriptor for each counter, and the counters.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "api/stats.h"
#include "core/vm.h"

/* Of the id, and of each counter's name. */
#define NAME_SIZE 48
#define DESC_SIZE (offsetof(struct kvm_stats_desc, name) + NAME_SIZE)

struct stats_file {
	struct file *owner; /* its reference keeps counters */
	const atomic64_t *counters;
	const char *const *names;
	u32 count;
	u32 gauges; /* how many of them are, the last ones */
	char id[NAME_SIZE];
};

static void fill(const struct stats_file *s, const struct kvm_stats_header *header, void *at)
{
	u64 *values = at + header->data_offset;
	u32 n;

	memcpy(at, header, sizeof(*header));
	memcpy(at + header->id_offset, s->id, NAME_SIZE);
	for (n = 0; n < s->count; n++) {
		struct kvm_stats_desc *desc = at + header->desc_offset + n * DESC_SIZE;

		desc->flags = KVM_STATS_UNIT_NONE | KVM_STATS_BASE_POW10;
		desc->flags |= n < s->count - s->gauges ? KVM_STATS_TYPE_CUMULATIVE
							: KVM_STATS_TYPE_INSTANT;
		desc->size = 1;
		desc->offset = n * sizeof(*values);
		strscpy((char *)desc + DESC_SIZE - NAME_SIZE, s->names[n], NAME_SIZE);
		values[n] = atomic64_read(&s->counters[n]);
	}
}

static ssize_t stats_read(struct file *file, char __user *user, size_t size, loff_t *pos)
{
	const struct stats_file *s = file->private_data;
	const struct kvm_stats_header header = {
		.name_size = NAME_SIZE,
		.num_desc = s->count,
		.id_offset = sizeof(header),
		.desc_offset = sizeof(header) + NAME_SIZE,
		.data_offset = sizeof(header) + NAME_SIZE + s->count * DESC_SIZE,
	};
	size_t all = header.data_offset + s->count * sizeof(u64);
	void *content = kzalloc(all, GFP_KERNEL);
	ssize_t ret;

	if (!content)
		return -ENOMEM;
	fill(s, &header, content);
	ret = simple_read_from_buffer(user, size, pos, content, all);
	kfree(content);
	return ret;
}

static int stats_release(struct inode *inode, struct file *file)
{
	struct stats_file *s = file->private_data;

	fput(s->owner);
	kfree(s);
	return 0;
}

static const struct file_operations stats_fops = {
	.owner = THIS_MODULE,
	.read = stats_read,
	.release = stats_release,
	.llseek = noop_llseek,
};

/* Consumes s, with its reference, if it fails, too. */
static int stats_fd(struct stats_file *s, const char *name)
{
	struct file *file;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		goto drop;
	file = anon_inode_getfile(name, &stats_fops, s, O_RDONLY);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		fd = PTR_ERR(file);
		goto drop;
	}
	file->f_mode |= FMODE_PREAD;
	fd_install(fd, file);
	return fd;

drop:
	fput(s->owner);
	kfree(s);
	return fd;
}

static struct stats_file *stats_file_new(struct file *owner)
{
	struct stats_file *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (s)
		s->owner = get_file(owner);
	return s;
}

#define STAT_NAME(name) #name,

int vcpu_stats_fd(struct file *owner, const struct vcpu *vcpu)
{
	static const char *const names[] = { VCPU_STATS(STAT_NAME) };
	struct stats_file *s = stats_file_new(owner);

	BUILD_BUG_ON(sizeof(vcpu->stats) != sizeof(atomic64_t) * ARRAY_SIZE(names));
	if (!s)
		return -ENOMEM;
	s->counters = (const atomic64_t *)&vcpu->stats;
	s->names = names;
	s->count = ARRAY_SIZE(names);
	snprintf(s->id, sizeof(s->id), "kvm-%d/vcpu-%u", task_tgid_nr(current), vcpu->id);
	return stats_fd(s, "kvm-vcpu-stats");
}

int vm_stats_fd(struct file *owner, const struct vm *vm)
{
	static const char *const names[] = { VM_STATS(STAT_NAME) VM_GAUGES(STAT_NAME) };
	static const char *const gauges[] = { VM_GAUGES(STAT_NAME) };
	struct stats_file *s = stats_file_new(owner);

	BUILD_BUG_ON(sizeof(vm->stats) != sizeof(atomic64_t) * ARRAY_SIZE(names));
	if (!s)
		return -ENOMEM;
	s->counters = (const atomic64_t *)&vm->stats;
	s->names = names;
	s->count = ARRAY_SIZE(names);
	s->gauges = ARRAY_SIZE(gauges);
	snprintf(s->id, sizeof(s->id), "kvm-%d", task_tgid_nr(current));
	return stats_fd(s, "kvm-vm-stats");
}
