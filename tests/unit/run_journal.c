/*
 * The journal under a dispatcher, where a host does several things between two commits; commits made at once, and handed over.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run_fake.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/include/sbx-host.h"

typedef struct Host {
	char path[100];
	sbx_journal *journal;
	sbx_dispatcher *dispatcher;
	Fake fake;
	bool hands_over;
	int wanted; /* writes that nobody has made */
} Host;

static void want_write(void *context)
{
	((Host *)context)->wanted++;
}

static void host_open(Host *h, const char *folder, const char *name, bool hands_over)
{
	sbx_recorder recorder;
	*h = (Host){.fake = {.mode = KEEP}, .hands_over = hands_over};
	snprintf(h->path, sizeof h->path, "%s/%s%d.db", folder, name, hands_over);
	CHECK(sbx_journal_open(h->path, &h->journal) == SBX_DONE);
	sbx_journal_recorder(h->journal, &recorder);
	if (hands_over)
		sbx_journal_hand_over(h->journal, want_write, h);
	h->dispatcher = dispatcher_with(&h->fake, (sbx_dispatcher_options){.recorder = &recorder});
}

static void host_close(Host *h)
{
	sbx_dispatcher_close(h->dispatcher);
	sbx_journal_close(h->journal);
}

static sbx_run *begun(Host *h, const char *id)
{
	sbx_value input = sbx_int(1);
	CHECK(sbx_journal_begin(h->journal, id, &entry_one, &input, 1) == SBX_RUNNING);
	sbx_run *run = open_run(&entry_one, &input, 1);
	CHECK(sbx_journal_attach(h->journal, id, run) == SBX_DONE);
	CHECK(sbx_dispatcher_add(h->dispatcher, run) == SBX_DONE);
	return run;
}

/* Polls, and writes what is wanted in between, until nothing is left. */
static void finish(Host *h)
{
	for (int i = 0; i < 10 && sbx_dispatcher_poll(h->dispatcher) == SBX_WAITING; i++)
		for (; h->wanted; h->wanted--)
			CHECK(sbx_journal_write(h->journal) == SBX_DONE);
}

typedef struct Seen {
	int runs, done, finished, notes;
} Seen;

static int see_run(void *context, const sbx_journal_run *run)
{
	Seen *seen = context;
	seen->runs++;
	seen->done += run->state == SBX_JOURNAL_DONE;
	return 0;
}

static int see_event(void *context, const sbx_journal_event *event)
{
	Seen *seen = context;
	seen->finished += event->kind == SBX_JOURNAL_FINISHED;
	seen->notes += event->kind == SBX_JOURNAL_NOTE;
	return 0;
}

/* What another process finds. */
static Seen look(const Host *h, const char *id)
{
	Seen seen = {0};
	sbx_journal *journal;
	CHECK(sbx_journal_open_existing(h->path, 1, &journal) == SBX_DONE);
	CHECK(sbx_journal_runs(journal, NULL, see_run, &seen) == SBX_DONE);
	CHECK(sbx_journal_events(journal, id, see_event, &seen) == SBX_DONE);
	sbx_journal_close(journal);
	return seen;
}

static void test_refused_cancel(const char *folder, bool hands_over)
{
	Host h;
	host_open(&h, folder, "cancel", hands_over);
	group(hands_over ? "run_journal/a refused cancel takes nothing from others, handed over"
					 : "run_journal/a refused cancel takes nothing from others");
	sbx_journal_defer(h.journal);
	sbx_run *first = begun(&h, "first");
	CHECK(sbx_journal_cancel(h.journal, "unknown") ==
		  SBX_E_ARGUMENT); /* first is begun, and not committed */
	sbx_journal_defer(h.journal);
	sbx_run *second = begun(&h, "second");
	CHECK(sbx_dispatcher_poll(h.dispatcher) == SBX_WAITING && h.fake.count == 2);
	sbx_attempt_answer(taken(&h.fake, 0), sbx_int(7)); /* told, and not committed */
	CHECK(sbx_journal_cancel(h.journal, "unknown") == SBX_E_ARGUMENT);
	sbx_attempt_answer(taken(&h.fake, 0), sbx_int(8));
	finish(&h);
	CHECK(sbx_run_status(first) == SBX_DONE && sbx_run_status(second) == SBX_DONE);
	CHECK(sbx_journal_cancel(h.journal, "first") == SBX_E_STATE);
	sbx_run_free(first);
	sbx_run_free(second);
	sbx_journal_end(h.journal, "first");
	sbx_journal_end(h.journal, "second");
	Seen seen = look(&h, "first");
	CHECK(seen.runs == 2 && seen.done == 2 && seen.finished == 1);
	CHECK(look(&h, "second").finished == 1);
	host_close(&h);
}

static void test_given_away(const char *folder, bool hands_over)
{
	Host h;
	host_open(&h, folder, "given", hands_over);
	group(hands_over
			  ? "run_journal/what was told of a run is written before it is given away, handed over"
			  : "run_journal/what was told of a run is written before it is given away");
	sbx_run *run = begun(&h, "noted");
	CHECK(sbx_dispatcher_poll(h.dispatcher) == SBX_WAITING && h.fake.count == 1);
	CHECK(sbx_attempt_note(h.fake.attempts[0], "job", "7", 1) == SBX_DONE);
	sbx_dispatcher_remove(h.dispatcher, run);
	sbx_run_free(run);
	sbx_journal_end(h.journal, "noted");
	if (!hands_over) /* its transaction keeps others out until it is committed */
		CHECK(sbx_journal_commit(h.journal) == SBX_DONE);
	Seen seen = look(&h, "noted");
	CHECK(seen.runs == 1 && seen.notes == 1);
	host_close(&h);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

int main(void)
{
	char folder[] = "/tmp/sbx-run-journal-XXXXXX";
	if (!mkdtemp(folder))
		return 1;
	for (int hands_over = 0; hands_over < 2; hands_over++) {
		test_refused_cancel(folder, hands_over);
		test_given_away(folder, hands_over);
	}
	CHECK(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
	group_end();
	return all_failures != 0;
}
