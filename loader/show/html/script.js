// SPDX-License-Identifier: GPL-2.0-or-later
// What the page can do beyond being read: searching, sorting, levels of the log, unfolding for print.
"use strict";
{
	const all = (selector, below = document) => [...below.querySelectorAll(selector)];
	const one = id => document.getElementById(id);

	// --- Searching -------------------------------------------------------------------------

	// What is found or not: lines of the log, rows, and what unfolds.
	const things = all(".log p, tbody tr, details.card").map(element => ({ element, section: element.closest("section") }));
	const input = one("search"), found = one("found");
	const folded = new Map();

	const find = () => {
		const words = input.value.toLowerCase().split(/\s+/).filter(word => word);
		const hits = new Map();
		for (const thing of things) {
			thing.text ??= thing.element.textContent.toLowerCase();
			const hit = words.every(word => thing.text.includes(word));
			thing.element.hidden = !hit;
			if (hit)
				hits.set(thing.section, (hits.get(thing.section) ?? 0) + 1);
			if (thing.element.tagName != "DETAILS")
				continue;
			if (words.length > 0 && hit && !folded.has(thing.element)) {
				folded.set(thing.element, thing.element.open);
				thing.element.open = true;
			} else if (folded.has(thing.element) && !(words.length > 0 && hit)) {
				thing.element.open = folded.get(thing.element);
				folded.delete(thing.element);
			}
		}
		// The table of contents has them in the same order.
		const links = all("nav li");
		all("section").forEach((section, i) => {
			section.hidden = links[i].hidden = words.length > 0 && !hits.has(section);
		});
		const n = [...hits.values()].reduce((sum, hit) => sum + hit, 0);
		found.value = words.length == 0 ? "" : n == 0 ? "nothing found" : `${n} found`;
		if (words.length == 0)
			to_end();
	};
	let waiting = 0;
	input.addEventListener("input", () => {
		clearTimeout(waiting);
		waiting = setTimeout(find, 80);
	});
	document.addEventListener("keydown", event => {
		if (event.key == "/" && document.activeElement != input && !event.ctrlKey && !event.metaKey) {
			event.preventDefault();
			input.focus();
		} else if (event.key == "Escape" && document.activeElement == input) {
			input.value = "";
			find();
		}
	});
	input.parentElement.hidden = false;

	// --- Sorting ---------------------------------------------------------------------------

	const compare = (a, b) => {
		if (a == "" || b == "")
			return (a == "") - (b == "");
		return isNaN(a) || isNaN(b) ? a.localeCompare(b, "en", { numeric: true }) : a - b;
	};
	const sort = (table, column, heading) => {
		const down = heading.getAttribute("aria-sort") == "ascending";
		const value = row => row.cells[column].dataset.v ?? row.cells[column].textContent.trim();
		const rows = [...table.tBodies[0].rows].map(row => ({ row, value: value(row) }));
		rows.sort((a, b) => down ? compare(b.value, a.value) : compare(a.value, b.value));
		table.tBodies[0].append(...rows.map(item => item.row));
		for (const other of all("th[aria-sort]", table))
			other.removeAttribute("aria-sort");
		heading.setAttribute("aria-sort", down ? "descending" : "ascending");
	};
	for (const table of all("table"))
		all("th", table).forEach((heading, column) => {
			const button = document.createElement("button");
			button.append(...heading.childNodes);
			button.addEventListener("click", () => sort(table, column, heading));
			heading.append(button);
		});

	// --- The log ---------------------------------------------------------------------------

	const log = one("lines");
	// The last lines tell most.
	const to_end = () => log && (log.scrollTop = log.scrollHeight);
	if (log && log.querySelector(".e, .w, .o, .d")) {
		const levels = document.createElement("span");
		levels.className = "levels";
		for (const [name, text] of [["", "all"], ["warnings", "warnings"], ["errors", "errors"]]) {
			const button = document.createElement("button");
			button.textContent = text;
			button.setAttribute("aria-pressed", name == "");
			button.addEventListener("click", () => {
				log.className = `log ${name}`;
				for (const other of all("button", levels))
					other.setAttribute("aria-pressed", other == button);
				to_end();
			});
			levels.append(button);
		}
		log.closest("section").querySelector("h2").append(levels);
	}
	to_end();

	// --- Printing --------------------------------------------------------------------------

	let opened = [];
	addEventListener("beforeprint", () => {
		opened = all("details:not([open])");
		for (const element of opened)
			element.open = true;
	});
	addEventListener("afterprint", () => {
		for (const element of opened)
			element.open = false;
	});
}
