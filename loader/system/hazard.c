// SPDX-License-Identifier: GPL-2.0-or-later
/* hazard.c - confidential guests, and keys that a TPM refuses after a kexec, see hazard.h. */
#include "loader/system/hazard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "loader/system/luks2.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* CPUID. The registers in the order of the array. */
enum { EAX, EBX, ECX, EDX };

enum {
	LEAF_FEATURES = 0x1, /* ECX bit 31: under a hypervisor */
	LEAF_TDX = 0x21,     /* "IntelTDX    " in EBX, EDX, ECX (arch/x86/coco/tdx/tdx.c) */
	LEAF_HYPERVISOR = 0x40000000, /* who it is, in EBX, ECX, EDX; EAX: the last leaf */
	LEAF_HV_FEATURES = 0x40000003,
	LEAF_HV_ISOLATION = 0x4000000c,
};
#define LEAF_SEV 0x8000001fu

#define HV_CPU_MANAGEMENT (1u << 12) /* EBX: the root partition, which nothing is hidden from */
#define HV_ISOLATED       (1u << 22)

/* Bits of EAX, the strictest first. Hypervisors show the leaf to guests that have it on. */
static const struct {
	uint32_t bit;
	const char *name;
} sev_kinds[] = {
	{ 1u << 4, "SEV-SNP" },
	{ 1u << 3, "SEV-ES" },
	{ 1u << 1, "SEV" },
};

/* Bits 3..0 of EBX (include/asm-generic/hyperv-tlfs.h, 6.12). */
static const char *const hv_kinds[] = { NULL, "VBS", "SEV-SNP", "TDX" };

static bool told(char buf[static HAZARD_MAX], const char *name, const char *by)
{
	snprintf(buf, HAZARD_MAX, "the machine is a confidential guest (%s%s)", name, by);
	return true;
}

static bool isolated_by_hyperv(hazard_cpuid_fn cpuid, void *arg, char buf[static HAZARD_MAX])
{
	uint32_t r[4];
	unsigned kind;

	cpuid(arg, LEAF_HYPERVISOR, r);
	if (memcmp(&r[EBX], "Microsoft Hv", 12) != 0 || r[EAX] < LEAF_HV_ISOLATION)
		return false;
	cpuid(arg, LEAF_HV_FEATURES, r);
	if (!(r[EBX] & HV_ISOLATED) || (r[EBX] & HV_CPU_MANAGEMENT))
		return false;
	cpuid(arg, LEAF_HV_ISOLATION, r);
	kind = r[EBX] & 0xf;
	if (kind < ARRAY_SIZE(hv_kinds) && !hv_kinds[kind])
		return false;
	return told(buf, kind < ARRAY_SIZE(hv_kinds) ? hv_kinds[kind] : "of an unknown kind",
	            ", isolated by Hyper-V");
}

bool hazard_confidential_by(hazard_cpuid_fn cpuid, void *arg, char buf[static HAZARD_MAX])
{
	uint32_t r[4];

	cpuid(arg, LEAF_FEATURES, r);
	if (!(r[ECX] >> 31))
		return false;
	if (isolated_by_hyperv(cpuid, arg, buf))
		return true;
	cpuid(arg, LEAF_TDX, r);
	if (memcmp(&r[EBX], "Inte", 4) == 0 && memcmp(&r[EDX], "lTDX", 4) == 0 &&
	    memcmp(&r[ECX], "    ", 4) == 0)
		return told(buf, "TDX", "");
	cpuid(arg, LEAF_SEV, r);
	/* SEV-ES and SEV-SNP come on top of SEV; without it the leaf is that of a host. */
	for (size_t i = 0; (r[EAX] & 1u << 1) && i < ARRAY_SIZE(sev_kinds); i++)
		if (r[EAX] & sev_kinds[i].bit)
			return told(buf, sev_kinds[i].name, "");
	return false;
}

#ifdef __x86_64__
/* Beyond its last leaf an Intel CPU repeats that one. Hypervisors have a last one of their own. */
static void real_cpuid(void *arg, uint32_t leaf, uint32_t ret[static 4])
{
	uint32_t first = leaf & 0xf0000000u, last;

	memset(ret, 0, 4 * sizeof(*ret));
	__cpuid(first, last, ret[EBX], ret[ECX], ret[EDX]);
	if (leaf > last) {
		memset(ret, 0, 4 * sizeof(*ret));
		return;
	}
	__cpuid_count(leaf, 0, ret[EAX], ret[EBX], ret[ECX], ret[EDX]);
}

bool hazard_confidential(char buf[static HAZARD_MAX])
{
	return hazard_confidential_by(real_cpuid, NULL, buf);
}
#else
bool hazard_confidential(char buf[static HAZARD_MAX])
{
	return false;
}
#endif

/* Registers 0 to 7 hold what the firmware measured, and a kexec does not change them. Those above
 * are extended once more by the system that comes up. */
#define LAST_KEPT_PCR 7

/* Judges a token: 1 when a kexec makes it useless, 0 when not, negative when it is malformed. */
typedef int (*token_fn)(json_t *token, char why[static HAZARD_MAX]);

