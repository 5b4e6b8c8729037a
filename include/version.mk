# SPDX-License-Identifier: GPL-2.0-only
# The version of the module, of armvm and of the packages. debian/changelog has the same.
KVM_ARMV7_VERSION := 0.1
