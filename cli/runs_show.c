/*
 * sbxc runs JOURNAL ID: one run with its inputs, calls, attempts, notes, end and timeline.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runs.h"
#include "source_link.h"

enum { LONGEST_VALUE = 200 };

typedef struct Show {
	sbx_journal *journal;
	sbx_heap *heap;
	bool json;
	SourceLinks *links;   /* NULL: there are none */
	const char *source;   /* NULL: none are wanted */
	uint64_t fingerprint; /* of the program that has begun the run */
	bool is_other;        /* what follows was done by another version of it */
	int64_t begun, last;  /* of the run; what happened last */
	uint64_t events;
	TimelineBar *bars;
	char **names; /* that the bars lend */
	size_t count, room;
	bool no_memory;
} Show;

/* ---- values ---- */

static void put_value(Show *show, sbx_value v)
{
	sbx_value text = sbx_repr(show->heap, v);
	size_t length = 0;
	const char *utf8 = text.tag ? sbx_peek_str(show->heap, text, &length) : NULL;
	char cut[LONGEST_VALUE + 4];
	if (utf8 && length > LONGEST_VALUE) {
		length = LONGEST_VALUE;
		while (length && ((unsigned char)utf8[length] & 0xc0) == 0x80)
			length--;
		snprintf(cut, sizeof cut, "%.*s...", (int)length, utf8);
		utf8 = cut;
	}
	runs_put_text(stdout, utf8);
	sbx_value_free(show->heap, text);
}

/* "item='apple', n=2" */
static void put_dict(Show *show, sbx_value dict)
{
	for (size_t i = 0; i < sbx_count(dict); i++) {
		fputs(i ? ", " : "", stdout);
		runs_put_text(stdout, sbx_peek_str(show->heap, sbx_peek_item(dict, i), NULL));
		putchar('=');
		put_value(show, sbx_peek_value(dict, i));
	}
}

/* As JSON; a value that JSON cannot hold, as the text of its repr. */
static void put_json(Show *show, const char *name, sbx_value v)
{
	sbx_value text;
	printf(", \"%s\": ", name);
	if (sbx_kind(v) == SBX_INVALID) {
		fputs("null", stdout);
		return;
	}
	const char *utf8 = NULL;
	if (sbx_json_dump(show->heap, v, &text) == SBX_DONE)
		utf8 = sbx_peek_str(show->heap, text, NULL);
	if (utf8) {
		fputs(utf8, stdout);
	} else {
		text = sbx_repr(show->heap, v);
		json_put_string(stdout, text.tag ? sbx_peek_str(show->heap, text, NULL) : "?");
	}
	sbx_value_free(show->heap, text);
}

/* ---- events ---- */

static const char *kind_word(sbx_journal_event_kind kind)
{
	static const char *const words[] = {"",       "finished", "retried", "note",
										"opened", "stopped",  "started"};
	return words[kind];
}

/* A result that no attempt has given. */
static bool is_cached(const sbx_journal_event *event)
{
	return event->kind == SBX_JOURNAL_FINISHED && !event->type && !event->number;
}

static bool is_text(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] < 0x20 || bytes[i] == 0x7f)
			return false;
	return true;
}

static void put_note_json(const sbx_journal_event *event)
{
	const unsigned char *bytes = event->note;
	if (event->kind != SBX_JOURNAL_NOTE)
		return;
	if (is_text(bytes, event->note_length)) {
		char *text = strndup((const char *)bytes, event->note_length);
		runs_put_member(", ", "note", text);
		free(text);
		return;
	}
	fputs(", \"note_hex\": \"", stdout);
	for (size_t i = 0; i < event->note_length; i++)
		printf("%02x", bytes[i]);
	putchar('"');
}

/* Where the call stands, in the commit that is checked out. */
static void put_link(const Show *show, uint32_t line)
{
	char *link =
		show->links && !show->is_other ? source_link(show->links, show->source, line) : NULL;
	if (show->source && show->json)
		runs_put_member(", ", "source", link);
	else if (link)
		printf("source   %s\n", link);
	free(link);
}

/* Does the file make the program that has begun the run? Lines of another one are others. */
static bool is_same_program(const Show *show)
{
	Compilation *compilation = strcmp(show->source, "-") == 0 ? NULL : sbxc_open(0);
	bool same = compilation && sbxc_file(compilation, show->source) &&
				sbxc_emit(compilation, NULL) && sbxc_fingerprint(compilation) == show->fingerprint;
	sbxc_free(compilation);
	return same;
}

