/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libraries.h - libraries that are opened when something of theirs is wanted.
 *
 * They need further libraries, for cryptography and for SELinux. Loading all of them at the start
 * would take longer, and more memory, than most verbs do.
 */
#pragma once

#include <blkid/blkid.h>
#include <libkmod.h>
#include <libmount/libmount.h>
#define SD_JOURNAL_SUPPRESS_LOCATION /* with it, functions have other names */
#include <systemd/sd-bus.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>

#include "base/base.h"

#define LIBBLKID_FUNCTIONS(X)                                                                      \
	X(libblkid, blkid_new_probe)                                                               \
	X(libblkid, blkid_free_probe)                                                              \
	X(libblkid, blkid_probe_set_device)                                                        \
	X(libblkid, blkid_probe_enable_superblocks)                                                \
	X(libblkid, blkid_probe_set_superblocks_flags)                                             \
	X(libblkid, blkid_probe_enable_partitions)                                                 \
	X(libblkid, blkid_probe_set_partitions_flags)                                              \
	X(libblkid, blkid_probe_lookup_value)                                                      \
	X(libblkid, blkid_do_safeprobe)

#define LIBKMOD_FUNCTIONS(X)                                                                       \
	X(libkmod, kmod_new)                                                                       \
	X(libkmod, kmod_unref)                                                                     \
	X(libkmod, kmod_set_log_fn)                                                                \
	X(libkmod, kmod_list_next)                                                                 \
	X(libkmod, kmod_module_new_from_lookup)                                                    \
	X(libkmod, kmod_module_get_module)                                                         \
	X(libkmod, kmod_module_get_name)                                                           \
	X(libkmod, kmod_module_get_options)                                                        \
	X(libkmod, kmod_module_get_path)                                                           \
	X(libkmod, kmod_module_get_softdeps)                                                       \
	X(libkmod, kmod_module_get_dependencies)                                                   \
	X(libkmod, kmod_module_unref)                                                              \
	X(libkmod, kmod_module_unref_list)

#define LIBMOUNT_FUNCTIONS(X)                                                                      \
	X(libmount, mnt_new_table)                                                                 \
	X(libmount, mnt_unref_table)                                                               \
	X(libmount, mnt_table_parse_stream)                                                        \
	X(libmount, mnt_table_next_fs)                                                             \
	X(libmount, mnt_new_iter)                                                                  \
	X(libmount, mnt_free_iter)                                                                 \
	X(libmount, mnt_fs_get_devno)                                                              \
	X(libmount, mnt_fs_get_fstype)                                                             \
	X(libmount, mnt_fs_get_fs_options)                                                         \
	X(libmount, mnt_fs_get_options)                                                            \
	X(libmount, mnt_fs_get_vfs_options)                                                        \
	X(libmount, mnt_fs_get_id)                                                                 \
	X(libmount, mnt_fs_get_parent_id)                                                          \
	X(libmount, mnt_fs_get_root)                                                               \
	X(libmount, mnt_fs_get_source)                                                             \
	X(libmount, mnt_fs_get_target)                                                             \
	X(libmount, mnt_optstr_get_option)

#define LIBSYSTEMD_FUNCTIONS(X)                                                                    \
	X(libsystemd, sd_bus_open_system)                                                          \
	X(libsystemd, sd_bus_flush_close_unref)                                                    \
	X(libsystemd, sd_bus_call_method)                                                          \
	X(libsystemd, sd_bus_get_property)                                                         \
	X(libsystemd, sd_bus_get_property_string)                                                  \
	X(libsystemd, sd_bus_message_read)                                                         \
	X(libsystemd, sd_bus_message_unref)                                                        \
	X(libsystemd, sd_bus_error_free)                                                           \
	X(libsystemd, sd_bus_error_has_name)                                                       \
	X(libsystemd, sd_journal_sendv)                                                            \
	X(libsystemd, sd_journal_open)                                                             \
	X(libsystemd, sd_journal_open_directory_fd)                                                \
	X(libsystemd, sd_journal_close)                                                            \
	X(libsystemd, sd_journal_add_match)                                                        \
	X(libsystemd, sd_journal_seek_tail)                                                        \
	X(libsystemd, sd_journal_previous)                                                         \
	X(libsystemd, sd_journal_get_data)                                                         \
	X(libsystemd, sd_journal_get_realtime_usec)                                                \
	X(libsystemd, sd_pid_get_owner_uid)

/* The functions of each library. They can be called once it is open, which it stays. Only one
 * thread may open libraries. -ELIBACC when the library is not installed, -ELIBBAD when it lacks
 * some of them. */
#define LIBRARY_MEMBER(library, name) __typeof__(name) *name;
extern struct libblkid {
	LIBBLKID_FUNCTIONS(LIBRARY_MEMBER)
} libblkid;
extern struct libkmod {
	LIBKMOD_FUNCTIONS(LIBRARY_MEMBER)
} libkmod;
extern struct libmount {
	LIBMOUNT_FUNCTIONS(LIBRARY_MEMBER)
} libmount;
extern struct libsystemd {
	LIBSYSTEMD_FUNCTIONS(LIBRARY_MEMBER)
} libsystemd;
#undef LIBRARY_MEMBER

int libblkid_open(void);
int libkmod_open(void);
int libmount_open(void);
int libsystemd_open(void);

struct library_function {
	const char *name;
	void **pointer; /* is set once all of them were found */
};

/* Opens a library by its name for the dynamic linker, and finds its functions. */
int library_open(const char *file, const struct library_function *functions, size_t n);
