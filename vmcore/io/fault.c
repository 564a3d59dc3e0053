// SPDX-License-Identifier: GPL-2.0-or-later
/* fault.c - pages of a mapping that cannot be read, see fault.h. */
#include "vmcore/io/fault.h"

#include <signal.h>
#include <sys/mman.h>

/* A signal of this kind comes to the thread that has read. */
static _Thread_local struct fault_watch *watches;

static void on_fault(int signal_nr, siginfo_t *info, void *context)
{
	size_t page_size = sysconf(_SC_PAGESIZE);
	uint8_t *page = (uint8_t *)ALIGN_DOWN((uintptr_t)info->si_addr, page_size);

	for (struct fault_watch *w = watches; w; w = w->next) {
		if (page < w->start || page >= w->start + w->len)
			continue;
		if (mmap(page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		         0) != page)
			break;
		w->faults++;
		return;
	}
	/* The fault happens again. */
	signal(signal_nr, SIG_DFL);
}

void fault_catch(void)
{
	const struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

void fault_watch(struct fault_watch *w, const void *start, size_t len)
{
	*w = (struct fault_watch){ .start = start, .len = len, .next = watches };
	watches = w;
}

void fault_unwatch(struct fault_watch *w)
{
	for (struct fault_watch **at = &watches; *at; at = &(*at)->next)
		if (*at == w) {
			*at = w->next;
			return;
		}
}
