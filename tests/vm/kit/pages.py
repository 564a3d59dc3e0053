# SPDX-License-Identifier: GPL-2.0-or-later
"""Reports as others read them: JSON by its schema, the page by a browser."""

import json

from kit import browser, places
from kit.report import expect

SCHEMA = places.PROJECT / "vmcore/text/report.schema.json"

# In the page.
SEARCH = """(words => {
    const input = document.getElementById("search");
    input.value = words;
    input.dispatchEvent(new Event("input"));
    return new Promise(done => setTimeout(done, 300));
})(%s)"""
VISIBLE = "[...document.querySelectorAll(%s)].filter(element => !element.closest('[hidden]'))%s"
THINGS = "'.log p, tbody tr, details.card'"


def strictly(schema):
    """The same, but what it does not name is not allowed."""
    if isinstance(schema, list):
        return [strictly(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: strictly(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        strict["additionalProperties"] = False
    return strict


def check_schema(report):
    """The schema tells of all that there is, and it is as the schema says."""
    import jsonschema  # only the tests of reports have it

    validator = jsonschema.Draft202012Validator(strictly(json.loads(SCHEMA.read_text())))
    faults = [f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:300]}"
              for fault in validator.iter_errors(report)]
    expect(not faults, "\n".join(faults[:20]))


def count(page, selector=THINGS, more=""):
    return page.value(VISIBLE % (selector, more) + ".length")


def check_search(page):
    everything, sections = count(page), count(page, "'section'")
    word = page.value("(document.querySelector('.log p:last-child, tbody td:not(:empty)')?.textContent ?? '')"
                      ".trim().split(/\\s+/).pop()")
    page.value(SEARCH % json.dumps(word))
    found = count(page)
    expect(0 < found <= everything and found == count(page, more="""
        .filter(element => element.textContent.toLowerCase().includes(%s.toLowerCase()))""" % json.dumps(word)),
           (word, found, everything))
    expect(page.value("document.getElementById('found').textContent") == f"{found} found", word)
    page.value(SEARCH % "'no such \\u2603 thing'")
    expect(count(page) == count(page, "'section'") == 0, "something is found that is not there")
    page.value(SEARCH % "''")
    expect((count(page), count(page, "'section'")) == (everything, sections), "not all comes back")


def check_sorting(page):
    """By the first column, which has numbers in reports of tasks, up and down."""
    column = """[...document.querySelectorAll("#tasks tbody tr")].map(row => Number(row.cells[0].textContent))"""
    page.value("document.querySelector('#tasks th button').click()")
    up = page.value(column)
    page.value("document.querySelector('#tasks th button').click()")
    down = page.value(column)
    expect(len(up) > 1 and up == sorted(up) and down == sorted(up, reverse=True), (up, down))


def check_page(path, pictures):
    """A browser has nothing against the page, it works with scripts and without, and stands alone.
    Leaves pictures of it. Returns what is on it: title, ids of the sections and number of tasks."""
    with browser.page() as page:
        page.look(1400, 1000)
        page.open(path)
        expect(not page.complaints, "\n".join(page.complaints))
        facts = page.value("""({
            title: document.querySelector("h1").textContent,
            shown: document.title,
            sections: [...document.querySelectorAll("section")].map(section => section.id),
            tasks: document.querySelectorAll("#tasks tbody tr").length,
            wide: document.documentElement.scrollWidth > innerWidth,
            styled: getComputedStyle(document.body).maxWidth != "none" })""")
        expect(facts["title"] and facts["shown"].startswith(facts["title"])
               and facts["styled"] and not facts["wide"], facts)
        links = page.value("[...document.querySelectorAll('nav a')].map(link => link.getAttribute('href').slice(1))")
        expect(links == facts["sections"] and len(set(links)) == len(links), (links, facts))
        page.photograph(pictures / f"{path.stem}-wide.png")
        if count(page):
            check_search(page)
        if facts["tasks"] > 1:
            check_sorting(page)
        page.look(420, 900, "dark")
        page.photograph(pictures / f"{path.stem}-narrow-dark.png")
        expect(page.value("document.documentElement.scrollWidth <= innerWidth"), "too wide for a narrow window")
        page.look(1400, 1000, "dark")
        page.photograph(pictures / f"{path.stem}-wide-dark.png")
        page.print(pictures / f"{path.stem}.pdf")
        expect(not page.complaints, "\n".join(page.complaints))
    with browser.page() as page:
        page.look(1400, 1000, scripts=False)
        page.open(path)
        page.photograph(pictures / f"{path.stem}-no-scripts.png")
        expect(not page.complaints, "\n".join(page.complaints))
    return facts
