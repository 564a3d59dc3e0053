// SPDX-License-Identifier: GPL-2.0-or-later
/* grubscript.c - runs a script of GRUB, see grubscript.h. */
#include "loader/boot/grubscript.h"

#include <ctype.h>
#include <errno.h>

#include "base/array.h"
#include "base/err.h"
#include "base/text.h"
#include "loader/boot/entrypath.h"
#include "system/tree.h"

#define STEPS_MAX 1000000 /* words, also of commands that are skipped; long ones count more */
#define DEPTH_MAX 40      /* of blocks, functions and files within each other */

/* Words of the language, and the ways in which a list of commands ends. */
enum keyword { NONE, END, CLOSE, THEN, ELIF, ELSE, FI, DO, DONE, IF, WHILE, UNTIL, FOR, FUNCTION };

static const char *const keywords[] = {
	[THEN] = "then",
	[ELIF] = "elif",
	[ELSE] = "else",
	[FI] = "fi",
	[DO] = "do",
	[DONE] = "done",
	[IF] = "if",
	[WHILE] = "while",
	[UNTIL] = "until",
	[FOR] = "for",
	[FUNCTION] = "function",
};

#define ENDS(k) (1u << (k))

static int run_list(struct grub_script *s, struct grub_text *t, enum grub_truth level,
                    unsigned ends, enum keyword *ret_end);

void grub_script_done(struct grub_script *s)
{
	grubenv_done(&s->vars);
	strv_free(s->exported);
	strv_free(s->texts);
	for (size_t i = 0; i < s->n_functions; i++)
		free(s->functions[i].name);
	free(s->functions);
	*s = (struct grub_script){};
}

/* --- Words of a script ----------------------------------------------------------------------- */

/* Skips blanks, comments and lines that go on; with @lines also ends of lines and ';'. */
static void skip_blanks(struct grub_text *t, bool lines)
{
	while (t->at < t->end) {
		if (*t->at == '#') {
			while (t->at < t->end && *t->at != '\n')
				t->at++;
		} else if (*t->at == '\\' && t->at + 1 < t->end && t->at[1] == '\n') {
			t->at += 2;
		} else if (strchr(lines ? " \t\r\n;" : " \t\r", *t->at)) {
			t->at++;
		} else {
			return;
		}
	}
}

static struct grub_text next_word(struct grub_text *t)
{
	struct grub_text word = { t->at, grub_word_end(t->at, t->end) };

	t->at = word.end;
	return word;
}

static bool word_is(struct grub_text word, const char *text)
{
	size_t len = word.end - word.at;

	return strlen(text) == len && memcmp(word.at, text, len) == 0;
}

static enum keyword find_keyword(struct grub_text word)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (keywords[i] && word_is(word, keywords[i]))
			return i;
	return NONE;
}

/* --- Commands -------------------------------------------------------------------------------- */

static bool is_assignment(const char *word)
{
	size_t len =
		strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return len > 0 && word[len] == '=' && !isdigit((unsigned char)*word);
}

/* Sets a variable, which is not known any more if the command may not be run. */
static int set_variable(struct grub_script *s, const char *name, const char *value)
{
	const char *old = grubenv_get(&s->vars, name);

	if (s->level == GRUB_UNKNOWN && !streq(old ? old : "", value ? value : ""))
		value = GRUB_UNKNOWN_VALUE;
	return grubenv_set(&s->vars, name, value);
}

/* "set NAME=VALUE", "NAME=VALUE" and "export NAME[=VALUE]". */
static int assign(struct grub_script *s, char *word, bool export)
{
	char *value = word + strcspn(word, "=");
	bool has_value = *value == '=';
	int r = 0;

	if (has_value)
		*value++ = '\0';
	if (export && !strv_contains(s->exported, word) &&
	    (r = strv_length(s->exported) < GRUB_WORDS_MAX ? strv_push(&s->exported, word)
	                                                   : -E2BIG) < 0)
		return r;
	return has_value ? set_variable(s, word, value) : 0;
}

