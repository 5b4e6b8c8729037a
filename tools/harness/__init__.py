# SPDX-License-Identifier: GPL-2.0-only
"""What tools/fetch, tools/board and the tests share: packages, images, QEMU and the channel."""
