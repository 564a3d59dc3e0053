/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grubscript.h - runs a script of GRUB, as far as a menu needs it.
 *
 * The language is a small shell (grub-core/script/parser.y, 2.12): commands, "if", loops and
 * functions. Some of what a script asks for is known to GRUB only, such as whether a key is held
 * down. Then both ways are gone, and what is set on them counts as not known.
 *
 * The script is a file of the machine that somebody may have damaged: depth, number of commands and
 * sizes have limits.
 */
#pragma once

#include "loader/boot/grubwords.h"

/* Bytes of a file. */
#define GRUB_SCRIPT_MAX MIB(1)

/* What a condition says, and whether a command is run. The smaller one is that of both. */
enum grub_truth { GRUB_FALSE, GRUB_UNKNOWN, GRUB_TRUE };

struct grub_script;

/* One more command than the language has itself. @block is its last argument "{...}"; at is NULL
 * without it. s->level is GRUB_UNKNOWN where the command may or may not be run. Returns a truth, or
 * an error. -ENOSYS: there is no such command. */
typedef int grub_command_fn(struct grub_script *s, struct grub_words *w, struct grub_text block);

struct grub_function {
	char *name;
	struct grub_text body;
};

struct grub_script {
	int root_fd;
	grub_command_fn *command;
	void *arg; /* its own */

	struct grubenv vars;
	char **exported; /* names of the variables that submenus have too */
	char **texts;    /* files that were read; functions and blocks are in them */
	struct grub_function *functions;
	size_t n_functions;
	enum grub_truth level, status;
	bool left; /* the rest of the script is not run */
	unsigned steps, depth;
};

void grub_script_done(struct grub_script *s);

/* Runs a text that stays as long as @s. -EBADMSG: it is no script; -E2BIG, -ELOOP: it is too long
 * or too deep. */
int grub_script_run(struct grub_script *s, struct grub_text text);

/* Reads a file by its path on this machine, and runs it. */
int grub_script_source(struct grub_script *s, const char *path);

/* Cuts "(hd0,gpt1)" off a path: all files are taken to be on the devices that are mounted. */
const char *grub_without_device(const char *path);

/* Makes the path of a file on this machine from that of a script, as "($root)/grub/custom.cfg";
 * allocated. -ENOENT without a text: there is no such file. */
int grub_script_path(int root_fd, const char *path, char **ret);

/* The command "[" without its brackets (grub-core/commands/test.c, 2.12). */
enum grub_truth grub_test(int root_fd, char *const *args, size_t n);