static void open_links(Show *show)
{
	char problem[512];
	if (!is_same_program(show)) {
		fprintf(stderr, "sbxc: note: no links: '%s' is not the program that has begun the run\n",
				show->source);
		return;
	}
	show->links = source_links_open(NULL, problem);
	if (!show->links)
		cli_error("no links: %s", problem);
}

static void event_json(Show *show, const sbx_journal_event *event)
{
	fputs(show->events ? ",\n  " : "\n  ", stdout);
	runs_put_member("{", "event", kind_word(event->kind));
	printf(", \"run_attempt\": %u", (unsigned)event->life);
	if (event->task) {
		printf(", \"call\": %" PRIu64 ", \"attempt\": %u, \"line\": %u", event->call,
			   (unsigned)event->number, (unsigned)event->line);
		put_link(show, event->line);
		runs_put_member(", ", "task", event->task);
		put_json(show, "arguments", event->arguments);
		runs_put_time(", ", "handed_out", event->handed_out);
		runs_put_time(", ", "started", event->started);
	}
	runs_put_time(", ", "ended", event->kind == SBX_JOURNAL_STARTED ? 0 : event->ended);
	if (event->kind == SBX_JOURNAL_FINISHED && !event->type) {
		put_json(show, "result", event->result);
		printf(", \"cached\": %s", is_cached(event) ? "true" : "false");
	}
	runs_put_member(", ", event->kind == SBX_JOURNAL_NOTE ? "name" : "error_type", event->type);
	put_note_json(event);
	runs_put_member(", ", "error", event->text);
	runs_put_member(", ", "traceback", event->traceback);
	putchar('}');
}

static void put_note(const sbx_journal_event *event)
{
	const unsigned char *bytes = event->note;
	fputs("  note ", stdout);
	runs_put_text(stdout, event->type);
	if (!is_text(bytes, event->note_length)) {
		printf(": %zu bytes\n", event->note_length);
		return;
	}
	printf(": %.*s\n", (int)(event->note_length < 1000 ? event->note_length : 1000),
		   (const char *)bytes);
}

/* Seconds since the begin of the run. */
static void put_offset(const Show *show, int64_t time)
{
	printf("%9.3f s  ", (double)(time - show->begun) / 1e6);
}

static void put_error(const sbx_journal_event *event)
{
	runs_put_text(stdout, event->type);
	if (event->text && *event->text) {
		fputs(": ", stdout);
		runs_put_text(stdout, event->text);
	}
}

static void call_text(Show *show, const sbx_journal_event *event)
{
	printf("#%" PRIu64 " ", event->call);
	runs_put_text(stdout, event->task);
	putchar('(');
	put_dict(show, event->arguments);
	putchar(')');
	if (event->line)
		printf(" line %u", (unsigned)event->line);
	if (event->number > 1 || event->kind == SBX_JOURNAL_RETRIED)
		printf(" attempt %u", (unsigned)event->number);
	if (event->kind == SBX_JOURNAL_NOTE) {
		put_note(event);
		return;
	}
	if (event->kind == SBX_JOURNAL_STARTED) {
		printf("  runs since %.3f s\n", (double)(event->started - show->begun) / 1e6);
		return;
	}
	fputs(event->type ? "  ! " : "  = ", stdout);
	if (event->type)
		put_error(event);
	else
		put_value(show, event->result);
	puts(is_cached(event) ? "  cached" : "");
}

static void event_text(Show *show, const sbx_journal_event *event)
{
	put_offset(show, event->ended);
	if (event->task) {
		call_text(show, event);
	} else if (event->kind == SBX_JOURNAL_OPENED) {
		fputs("taken up by ", stdout);
		runs_put_text(stdout, event->type);
		if (event->text)
			printf(", %s", event->text);
		putchar('\n');
	} else {
		fputs("the run stopped: ", stdout);
		put_error(event);
		putchar('\n');
	}
}

/* Kept for the drawing. */
static void add_bar(Show *show, const sbx_journal_event *event)
{
	if (show->count == show->room) {
		size_t room = show->room ? show->room * 2 : 64;
		TimelineBar *bars = realloc(show->bars, room * sizeof *bars);
		if (bars)
			show->bars = bars;
		char **names = realloc(show->names, room * sizeof *names);
		if (names)
			show->names = names;
		show->no_memory = !bars || !names;
		if (show->no_memory)
			return;
		show->room = room;
	}
	char *name = strdup(event->task);
	if (!name) {
		show->no_memory = true;
		return;
	}
	show->names[show->count] = name;
	show->bars[show->count++] = (TimelineBar){.call = event->call,
											  .task = name,
											  .life = event->life,
											  .number = event->number,
											  .has_failed = event->type != NULL,
											  .is_open = event->kind == SBX_JOURNAL_STARTED,
											  .handed_out = event->handed_out,
											  .started = event->started,
											  .ended = event->ended};
}

