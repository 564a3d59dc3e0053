// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-report-html.c - the page of a report.
 *
 * Leaves pages in the directory "pages" beside the directory of the program, for tests/html/run to
 * have a browser look at them.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "loader/show/report-html.h"
#include "tests/unit/run-cli.h"

/* In each place of a report where a dump can put text. */
#define EVIL "\"'><script>document.title='taken'</script><img src=x onerror=alert(1)>&amp;"
#define SHOWN                                                                                      \
	"&quot;&#39;&gt;&lt;script&gt;document.title=&#39;taken&#39;&lt;/script&gt;&lt;img src=x " \
	"onerror=alert(1)&gt;&amp;amp;"

static json_t *parse(const char *text)
{
	json_error_t e;
	json_t *o = json_loads(text, 0, &e);

	if (!o)
		fail_msg("%d:%d: %s", e.line, e.column, e.text);
	return o;
}

static char *page_of(json_t *report)
{
	char *page;

	assert_int_equal(report_html(report, &page), 0);
	json_decref(report);
	return page;
}

static size_t count(const char *page, const char *part)
{
	size_t n = 0;

	for (; (page = strstr(page, part)); page += strlen(part))
		n++;
	return n;
}

static void has(const char *page, const char *part)
{
	if (!strstr(page, part))
		fail_msg("\"%s\" is not in:\n%s", part, strstr(page, "<body>"));
}

