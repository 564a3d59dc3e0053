/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libkmod.h - libkmod, opened when modules are looked for.
 *
 * It brings libcrypto along, and to start with the two takes longer, and more memory, than most of
 * what is done without them.
 */
#pragma once

#include <libkmod.h>

#define LIBKMOD_FUNCTIONS(X)                                                                       \
	X(kmod_new)                                                                                \
	X(kmod_unref)                                                                              \
	X(kmod_set_log_fn)                                                                         \
	X(kmod_list_next)                                                                          \
	X(kmod_module_new_from_lookup)                                                             \
	X(kmod_module_get_module)                                                                  \
	X(kmod_module_get_name)                                                                    \
	X(kmod_module_get_path)                                                                    \
	X(kmod_module_get_softdeps)                                                                \
	X(kmod_module_get_dependencies)                                                            \
	X(kmod_module_unref)                                                                       \
	X(kmod_module_unref_list)

struct libkmod {
#define LIBKMOD_MEMBER(name) __typeof__(name) *name;
	LIBKMOD_FUNCTIONS(LIBKMOD_MEMBER)
#undef LIBKMOD_MEMBER
};

/* Gives the functions of the library, which then stays open; by one thread. -ELIBACC when it is not
 * installed, -ELIBBAD when it lacks some. */
int libkmod_open(const struct libkmod **ret);