/* Variables that a command of GRUB sets by itself, as "search --set=dev". */
static int forget_results(struct grub_script *s, struct grub_words *w)
{
	bool counts = streq(w->list[0], "increment") || streq(w->list[0], "decrement");
	int r = 0;

	for (size_t i = 1; r == 0 && i < w->n; i++) {
		char *word = w->list[i];

		if (strncmp(word, "--set=", strlen("--set=")) == 0)
			word += strlen("--set=");
		else if (!streq(w->list[i - 1], "--set") && !streq(w->list[i - 1], "-s") &&
		         !(counts && i == 1))
			continue;
		word += strcspn(word, ":") < strlen(word) ? strcspn(word, ":") + 1 : 0;
		r = grubenv_set(&s->vars, word, GRUB_UNKNOWN_VALUE);
	}
	return r;
}

static int load_env(struct grub_script *s, struct grub_words *w)
{
	_cleanup_(grubenv_done) struct grubenv env = {};
	_cleanup_free_ char *path = NULL;
	const char *file = NULL;
	int r = 0;

	for (size_t i = 1; i + 1 < w->n; i++)
		if (streq(w->list[i], "-f") || streq(w->list[i], "--file"))
			file = w->list[i + 1];
	if (file && grub_script_path(s->root_fd, file, &path) < 0)
		return GRUB_FALSE;
	r = file ? grubenv_read_file(s->root_fd, path, &env) : grubenv_read(s->root_fd, &env);
	if (r < 0)
		return r == -ENOMEM ? r : GRUB_FALSE;
	for (char **word = env.words; r >= 0 && word && *word; word++) {
		char *value = strchr(*word, '=');

		/* It is for one boot, and gone once GRUB has read it. */
		if (strncmp(*word, "next_entry=", strlen("next_entry=")) == 0)
			continue;
		*value = '\0';
		r = set_variable(s, *word, value + 1);
		*value = '=';
	}
	return r < 0 ? r : GRUB_TRUE;
}

static int source(struct grub_script *s, struct grub_words *w)
{
	_cleanup_free_ char *path = NULL;
	int r;

	if (w->n < 2 || !grub_word_known(grub_without_device(w->list[1])))
		return errf(-EBADMSG, "GRUB reads one more file, and its name is not known");
	r = grub_script_path(s->root_fd, w->list[1], &path);
	if (r < 0)
		return r == -ENOENT ? GRUB_FALSE : r;
	r = grub_script_source(s, path);
	return r < 0 ? r : (int)s->status;
}

/* Ends the script; where it may go on all the same, nothing is certain any more. */
static int leave(struct grub_script *s)
{
	if (s->level != GRUB_TRUE)
		return errf(-EBADMSG, "a condition that only GRUB knows ends the script");
	s->left = true;
	return GRUB_TRUE;
}

static int run_function(struct grub_script *s, struct grub_words *w, bool *ret_found)
{
	int r;

	*ret_found = true;
	for (size_t i = s->n_functions; i-- > 0;) {
		if (!streq(s->functions[i].name, w->list[0]))
			continue;
		for (size_t arg = 1; arg < 10; arg++) {
			char name[2] = { '0' + arg };

			r = grubenv_set(&s->vars, name, arg < w->n ? w->list[arg] : NULL);
			if (r < 0)
				return r;
		}
		r = grub_script_run(s, s->functions[i].body);
		s->left = false;
		return r < 0 ? r : (int)s->status;
	}
	*ret_found = false;
	return 0;
}

/* Commands of the language itself. -ENOSYS: it is another one. */
static int run_own(struct grub_script *s, struct grub_words *w)
{
	const char *name = w->list[0];
	int r = 0;

	if (streq(name, "set") || streq(name, "export")) {
		for (size_t i = 1; r == 0 && i < w->n; i++)
			r = assign(s, w->list[i], *name == 'e');
		return r < 0 ? r : GRUB_TRUE;
	}
	if (is_assignment(name))
		return (r = assign(s, w->list[0], false)) < 0 ? r : GRUB_TRUE;
	if (streq(name, "unset")) {
		for (size_t i = 1; r == 0 && i < w->n; i++)
			r = set_variable(s, w->list[i], NULL);
		return r < 0 ? r : GRUB_TRUE;
	}
	if (streq(name, "[") && streq(w->list[w->n - 1], "]"))
		return grub_test(s->root_fd, w->list + 1, w->n - 2);
	if (streq(name, "test"))
		return grub_test(s->root_fd, w->list + 1, w->n - 1);
	if (streq(name, "load_env"))
		return load_env(s, w);
	if (streq(name, "source") || streq(name, "."))
		return source(s, w);
	if (streq(name, "configfile")) {
		/* The menu is that of the other file, and GRUB does not come back. */
		r = source(s, w);
		return r == GRUB_TRUE ? leave(s) : r;
	}
	if (streq(name, "return") || streq(name, "exit") || streq(name, "normal_exit"))
		return leave(s);
	if (streq(name, "true") || streq(name, "false"))
		return *name == 't' ? GRUB_TRUE : GRUB_FALSE;
	return -ENOSYS;
}