static int check_pcr(long long pcr, char why[static HAZARD_MAX])
{
	if (pcr >= 0 && pcr <= LAST_KEPT_PCR)
		return 0;
	snprintf(why, HAZARD_MAX, "its key is bound to PCR %lld of the TPM", pcr);
	return 1;
}

/* Judges an array of numbers, which may be missing. */
static int check_pcrs(json_t *pcrs, char why[static HAZARD_MAX])
{
	json_t *pcr;
	size_t i;
	int r;

	if (pcrs && !json_is_array(pcrs))
		return -EBADMSG;
	json_array_foreach(pcrs, i, pcr) {
		if (!json_is_integer(pcr))
			return -EBADMSG;
		r = check_pcr(json_integer_value(pcr), why);
		if (r != 0)
			return r;
	}
	return 0;
}

/* systemd-cryptenroll writes these. "tpm2-pcrs": bound to values at enrollment; "tpm2_pubkey_pcrs":
 * to signed values; pcrlock: to a policy in the TPM, which nearly always has PCR 11. */
static int check_systemd(json_t *token, char why[static HAZARD_MAX])
{
	static const char *const locks[] = { "tpm2_pcrlock", "tpm2-pcrlock" };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(locks); i++)
		if (json_is_true(json_object_get(token, locks[i]))) {
			snprintf(why, HAZARD_MAX,
			         "its key is bound to a pcrlock policy of the TPM");
			return 1;
		}
	if (!json_object_get(token, "tpm2-pcrs"))
		return -EBADMSG;
	r = check_pcrs(json_object_get(token, "tpm2-pcrs"), why);
	return r ? r : check_pcrs(json_object_get(token, "tpm2_pubkey_pcrs"), why);
}

/* RFC 4648 section 5, without padding. @ret has room for 3 bytes for each 4 of @len, and one. */
static int decode_base64url(const char *s, size_t len, char *ret)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned n = 0;

	for (size_t i = 0; i < len; i++) {
		const char *p = s[i] ? strchr(alphabet, s[i]) : NULL;

		if (!p)
			return -EBADMSG;
		bits = bits << 6 | (uint32_t)(p - alphabet);
		n += 6;
		if (n >= 8) {
			n -= 8;
			*ret++ = bits >> n;
		}
	}
	*ret = '\0';
	return 0;
}

/* The header of a JSON Web Encryption object, which is not encrypted; a new reference or NULL. */
static json_t *protected_header(json_t *token)
{
	json_t *text = json_object_get(json_object_get(token, "jwe"), "protected");
	size_t len = json_string_length(text);
	_cleanup_free_ char *plain = malloc(len / 4 * 3 + 4);

	if (!json_is_string(text) || !plain ||
	    decode_base64url(json_string_value(text), len, plain) < 0)
		return NULL;
	return json_loads(plain, JSON_REJECT_DUPLICATES, NULL);
}

/* "pcr_ids" of the pin "tpm2": "7", "0,7,11". */
static int check_pcr_ids(json_t *ids, char why[static HAZARD_MAX])
{
	_cleanup_free_ char *copy = NULL;
	char *save = NULL;
	int r;

	if (!ids)
		return 0;
	if (!json_is_string(ids))
		return -EBADMSG;
	copy = strdup(json_string_value(ids));
	if (!copy)
		return -ENOMEM;
	for (char *id = strtok_r(copy, ", ", &save); id; id = strtok_r(NULL, ", ", &save)) {
		uint64_t pcr;

		if (text_to_u64(id, 10, &pcr) < 0 || pcr > INT_MAX)
			return -EBADMSG;
		r = check_pcr(pcr, why);
		if (r != 0)
			return r;
	}
	return 0;
}

/* Pins of clevis: "tang" asks a server. "sss" shares a secret among other pins, which are
 * encrypted, so nothing can be said of it. */
static int check_clevis(json_t *token, char why[static HAZARD_MAX])
{
	json_t *header = protected_header(token);
	json_t *clevis = json_object_get(header, "clevis");
	const char *pin = json_string_value(json_object_get(clevis, "pin"));
	int r = -EBADMSG;

	if (pin && streq(pin, "tang"))
		r = 0;
	else if (pin && streq(pin, "tpm2"))
		r = check_pcr_ids(json_object_get(json_object_get(clevis, "tpm2"), "pcr_ids"), why);
	json_decref(header);
	return r;
}

static int check_harmless(json_t *token, char why[static HAZARD_MAX])
{
	return 0;
}

static const struct {
	const char *type;
	token_fn check;
} token_kinds[] = {
	{ "systemd-tpm2", check_systemd },      { "clevis", check_clevis },
	{ "systemd-fido2", check_harmless },    { "systemd-pkcs11", check_harmless },
	{ "systemd-recovery", check_harmless }, { "luks2-keyring", check_harmless },
};

static int check_untyped(json_t *token, char why[static HAZARD_MAX])
{
	return -EBADMSG;
}

/* A token of a type that is not in the table. Any mention of a TPM counts. */
static int check_unknown(json_t *token, char why[static HAZARD_MAX])
{
	_cleanup_free_ char *text = json_dumps(token, JSON_COMPACT);

	return !text || strcasestr(text, "tpm") ? -EBADMSG : 0;
}

