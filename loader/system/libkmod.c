// SPDX-License-Identifier: GPL-2.0-or-later
/* libkmod.c - opens libkmod, see libkmod.h. */
#include "loader/system/libkmod.h"

#include <dlfcn.h>
#include <errno.h>

#include "vmcore/base/err.h"

#define LIBKMOD "libkmod.so.2"

int libkmod_open(const struct libkmod **ret)
{
	static struct libkmod functions;
	static const struct {
		const char *name;
		void **pointer;
	} wanted[] = {
#define LIBKMOD_WANTED(name) { #name, (void **)&functions.name },
		LIBKMOD_FUNCTIONS(LIBKMOD_WANTED)
#undef LIBKMOD_WANTED
	};
	void *library = dlopen(LIBKMOD, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return errf(-ELIBACC, "modules cannot be looked for: %s; install libkmod",
		            dlerror());
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		*wanted[i].pointer = dlsym(library, wanted[i].name);
		if (!*wanted[i].pointer)
			return errf(-ELIBBAD, "modules cannot be looked for: %s has no %s()",
			            LIBKMOD, wanted[i].name);
	}
	*ret = &functions;
	return 0;
}