static int run_words(struct grub_script *s, struct grub_words *w, struct grub_text block)
{
	bool negated = w->n > 1 && streq(w->list[0], "!"), found;
	int r;

	if (negated)
		memmove(w->list, w->list + 1, w->n-- * sizeof(*w->list));
	if (!grub_word_known(w->list[0]))
		return errf(-EBADMSG, "a command has a name that only GRUB knows");
	r = run_function(s, w, &found);
	if (!found)
		r = s->command(s, w, block);
	if (!found && r == -ENOSYS)
		r = run_own(s, w);
	if (r == -ENOSYS)
		r = (r = forget_results(s, w)) < 0 ? r : GRUB_UNKNOWN;
	return r < 0 ? r : negated ? GRUB_TRUE - r : r;
}

/* --- Structure ------------------------------------------------------------------------------- */

/* Skips "{...}" at the place, which is given back without its braces. */
static int skip_block(struct grub_script *s, struct grub_text *t, struct grub_text *ret)
{
	enum keyword end;
	int r;

	ret->at = ++t->at;
	r = run_list(s, t, GRUB_FALSE, ENDS(CLOSE), &end);
	ret->end = t->at - 1;
	return r;
}

static int take_step(struct grub_script *s)
{
	return ++s->steps > STEPS_MAX ? errf(-E2BIG, "GRUB's script has too many commands") : 0;
}

/* Runs one command, up to the end of its line. */
static int run_command(struct grub_script *s, struct grub_text *t, enum grub_truth level)
{
	_cleanup_free_ struct grub_words *w = malloc(sizeof(*w));
	struct grub_text block = {};
	int r;

	if (!w)
		return oom("a command");
	w->n = w->len = 0;
	w->open = false;
	w->list[0] = NULL;
	for (;;) {
		skip_blanks(t, false);
		if (t->at >= t->end || strchr("\n;}", *t->at))
			break;
		if ((r = take_step(s)) < 0)
			return r;
		if (*t->at == '{')
			r = skip_block(s, t, &block);
		else if (strchr("|&<>", *t->at))
			r = errf(-EBADMSG, "unexpected \"%c\"", *t->at);
		else if (level == GRUB_FALSE)
			(void)next_word(t);
		else
			r = grub_words_add(w, next_word(t), &s->vars);
		if (r < 0)
			return r;
	}
	if (w->n == 0)
		return 0;
	s->level = level;
	s->steps += w->len / 16;
	r = run_words(s, w, block);
	if (r >= 0)
		s->status = r;
	return r < 0 ? r : 0;
}

/* "if LIST; then LIST; elif LIST; then LIST; else LIST; fi", behind its first word. */
static int run_if(struct grub_script *s, struct grub_text *t, enum grub_truth level)
{
	enum keyword end = ELIF;
	int r;

	while (end == ELIF) {
		enum grub_truth taken;

		s->status = GRUB_FALSE;
		r = run_list(s, t, level, ENDS(THEN), &end);
		if (r < 0)
			return r;
		taken = MIN(level, s->status);
		r = run_list(s, t, taken, ENDS(ELIF) | ENDS(ELSE) | ENDS(FI), &end);
		if (r < 0)
			return r;
		level = MIN(level, GRUB_TRUE - taken);
	}
	return end == ELSE ? run_list(s, t, level, ENDS(FI), &end) : 0;
}

/* Loops are gone through once, as if they may not be run at all. */
static int run_loop(struct grub_script *s, struct grub_text *t, enum grub_truth level,
                    enum keyword which)
{
	enum keyword end;
	int r = 0;

	level = MIN(level, GRUB_UNKNOWN);
	if (which == FOR) {
		struct grub_text name;

		skip_blanks(t, false);
		name = next_word(t);
		if (level != GRUB_FALSE) {
			_cleanup_free_ char *variable = strndup(name.at, name.end - name.at);

			r = variable ? grubenv_set(&s->vars, variable, GRUB_UNKNOWN_VALUE)
			             : oom("a name");
		}
		if (r < 0)
			return r;
		while (t->at < t->end && !strchr("\n;", *t->at))
			t->at++;
	}
	if ((r = run_list(s, t, which == FOR ? GRUB_FALSE : level, ENDS(DO), &end)) < 0)
		return r;
	return run_list(s, t, level, ENDS(DONE), &end);
}

