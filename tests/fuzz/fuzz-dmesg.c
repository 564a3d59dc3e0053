// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-dmesg.c - the kernel log out of memory of any content.
 *
 * The bytes are the memory from address 0 on, each virtual address its own physical one. VMCOREINFO
 * is that of Linux 6.12 as far as the log needs it, with the ring at 0; then that of Linux 5.4,
 * with the variables in the same place.
 */
#include "tests/fuzz/fuzz.h"
#include "vmcore/kernel/dmesg.h"

static const char ring[] = "PAGESIZE=4096\n"
			   "SYMBOL(prb)=8\n"
			   "OFFSET(printk_ringbuffer.desc_ring)=16\n"
			   "OFFSET(printk_ringbuffer.text_data_ring)=64\n"
			   "OFFSET(prb_desc_ring.count_bits)=0\n"
			   "OFFSET(prb_desc_ring.descs)=8\n"
			   "OFFSET(prb_desc_ring.infos)=16\n"
			   "OFFSET(prb_desc_ring.head_id)=24\n"
			   "OFFSET(prb_desc_ring.tail_id)=32\n"
			   "OFFSET(prb_desc.state_var)=0\n"
			   "OFFSET(prb_desc.text_blk_lpos)=8\n"
			   "OFFSET(prb_data_blk_lpos.begin)=0\n"
			   "OFFSET(prb_data_blk_lpos.next)=8\n"
			   "OFFSET(printk_info.seq)=0\n"
			   "OFFSET(printk_info.ts_nsec)=8\n"
			   "OFFSET(printk_info.text_len)=16\n"
			   "OFFSET(printk_info.caller_id)=20\n"
			   "OFFSET(prb_data_ring.size_bits)=0\n"
			   "OFFSET(prb_data_ring.data)=8\n"
			   "OFFSET(atomic_long_t.counter)=0\n"
			   "SIZE(printk_ringbuffer)=80\n"
			   "SIZE(prb_desc)=24\n"
			   "SIZE(printk_info)=88\n";

static const char buffer[] = "PAGESIZE=4096\n"
			     "SYMBOL(log_buf)=8\n"
			     "SYMBOL(log_buf_len)=10\n"
			     "SYMBOL(log_first_idx)=14\n"
			     "SYMBOL(log_next_idx)=18\n"
			     "SIZE(printk_log)=16\n"
			     "OFFSET(printk_log.ts_nsec)=0\n"
			     "OFFSET(printk_log.len)=8\n"
			     "OFFSET(printk_log.text_len)=10\n"
			     "OFFSET(printk_log.dict_len)=12\n";

struct text {
	char bytes[65536];
	size_t len;
};

static int collect(void *arg, const char *text, size_t len)
{
	struct text *t = arg;
	size_t n = MIN(len, sizeof(t->bytes) - 1 - t->len);

	fuzz_check(len > 0 && text[len - 1] == '\n');
	memcpy(t->bytes + t->len, text, n);
	t->len += n;
	t->bytes[t->len] = '\0';
	return 0;
}

static void fuzz_log(const char *info, const uint8_t *data, size_t size)
{
	_cleanup_(fuzz_kernel_done) struct fuzz_kernel k;
	_cleanup_free_ struct text *t = calloc(1, sizeof(*t));
	_cleanup_free_ char *message = NULL;

	fuzz_check(t);
	if (!fuzz_kernel_open(&k, info, data, size))
		return;
	dmesg_write(&k.ks, collect, t);
	dmesg_panic_message(t->bytes, &message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_log(ring, data, size);
	fuzz_log(buffer, data, size);
	return 0;
}
