// SPDX-License-Identifier: GPL-2.0-or-later
/* test-hazard.c - confidential guests by made-up CPUID leaves, TPM by made-up LUKS2 headers. */
#include <endian.h>
#include <stdio.h>

#include "loader/system/hazard.h"
#include "tests/unit/temptree.h"

/* What a made-up CPU answers; all other leaves are zeroes. */
struct leaf {
	uint32_t number, eax, ebx, ecx, edx;
};

#define UNDER_HYPERVISOR                                                                           \
	{                                                                                          \
		0x1, .ecx = 1u << 31                                                               \
	}
#define TEXT(a, b, c, d) ((uint32_t)(a) | (b) << 8 | (c) << 16 | (uint32_t)(d) << 24)
#define HYPERV                                                                                     \
	{                                                                                          \
		0x40000000, 0x4000000c, TEXT('M', 'i', 'c', 'r'), TEXT('o', 's', 'o', 'f'),        \
			TEXT('t', ' ', 'H', 'v')                                                   \
	}

static void answer(void *arg, uint32_t number, uint32_t ret[static 4])
{
	memset(ret, 0, 4 * sizeof(*ret));
	for (const struct leaf *l = arg; l->number; l++)
		if (l->number == number)
			memcpy(ret, &l->eax, 4 * sizeof(*ret));
}