/* For the browser. */
static void keep(const char *name, const char *page)
{
	char path[4096 + 64];
	FILE *f;

	box_find_build(path, 4096);
	strcat(path, "/tests/pages");
	mkdir(path, 0777);
	snprintf(path + strlen(path), 64, "/%s.html", name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(page, f);
	assert_int_equal(fclose(f), 0);
}

static void members_that_are_known(void **state)
{
	_cleanup_free_ char *page = page_of(parse(
		"{\"schema\": 1, \"remarks\": {\"memory\": \"no types\"},"
		" \"summary\": {\"title\": \"a title\", \"hostname\": \"box\", \"crash_time\": "
		"1795442701, \"uptime\": 90061, \"load\": [1.5, 1, 0],"
		"  \"taint\": [{\"letter\": \"W\", \"reason\": \"a warning\"}],"
		"  \"command_line\": \"root=/dev/vda\", \"machine\": \"x86_64\"},"
		" \"findings\": [{\"rule\": \"lock\", \"degree\": \"likely\", \"text\": \"It is "
		"stuck.\","
		"  \"evidence\": \"a < b\"}],"
		" \"cpus\": [{\"cpu\": 0, \"panicked\": false, \"online\": true, \"to_run\": 1,"
		"  \"task\": null, \"trace\": {\"frames\": [], \"end\": \"broken\", \"reason\": "
		"\"no registers\"}},"
		"  {\"cpu\": 1, \"panicked\": true, \"online\": true, \"to_run\": 2, \"task\": "
		"{\"name\": \"sh\", \"pid\": 7, \"kernel\": false},"
		"  \"trace\": {\"frames\": [{\"address\": \"0xff1\", \"symbol\": "
		"\"panic+0x1/0x2 [mod]\", \"sure\": true, \"interrupted\": true},"
		"   {\"address\": \"0xff2\", \"symbol\": \"maybe+0x1/0x2\", \"sure\": false, "
		"\"interrupted\": true}], \"end\": \"user\", \"reason\": null}}],"
		" \"tasks\": [{\"pid\": 7, \"name\": \"sh\", \"state\": \"D\", "
		"\"seconds_since_run\": 90061.5, \"trace\": {\"frames\": [], \"end\": "
		"\"kernel\"}}, {\"pid\": 8, \"name\": \"kswapd\", \"state\": \"S\", \"kernel\": "
		"true}],"
		" \"memory\": {\"meminfo\": {\"MemTotal\": 1000, \"MemFree\": 250, \"AnonPages\": "
		"500}},"
		" \"modules\": [{\"name\": \"ext4\", \"version\": null, \"size\": 4096}],"
		" \"log_records\": [{\"time\": 1.5, \"level\": 4, \"message\": \"one\\ntwo\"},"
		"  {\"time\": null, \"level\": null, \"message\": \"no time\"}]}"));

	keep("plain", page);
	has(page, "<title>a title – box</title>");
	has(page, "<h1>a title</h1>");
	has(page, "2026-11-23 14:05:01 UTC");
	has(page, "1 day 1:01:01");
	has(page, "1.50 1.00 0.00");
	has(page, "<b>W</b> a warning");
	has(page, "<li><b>Memory</b> no types");
	has(page, "<li><span class=tag>likely</span> It is stuck.<br><small>a &lt; b</small>");
	assert_true(strstr(page, "id=\"summary\"") < strstr(page, "id=\"findings\"") &&
	            strstr(page, "id=\"findings\"") < strstr(page, "id=\"cpus\""));
	has(page, "<details open class=\"card panicked\"><summary><span class=tag>CPU 1</span> "
	          "<b>sh</b> <small class=fact>PID 7</small> <small class=fact>2 to run</small>");
	has(page, "<li title=\"0xff1\"><b>panic</b><small>+0x1/0x2</small><em> [mod]</em>");
	has(page, "<li class=cut>interrupted<li class=unsure title=\"0xff2\"><b>maybe</b>");
	has(page, "<li class=end>from user space");
	has(page, "<li class=end>no registers");
	has(page, "<td data-v=90061.5>1 day 1:01:01");
	has(page, "<td data-v=4096>4.0K");
	has(page, "<p class=w><i>    1.500000 </i>one\ntwo\n<p><i></i>no time\n");
	/* Half of the bar is one colour, a quarter another. */
	has(page, "<rect class=c0 x=\"0.0\" width=\"500.0\"");
	has(page, "<rect class=c8 x=\"750.0\" width=\"250.0\"");
	assert_int_equal(count(page, "<section "), 10);
	assert_int_equal(count(page, "<li><a href=\"#"), 10);
	assert_true(strstr(page, "id=\"cpus\"") < strstr(page, "id=\"tasks\""));
}

static void waits_and_zones(void **state)
{
	_cleanup_free_ char *page = page_of(parse(
		"{\"tasks\": [{\"pid\": 7, \"name\": \"a\", \"state\": \"D\", \"trace\": "
		"{\"frames\": [{\"symbol\": \"f+0x1/0x2\", \"stack\": \"IRQ\"}, {\"symbol\": "
		"\"g+0x1/0x2\", \"stack\": \"IRQ\"}, {\"symbol\": \"h+0x1/0x2\", \"stack\": "
		"\"task\"}]}, \"waits_for\": {\"kind\": \"mutex\", \"symbol\": \"m\", \"owner\": "
		"9}}], \"deadlocks\": [[7, 9], [1, 2]], \"locks\": [],"
		" \"cpus\": [{\"cpu\": 3, \"panicked\": true, \"at\": {\"registers\": {\"RIP\": "
		"\"0x1\"}, \"code\": \"90 <cc> 90\"}, \"user\": null, \"queue\": [{\"pid\": 5}]}],"
		" \"memory\": {\"zones\": [{\"node\": 1, \"name\": \"Normal\", \"free\": 250, "
		"\"managed\": 1000, \"min\": 100}], \"caches\": []}}"));

	has(page, "waits for <b>mutex m</b> of PID 9</small>");
	assert_int_equal(count(page, "<li class=cut>"), 2);
	has(page, "<li class=cut>IRQ stack<li title=\"\"><b>f</b>");
	has(page, "<li class=cut>task stack<li title=\"\"><b>h</b>");
	has(page, "<li>7 waits for 9 waits for 7<li>1 waits for 2 waits for 1</ul>");
	assert_null(strstr(page, "id=\"locks\""));
	has(page, "<h3>Registers</h3><dl class=\"registers\"><div><dt>RIP</dt>");
	has(page, "90 &lt;cc&gt; 90");
	has(page, "<h3>Waiting to run</h3>");
	assert_null(strstr(page, "Registers in user space"));
	has(page, "Normal <small>node 1, 25% free</small>");
	has(page, "<rect class=c0 x=\"0.0\" width=\"750.0\"");
	has(page, "<path class=tick d=\"M900.0 0v26\"/>");
	assert_null(strstr(page, "Caches"));
}

/* What this program does not know is shown too, before the tasks. */
static void members_that_are_not_known(void **state)
{
	_cleanup_free_ char *page = page_of(parse(
		"{\"schema\": 1, \"fresh_part\": {\"some_bytes\": 2048, \"deep\": {\"er\": "
		"[1, \"two\", null, true]}}, \"rows\": [{\"a\": 1}, {\"b_c\": \"0x12\"}],"
		" \"cards\": [{\"lock\": \"0x99\", \"waiters\": [{\"name\": \"w1\"}]}],"
		" \"tasks\": [{\"pid\": 1, \"name\": \"init\", \"fresh_count\": 42, \"trace\": "
		"{\"frames\": [], \"waits_for\": \"a lock\"}}],"
		" \"cpus\": [{\"cpu\": 0, \"registers\": {\"RIP\": \"0x4711\"}}],"
		" \"number\": 815, \"nothing\": null, \"none\": []}"));

	has(page, "<h2>Fresh part</h2>");
	has(page, "<dt>Some bytes</dt><dd>2.0K</dd>");
	has(page, "<dt>Er</dt><dd>1, two, <span class=none>–</span>, yes</dd>");
	has(page, "<th class=n>A<th>B c</thead>");
	has(page, "<table class=\"n1 \"><thead>");
	has(page, "<tr><td>1<td>\n<tr><td><td><code>0x12</code>");
	has(page, "<small>Lock</small> <code>0x99</code>");
	has(page, "<td>w1");
	has(page, "<td>42");
	has(page, "<dt>Waits for</dt><dd>a lock</dd>");
	has(page, "<dt>RIP</dt><dd><code>0x4711</code></dd>");
	has(page, "815");
	has(page, "<span class=none>none</span>");
	assert_null(strstr(page, "id=\"nothing\""));
	assert_true(strstr(page, "id=\"rows\"") < strstr(page, "id=\"tasks\""));
}

/* Tasks that wait alike, and those that sleep alike, are told once, whatever their locks. */
static void equal_traces_are_told_once(void **state)
{
	json_t *report = json_object(), *tasks = json_array(), *rows = json_array();
	_cleanup_free_ char *page = NULL;

	for (int i = 0; i < 1000; i++) {
		bool waits = i % 5 == 0;
		json_t *task = json_pack(
			"{s:i, s:s, s:s, s:b, s:{s:[{s:s, s:b}], s:s}}", "pid", i + 1, "name",
			"\303\274", "state", waits ? "D" : "S", "waiting", waits, "trace", "frames",
			"symbol", i % 2 ? "one+0x1/0x2" : "two+0x1/0x2", "sure", 1, "end", "user");

		assert_non_null(task);
		if (waits)
			json_object_set_new(task, "waits_for",
			                    json_pack("{s:s, s:i, s:i}", "kind", "mutex",
			                              "symbol_of", i, "owner", i < 990 ? 7 : 8));
		json_array_append_new(tasks, task);
		json_array_append_new(rows, json_pack("{s:i}", "number", i));
	}
	json_object_set_new(report, "tasks", tasks);
	json_object_set_new(report, "rows", rows);
	page = page_of(report);
	/* By two traces and two owners, then two traces. */
	assert_int_equal(count(page, "<details class=\"card\">"), 6);
	assert_int_equal(count(page, "<b>99 tasks like this</b></summary>"), 2);
	assert_int_equal(count(page, "<b>400 tasks like this</b></summary>"), 2);
	has(page, "<p>1, 11, 21, 31, ");
	has(page, " and 300 more</p>");
	has(page, "Blocked and waiting to run <small>200</small>");
	has(page, "Calls of tasks that slept <small>800</small>");
	has(page, "<b>\303\274</b> <small class=fact>PID 2</small>");
	/* The table of tasks has all of them, others have their first rows. */
	assert_int_equal(count(page, "<tr><td>"), 1000 + 500);
	has(page, "<p>and 500 more</p>");
}

static void reports_of_no_kernel(void **state)
{
	_cleanup_free_ char *page =
		page_of(parse("{\"schema\": 1, \"remarks\": {\"kernel\": \"not found\"}}"));

	keep("no-kernel", page);
	has(page, "<h1>A crash without a message</h1>");
	has(page, "<li><b>Kernel</b> not found");
	assert_int_equal(count(page, "<section "), 1);
}

/* Replaces all strings and, where that can be, all names of members. */
static json_t *poison(const json_t *v)
{
	json_t *copy, *item;
	const char *key;
	size_t i;

	if (json_is_string(v))
		return json_string(EVIL);
	if (json_is_array(v)) {
		copy = json_array();
		json_array_foreach((json_t *)v, i, item)
			json_array_append_new(copy, poison(item));
		return copy;
	}
	if (json_is_object(v)) {
		copy = json_object();
		json_object_foreach((json_t *)v, key, item)
			json_object_set_new(copy, key, poison(item));
		json_object_set_new(copy, EVIL, json_string(EVIL));
		return copy;
	}
	return json_deep_copy(v);
}

static void nothing_of_a_dump_is_markup(void **state)
{
	json_t *honest = parse(
		"{\"remarks\": {\"log\": \"\"}, \"summary\": {\"title\": \"\", \"hostname\": \"\", "
		"\"taint\": [{\"letter\": \"\", \"reason\": \"\"}], \"command_line\": \"\"},"
		" \"cpus\": [{\"cpu\": 0, \"panicked\": true, \"task\": {\"name\": \"\", \"pid\": "
		"1}, \"trace\": {\"frames\": [{\"address\": \"\", \"symbol\": \"\", \"sure\": "
		"true}], \"end\": \"\", \"reason\": \"\"}, \"registers\": {\"RIP\": \"\"}}],"
		" \"tasks\": [{\"name\": \"\", \"state\": \"\", \"trace\": {\"frames\": "
		"[{\"symbol\": \"\"}]}}], \"modules\": [{\"name\": \"\"}], \"memory\": "
		"{\"meminfo\": {\"MemTotal\": 5}}, \"log_records\": [{\"time\": 1, \"level\": 3, "
		"\"message\": \"\"}], \"other\": [{\"deep\": [{\"x\": \"\"}]}, {\"y\": \"\"}]}");
	_cleanup_free_ char *page = page_of(poison(honest));

	keep("hostile", page);
	json_decref(honest);
	/* The script and the style of the page, and no more. */
	assert_int_equal(count(page, "<script"), 1);
	assert_int_equal(count(page, "<style"), 1);
	assert_int_equal(count(page, "<img"), 0);
	assert_null(strstr(page, EVIL));
	assert_in_range(count(page, SHOWN), 20, 100);
	has(page, "<h1>" SHOWN "</h1>");
	has(page, "<li title=\"" SHOWN "\">");
	has(page, "<p class=e><i>    1.000000 </i>" SHOWN "\n");
	/* Neither do attributes of the page do anything. */
	assert_null(strstr(page, " style="));
	assert_null(strstr(page, " onclick="));
}

/* Text that is shown in another order than it has can pretend to be another. */
static void order_of_text_is_not_changed(void **state)
{
	_cleanup_free_ char *page = page_of(parse("{\"summary\": {\"title\": \"a\\u202eb\\u2066c"
	                                          "\\u2027d\\u2065\"}, \"x\": \"\\u202a\"}"));

	has(page, "<h1>a\\u202eb\\u2066c\342\200\247d\342\201\245</h1>");
	has(page, "\\u202a");
}

static void marks_in_values_stay(void **state)
{
	_cleanup_free_ char *page =
		page_of(parse("{\"summary\": {\"title\": \"@HOST@ 100% %s @PARTS@\"}}"));

	has(page, "<h1>@HOST@ 100% %s @PARTS@</h1>");
	assert_int_equal(count(page, "<section "), 1);
}

/* The policy allows what has the hashes, and nothing from elsewhere. */
static void pages_stand_alone(void **state)
{
	_cleanup_free_ char *page = page_of(parse("{}"));

	has(page, "content=\"default-src 'none'; style-src 'sha256-");
	has(page, "='; script-src 'sha256-");
	has(page, "base-uri 'none'; form-action 'none'\"");
	assert_null(strstr(page, "unsafe"));
	assert_null(strstr(page, "http:"));
	assert_null(strstr(page, "https:"));
	assert_null(strstr(page, "url("));
	assert_null(strstr(page, "@import"));
	assert_null(strstr(page, "STYLE@"));
	assert_null(strstr(page, "_HASH@"));
	has(page, ">Out of the dump alone, by kdump-lite " KDUMP_LITE_VERSION ".<");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_that_are_known),
		cmocka_unit_test(waits_and_zones),
		cmocka_unit_test(members_that_are_not_known),
		cmocka_unit_test(equal_traces_are_told_once),
		cmocka_unit_test(reports_of_no_kernel),
		cmocka_unit_test(nothing_of_a_dump_is_markup),
		cmocka_unit_test(order_of_text_is_not_changed),
		cmocka_unit_test(marks_in_values_stay),
		cmocka_unit_test(pages_stand_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
