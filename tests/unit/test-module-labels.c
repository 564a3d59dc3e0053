// SPDX-License-Identifier: GPL-2.0-or-later
/* test-module-labels.c - modules with labels, and what is left of them. */
#include <elf.h>
#include <stdio.h>

#include "loader/image/prepare.h"
#include "loader/system/module-labels.h"
#include "tests/unit/machine.h"
#include "base/err.h"

/* One more label than is needed, and those that relocations refer to. */
#define ENOUGH (MODULE_LABELS_MIN / sizeof(Elf64_Sym) + 1)
#define USED   4
#define LABELS (ENOUGH + USED)

static const uint32_t used[USED] = { 5, 700, 1400, LABELS - 1 };

/* Size of a symbol that is to go; no other has it. */
#define GOES 77

enum { TEXT = 1, BSS, SYMTAB, STRTAB, RELA, REL, RODATA, SECTIONS };
enum { LABEL = 2, FUNCTION = LABEL + LABELS, PLAIN, GLOBAL, TAIL, LATE_TAIL, SYMBOLS };

struct file {
	Elf64_Ehdr header;
	uint8_t text[38];
	Elf64_Sym symbols[SYMBOLS];
	char empty[8], names[LABELS][8], others[3][10];
	Elf64_Rela relas[USED + 3];
	Elf64_Rel rels[2];
	uint8_t rodata[40] __attribute__((aligned(64)));
	Elf64_Shdr sections[SECTIONS];
	char signature[40];
};

#define SECTION(member, t, ...)                                                                    \
	((Elf64_Shdr){ .sh_type = t,                                                               \
	               .sh_offset = offsetof(struct file, member),                                 \
	               .sh_size = sizeof(((struct file *)NULL)->member),                           \
	               __VA_ARGS__ })

static void fill_sections(struct file *f)
{
	f->header = (Elf64_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB },
		.e_type = ET_REL,
		.e_machine = EM_RISCV,
		.e_shoff = offsetof(struct file, sections),
		.e_ehsize = sizeof(f->header),
		.e_shentsize = sizeof(f->sections[0]),
		.e_shnum = SECTIONS,
	};
	f->sections[TEXT] = SECTION(text, SHT_PROGBITS, .sh_addralign = 2);
	f->sections[BSS] = SECTION(symbols, SHT_NOBITS, .sh_addralign = 64);
	f->sections[SYMTAB] =
		SECTION(symbols, SHT_SYMTAB, .sh_addralign = 8, .sh_entsize = sizeof(Elf64_Sym),
	                .sh_link = STRTAB, .sh_info = GLOBAL);
	f->sections[STRTAB] = SECTION(empty, SHT_STRTAB, .sh_addralign = 1);
	f->sections[STRTAB].sh_size += sizeof(f->names) + sizeof(f->others);
	f->sections[RELA] = SECTION(relas, SHT_RELA, .sh_addralign = 8, .sh_info = TEXT,
	                            .sh_entsize = sizeof(Elf64_Rela), .sh_link = SYMTAB);
	f->sections[REL] = SECTION(rels, SHT_REL, .sh_addralign = 8, .sh_info = TEXT,
	                           .sh_entsize = sizeof(Elf64_Rel), .sh_link = SYMTAB);
	f->sections[RODATA] = SECTION(rodata, SHT_PROGBITS, .sh_addralign = 64);
}

static Elf64_Sym symbol(const struct file *f, const char *name, int bind, int type, uint64_t value)
{
	return (Elf64_Sym){
		.st_name = name - f->empty,
		.st_info = ELF64_ST_INFO(bind, type),
		.st_shndx = TEXT,
		.st_value = value,
	};
}