static void guests(void **state)
{
	static const struct {
		const char *name; /* NULL: none */
		struct leaf leaves[5];
	} cases[] = {
		{ NULL, { { 0x1, .ecx = 0x7fffffff } } },
		/* The host of SEV guests shows all it can do. */
		{ NULL, { { 0x1 }, { 0x8000001f, .eax = 0x1f } } },
		{ NULL, { UNDER_HYPERVISOR } },
		{ NULL, { UNDER_HYPERVISOR, { 0x8000001f, .eax = 0x1d } } },
		{ "(SEV)", { UNDER_HYPERVISOR, { 0x8000001f, .eax = 0x2 } } },
		{ "(SEV-ES)", { UNDER_HYPERVISOR, { 0x8000001f, .eax = 0xa } } },
		{ "(SEV-SNP)", { UNDER_HYPERVISOR, { 0x8000001f, .eax = 0x1a } } },
		{ "(TDX)",
		  { UNDER_HYPERVISOR,
		    { 0x21, 0, TEXT('I', 'n', 't', 'e'), TEXT(' ', ' ', ' ', ' '),
		      TEXT('l', 'T', 'D', 'X') } } },
		{ NULL,
		  { UNDER_HYPERVISOR,
		    { 0x21, 0, TEXT('I', 'n', 't', 'e'), 0, TEXT('l', 'T', 'D', 'X') } } },
		{ NULL, { UNDER_HYPERVISOR, HYPERV, { 0x40000003, .ebx = 1 } } },
		{ "VBS, isolated by Hyper-V",
		  { UNDER_HYPERVISOR,
		    HYPERV,
		    { 0x40000003, .ebx = 1u << 22 },
		    { 0x4000000c, .ebx = 0x21 } } },
		{ "SEV-SNP, isolated by Hyper-V",
		  { UNDER_HYPERVISOR,
		    HYPERV,
		    { 0x40000003, .ebx = 1u << 22 },
		    { 0x4000000c, .ebx = 2 } } },
		{ "TDX, isolated by Hyper-V",
		  { UNDER_HYPERVISOR,
		    HYPERV,
		    { 0x40000003, .ebx = 1u << 22 },
		    { 0x4000000c, .ebx = 3 } } },
		{ "unknown kind",
		  { UNDER_HYPERVISOR,
		    HYPERV,
		    { 0x40000003, .ebx = 1u << 22 },
		    { 0x4000000c, .ebx = 9 } } },
		{ NULL,
		  { UNDER_HYPERVISOR, HYPERV, { 0x40000003, .ebx = 1u << 22 }, { 0x4000000c } } },
		/* The root partition. */
		{ NULL,
		  { UNDER_HYPERVISOR,
		    HYPERV,
		    { 0x40000003, .ebx = 1u << 22 | 1u << 12 },
		    { 0x4000000c, .ebx = 2 } } },
		/* The same bits of another hypervisor mean something else. */
		{ NULL,
		  { UNDER_HYPERVISOR,
		    { 0x40000000, 0x4000000c, TEXT('K', 'V', 'M', 'K') },
		    { 0x40000003, .ebx = 1u << 22 },
		    { 0x4000000c, .ebx = 2 } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct leaf leaves[6] = {};
		char buf[HAZARD_MAX] = "";

		memcpy(leaves, cases[i].leaves, sizeof(cases[i].leaves));
		if (hazard_confidential_by(answer, leaves, buf) != (cases[i].name != NULL) ||
		    (cases[i].name && !strstr(buf, cases[i].name)))
			fail_msg("case %zu: \"%s\"", i, buf);
	}
}

/* The real CPU: what is no guest is no confidential one. */
static void this_machine(void **state)
{
	_cleanup_free_ char *line = NULL;
	char buf[HAZARD_MAX] = "";
	bool guest = false;
	size_t size = 0;
	FILE *f = fopen("/proc/cpuinfo", "re");

	assert_non_null(f);
	while (!guest && getline(&line, &size, f) > 0)
		guest = strncmp(line, "flags", 5) == 0 && strstr(line, " hypervisor ");
	fclose(f);
	if (hazard_confidential(buf)) {
		assert_true(guest);
		assert_memory_equal(buf, "the machine is", 14);
	}
}

#define LUKS_MAGIC "LUKS\xba\xbe"

/* A LUKS2 header with @json; @size: what it says of its own size. */
static void make_header(struct temptree *t, const char *path, uint16_t version, uint64_t size,
                        const char *json)
{
	uint8_t header[16384] = LUKS_MAGIC;

	version = htobe16(version);
	size = htobe64(size);
	memcpy(header + 6, &version, sizeof(version));
	memcpy(header + 8, &size, sizeof(size));
	snprintf((char *)header + 4096, sizeof(header) - 4096, "%s", json);
	temptree_bytes(t, path, header, sizeof(header));
}

/* The volume "root" of dm-0 on sda2. */
static void make_volume(struct temptree *t)
{
	temptree_text(t, "sys/block/sda/dev", "8:0\n");
	temptree_text(t, "sys/block/dm-0/dm/uuid", "CRYPT-LUKS2-0123456789abcdef-root\n");
	temptree_text(t, "sys/block/dm-0/dm/name", "root\n");
	temptree_text(t, "sys/block/dm-0/slaves/sda2", "");
}

static bool look(struct temptree *t, const char *token, char buf[static HAZARD_MAX])
{
	char json[2048];

	snprintf(json, sizeof(json), "{\"keyslots\":{},\"tokens\":{%s%s}}", *token ? "\"0\":" : "",
	         token);
	make_header(t, "dev/sda2", 2, 16384, json);
	return hazard_tpm(t->fd, buf);
}

#define TPM2(more) "{\"type\":\"systemd-tpm2\",\"keyslots\":[\"0\"]," more "}"
/* The protected header is base64url of {"alg":"dir","clevis":...,"enc":"A256GCM"}. */
#define CLEVIS(protected_) "{\"type\":\"clevis\",\"jwe\":{\"protected\":\"" protected_ "\"}}"
#define CLEVIS_TPM2_7                                                                              \
	"eyJhbGciOiJkaXIiLCJjbGV2aXMiOnsicGluIjoidHBtMiIsInRwbTIiOnsiaGFzaCI6InNoYTI1NiIsInBjcl9p" \
	"ZHMiOiI3In19LCJlbmMiOiJBMjU2R0NNIn0"
#define CLEVIS_TPM2_7_11                                                                           \
	"eyJhbGciOiJkaXIiLCJjbGV2aXMiOnsicGluIjoidHBtMiIsInRwbTIiOnsiaGFzaCI6InNoYTI1NiIsInBjcl9p" \
	"ZHMiOiI3LDExIn19LCJlbmMiOiJBMjU2R0NNIn0"
#define CLEVIS_TPM2_NONE                                                                           \
	"eyJhbGciOiJkaXIiLCJjbGV2aXMiOnsicGluIjoidHBtMiIsInRwbTIiOnsiaGFzaCI6InNoYTI1NiJ9fSwiZW5j" \
	"IjoiQTI1NkdDTSJ9"
#define CLEVIS_TANG                                                                                \
	"eyJhbGciOiJFQ0RILUVTIiwiY2xldmlzIjp7InBpbiI6InRhbmciLCJ0YW5nIjp7InVybCI6Imh0dHA6Ly90In19" \
	"LCJlbmMiOiJBMjU2R0NNIn0"
#define CLEVIS_SSS                                                                                 \
	"eyJhbGciOiJkaXIiLCJjbGV2aXMiOnsicGluIjoic3NzIiwic3NzIjp7InQiOjF9fSwiZW5jIjoiQTI1NkdDTSJ9"

static void tokens(void **state)
{
	static const struct {
		const char *token;
		const char *why; /* NULL: does no harm */
	} cases[] = {
		{ "", NULL },
		{ TPM2("\"tpm2-pcrs\":[7]"), NULL },
		{ TPM2("\"tpm2-pcrs\":[]"), NULL },
		{ TPM2("\"tpm2-pcrs\":[0,1,2,3,4,5,6,7]"), NULL },
		{ TPM2("\"tpm2-pcrs\":[7,8]"), "PCR 8" },
		{ TPM2("\"tpm2-pcrs\":[11]"), "PCR 11" },
		{ TPM2("\"tpm2-pcrs\":[-1]"), "PCR -1" },
		{ TPM2("\"tpm2-pcrs\":[7],\"tpm2_pubkey_pcrs\":[11]"), "PCR 11" },
		{ TPM2("\"tpm2-pcrs\":[7],\"tpm2_pubkey_pcrs\":[7]"), NULL },
		{ TPM2("\"tpm2-pcrs\":[],\"tpm2_pcrlock\":true"), "pcrlock" },
		{ TPM2("\"tpm2-pcrs\":[],\"tpm2-pcrlock\":true"), "pcrlock" },
		{ TPM2("\"tpm2-pcrs\":[],\"tpm2_pcrlock\":false"), NULL },
		{ TPM2("\"tpm2-pcrs\":\"7\""), "cannot be told" },
		{ TPM2("\"tpm2-pcrs\":[\"7\"]"), "cannot be told" },
		{ TPM2("\"x\":1"), "cannot be told" },
		{ CLEVIS(CLEVIS_TPM2_7), NULL },
		{ CLEVIS(CLEVIS_TPM2_NONE), NULL },
		{ CLEVIS(CLEVIS_TANG), NULL },
		{ CLEVIS(CLEVIS_TPM2_7_11), "PCR 11" },
		{ CLEVIS(CLEVIS_SSS), "cannot be told" },
		{ CLEVIS("eyJ+"), "cannot be told" },
		{ CLEVIS("e30"), "cannot be told" },
		{ CLEVIS(""), "cannot be told" },
		{ "{\"type\":\"clevis\"}", "cannot be told" },
		{ "{\"type\":\"systemd-fido2\",\"x\":\"tpm\"}", NULL },
		{ "{\"type\":\"systemd-recovery\"}", NULL },
		{ "{\"type\":\"luks2-keyring\"}", NULL },
		{ "{\"type\":\"ssh\",\"ssh_server\":\"a\"}", NULL },
		{ "{\"type\":\"my-TPM-thing\"}", "my-TPM-thing" },
		{ "{\"type\":\"other\",\"tpm_blob\":\"\"}", "cannot be told" },
		{ "{\"keyslots\":[]}", "cannot be told" },
		{ "7", "cannot be told" },
	};

	make_volume(*state);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char buf[HAZARD_MAX] = "";

		if (look(*state, cases[i].token, buf) != (cases[i].why != NULL) ||
		    (cases[i].why && (!strstr(buf, cases[i].why) || !strstr(buf, "volume root"))))
			fail_msg("%s: \"%s\"", cases[i].token, buf);
	}
}

static void no_encrypted_volumes(void **state)
{
	struct temptree *t = *state;
	char buf[HAZARD_MAX];

	assert_false(hazard_tpm(t->fd, buf));
	temptree_text(t, "sys/block/sda/dev", "8:0\n");
	temptree_text(t, "sys/block/dm-0/dm/uuid", "LVM-0123\n");
	temptree_text(t, "sys/block/dm-1/dm/uuid", "CRYPT-PLAIN-swap\n");
	assert_false(hazard_tpm(t->fd, buf));
}

/* What cannot be read may be anything. */
static void unreadable(void **state)
{
	static const struct {
		uint16_t version;
		uint64_t size;
		const char *json, *why;
	} cases[] = {
		{ 1, 16384, "{\"tokens\":{}}", "version 1" },
		{ 2, 4096, "{\"tokens\":{}}", "4096 bytes" },
		{ 2, 0, "{\"tokens\":{}}", "0 bytes" },
		{ 2, UINT64_MAX, "{\"tokens\":{}}", "cannot be" },
		{ 2, 16385, "{\"tokens\":{}}", "No data" },
		{ 2, 16384, "{\"tokens\":{}", "JSON" },
		{ 2, 16384, "[]", "JSON" },
		{ 2, 16384, "", "JSON" },
		{ 2, 16384, "{\"tokens\":[]}", "no list of tokens" },
		{ 2, 16384, "{}", "no list of tokens" },
	};
	struct temptree *t = *state;
	char buf[HAZARD_MAX];

	make_volume(t);
	assert_true(hazard_tpm(t->fd, buf));
	assert_non_null(strstr(buf, "/dev/sda2: not there"));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		make_header(t, "dev/sda2", cases[i].version, cases[i].size, cases[i].json);
		assert_true(hazard_tpm(t->fd, buf));
		if (!strstr(buf, cases[i].why))
			fail_msg("case %zu: \"%s\"", i, buf);
	}
	temptree_bytes(t, "dev/sda2", LUKS_MAGIC, 6);
	assert_true(hazard_tpm(t->fd, buf));
	temptree_text(t, "dev/sda2", "no header at all, which is on another disk");
	assert_true(hazard_tpm(t->fd, buf));
	assert_non_null(strstr(buf, "no LUKS2 header"));
}

