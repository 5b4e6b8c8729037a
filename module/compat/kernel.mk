# SPDX-License-Identifier: GPL-2.0-only
# Which kernels kvm-armv7 builds for.  Kbuild includes this with the kernel's version and
# configuration; each refusal is one sentence.  docs/kernels.md has the table.

# The newest series that `make test-matrix` has run on.
compat-newest := 7.2

compat-version = $(shell expr $(VERSION) \* 1000 + $(PATCHLEVEL))
compat-tested = $(shell expr $(subst ., \* 1000 + ,$(compat-newest)))
compat-refuse = $(error kvm-armv7 $(1))

ifneq ($(CONFIG_ARM),y)
$(call compat-refuse,is for 32-bit Arm kernels)
endif
ifeq ($(shell [ $(compat-version) -lt 6001 ] && echo y),y)
$(call compat-refuse,needs Linux 6.1 or newer; this is $(VERSION).$(PATCHLEVEL))
endif
ifneq ($(CONFIG_ARM_VIRT_EXT),y)
$(call compat-refuse,needs CONFIG_ARM_VIRT_EXT; without it the kernel leaves HYP mode at boot)
endif
ifneq ($(CONFIG_MMU_NOTIFIER),y)
$(call compat-refuse,needs CONFIG_MMU_NOTIFIER, to take from a guest the pages that its process \
	loses; no menu offers it: enable a driver that selects it, such as CONFIG_XEN_GNTDEV)
endif
ifeq ($(CONFIG_CPU_BIG_ENDIAN),y)
$(call compat-refuse,is for little-endian kernels; this one has CONFIG_CPU_BIG_ENDIAN)
endif
ifeq ($(CONFIG_BL_SWITCHER),y)
$(call compat-refuse,needs a kernel without CONFIG_BL_SWITCHER, which moves a CPU to another \
	kind of core)
endif
ifeq ($(shell [ $(compat-version) -gt $(compat-tested) ] && echo y),y)
$(warning kvm-armv7 was tested up to Linux $(compat-newest); this is $(VERSION).$(PATCHLEVEL))
endif