static void fill_symbols(struct file *f)
{
	strcpy(f->others[0], ".Lfunc");
	strcpy(f->others[1], "plain");
	strcpy(f->others[2], ".Lglobal");
	f->symbols[1] = symbol(f, f->empty, STB_LOCAL, STT_SECTION, 0);
	for (uint32_t i = 0; i < LABELS; i++) {
		snprintf(f->names[i], sizeof(f->names[i]), ".L%05u", i);
		f->symbols[LABEL + i] = symbol(f, f->names[i], STB_LOCAL, STT_NOTYPE, i);
		f->symbols[LABEL + i].st_size = GOES;
	}
	f->symbols[FUNCTION] = symbol(f, f->others[0], STB_LOCAL, STT_FUNC, 1);
	f->symbols[PLAIN] = symbol(f, f->others[1], STB_LOCAL, STT_NOTYPE, 2);
	f->symbols[GLOBAL] = symbol(f, f->others[2], STB_GLOBAL, STT_NOTYPE, 3);
	/* Names that are the ends of others. */
	f->symbols[TAIL] = symbol(f, f->names[9] + 2, STB_GLOBAL, STT_FUNC, 4);
	f->symbols[LATE_TAIL] = symbol(f, f->names[9] + 5, STB_GLOBAL, STT_FUNC, 5);
}

static void refer(struct file *f, size_t i, uint64_t to)
{
	f->relas[i] = (Elf64_Rela){ .r_offset = i, .r_info = ELF64_R_INFO(to, 23), .r_addend = -i };
	if (i < ARRAY_SIZE(f->rels))
		f->rels[i] = (Elf64_Rel){ .r_offset = i, .r_info = ELF64_R_INFO(to, 24) };
}

static struct file *make_file(void)
{
	struct file *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	fill_sections(f);
	fill_symbols(f);
	check_noise(f->text, sizeof(f->text), 1);
	check_noise(f->rodata, sizeof(f->rodata), 2);
	for (size_t i = 0; i < USED; i++) {
		f->symbols[LABEL + used[i]].st_size = 0;
		refer(f, i, LABEL + used[i]);
	}
	refer(f, USED, 0);
	refer(f, USED + 1, 1);
	refer(f, USED + 2, LATE_TAIL);
	return f;
}

/* --- What a module says --------------------------------------------------------------------- */

struct view {
	const uint8_t *data;
	const Elf64_Shdr *sections, *strtab;
	const Elf64_Sym *symbols;
	size_t n_sections, n_symbols;
};

static bool view_open(const void *data, size_t len, struct view *ret)
{
	const Elf64_Ehdr *h = data;
	struct view v = { data, (void *)((char *)data + h->e_shoff), .n_sections = h->e_shnum };

	if (h->e_shoff % 8 || h->e_shoff + v.n_sections * sizeof(*v.sections) != len)
		return false;
	for (size_t i = 1; i < v.n_sections; i++) {
		const Elf64_Shdr *s = &v.sections[i];

		if (s->sh_type == SHT_NULL)
			continue;
		if (s->sh_offset > len ||
		    (s->sh_type != SHT_NOBITS && s->sh_size > len - s->sh_offset))
			return false;
		if (s->sh_type == SHT_SYMTAB) {
			v.symbols = (void *)(v.data + s->sh_offset);
			v.n_symbols = s->sh_size / sizeof(Elf64_Sym);
			v.strtab = &v.sections[s->sh_link];
		}
	}
	*ret = v;
	return v.symbols && v.strtab->sh_size && !v.data[v.strtab->sh_offset];
}

static bool tell_symbol(const struct view *v, const Elf64_Sym *s, FILE *f)
{
	const char *name = (const char *)v->data + v->strtab->sh_offset + s->st_name;

	if (s->st_name >= v->strtab->sh_size || !memchr(name, 0, v->strtab->sh_size - s->st_name))
		return false;
	fprintf(f, "%s %#x %u %lu %lu\n", name, s->st_info, s->st_shndx, (long)s->st_value,
	        (long)s->st_size);
	return true;
}

