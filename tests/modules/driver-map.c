// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/driver_map, which maps one page without struct page, as drivers map registers and frame
 * buffers: at offset 0 cacheable, at 4096 write-combined, at 8192 uncached.
 */
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <asm/cacheflush.h>

static void *page;

static int driver_map_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff > 2 || vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	if (vma->vm_pgoff == 1)
		vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	if (vma->vm_pgoff == 2)
		vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	return remap_pfn_range(vma, vma->vm_start, virt_to_phys(page) >> PAGE_SHIFT, PAGE_SIZE,
			       vma->vm_page_prot);
}

static const struct file_operations driver_map_fops = {
	.owner = THIS_MODULE,
	.mmap = driver_map_mmap,
};

static struct miscdevice driver_map = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "driver_map",
	.fops = &driver_map_fops,
};

static int __init driver_map_init(void)
{
	int ret;

	page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	__cpuc_flush_dcache_area(page, PAGE_SIZE);
	ret = misc_register(&driver_map);
	if (ret)
		free_page((unsigned long)page);
	return ret;
}

static void __exit driver_map_exit(void)
{
	misc_deregister(&driver_map);
	free_page((unsigned long)page);
}

module_init(driver_map_init);
module_exit(driver_map_exit);
MODULE_DESCRIPTION("kvm-armv7 test: a driver's mapping without struct page");
MODULE_LICENSE("GPL");