/* "function NAME {...}", behind its first word. */
static int define_function(struct grub_script *s, struct grub_text *t, enum grub_truth level)
{
	struct grub_text name, body;
	int r;

	skip_blanks(t, true);
	name = next_word(t);
	skip_blanks(t, true);
	if (t->at >= t->end || *t->at != '{')
		return errf(-EBADMSG, "a function has no \"{\"");
	r = skip_block(s, t, &body);
	if (r < 0 || level == GRUB_FALSE)
		return r;
	r = array_grow(&s->functions, s->n_functions, "functions of GRUB's script");
	if (r < 0)
		return r;
	s->functions[s->n_functions] =
		(struct grub_function){ .name = strndup(name.at, name.end - name.at),
		                        .body = body };
	if (!s->functions[s->n_functions].name)
		return oom("a function");
	s->n_functions++;
	return 0;
}

/* Runs what begins with the word @k of the language, or a plain command. */
static int run_statement(struct grub_script *s, struct grub_text *t, enum keyword k,
                         enum grub_truth level)
{
	if (k != NONE)
		(void)next_word(t);
	switch (k) {
	case NONE:
		return run_command(s, t, level);
	case IF:
		return run_if(s, t, level);
	case FUNCTION:
		return define_function(s, t, level);
	default:
		return run_loop(s, t, level, k);
	}
}

/* Runs commands up to one of the @ends, which is taken off the text too. */
static int run_list(struct grub_script *s, struct grub_text *t, enum grub_truth level,
                    unsigned ends, enum keyword *ret_end)
{
	enum keyword k = NONE;
	int r = s->depth >= DEPTH_MAX ? errf(-ELOOP, "GRUB's script goes too deep") : 0;

	s->depth++;
	while (r >= 0) {
		struct grub_text ahead;

		skip_blanks(t, true);
		ahead = *t;
		k = t->at >= t->end ? END : *t->at == '}' ? CLOSE : find_keyword(next_word(&ahead));
		if (k > NONE && k < IF)
			break;
		r = take_step(s);
		if (r >= 0)
			r = run_statement(s, t, k, s->left ? GRUB_FALSE : level);
	}
	s->depth--;
	if (r < 0)
		return r;
	if (!(ends & ENDS(k)))
		return errf(-EBADMSG, "unexpected \"%s\"",
		            k == END     ? "end of file"
		            : k == CLOSE ? "}"
		                         : keywords[k]);
	if (k != END)
		t->at = k == CLOSE ? t->at + 1 : grub_word_end(t->at, t->end);
	*ret_end = k;
	return 0;
}

int grub_script_run(struct grub_script *s, struct grub_text text)
{
	enum grub_truth level = s->level;
	enum keyword end;
	int r = run_list(s, &text, level, ENDS(END), &end);

	s->level = level;
	return r;
}

int grub_script_source(struct grub_script *s, const char *path)
{
	_cleanup_free_ char *text = NULL;
	size_t len, n = strv_length(s->texts);
	const char *kept;
	int r = tree_read(s->root_fd, path, GRUB_SCRIPT_MAX, &text, &len);

	if (r < 0)
		return r;
	if (strlen(text) != len)
		return errf(-EBADMSG, "%s: is no text", path);
	if ((r = take_step(s)) < 0 || (r = strv_push(&s->texts, text)) < 0)
		return r;
	s->steps += len / 16;
	kept = s->texts[n];
	r = grub_script_run(s, (struct grub_text){ kept, kept + len });
	return r < 0 && r != -ENOMEM ? err_prefix(r, "%s", path) : r;
}

const char *grub_without_device(const char *path)
{
	const char *end = *path == '(' ? strchr(path, ')') : NULL;

	return end ? end + 1 : path;
}

int grub_script_path(int root_fd, const char *path, char **ret)
{
	static const char *const directories[] = { "/boot", "" };

	path = grub_without_device(path);
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		_cleanup_free_ char *found = NULL;
		int r = entrypath_find(root_fd, directories[i], path, &found);

		if (r < 0)
			return r;
		if (!tree_exists(root_fd, found))
			continue;
		*ret = TAKE_PTR(found);
		return 0;
	}
	return -ENOENT;
}