static int check_token(json_t *token, char why[static HAZARD_MAX])
{
	const char *type = json_string_value(json_object_get(token, "type"));
	token_fn check = type ? check_unknown : check_untyped;
	int r;

	for (size_t i = 0; type && i < ARRAY_SIZE(token_kinds); i++)
		if (streq(token_kinds[i].type, type))
			check = token_kinds[i].check;
	r = check(token, why);
	if (r < 0)
		snprintf(why, HAZARD_MAX,
		         "whether a token of type \"%.60s\" needs a TPM cannot be told",
		         type ? type : "");
	return r;
}

/* True when a kexec makes one of the tokens of @metadata useless. */
static bool check_tokens(json_t *metadata, char why[static HAZARD_MAX])
{
	json_t *tokens = json_object_get(metadata, "tokens"), *token;
	const char *id;

	if (!json_is_object(tokens)) {
		snprintf(why, HAZARD_MAX, "its header has no list of tokens");
		return true;
	}
	json_object_foreach(tokens, id, token) {
		if (check_token(token, why) != 0)
			return true;
	}
	return false;
}

/* The disk below a volume may itself be one that device-mapper makes: below a volume with
 * dm-integrity the header is one level further down. */
#define DEPTH_MAX 4

/* 0 or 1 as check_tokens(); -ENOENT without a text when there is no header on it. */
static int check_device(int root_fd, const char *name, char why[static HAZARD_MAX])
{
	char node[NAME_MAX + sizeof("/dev/")];
	_cleanup_close_ int fd = -1;
	json_t *metadata;
	int r;

	snprintf(node, sizeof(node), "/dev/%s", name);
	/* As sysfs writes names that have a slash. */
	for (char *c = node + strlen("/dev/"); *c; c++)
		if (*c == '!')
			*c = '/';
	fd = tree_open(root_fd, node, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return fd == -ENOENT ? errf(-ENODEV, "%s: not there", node) : fd;
	r = luks2_read(fd, node, &metadata);
	if (r < 0)
		return r;
	r = check_tokens(metadata, why);
	json_decref(metadata);
	return r;
}

static int check_below(int root_fd, const char *name, unsigned depth, char why[static HAZARD_MAX])
{
	_cleanup_(strv_freep) char **slaves = NULL;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "/sys/block/%s/slaves", name);
	r = tree_list(root_fd, path, &slaves);
	if (r < 0)
		return r;
	r = -ENOENT;
	for (char **s = slaves; r == -ENOENT && s && *s; s++) {
		r = check_device(root_fd, *s, why);
		if (r == -ENOENT && depth < DEPTH_MAX && strncmp(*s, "dm-", 3) == 0)
			r = check_below(root_fd, *s, depth + 1, why);
	}
	return r == -ENOENT
	               ? errf(r, "/sys/block/%s: the disks below it have no LUKS2 header", name)
	               : r;
}

bool hazard_tpm(int root_fd, char buf[static HAZARD_MAX])
{
	_cleanup_(strv_freep) char **disks = NULL;

	if (tree_list(root_fd, "/sys/block", &disks) < 0)
		return false;
	for (char **d = disks; d && *d; d++) {
		char path[PATH_MAX], why[HAZARD_MAX];
		_cleanup_free_ char *name = NULL, *uuid = NULL;
		int r;

		snprintf(path, sizeof(path), "/sys/block/%s/dm/uuid", *d);
		if (strncmp(*d, "dm-", 3) != 0 || tree_read_line(root_fd, path, &uuid) < 0 ||
		    strncmp(uuid, "CRYPT-LUKS2-", strlen("CRYPT-LUKS2-")) != 0)
			continue;
		r = check_below(root_fd, *d, 0, why);
		if (r == 0)
			continue;
		if (r < 0)
			snprintf(why, sizeof(why), "%s", err_text(r));
		snprintf(path, sizeof(path), "/sys/block/%s/dm/name", *d);
		snprintf(buf, HAZARD_MAX, "encrypted volume %.60s: %.170s",
		         tree_read_line(root_fd, path, &name) == 0 ? name : *d, why);
		return true;
	}
	return false;
}

#define CPUS_OF_TREE "/sys/firmware/devicetree/base/cpus"

bool hazard_spin_table(int root_fd, char buf[static HAZARD_MAX])
{
	_cleanup_(strv_freep) char **names = NULL;

	if (tree_list(root_fd, CPUS_OF_TREE, &names) < 0)
		return false;
	for (char **name = names; name && *name; name++) {
		_cleanup_free_ char *method = NULL;
		char path[PATH_MAX];

		snprintf(path, sizeof(path), CPUS_OF_TREE "/%s/enable-method", *name);
		if (tree_read(root_fd, path, KIB(4), &method, NULL) < 0 ||
		    !streq(method, "spin-table"))
			continue;
		snprintf(buf, HAZARD_MAX, "%s of the device tree is started by a spin-table",
		         *name);
		return true;
	}
	return false;
}