static bool tell_relocations(const struct view *v, const Elf64_Shdr *s, FILE *f)
{
	for (size_t at = 0; at < s->sh_size; at += s->sh_entsize) {
		const Elf64_Rela *r = (void *)(v->data + s->sh_offset + at);

		fprintf(f, "%lx %u %ld ", (long)r->r_offset, (int)ELF64_R_TYPE(r->r_info),
		        s->sh_type == SHT_RELA ? (long)r->r_addend : 0);
		if (ELF64_R_SYM(r->r_info) >= v->n_symbols ||
		    !tell_symbol(v, &v->symbols[ELF64_R_SYM(r->r_info)], f))
			return false;
	}
	return true;
}

/* All but places, numbers of symbols, and symbols that are to go. NULL: it is damaged. */
static char *tell(const void *data, size_t len)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct view v;
	bool good = view_open(data, len, &v);

	for (size_t i = 0; good && i < v.n_symbols; i++)
		good = v.symbols[i].st_size == GOES || tell_symbol(&v, &v.symbols[i], f);
	for (size_t i = 1; good && i < v.n_sections; i++) {
		const Elf64_Shdr *s = &v.sections[i];

		fprintf(f, "section %u %u %u %u\n", s->sh_type, s->sh_link,
		        s->sh_type == SHT_SYMTAB ? 0 : s->sh_info, (int)s->sh_addralign);
		if (s->sh_type == SHT_RELA || s->sh_type == SHT_REL)
			good = tell_relocations(&v, s, f);
		for (size_t at = 0; s->sh_type == SHT_PROGBITS && at < s->sh_size; at++)
			fprintf(f, "%02x ", v.data[s->sh_offset + at]);
	}
	fclose(f);
	if (good)
		return text;
	free(text);
	return NULL;
}

/* --- Tests ---------------------------------------------------------------------------------- */

static void unused_labels_go(void **state)
{
	_cleanup_free_ struct file *f = make_file();
	_cleanup_free_ char *before = tell(f, offsetof(struct file, signature)), *after = NULL;
	size_t len = module_drop_labels(f, sizeof(*f));
	struct view v;

	assert_in_range(len, 1, sizeof(*f) - MODULE_LABELS_MIN - ENOUGH * 8 + 64);
	assert_true(view_open(f, len, &v));
	assert_int_equal(v.n_symbols, SYMBOLS - ENOUGH);
	assert_int_equal(v.sections[SYMTAB].sh_info, GLOBAL - ENOUGH);
	/* What is not dropped, the names in one string once. */
	assert_int_equal(v.strtab->sh_size, 1 + USED * 8 + strlen("00009") + 1 + strlen(".Lfunc") +
	                                            1 + strlen("plain") + 1 + strlen(".Lglobal") +
	                                            1);
	for (size_t i = 1; i < v.n_sections; i++)
		if (v.sections[i].sh_type != SHT_NOBITS)
			assert_int_equal(v.sections[i].sh_offset % v.sections[i].sh_addralign, 0);
	after = tell(f, len);
	assert_string_equal(after, before);
}

/* It is that of no symbol, whatever its name. */
static void the_first_symbol_stays(void **state)
{
	_cleanup_free_ struct file *f = make_file();
	struct view v;

	f->symbols[0].st_name = f->symbols[LABEL].st_name;
	refer(f, USED, 1);
	assert_true(view_open(f, module_drop_labels(f, sizeof(*f)), &v));
	assert_int_equal(v.n_symbols, SYMBOLS - ENOUGH);
}

static void twice_is_once(void **state)
{
	_cleanup_free_ struct file *f = make_file(), *once = make_file();
	size_t len = module_drop_labels(f, sizeof(*f));

	assert_int_equal(module_drop_labels(once, sizeof(*once)), len);
	assert_int_equal(module_drop_labels(once, len), len);
	assert_memory_equal(once, f, len);
}

/* Such are all modules of x86_64. */
static void few_labels_stay(void **state)
{
	_cleanup_free_ struct file *f = make_file(), *same = make_file();

	f->header.e_machine = same->header.e_machine = EM_X86_64;
	f->names[1][0] = same->names[1][0] = 'x';
	assert_int_equal(module_drop_labels(f, sizeof(*f)), sizeof(*f));
	assert_memory_equal(f, same, sizeof(*f));
}

