/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modbox.h - a machine with modules, opened as far as readers of modules want it. */
#pragma once

#include "tests/unit/synth-modules.h"
#include "vmcore/view/kview.h"

struct modbox {
	struct synth m;
	struct synth_modules modules;
	struct synth_btf types; /* by synth_modules_types() */

	/* The machine as it was when it was opened last. */
	struct dump *d;
	struct kview v; /* without CPUs */
};

/* Begins with symbols of the kernel, "modules" among them. @layouts, @no_types: see struct
 * synth_modules. */
void modbox_begin(struct modbox *box, const struct synth_symbol *kernel, size_t n, bool layouts,
                  bool no_types);
void modbox_end(struct modbox *box);

/* Opens the machine as it is now. */
void modbox_open(struct modbox *box);

/* Changes @size bytes of its memory. */
void modbox_put(struct modbox *box, uint64_t va, uint64_t v, size_t size);
