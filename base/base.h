/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base.h - the few macros of the house.
 *
 * Everything else is an ordinary function with a prefix that names its file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a)     (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)         ((a) < (b) ? (a) : (b))
#define MAX(a, b)         ((a) > (b) ? (a) : (b))
#define KIB(n)            ((uint64_t)(n) << 10)
#define MIB(n)            ((uint64_t)(n) << 20)
#define ALIGN_DOWN(x, to) ((x) / (to) * (to))
#define ALIGN_UP(x, to)   ALIGN_DOWN((x) + (to)-1, to)

/* Released at the end of the scope, whichever way it is left. */
#define _cleanup_(fn)       __attribute__((cleanup(fn)))
#define _cleanup_free_      _cleanup_(base_freep)
#define _cleanup_close_     _cleanup_(base_closep)
#define _printf_(fmt, args) __attribute__((format(printf, fmt, args)))

/* Defines x_freep() for _cleanup_(): it frees a struct x by x_free(), which returns NULL. */
#define BASE_FREEP(x)                                                                              \
	static inline void x##_freep(struct x **p)                                                 \
	{                                                                                          \
		*p = x##_free(*p);                                                                 \
	}

/* Hands a pointer on to its next owner and leaves NULL behind. */
#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		typeof(p) taken_ = (p);                                                            \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

/* Hands a file descriptor on to its next owner and leaves -1 behind. */
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

/* Hands a structure on to its next owner and leaves zeroes behind. */
#define TAKE_STRUCT(s)                                                                             \
	({                                                                                         \
		typeof(s) taken_ = (s);                                                            \
		(s) = (typeof(s)){};                                                               \
		taken_;                                                                            \
	})

static inline void base_freep(void *p)
{
	free(*(void **)p);
}

static inline void base_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}
