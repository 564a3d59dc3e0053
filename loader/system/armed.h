/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * armed.h - the capture kernel that is loaded, by the record of the last load and by what the
 * kernel says.
 *
 * The record is ARMED_DIRECTORY/armed.json (see record.h); beside it lies the image that was
 * loaded.
 */
#pragma once

#include "loader/system/crashmem.h"
#include "loader/system/record.h"

#define ARMED_DIRECTORY RECORD_DIRECTORY
#define ARMED_RECORD    "armed.json"
#define ARMED_IMAGE     "initramfs.img"

/* Strings are owned; none is NULL once armed_read() filled it. */
struct armed {
	char *kernel;            /* path of the image file */
	char *kernel_release;    /* uname -r of it */
	uint64_t kernel_size;    /* bytes; with the next it tells if the file is still the same */
	uint64_t kernel_changed; /* nanoseconds since 1970 */
	char *command_line;      /* as given to the kernel */
	char *left_out;          /* words of ours that did not fit on it; "" none */
	uint64_t cpus;           /* that it brings up */
	char *cpus_why;          /* what decided that: "all that are online" */
	uint64_t image_size;     /* bytes, packed */
	uint64_t image_unpacked; /* bytes */
	uint64_t image_crc32;    /* of the packed bytes, as zlib's crc32() has it */
	uint64_t digest;         /* of the segments that kexec_load(2) has loaded; 0: it was
	                            kexec_file_load(2) */
	uint64_t reservation;    /* bytes */
	char *path;              /* of the target directory */
	char *device;            /* "/dev/vda1"; "" when dumps cannot be saved there */
	char *device_spec;       /* "UUID=..."; "" likewise */
	char *obstacle;          /* why they cannot; "" when they can */
	char *fstype;
	char *places;        /* that may take a crash, in order: "path reserve console" */
	uint64_t reserve;    /* bytes of the reserve beside the target; 0: there is none */
	char *reserve_why;   /* why there is none; "" when there is one, or none is wanted */
	char **hooks;        /* programs of the administrator: "pre.d/10-fence" */
	char **refused;      /* a line for each that was left out */
	char *back_kernel;   /* that the way back starts by kexec; "" when it is by firmware */
	char *back_obstacle; /* why by firmware; "" when kexec is possible, or not wanted */
	char *back_lacks;    /* what the system lacks after a way back by kexec; "" nothing */
	uint64_t since;      /* seconds since 1970 */
	double build_seconds, load_seconds;
};

void armed_done(struct armed *a);

/* False when dumps cannot be saved in the target directory. */
static inline bool armed_has_target(const struct armed *a)
{
	return !*a->obstacle;
}

/* What is kept of a crash where dumps cannot be saved in the target directory: a line of text,
 * allocated, and what to do about it. Returns 1 when files are kept, 0 when it is the end of the
 * log, or nothing. */
int armed_what_is_left(const struct armed *a, char **ret, const char **ret_remedy);

/* Copies @from with its strings; @ret is zeroed, and stays so on failure. */
int armed_copy(const struct armed *from, struct armed *ret);

/* The record alone. -ENOENT when there is none. */
int armed_read(int root_fd, struct armed *ret);
int armed_write(int directory_fd, const struct armed *a);

/* Keeps the text of the error @r of a load for armed_remark(), and returns @r with its text. A load
 * that went well, 0 or more, removes it. */
int armed_note(int root_fd, int r);

/* What is to be said of what is armed, by those who cannot look for themselves: that the last load
 * failed, and why. Allocated; "" when it did not. */
int armed_remark(int root_fd, char **ret);

/* As an object with all fields; a new reference, NULL for want of memory. */
json_t *armed_to_json(const struct armed *a);

/* 0 when a capture kernel is loaded, and kdump-lite did it. Otherwise the text says why not:
 * -ENODATA no memory is reserved, -ENOENT nothing is loaded, -ESTALE another program unloaded it,
 * -EEXIST another program loaded one; or the error of reading. @ret_mem may be NULL; it is
 * filled with these answers as well. */
int armed_check(int root_fd, struct armed *ret, struct crashmem *ret_mem);
