/*
 * Connectors: the registry, and when which operation is made. The connector of these tests keeps its jobs and reports when
 * the test says so, or at once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run_fake.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "runtime/include/sbx-host.h"

typedef struct Service {
	sbx_job *job; /* whose operation is under way */
	char log[2000];
	char keys[20][160];
	int key_count;
	int creates, gets, deletes, abandons, releases, closes, polls;
	int at_once;  /* reports from within the operation */
	int failures; /* so many operations fail first */
	sbx_job_problem problem;
	int ends_at; /* the get that gives `last` */
	sbx_phase last;
	sbx_status poll_status;
	const char *message;
} Service;

static void word(Service *s, const char *text)
{
	size_t used = strlen(s->log);
	snprintf(s->log + used, sizeof s->log - used, "%s%s", used ? " " : "", text);
}

static int fails(Service *s, sbx_job *job)
{
	if (!s->failures)
		return 0;
	s->failures--;
	sbx_job_failed(job, s->problem, NULL, "busy", NULL);
	return 1;
}

static void create_job(void *context, sbx_job *job)
{
	Service *s = context;
	word(s, "create");
	s->creates++;
	if (s->key_count < 20)
		snprintf(s->keys[s->key_count++], sizeof s->keys[0], "%s", sbx_job_key(job));
	s->job = job;
	if (s->at_once && !fails(s, job))
		sbx_job_created(job, "id", 2);
}

static void found(Service *s, sbx_job *job)
{
	sbx_resource resource = {
		.size = sizeof resource, .phase = SBX_PHASE_RUNNING, .message = s->message};
	if (s->ends_at && s->gets >= s->ends_at)
		resource.phase = s->last;
	resource.outputs = sbx_int(7);
	sbx_job_found(job, &resource);
}

static void get_job(void *context, sbx_job *job)
{
	Service *s = context;
	size_t length;
	const char *metadata = sbx_job_metadata(job, &length);
	word(s, "get");
	s->gets++;
	s->job = job;
	CHECK(length == 2 && memcmp(metadata, "id", 2) == 0);
	if (s->at_once && !fails(s, job))
		found(s, job);
}

static void delete_job(void *context, sbx_job *job)
{
	Service *s = context;
	word(s, "delete");
	s->deletes++;
	s->job = job;
	CHECK(!sbx_job_call(job));
	if (s->at_once && !fails(s, job))
		sbx_job_deleted(job);
}

static void abandon_job(void *context, sbx_job *job)
{
	(void)job;
	word(context, "abandon");
	((Service *)context)->abandons++;
}

static void release_job(void *context, sbx_job *job)
{
	(void)job;
	((Service *)context)->releases++;
}

static sbx_status poll_service(void *context)
{
	((Service *)context)->polls++;
	return ((Service *)context)->poll_status;
}

static void close_service(void *context)
{
	((Service *)context)->closes++;
}

static sbx_connector table_of(Service *s)
{
	return (sbx_connector){.size = sizeof(sbx_connector),
						   .context = s,
						   .name = "service",
						   .create_job = create_job,
						   .get_job = get_job,
						   .delete_job = delete_job,
						   .abandon_job = abandon_job,
						   .release_job = release_job,
						   .poll = poll_service,
						   .close = close_service,
						   .first_ms = 1,
						   .most_ms = 2};
}

/* ---- a recorder that keeps notes ---- */

typedef struct Notes {
	unsigned char bytes[500];
	size_t length;
	int commits;
} Notes;

static int handed_out(void *context, const sbx_call *call)
{
	(void)context, (void)call;
	return 0;
}
static sbx_status finished(void *context, const sbx_attempt *attempt, sbx_value result,
						   const char *type, const char *text, const char *traceback)
{
	(void)context, (void)attempt, (void)result, (void)type, (void)text, (void)traceback;
	return SBX_DONE;
}
static sbx_status ended(void *context, sbx_run *run)
{
	(void)context, (void)run;
	return SBX_DONE;
}
static sbx_status commit(void *context)
{
	((Notes *)context)->commits++;
	return SBX_DONE;
}
static sbx_status noted(void *context, const sbx_attempt *attempt, const char *name,
						const void *bytes, size_t length)
{
	Notes *notes = context;
	(void)attempt;
	if (strcmp(name, "job") == 0 && CHECK(length <= sizeof notes->bytes)) {
		memcpy(notes->bytes, bytes, length);
		notes->length = length;
	}
	return SBX_DONE;
}
static const void *find_note(void *context, const sbx_attempt *attempt, const char *name,
							 size_t *length)
{
	Notes *notes = context;
	(void)attempt;
	if (strcmp(name, "job") != 0 || !notes->length)
		return NULL;
	*length = notes->length;
	return notes->bytes;
}
static size_t identity(void *context, const sbx_run *run, char *text, size_t size)
{
	(void)context, (void)run;
	return (size_t)snprintf(text, size, "a/b begun 1 life 1");
}

