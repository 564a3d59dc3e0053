// SPDX-License-Identifier: GPL-2.0-or-later
/* libraries.c - opens libraries, see libraries.h. */
#include "system/libraries.h"

#include <dlfcn.h>
#include <errno.h>

#include "base/err.h"

int library_open(const char *file, const struct library_function *functions, size_t n)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return errf(-ELIBACC, "%s; install the package that has it", dlerror());
	for (size_t i = 0; i < n; i++)
		if (!dlsym(library, functions[i].name)) {
			dlclose(library);
			return errf(-ELIBBAD, "%s: has no %s(); install a newer one", file,
			            functions[i].name);
		}
	for (size_t i = 0; i < n; i++)
		*functions[i].pointer = dlsym(library, functions[i].name);
	return 0;
}

#define LIBRARY_FUNCTION(library, name) { #name, (void **)&library.name },

#define LIBRARY(library, file, FUNCTIONS)                                                          \
	struct library library;                                                                    \
	int library##_open(void)                                                                   \
	{                                                                                          \
		static const struct library_function functions[] = { FUNCTIONS(                    \
			LIBRARY_FUNCTION) };                                                       \
                                                                                                   \
		return *functions[0].pointer                                                       \
		               ? 0                                                                 \
		               : library_open(file, functions, ARRAY_SIZE(functions));             \
	}

LIBRARY(libblkid, "libblkid.so.1", LIBBLKID_FUNCTIONS)
LIBRARY(libkmod, "libkmod.so.2", LIBKMOD_FUNCTIONS)
LIBRARY(libmount, "libmount.so.1", LIBMOUNT_FUNCTIONS)
LIBRARY(libsystemd, "libsystemd.so.0", LIBSYSTEMD_FUNCTIONS)