static int show_event(void *context, const sbx_journal_event *event)
{
	Show *show = context;
	if (event->kind == SBX_JOURNAL_OPENED)
		show->is_other = event->text != NULL;
	if (show->json)
		event_json(show, event);
	else
		event_text(show, event);
	show->events++;
	if (event->ended > show->last)
		show->last = event->ended;
	if (!show->json && event->task && event->kind != SBX_JOURNAL_NOTE)
		add_bar(show, event);
	return show->no_memory;
}

/* ---- the head and the end ---- */

static void head_text(const sbx_journal_run *run)
{
	char begun[32], ended[32], time[32];
	fputs("run      ", stdout);
	runs_put_text(stdout, run->id);
	fputs("\nentry    ", stdout);
	runs_put_text(stdout, run->entry);
	printf("\nstate    %s\n", runs_state_word(run));
	runs_local_time(run->begun, begun, sizeof begun);
	printf("begun    %s\n", begun);
	if (run->ended) {
		runs_local_time(run->ended, ended, sizeof ended);
		runs_duration(run->ended - run->begun, time, sizeof time);
		printf("ended    %s, after %s\n", ended, time);
	}
	if (run->life > 1)
		printf("attempt  %u\n", (unsigned)run->life);
	fputs("process  ", stdout);
	runs_put_text(stdout, run->owner);
	printf("\nprogram  %016" PRIx64 "\n", run->fingerprint);
}

static int64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int show_head(void *context, const sbx_journal_run *run)
{
	Show *show = context;
	show->begun = show->last = run->begun;
	show->fingerprint = run->fingerprint;
	if (run->ended)
		show->last = run->ended;
	else if (run->state == SBX_JOURNAL_RUNNING)
		show->last = now_us();
	if (show->json)
		runs_put_head(run);
	else
		head_text(run);
	return 0;
}

static sbx_status show_inputs(Show *show, const char *run_id)
{
	sbx_value inputs;
	sbx_status status = sbx_journal_inputs(show->journal, run_id, show->heap, &inputs);
	if (status)
		return status;
	if (show->json) {
		put_json(show, "inputs", inputs);
	} else {
		fputs("inputs   ", stdout);
		put_dict(show, inputs);
		putchar('\n');
	}
	sbx_value_free(show->heap, inputs);
	return SBX_DONE;
}

static sbx_status show_result(Show *show, const char *run_id)
{
	sbx_value result, error;
	sbx_status status = sbx_journal_result(show->journal, run_id, show->heap, &result, &error);
	if (status != SBX_DONE && status != SBX_E_RAISED)
		return status == SBX_RUNNING || status == SBX_E_CANCELLED ? SBX_DONE : status;
	if (show->json) {
		if (status == SBX_DONE)
			put_json(show, "result", result);
	} else if (status == SBX_DONE) {
		fputs("result   ", stdout);
		put_value(show, result);
		putchar('\n');
	} else {
		const char *text = sbx_peek_str(show->heap, error, NULL);
		fputs("error\n", stdout);
		for (const char *line = text ? text : ""; *line;) {
			size_t length = strcspn(line, "\n");
			char *copy = strndup(line, length);
			fputs("  ", stdout);
			runs_put_text(stdout, copy);
			putchar('\n');
			free(copy);
			line += length + (line[length] == '\n');
		}
	}
	return SBX_DONE;
}

static sbx_status show_events(Show *show, const char *run_id)
{
	fputs(show->json ? ", \"events\": [" : "\nwhat happened\n", stdout);
	sbx_status status = sbx_journal_events(show->journal, run_id, show_event, show);
	if (show->json)
		fputs(show->events ? "\n ]}\n" : "]}\n", stdout);
	else if (!status && show->count)
		runs_draw_timeline(show->bars, show->count, show->begun, show->last);
	return status;
}

sbx_status runs_show(sbx_journal *journal, const char *run_id, bool json, const char *source)
{
	Show show = {.journal = journal, .json = json, .source = source};
	sbx_status status = sbx_heap_open(0, &show.heap);
	if (!status)
		status = sbx_journal_runs(journal, run_id, show_head, &show);
	if (!status && source)
		open_links(&show);
	if (!status)
		status = show_inputs(&show, run_id);
	if (!status && !json)
		put_link(&show, 0);
	if (!status)
		status = show_result(&show, run_id);
	if (!status)
		status = show_events(&show, run_id);
	for (size_t i = 0; i < show.count; i++)
		free(show.names[i]);
	free(show.names);
	free(show.bars);
	source_links_close(show.links);
	sbx_heap_close(show.heap);
	return status;
}