/* ---- a host ---- */

typedef struct Host {
	sbx_connectors *connectors;
	sbx_dispatcher *dispatcher;
	sbx_run *run;
	Notes *notes;
} Host;

static void open_host(Host *h, const sbx_connector *table, Notes *notes)
{
	sbx_connectors_options options = {.size = sizeof options, .close_ms = 200};
	sbx_recorder recorder = {.size = sizeof recorder,
							 .context = notes,
							 .handed_out = handed_out,
							 .finished = finished,
							 .ended = ended,
							 .commit = commit,
							 .noted = noted,
							 .note = find_note,
							 .identity = identity};
	sbx_dispatcher_options settings = {.size = sizeof settings,
									   .recorder = notes ? &recorder : NULL};
	CHECK(sbx_connectors_open(&options, &h->connectors) == SBX_DONE);
	CHECK(sbx_connectors_register(h->connectors, "batch", 0, table, 0) == SBX_DONE);
	CHECK(sbx_dispatcher_open(&settings, &h->dispatcher) == SBX_DONE);
	CHECK(sbx_connectors_route(h->connectors, h->dispatcher) == SBX_DONE);
	h->run = added(h->dispatcher, &entry_batch, 1);
}

static void close_host(Host *h)
{
	sbx_dispatcher_close(h->dispatcher);
	sbx_run_free(h->run);
}

