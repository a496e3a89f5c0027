/*
 * PostgreSQL as a query service: a SELECT is a job (docs/connectors.md).
 *
 * A job is a connection of its own, which ends with this process: nothing of it is remembered, and after a crash the query is
 * made again. It only reads, so that does no harm. `get` is answered when the query has ended, so there is no polling. To
 * delete a job that runs, a second connection asks the server to cancel it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connector.h"
#include "postgres_rows.h"
#include "postgres_statement.h"

enum {
	MOST_MS = 3600 * 1000 * 24,
	CONNECT_MS = 10000,
	MOST_BYTES = 1 << 30,
	USUAL_BYTES = 64 << 20
};

typedef struct PostgresConnector {
	sbx_heap *heap; /* of the document */
	Postgres *postgres;
	char problem[256];
	const char *name, *connection, *variable;
	uint32_t statement_ms, connect_ms, most_bytes;
} PostgresConnector;

typedef struct QueryJob {
	PostgresConnector *connector;
	sbx_job *job;
	PostgresQuery query, cancel;
	char name[64], process[16];
	PostgresStatement statement;
	PostgresParameter cancel_parameter;
	PostgresRows rows;
	bool is_sent, is_ended, is_waited_for, is_deleting;
	PostgresFailure failure; /* text empty: it went well */
	bool *is_gone;           /* is told when this is freed; or NULL */
} QueryJob;

/* ---- the end of a query ---- */

static void report(QueryJob *q)
{
	sbx_resource resource = {.size = sizeof resource, .phase = SBX_PHASE_SUCCEEDED};
	sbx_job *job = q->job;
	q->is_waited_for = false;
	if (q->failure.text[0]) {
		bool is_late = strcmp(q->failure.state, "57014") == 0 && q->connector->statement_ms;
		resource.phase = is_late                 ? SBX_PHASE_TIMED_OUT
						 : q->failure.is_passing ? SBX_PHASE_RETRYABLE_FAILED
												 : SBX_PHASE_FAILED;
		resource.message = q->failure.text;
		sbx_job_found(job, &resource);
		return;
	}
	sbx_value result = postgres_rows_result(&q->rows),
			  key = sbx_str_make(q->rows.heap, "result", 6);
	if (sbx_kind(result) == SBX_INVALID || sbx_kind(key) == SBX_INVALID) {
		sbx_job_failed(job, SBX_JOB_FINAL, "MemoryError",
					   "the result is too large: set most_bytes of the connector", NULL);
		return;
	}
	/* under a name, so that a dict is the task's result and not its outputs */
	resource.outputs = sbx_dict_make(q->rows.heap, &key, &result, 1);
	sbx_job_found(job, &resource);
}

/* Of a query that was not sent: is nobody there? Or has a server refused it ("FATAL:  password authentication failed"), or is the
 * connection's text none? libpq tells with words only. */
static bool is_unreached(const PostgresFailure *failure)
{
	static const char *const words[] = {"connection to server ", "could not connect to ",
										"could not look up the host ", "has not answered in time"};
	if (!failure->is_passing || failure->state[0] || strstr(failure->text, "FATAL:"))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(failure->text, words[i]))
			return true;
	return false;
}

static void query_ended(PostgresQuery *query, const PostgresFailure *failure)
{
	QueryJob *q = query->context;
	if (failure)
		q->failure = *failure;
	q->is_ended = true;
	if (q->is_deleting)
		return; /* the other connection tells its end */
	if (!q->is_sent)
		sbx_job_failed(q->job,
					   q->failure.is_missing       ? SBX_JOB_MISSING
					   : is_unreached(&q->failure) ? SBX_JOB_UNREACHED
					   : q->failure.is_passing     ? SBX_JOB_PASSING
												   : SBX_JOB_FINAL,
					   NULL, q->failure.text, NULL);
	else if (q->is_waited_for)
		report(q);
}

static bool query_gave(PostgresQuery *query, const char **why)
{
	QueryJob *q = query->context;
	return postgres_rows_take(&q->rows, query, why);
}