/* With dm-integrity between volume and disk, and a slash in the name of the disk. */
static void further_down(void **state)
{
	struct temptree *t = *state;
	char buf[HAZARD_MAX];

	temptree_text(t, "sys/block/dm-1/dm/uuid", "CRYPT-LUKS2-0123-data\n");
	temptree_text(t, "sys/block/dm-1/slaves/dm-0", "");
	temptree_text(t, "sys/block/dm-0/dm/uuid", "CRYPT-SUBDEV-0123-data_dif\n");
	temptree_text(t, "sys/block/dm-0/slaves/cciss!c0d0p1", "");
	temptree_text(t, "dev/dm-0", "");
	make_header(t, "dev/cciss/c0d0p1", 2, 16384, "{\"tokens\":{}}");
	assert_false(hazard_tpm(t->fd, buf));
	make_header(t, "dev/cciss/c0d0p1", 2, 16384,
	            "{\"tokens\":{\"3\":" TPM2("\"tpm2-pcrs\":[15]") "}}");
	assert_true(hazard_tpm(t->fd, buf));
	assert_non_null(strstr(buf, "volume dm-1"));
	assert_non_null(strstr(buf, "PCR 15"));
}

/* Devices that name each other. */
static void in_circles(void **state)
{
	struct temptree *t = *state;
	char buf[HAZARD_MAX];

	temptree_text(t, "sys/block/dm-0/dm/uuid", "CRYPT-LUKS2-0123-a\n");
	temptree_text(t, "sys/block/dm-0/slaves/dm-1", "");
	temptree_text(t, "sys/block/dm-1/slaves/dm-0", "");
	temptree_text(t, "dev/dm-0", "");
	temptree_text(t, "dev/dm-1", "");
	assert_true(hazard_tpm(t->fd, buf));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

static void spin_tables(void **state)
{
	static const char psci[] = "psci", table[] = "spin-table";
	struct temptree *t = *state;
	char buf[HAZARD_MAX] = "";

	assert_false(hazard_spin_table(t->fd, buf));
	temptree_text(t, "sys/firmware/devicetree/base/cpus/name", "cpus");
	temptree_bytes(t, "sys/firmware/devicetree/base/cpus/cpu@0/enable-method", psci,
	               sizeof(psci));
	assert_false(hazard_spin_table(t->fd, buf));
	temptree_bytes(t, "sys/firmware/devicetree/base/cpus/cpu@1/enable-method", table,
	               sizeof(table));
	assert_true(hazard_spin_table(t->fd, buf));
	assert_string_equal(buf, "cpu@1 of the device tree is started by a spin-table");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guests),
		cmocka_unit_test(this_machine),
		TEST(tokens),
		TEST(no_encrypted_volumes),
		TEST(unreadable),
		TEST(further_down),
		TEST(in_circles),
		TEST(spin_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