#define AT(member)                 offsetof(struct file, member), sizeof(((struct file *)NULL)->member)
#define OF_SECTION(number, member) AT(sections[number].member)

static const struct {
	const char *what;
	size_t offset, size;
	uint64_t value;
} unknown[] = {
	{ "32 bits", AT(header.e_ident[EI_CLASS]), ELFCLASS32 },
	{ "big-endian", AT(header.e_ident[EI_DATA]), ELFDATA2MSB },
	{ "a program", AT(header.e_type), ET_EXEC },
	{ "MIPS", AT(header.e_machine), EM_MIPS },
	{ "program headers", AT(header.e_phnum), 1 },
	{ "no sections", AT(header.e_shnum), 0 },
	{ "too many sections", AT(header.e_shnum), SECTIONS + 4 },
	{ "section headers of another size", AT(header.e_shentsize), 56 },
	{ "section headers too far", AT(header.e_shoff), UINT64_MAX - 7 },
	{ "names of sections among those of symbols", AT(header.e_shstrndx), STRTAB },
	{ "two symbol tables", OF_SECTION(RODATA, sh_type), SHT_SYMTAB },
	{ "no symbol table", OF_SECTION(SYMTAB, sh_type), SHT_PROGBITS },
	{ "symbols of another size", OF_SECTION(SYMTAB, sh_entsize), 16 },
	{ "half a symbol", OF_SECTION(SYMTAB, sh_size), sizeof(Elf64_Sym) * 3000 - 1 },
	{ "no symbols", OF_SECTION(SYMTAB, sh_size), 0 },
	{ "too many local symbols", OF_SECTION(SYMTAB, sh_info), SYMBOLS + 1 },
	{ "no names", OF_SECTION(SYMTAB, sh_link), 0 },
	{ "names beyond the sections", OF_SECTION(SYMTAB, sh_link), SECTIONS },
	{ "names of another type", OF_SECTION(STRTAB, sh_type), SHT_PROGBITS },
	{ "a name without end", AT(others[2][9]), 'x' },
	{ "a name beyond all", AT(symbols[GLOBAL].st_name), sizeof(struct file) },
	{ "compressed", OF_SECTION(RODATA, sh_flags), SHF_COMPRESSED },
	{ "what refers to symbols", OF_SECTION(RODATA, sh_link), SYMTAB },
	{ "what refers to names", OF_SECTION(RODATA, sh_link), STRTAB },
	{ "relocations of no symbols", OF_SECTION(RELA, sh_link), 0 },
	{ "relocations of another size", OF_SECTION(RELA, sh_entsize), 12 },
	{ "relocations at no address", OF_SECTION(REL, sh_offset),
	  offsetof(struct file, rels) + 4 },
	{ "a relocation of a symbol that is not there", AT(relas[1].r_info),
	  SYMBOLS *(1ULL << 32) },
	{ "a section in the header", OF_SECTION(TEXT, sh_offset), 60 },
	{ "a section over another", OF_SECTION(TEXT, sh_size), 100 },
	{ "a section over the headers", OF_SECTION(RODATA, sh_size), 1000 },
	{ "a section without end", OF_SECTION(RODATA, sh_size), UINT64_MAX },
	{ "an alignment that is none", OF_SECTION(RELA, sh_addralign), 9 },
	{ "a section far away", OF_SECTION(RODATA, sh_offset), UINT64_MAX },
};

static void the_unknown_stays(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		_cleanup_free_ struct file *f = make_file(), *same = make_file();

		check_case("%s", unknown[i].what);
		memcpy((char *)f + unknown[i].offset, &unknown[i].value, unknown[i].size);
		memcpy((char *)same + unknown[i].offset, &unknown[i].value, unknown[i].size);
		assert_int_equal(module_drop_labels(f, sizeof(*f)), sizeof(*f));
		assert_memory_equal(f, same, sizeof(*f));
	}
}

