// SPDX-License-Identifier: GPL-2.0-only
/* ELF32 executables (bare-metal programs), loaded at their physical addresses. */
#include <elf.h>
#include <string.h>

#include "boot.h"
#include "error.h"

#define MAX_SEGMENTS 64

/* One message for each reason: the fields are in the order in which they can be trusted. */
static int elf_check_kind(const struct file *file, const Elf32_Ehdr *elf)
{
	if (elf->e_ident[EI_CLASS] == ELFCLASS64)
		return fail(0, "%s: a 64-bit ELF file; armvm's guests are 32-bit Arm", file->path);
	if (elf->e_ident[EI_CLASS] != ELFCLASS32)
		return fail(0, "%s: the ELF header is damaged", file->path);
	if (elf->e_ident[EI_DATA] != ELFDATA2LSB)
		return fail(0, "%s: a big-endian ELF file, which armvm cannot boot", file->path);
	if (elf->e_machine != EM_ARM)
		return fail(0, "%s: an ELF file for another CPU (machine %u), not for Arm",
			    file->path, elf->e_machine);
	switch (elf->e_type) {
	case ET_EXEC:
		return 0;
	case ET_DYN:
		return fail(0,
			    "%s: a position-independent ELF file, which nothing relocates here: "
			    "link it at a fixed address, without -pie and -shared",
			    file->path);
	case ET_REL:
		return fail(0, "%s: an ELF object file: link it first", file->path);
	default:
		return fail(0, "%s: an ELF file of type %u, which is not an executable", file->path,
			    elf->e_type);
	}
}

static int elf_check_header(const struct file *file, const Elf32_Ehdr *elf)
{
	int err;

	if (file->size < sizeof(*elf))
		return fail(0, "%s: the ELF file is truncated", file->path);
	err = elf_check_kind(file, elf);
	if (err)
		return err;
	if (elf->e_phentsize != sizeof(Elf32_Phdr) || !elf->e_phnum || elf->e_phnum > MAX_SEGMENTS)
		return fail(0, "%s: no usable ELF program headers", file->path);
	if (elf->e_phoff > file->size ||
	    elf->e_phnum * sizeof(Elf32_Phdr) > file->size - elf->e_phoff)
		return fail(0, "%s: the ELF file is truncated", file->path);
	if (elf->e_entry & 3)
		return fail(0, "%s: the entry point %#x is not word-aligned A32 code", file->path,
			    elf->e_entry);
	return 0;
}

static int elf_load_segment(struct boot *boot, const struct ram *ram, const struct file *file,
			    const Elf32_Phdr *segment)
{
	uint64_t start = segment->p_paddr, end = start + segment->p_memsz;

	if (segment->p_filesz > segment->p_memsz)
		return fail(0, "%s: an ELF segment is larger in the file than in memory",
			    file->path);
	if (segment->p_offset > file->size || segment->p_filesz > file->size - segment->p_offset)
		return fail(0, "%s: the ELF file is truncated", file->path);
	if (!ram_covers(ram, start, segment->p_memsz))
		return fail(0, "%s: the ELF segment at %#llx - %#llx is outside the guest's memory",
			    file->path, (unsigned long long)start, (unsigned long long)end);
	if (end > boot->kernel_end)
		boot->kernel_end = end;
	/* RAM is zeroed already, and so is the part between filesz and memsz. */
	return file_read(file, segment->p_offset, ram_at(ram, start, segment->p_filesz),
			 segment->p_filesz);
}

int elf_load(struct boot *boot, const struct ram *ram, const struct file *file,
	     const uint8_t *header)
{
	bool entry_loaded = false;
	Elf32_Ehdr elf;
	int err;

	memcpy(&elf, header, sizeof(elf));
	err = elf_check_header(file, &elf);
	if (err)
		return err;
	boot->kernel_end = 0;
	for (unsigned int i = 0; i < elf.e_phnum; i++) {
		Elf32_Phdr segment;

		err = file_read(file, elf.e_phoff + i * sizeof(segment), &segment, sizeof(segment));
		if (err)
			return err;
		if (segment.p_type != PT_LOAD || !segment.p_memsz)
			continue;
		err = elf_load_segment(boot, ram, file, &segment);
		if (err)
			return err;
		if (elf.e_entry >= segment.p_paddr &&
		    elf.e_entry - segment.p_paddr < segment.p_filesz)
			entry_loaded = true;
	}
	if (!entry_loaded)
		return fail(0, "%s: the entry point %#x is in no ELF segment", file->path,
			    elf.e_entry);
	boot->entry = elf.e_entry;
	return 0;
}
