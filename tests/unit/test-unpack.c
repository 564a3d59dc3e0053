// SPDX-License-Identifier: GPL-2.0-or-later
/* test-unpack.c - compressed files of each kind, whole, cut off and damaged. */
#include <errno.h>
#include <lzma.h>
#include <zstd.h>

#include "loader/system/unpack.h"
#include "system/decoder.h"
#include "tests/unit/check.h"
#include "tests/unit/gzip.h"

#define PLAIN_SIZE (3 * 256 * 1024 + 17)

struct packed {
	uint8_t data[PLAIN_SIZE + 4096];
	size_t len;
};

static void pack_gzip(const void *data, size_t len, struct packed *out)
{
	out->len = gzip_pack(data, len, out->data, sizeof(out->data));
}

static void pack_xz(const void *data, size_t len, struct packed *out)
{
	out->len = 0;
	assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, data, len, out->data,
	                                         &out->len, sizeof(out->data)),
	                 LZMA_OK);
}

static void pack_zstd(const void *data, size_t len, struct packed *out)
{
	out->len = ZSTD_compress(out->data, sizeof(out->data), data, len, 1);
	assert_false(ZSTD_isError(out->len));
}

static void (*const packers[])(const void *, size_t, struct packed *) = { pack_gzip, pack_xz,
	                                                                  pack_zstd };

static uint8_t plain[PLAIN_SIZE];
static struct packed packed;

static int setup(void **state)
{
	check_noise(plain, sizeof(plain) / 2, 1);
	memset(plain + sizeof(plain) / 2, 'x', sizeof(plain) - sizeof(plain) / 2);
	return 0;
}

static void assert_unpacks(const void *data, size_t len)
{
	_cleanup_free_ char *text = NULL;
	size_t out_len;
	void *out;

	assert_int_equal(unpack(data, len, PLAIN_SIZE, "file", &out, &out_len), 0);
	text = out;
	assert_int_equal(out_len, PLAIN_SIZE);
	assert_memory_equal(text, plain, PLAIN_SIZE);
	assert_int_equal(text[out_len], '\0');
}

static void each_kind(void **state)
{
	assert_unpacks(plain, sizeof(plain));
	for (size_t i = 0; i < ARRAY_SIZE(packers); i++) {
		packers[i](plain, sizeof(plain), &packed);
		assert_unpacks(packed.data, packed.len);
	}
}

static void small_and_empty(void **state)
{
	static const char *const texts[] = { "", "a", "\x1f" };
	_cleanup_free_ char *text = NULL;
	size_t len;
	void *out;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(unpack(texts[i], strlen(texts[i]), 10, "file", &out, &len), 0);
		free(text);
		text = out;
		assert_string_equal(text, texts[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(packers); i++) {
		packers[i]("", 0, &packed);
		assert_int_equal(unpack(packed.data, packed.len, 10, "file", &out, &len), 0);
		free(text);
		text = out;
		assert_int_equal(len, 0);
	}
}

static void stops_at_the_limit(void **state)
{
	size_t len;
	void *out;

	assert_fails(unpack(plain, sizeof(plain), PLAIN_SIZE - 1, "file", &out, &len), -EFBIG,
	             "file: unpacks to more than");
	for (size_t i = 0; i < ARRAY_SIZE(packers); i++) {
		packers[i](plain, sizeof(plain), &packed);
		assert_fails(unpack(packed.data, packed.len, PLAIN_SIZE - 1, "file", &out, &len),
		             -EFBIG, "file: unpacks to more than");
	}
}

static void cut_off_is_damaged(void **state)
{
	size_t len;
	void *out;

	for (size_t i = 0; i < ARRAY_SIZE(packers); i++) {
		packers[i](plain, sizeof(plain), &packed);
		assert_fails(unpack(packed.data, packed.len / 2, PLAIN_SIZE, "m.ko.xz", &out, &len),
		             -EBADMSG, "m.ko.xz: its compressed data are damaged");
		assert_fails(unpack(packed.data, 12, PLAIN_SIZE, "m.ko.xz", &out, &len), -EBADMSG,
		             "damaged");
	}
}

/* Behind the first stream is what the reader of it does not ask for; who does, reads on. */
static void streams_may_follow_each_other(void **state)
{
	static uint8_t both[2 * sizeof(packed.data)], out[2 * PLAIN_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(packers); i++) {
		packers[i](plain, sizeof(plain), &packed);
		memcpy(both, packed.data, packed.len);
		memcpy(both + packed.len, packed.data, packed.len);
		assert_unpacks(both, 2 * packed.len);
		for (unsigned many = 0; many < 2; many++) {
			struct decoder_io io = { both, 2 * packed.len, out, sizeof(out),
				                 .last = true };
			struct decoder d;

			assert_int_equal(decoder_begin(&d, decoder_find(both, sizeof(both)), many),
			                 0);
			do
				assert_int_equal(decoder_step(&d, &io), 0);
			while (many ? io.in_len > 0 : !d.whole);
			decoder_done(&d);
			assert_int_equal(sizeof(out) - io.room, (many + 1) * PLAIN_SIZE);
			assert_int_equal(io.in_len, many ? 0 : packed.len);
			assert_memory_equal(out + many * PLAIN_SIZE, plain, PLAIN_SIZE);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(small_and_empty),
		cmocka_unit_test(stops_at_the_limit),
		cmocka_unit_test(cut_off_is_damaged),
		cmocka_unit_test(streams_may_follow_each_other),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