/* The headers of the sections come last. */
static void a_part_stays(void **state)
{
	_cleanup_free_ struct file *f = make_file();

	for (size_t len = 0; len < offsetof(struct file, signature); len++) {
		_cleanup_free_ void *part = malloc(len);

		memcpy(part, f, len);
		assert_int_equal(module_drop_labels(part, len), len);
		assert_memory_equal(part, f, len);
	}
}

/* It stays as it is, or becomes one whose parts are where it says. */
static void flip(const struct file *whole, size_t offset, uint8_t bits)
{
	_cleanup_free_ struct file *f = malloc(sizeof(*f)), *same = malloc(sizeof(*f));
	_cleanup_free_ char *text = NULL;
	size_t len;

	memcpy(f, whole, sizeof(*f));
	((uint8_t *)f)[offset] ^= bits;
	memcpy(same, f, sizeof(*f));
	len = module_drop_labels(f, sizeof(*f));
	if (len == sizeof(*f))
		return assert_memory_equal(f, same, len);
	text = len < sizeof(*f) ? tell(f, len) : NULL;
	if (!text)
		fail_msg("byte %zu, bits %x: %zu bytes", offset, bits, len);
}

static void damage_is_survived(void **state)
{
	static const uint8_t bits[] = { 1, 8, 0x80, 0xff };
	const size_t relas = offsetof(struct file, relas),
		     sections = offsetof(struct file, sections);
	_cleanup_free_ struct file *f = make_file();

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		for (size_t at = 0; at < sizeof(f->header); at++)
			flip(f, at, bits[i]);
		for (size_t at = offsetof(struct file, symbols); at < relas; at += 97)
			flip(f, at, bits[i]);
		for (size_t at = relas; at < sections + sizeof(f->sections); at++)
			flip(f, at, bits[i]);
	}
}

/* Bytes of the capture image of a machine with such a module. */
static uint64_t image_with(const char *lockdown, const char *command_line)
{
	static const struct utsname uts = { .machine = "x86_64", .release = MACHINE_RELEASE };
	_cleanup_(settings_done) struct settings settings = {};
	_cleanup_(prepared_done) struct prepared p = PREPARED_NULL;
	_cleanup_free_ struct file *f = make_file();
	struct temptree tree;
	int r;

	machine_make(&tree);
	temptree_bytes(&tree, "usr/lib/modules/" MACHINE_RELEASE "/kernel/ext4.ko", f, sizeof(*f));
	temptree_text(&tree, "sys/module/module/parameters/sig_enforce", "N\n");
	temptree_text(&tree, "sys/kernel/security/lockdown", lockdown);
	assert_int_equal(settings_init(&settings), 0);
	free(settings.command_line);
	settings.command_line = strdup(command_line);
	r = prepare(&(struct prepare_request){ .root_fd = tree.fd,
	                                       .settings = &settings,
	                                       .uts = &uts,
	                                       .program = MACHINE_PROGRAM },
	            &p);
	temptree_remove(&tree);
	if (r < 0)
		fail_msg("%s", err_text(r));
	return p.image.unpacked;
}

static void signed_modules_keep_labels(void **state)
{
	uint64_t all = image_with("none [integrity] confidentiality\n", "");

	assert_in_range(all, sizeof(struct file), MIB(1));
	assert_in_range(image_with("[none] integrity confidentiality\n", ""), 1,
	                all - MODULE_LABELS_MIN);
	/* It may ask for signatures in words that are not looked at. */
	assert_int_equal(image_with("[none] integrity confidentiality\n", "quiet"), all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unused_labels_go),   cmocka_unit_test(the_first_symbol_stays),
		cmocka_unit_test(twice_is_once),      cmocka_unit_test(few_labels_stay),
		cmocka_unit_test(the_unknown_stays),  cmocka_unit_test(a_part_stays),
		cmocka_unit_test(damage_is_survived), cmocka_unit_test(signed_modules_keep_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
