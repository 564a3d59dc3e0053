// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * synth-orc.c - ORC tables, see synth-orc.h.
 *
 * From arch/x86/include/asm/orc_types.h of Linux 6.1, 6.3, 6.4 and 7.1.
 */
#include "tests/unit/synth-orc.h"

/* ORC_REG_ of version 1 to 3 and of version 4. */
static const unsigned registers[][2] = {
	[ORC_REG_UNKNOWN] = { 15, 15 },    [ORC_REG_UNDEFINED] = { 0, 0 },
	[ORC_REG_PREV_SP] = { 1, 8 },      [ORC_REG_AX] = { 10, 1 },
	[ORC_REG_DX] = { 2, 2 },           [ORC_REG_DI] = { 3, 5 },
	[ORC_REG_BP] = { 4, 4 },           [ORC_REG_SP] = { 5, 3 },
	[ORC_REG_R10] = { 6, 6 },          [ORC_REG_R13] = { 7, 7 },
	[ORC_REG_BP_INDIRECT] = { 8, 10 }, [ORC_REG_SP_INDIRECT] = { 9, 9 },
};

/* ORC_TYPE_ of version 1 and 2, where the first ones are calls, and of version 3 and 4. */
static const unsigned types[][2] = {
	[ORC_TYPE_UNKNOWN] = { 3, 7 }, [ORC_TYPE_UNDEFINED] = { 0, 0 },
	[ORC_TYPE_END] = { 0, 1 },     [ORC_TYPE_CALL] = { 0, 2 },
	[ORC_TYPE_REGS] = { 1, 3 },    [ORC_TYPE_PARTIAL] = { 2, 4 },
};

struct orc_facts synth_orc_facts(const struct synth_orc *o)
{
	return (struct orc_facts){ .kernel = o->table,
		                   .has_signal = o->version > 1,
		                   .has_end = o->version < 3 };
}

void synth_orc_add(struct synth_orc *o, uint64_t ip, struct orc_entry e)
{
	uint64_t ip_va = o->table.ips + 4 * o->table.n, va = o->table.entries + 6 * o->table.n;
	unsigned flags = registers[e.sp_reg][o->version == 4] |
	                 registers[e.bp_reg][o->version == 4] << 4 |
	                 types[e.type][o->version > 2] << 8;
	uint8_t distance[4], entry[6];

	if (o->version == 1)
		flags |= (e.type == ORC_TYPE_END) << 10;
	else if (o->version == 2)
		flags |= e.signal << 10 | (e.type == ORC_TYPE_END) << 11;
	else
		flags |= e.signal << 11;
	synth_put(distance, ip - ip_va, 4, false);
	synth_put(entry, (uint16_t)e.sp_offset, 2, false);
	synth_put(entry + 2, (uint16_t)e.bp_offset, 2, false);
	synth_put(entry + 4, flags, 2, false);
	synth_store(o->machine, ip_va, distance, sizeof(distance));
	synth_store(o->machine, va, entry, sizeof(entry));
	o->table.n++;
}