/* Polls until the run has ended or `what` of the service is reached. */
static void go_on(Host *h, const int *what, int until)
{
	for (int i = 0;
		 i < 5000 && sbx_dispatcher_poll(h->dispatcher) == SBX_WAITING && (!what || *what < until);
		 i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void test_registry(void)
{
	Service one = {.at_once = 1}, two = {.at_once = 1};
	sbx_connector first = table_of(&one), second = table_of(&two), bad = first;
	sbx_connectors_options options = {.size = sizeof options};
	sbx_connectors *c;
	group("run_connectors/registry");
	CHECK(sbx_connectors_open(&options, &c) == SBX_DONE);
	CHECK(sbx_connectors_register(c, "a", 0, &first, 0) == SBX_DONE);
	CHECK(sbx_connectors_register(c, "a", 0, &second, 0) == SBX_E_STATE);
	CHECK(strstr(sbx_connectors_problem(c), "'a' (version 0)") != NULL);
	CHECK(sbx_connectors_register(c, "a", 1, &second, 0) == SBX_DONE);
	CHECK(sbx_connectors_register(c, "b", 0, &first, 0) == SBX_DONE);
	CHECK(sbx_connectors_register(c, "b", 0, &second, 1) == SBX_DONE);
	bad.get_job = NULL;
	CHECK(sbx_connectors_register(c, "c", 0, &bad, 0) == SBX_E_ARGUMENT);
	CHECK(sbx_connectors_register(c, "", 0, &first, 0) == SBX_E_ARGUMENT);
	CHECK(sbx_connectors_load(c, "d", "/nowhere.json") == SBX_E_INPUT);
	sbx_connectors_close(c);
	CHECK(one.closes == 1 && two.closes == 1); /* however many types they serve */
	SAME(sbx_phase_text(SBX_PHASE_TIMED_OUT), "timed out");
	CHECK(!sbx_phase_is_terminal(SBX_PHASE_INITIALIZING) &&
		  sbx_phase_is_terminal(SBX_PHASE_ABORTED));
}

static void test_phases(void)
{
	static const struct {
		sbx_phase phase;
		const char *error;
	} ends[] = {
		{SBX_PHASE_SUCCEEDED, ""},
		{SBX_PHASE_FAILED, "RuntimeError: the job of task 'test.batch' failed: so it is"},
		{SBX_PHASE_RETRYABLE_FAILED, "RuntimeError: the job of task 'test.batch' failed: so it is"},
		{SBX_PHASE_ABORTED, "RuntimeError: the job of task 'test.batch' was aborted: so it is"},
		{SBX_PHASE_TIMED_OUT, "TimeoutError: the job of task 'test.batch' timed out: so it is"}};
	group("run_connectors/phases");
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		Service s = {.at_once = 1, .ends_at = 3, .last = ends[i].phase, .message = "so it is"};
		sbx_connector table = table_of(&s);
		Host h;
		open_host(&h, &table, NULL);
		go_on(&h, NULL, 0);
		SAME(s.log, "create get get get");
		SAME(sbx_run_error_text(h.run), ends[i].error);
		CHECK(i > 0 || int_of(sbx_run_result(h.run)) == 7);
		CHECK(s.releases == 1);
		close_host(&h);
		CHECK(s.closes == 1 && s.deletes == 0);
	}
}

static void test_failures(void)
{
	Service s = {.at_once = 1, .failures = 2, .ends_at = 1, .last = SBX_PHASE_SUCCEEDED};
	sbx_connector table = table_of(&s);
	Host h;
	group("run_connectors/passing failures");
	table.is_safe_to_repeat = 1;
	open_host(&h, &table, NULL);
	go_on(&h, NULL, 0);
	SAME(s.log, "create create create get");
	SAME(s.keys[0], s.keys[2]);
	close_host(&h);
	s = (Service){.at_once = 1, .failures = 1};
	table.is_safe_to_repeat = 0;
	open_host(&h, &table, NULL);
	go_on(&h, NULL, 0);
	SAME(s.log, "create");
	SAME(sbx_run_error_text(h.run), "RuntimeError: busy");
	close_host(&h);
	s = (Service){.at_once = 1};
	open_host(&h, &table, NULL);
	go_on(&h, &s.gets, 1);
	s.failures = 10 + 3; /* ten of get in a row: the attempt fails, the job is deleted in the end */
	go_on(&h, NULL, 0);
	SAME(sbx_run_error_text(h.run), "RuntimeError: busy");
	close_host(&h);
	CHECK(s.gets == 11 && s.deletes == 4 && s.releases == 1);
	/* who was not reached has created nothing: that may be repeated, whatever the connector */
	s = (Service){.at_once = 1, .failures = 4, .ends_at = 1, .last = SBX_PHASE_SUCCEEDED};
	s.problem = SBX_JOB_UNREACHED;
	open_host(&h, &table, NULL);
	go_on(&h, NULL, 0);
	SAME(s.log, "create create create create create get");
	close_host(&h);
	/* a job that nobody could find again is not left */
	s = (Service){.at_once = 1, .problem = SBX_JOB_UNREACHED};
	open_host(&h, &table, NULL);
	go_on(&h, &s.gets, 1);
	s.failures = 10;
	go_on(&h, NULL, 0);
	CHECK(sbx_run_status(h.run) == SBX_E_UNAVAILABLE);
	close_host(&h);
	CHECK(s.gets == 11 && s.deletes == 1 && s.releases == 1);
}

/* The run is cancelled in each state of its job. */
static void test_cancel(void)
{
	Service s = {0};
	sbx_connector table = table_of(&s);
	Host h;
	group("run_connectors/cancel");
	open_host(&h, &table, NULL); /* while create is under way: deleted when it is known */
	go_on(&h, &s.creates, 1);
	CHECK(sbx_run_cancel(h.run) == SBX_DONE);
	sbx_dispatcher_remove(h.dispatcher, h.run);
	CHECK(s.abandons == 0 && s.deletes == 0);
	sbx_job_created(s.job, "id", 2);
	s.at_once = 1;
	close_host(&h);
	SAME(s.log, "create delete");
	s = (Service){0};
	open_host(&h, &table, NULL); /* while get is */
	go_on(&h, &s.creates, 1);
	sbx_job_created(s.job, "id", 2);
	go_on(&h, &s.gets, 1);
	CHECK(sbx_run_cancel(h.run) == SBX_DONE);
	sbx_dispatcher_remove(h.dispatcher, h.run);
	s.at_once = 1;
	close_host(&h);
	SAME(s.log, "create get abandon delete");
	s = (Service){0};
	table.abandon_job = NULL;
	open_host(&h, &table, NULL); /* the same, but it must be waited for */
	go_on(&h, &s.creates, 1);
	sbx_job_created(s.job, "id", 2);
	go_on(&h, &s.gets, 1);
	CHECK(sbx_run_cancel(h.run) == SBX_DONE);
	sbx_dispatcher_remove(h.dispatcher, h.run);
	CHECK(s.deletes == 0);
	found(&s, s.job);
	s.at_once = 1;
	close_host(&h);
	SAME(s.log, "create get delete");
	s = (Service){0};
	open_host(&h, &table, NULL); /* a service that never answers: closing gives up */
	go_on(&h, &s.creates, 1);
	close_host(&h);
	SAME(s.log, "create");
	CHECK(s.releases == 1 && s.closes == 1);
}

static void test_poll_fails(void)
{
	Service s = {0};
	sbx_connector table = table_of(&s);
	Host h;
	group("run_connectors/a connector that fails");
	open_host(&h, &table, NULL);
	go_on(&h, &s.creates, 1);
	s.poll_status = SBX_E_BACKEND;
	go_on(&h, NULL, 0);
	SAME(sbx_run_error_text(h.run), "RuntimeError: a backend failed");
	close_host(&h);
}

/* The dispatcher closes while the job runs: another process takes it up; one that was aborted meanwhile is made anew. */
static void test_take_up(void)
{
	Notes notes = {.length = 0};
	Service s = {.at_once = 1};
	sbx_connector table = table_of(&s);
	Host h;
	group("run_connectors/taken up");
	open_host(&h, &table, &notes);
	go_on(&h, &s.gets, 2);
	CHECK(notes.commits > 0 && notes.length > 0);
	close_host(&h);
	CHECK(s.deletes == 0 && s.creates == 1 && s.releases == 1);
	s.ends_at = 1;
	s.last = SBX_PHASE_SUCCEEDED;
	open_host(&h, &table, &notes);
	go_on(&h, NULL, 0);
	CHECK(s.creates == 1 && int_of(sbx_run_result(h.run)) == 7);
	close_host(&h);
	s.last = SBX_PHASE_ABORTED;
	open_host(&h, &table, &notes);
	go_on(&h, &s.creates, 2);
	s.last = SBX_PHASE_SUCCEEDED;
	go_on(&h, NULL, 0);
	CHECK(s.creates == 2 && int_of(sbx_run_result(h.run)) == 7);
	close_host(&h);
	CHECK(strcmp(s.keys[0], s.keys[1]) != 0);
	CHECK(strncmp(s.keys[0], "a_b.", 4) == 0 && strstr(s.keys[1], "-1-1-r1") != NULL);
	notes.bytes[3] ^= 0xff; /* a note that is damaged is none: the key finds the job */
	s.ends_at = 100;
	open_host(&h, &table, &notes);
	go_on(&h, &s.creates, 3);
	SAME(s.keys[2], s.keys[0]);
	close_host(&h);
	table.is_of_process = 1; /* nothing is remembered of such jobs */
	notes.length = 0;
	open_host(&h, &table, &notes);
	go_on(&h, &s.creates, 4);
	CHECK(notes.length == 0);
	close_host(&h);
}

/* ---- a real journal ---- */

static void told(void *context, const char *run_id, sbx_status status)
{
	SAME(run_id, "one");
	*(sbx_status *)context = status;
}

static int see_job(void *context, const sbx_journal_job *job)
{
	++*(int *)context;
	CHECK(job->call == 1 && job->number == 1 && strncmp(job->key, "one.", 4) == 0);
	SAME(job->task, "test.batch");
	SAME(job->task_type, "batch");
	return 0;
}

static void open_recorded(Host *h, const sbx_connector *table, sbx_journal *journal, int begins)
{
	sbx_connectors_options options = {.size = sizeof options, .close_ms = 200, .journal = journal};
	sbx_recorder recorder;
	sbx_dispatcher_options settings = {.size = sizeof settings, .recorder = &recorder};
	sbx_value input = sbx_int(1);
	*h = (Host){0};
	sbx_journal_recorder(journal, &recorder);
	CHECK(sbx_connectors_open(&options, &h->connectors) == SBX_DONE);
	CHECK(sbx_connectors_register(h->connectors, "batch", 0, table, 0) == SBX_DONE);
	CHECK(sbx_dispatcher_open(&settings, &h->dispatcher) == SBX_DONE);
	CHECK(sbx_connectors_route(h->connectors, h->dispatcher) == SBX_DONE);
	if (!begins)
		return;
	CHECK(sbx_journal_begin(journal, "one", &entry_batch, &input, 1) == SBX_RUNNING);
	h->run = open_run(&entry_batch, &input, 1);
	CHECK(sbx_journal_attach(journal, "one", h->run) == SBX_DONE);
	CHECK(sbx_dispatcher_add(h->dispatcher, h->run) == SBX_DONE);
}

static void poll_some(Host *h, const sbx_status *until)
{
	for (int i = 0; i < 3000 && (!until || *until == SBX_WAITING); i++) {
		CHECK(sbx_dispatcher_poll(h->dispatcher) >= 0);
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		if (!until && i == 20)
			return;
	}
}

/* A service leaves a run with its job under way, and cancels it later, as sbx-host.h says. */
static void test_cancel_left(void)
{
	Service s = {.at_once = 1};
	sbx_connector table = table_of(&s);
	sbx_journal *journal = NULL;
	sbx_status end = SBX_WAITING;
	char path[] = "/tmp/run_connectors.XXXXXX";
	int descriptor = mkstemp(path), jobs = 0;
	Host h;
	group("run_connectors/cancelled after it was left");
	CHECK(descriptor >= 0 && sbx_journal_open(path, &journal) == SBX_DONE);
	open_recorded(&h, &table, journal, 1);
	go_on(&h, &s.gets, 2);
	close_host(&h);
	sbx_journal_end(journal, "one");
	CHECK(s.deletes == 0 && s.creates == 1);
	CHECK(sbx_journal_jobs(journal, "one", see_job, &jobs) == SBX_DONE && jobs == 1);
	CHECK(sbx_journal_cancel(journal, "one") == SBX_E_UNAVAILABLE);
	SAME(sbx_journal_problem(journal),
		 "run 'one' has 1 job under way in other systems: test.batch#1 ('batch')");
	open_recorded(&h, &table, journal, 0);
	CHECK(sbx_connectors_cancel(h.connectors, journal, "none", told, &end) == SBX_E_ARGUMENT);
	s.at_once = 0;
	CHECK(sbx_connectors_cancel(h.connectors, journal, "one", told, &end) == SBX_WAITING);
	CHECK(sbx_connectors_cancel(h.connectors, journal, "one", told, &end) == SBX_RUNNING);
	CHECK(sbx_journal_cancel(journal, "one") == SBX_RUNNING);
	poll_some(&h, NULL);
	CHECK(s.deletes == 1 && end == SBX_WAITING);
	/* meanwhile nobody takes it up */
	CHECK(sbx_journal_begin(journal, "one", &entry_batch, &(sbx_value){.tag = 0}, 1) < 0);
	sbx_value input = sbx_int(1);
	CHECK(sbx_journal_begin(journal, "one", &entry_batch, &input, 1) == SBX_E_STATE);
	sbx_job_failed(s.job, SBX_JOB_FINAL, NULL, "refused", NULL);
	poll_some(&h, &end);
	CHECK(end == SBX_E_BACKEND && strstr(sbx_journal_problem(journal), "refused") != NULL);
	end = SBX_WAITING;
	s.at_once = 1;
	CHECK(sbx_connectors_cancel(h.connectors, journal, "one", told, &end) == SBX_WAITING);
	poll_some(&h, &end);
	CHECK(end == SBX_DONE && s.deletes == 2);
	CHECK(sbx_connectors_cancel(h.connectors, journal, "one", told, &end) == SBX_E_STATE);
	jobs = 0;
	CHECK(sbx_journal_jobs(journal, "one", see_job, &jobs) == SBX_DONE && jobs == 0);
	close_host(&h);
	CHECK(s.releases == 3);
	sbx_journal_close(journal);
	static const char *const ends[] = {"", "-runs", "-wal", "-shm"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		char name[64];
		snprintf(name, sizeof name, "%s%s", path, ends[i]);
		(void)unlink(name);
	}
	close(descriptor);
}

int main(void)
{
	test_registry();
	test_phases();
	test_failures();
	test_cancel();
	test_poll_fails();
	test_take_up();
	test_cancel_left();
	group_end();
	return all_failures != 0;
}