static bool query_sent(PostgresQuery *query)
{
	QueryJob *q = query->context;
	bool is_gone = false;
	snprintf(q->process, sizeof q->process, "%d", postgres_process(query));
	q->is_sent = true;
	q->is_gone = &is_gone;
	sbx_job_created(q->job, q->process, strlen(q->process));
	if (!is_gone)
		q->is_gone = NULL;
	return !is_gone;
}

static const char *connection_of(const PostgresConnector *c)
{
	const char *text = c->variable ? getenv(c->variable) : c->connection;
	return text;
}

static bool open_library(PostgresConnector *c)
{
	if (!c->postgres)
		c->postgres = postgres_open(c->problem);
	return c->postgres != NULL;
}

static void begin(QueryJob *q)
{
	PostgresConnector *c = q->connector;
	char text[500];
	const char *connection = connection_of(c);
	if (!open_library(c)) {
		sbx_job_failed(q->job, SBX_JOB_MISSING, NULL, c->problem, NULL);
		return;
	}
	if (!connection) {
		snprintf(text, sizeof text, "%.60s: the environment variable '%.80s' is not set", c->name,
				 c->variable);
		sbx_job_failed(q->job, SBX_JOB_MISSING, NULL, text, NULL);
		return;
	}
	if (!postgres_statement_make(&q->statement, q->job)) {
		snprintf(text, sizeof text, "%.60s: %s", c->name, q->statement.problem);
		sbx_job_failed(q->job, SBX_JOB_FINAL, "ValueError", text, NULL);
		return;
	}
	if (!postgres_rows_open(&q->rows, sbx_call_result_type(sbx_job_call(q->job)), c->most_bytes)) {
		sbx_job_failed(q->job, SBX_JOB_PASSING, "MemoryError", "no memory for a query", NULL);
		return;
	}
	snprintf(q->name, sizeof q->name, "sbx %.58s", sbx_job_key(q->job));
	q->query.connection = connection;
	q->query.name = q->name;
	q->query.text = q->statement.text;
	q->query.parameters = q->statement.parameters;
	q->query.parameter_count = q->statement.parameter_count;
	q->query.statement_ms = c->statement_ms;
	q->query.connect_until = connector_now() + c->connect_ms;
	q->query.context = q;
	q->query.on_sent = query_sent;
	q->query.on_row = query_gave;
	q->query.on_end = query_ended;
	postgres_start(c->postgres, &q->query);
}

/* ---- cancelling ---- */

static bool ignore_row(PostgresQuery *query, const char **why)
{
	(void)query, (void)why;
	return true;
}

/* Whatever became of it: the query's own connection is closed now. */
static void cancel_ended(PostgresQuery *cancel, const PostgresFailure *failure)
{
	QueryJob *q = cancel->context;
	sbx_job *job = q->job;
	postgres_drop(&q->query);
	if (failure && !q->is_ended)
		sbx_job_failed(job, failure->is_passing ? SBX_JOB_PASSING : SBX_JOB_FINAL, NULL,
					   failure->text, NULL);
	else
		sbx_job_deleted(job);
}

static void delete_job(void *context, sbx_job *job)
{
	PostgresConnector *c = context;
	QueryJob *q = sbx_job_state(job);
	if (!q || q->is_ended || !q->process[0]) {
		if (q)
			postgres_drop(&q->query);
		sbx_job_deleted(job);
		return;
	}
	free(q->cancel_parameter.bytes);
	q->is_deleting = true;
	q->cancel_parameter = (PostgresParameter){.type = 23, .bytes = strdup(q->process)};
	q->cancel = (PostgresQuery){.connection = q->query.connection,
								.name = q->name,
								.text = "SELECT pg_cancel_backend($1)",
								.parameters = &q->cancel_parameter,
								.parameter_count = 1,
								.connect_until = connector_now() + c->connect_ms,
								.context = q,
								.on_row = ignore_row,
								.on_end = cancel_ended};
	postgres_start(c->postgres, &q->cancel);
}

/* ---- the table ---- */

static void forget(QueryJob *q)
{
	if (q->is_gone)
		*q->is_gone = true;
	postgres_drop(&q->query);
	postgres_drop(&q->cancel);
	free(q->cancel_parameter.bytes);
	postgres_statement_free(&q->statement);
	postgres_rows_close(&q->rows);
	free(q);
}

