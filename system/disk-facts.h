/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disk-facts.h - what tells a disk from a copy of it.
 *
 * A clone or a snapshot has the UUIDs of its original, and sometimes its size. sysfs tells both
 * kernels more of a disk, without a look at its contents. Facts are words "key=value", as in the
 * plan:
 *
 *   path      of the device, by the buses that lead to it, without what drivers count anew
 *   name      as the kernel calls it, "vda1"
 *   size      bytes
 *   wwid      name that no other disk in the world has
 *   serial    serial number of the disk
 *   partuuid  UUID in the partition table; the caller adds it, since it is read from the disk
 *
 * In a value "_" stands for what a word cannot hold.
 */
#pragma once

#include "base/base.h"

/* Adds "key=value", or nothing when @value is empty. */
int disk_facts_add(char ***facts, const char *key, const char *value);

/* Adds path and name of the block device that /sys/class/block calls @name. A path that cannot be
 * found is left out. */
int disk_facts_add_place(int root_fd, const char *name, char ***facts);

/* Adds size, wwid and serial, as far as the device has them. */
int disk_facts_add_identity(int root_fd, const char *name, char ***facts);

/* The node in /dev of the block device that /sys/class/block calls @name; allocated. */
int disk_node(const char *name, char **ret);

/* The value of a fact; NULL when it is not known. */
const char *disk_facts_get(char *const *facts, const char *key);

/* How a device fits to the facts of a planned one. A fact that one side lacks says nothing. */
struct disk_fit {
	bool other;        /* a fact differs that stays with a disk */
	bool proven;       /* wwid or serial are those of the plan, and it is no other */
	bool placed;       /* the path is not another one */
	bool named;        /* nor is the name */
	char differs[300]; /* "name is vdb, not vda; ..."; what differs */
	char unseen[100];  /* "serial, wwid": in the plan and not seen */
};

/* A size may change as long as wwid or serial tell that it is the same disk. */
void disk_facts_compare(char *const *planned, char *const *seen, struct disk_fit *ret);