static void release_job(void *context, sbx_job *job)
{
	QueryJob *q = sbx_job_state(job);
	(void)context;
	sbx_job_set_state(job, NULL);
	if (q)
		forget(q);
}

static void create_job(void *context, sbx_job *job)
{
	release_job(context, job); /* of a connection that failed before */
	QueryJob *q = calloc(1, sizeof *q);
	if (!q) {
		sbx_job_failed(job, SBX_JOB_PASSING, "MemoryError", "no memory for a query", NULL);
		return;
	}
	q->connector = context;
	q->job = job;
	sbx_job_set_state(job, q);
	begin(q);
}

static void get_job(void *context, sbx_job *job)
{
	QueryJob *q = sbx_job_state(job);
	(void)context;
	q->is_waited_for = true;
	if (q->is_ended)
		report(q);
}

static void abandon_job(void *context, sbx_job *job)
{
	QueryJob *q = sbx_job_state(job);
	(void)context;
	if (!q)
		return;
	q->is_waited_for = false;
	if (!q->is_sent)
		postgres_drop(&q->query);
	if (q->is_deleting)
		postgres_drop(&q->cancel);
}

static sbx_status poll_postgres(void *context)
{
	PostgresConnector *c = context;
	if (c->postgres)
		postgres_poll(c->postgres);
	return SBX_DONE;
}

static int descriptor(void *context)
{
	PostgresConnector *c = context;
	return c->postgres ? postgres_descriptor(c->postgres) : -1;
}

static int timeout(void *context)
{
	PostgresConnector *c = context;
	return c->postgres ? postgres_timeout(c->postgres) : -1;
}

static void close_connector(void *context)
{
	PostgresConnector *c = context;
	postgres_close(c->postgres);
	sbx_heap_close(c->heap);
	free(c);
}

/* ---- the document ---- */

static bool read_connection(PostgresConnector *c, ConnectorFile *file)
{
	static const char *const members[] = {"env", NULL};
	sbx_value v = sbx_dict_find(file->heap, file->root, "connection");
	c->connection = "";
	if (sbx_kind(v) == SBX_INVALID)
		return true;
	if (sbx_kind(v) == SBX_STR)
		return connector_file_text(file, file->root, "", "connection", &c->connection);
	if (sbx_kind(v) != SBX_DICT)
		return connector_file_complain(file, "/connection", "is no string and no {\"env\": NAME}");
	if (!connector_file_only(file, v, "/connection", members) ||
		!connector_file_text(file, v, "/connection", "env", &c->variable))
		return false;
	return c->variable || connector_file_complain(file, "/connection", "has no \"env\"");
}

bool connector_postgres_open(ConnectorFile *file, sbx_connector *table)
{
	static const char *const members[] = {
		"connector",          "name",       "connection", "statement_timeout_ms",
		"connect_timeout_ms", "most_bytes", NULL};
	PostgresConnector *c = calloc(1, sizeof *c);
	if (!c)
		return connector_file_complain(file, "", "out of memory");
	c->name = "postgresql";
	c->connect_ms = CONNECT_MS;
	c->most_bytes = USUAL_BYTES;
	if (!connector_file_only(file, file->root, "", members) ||
		!connector_file_text(file, file->root, "", "name", &c->name) || !read_connection(c, file) ||
		!connector_file_number(file, file->root, "", "statement_timeout_ms", MOST_MS,
							   &c->statement_ms) ||
		!connector_file_number(file, file->root, "", "connect_timeout_ms", MOST_MS,
							   &c->connect_ms) ||
		!connector_file_number(file, file->root, "", "most_bytes", MOST_BYTES, &c->most_bytes)) {
		free(c);
		return false;
	}
	c->heap = file->heap;
	file->heap = NULL;
	*table = (sbx_connector){.size = sizeof *table,
							 .context = c,
							 .name = c->name,
							 .create_job = create_job,
							 .get_job = get_job,
							 .delete_job = delete_job,
							 .abandon_job = abandon_job,
							 .release_job = release_job,
							 .poll = poll_postgres,
							 .descriptor = descriptor,
							 .timeout = timeout,
							 .close = close_connector,
							 .first_ms = 1,
							 .is_safe_to_repeat = 1,
							 .is_of_process = 1};
	return true;
}
