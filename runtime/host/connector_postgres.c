/*
 * PostgreSQL as a query service: a SELECT is a job (docs/connectors.md).
 *
 * A job is a connection of its own, which ends with this process: nothing of it is remembered, and after a crash the query is
 * made again. It only reads, so that does no harm. `get` is answered when the query has ended, so there is no polling. To
 * delete a job that runs, a second connection asks the server to cancel it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connector.h"
#include "postgres_values.h"

enum {
	MOST_MS = 3600 * 1000 * 24,
	CONNECT_MS = 10000,
	MOST_BYTES = 1 << 30,
	USUAL_BYTES = 64 << 20,
	MOST_PARAMETERS = 1000
};

typedef struct PostgresConnector {
	sbx_heap *heap; /* of the document */
	Postgres *postgres;
	char problem[256];
	const char *name, *connection, *variable;
	uint32_t statement_ms, connect_ms, most_bytes;
} PostgresConnector;

/* What is made of the rows, from the task's declared result. */
typedef enum Shape {
	SHAPE_DICTS,   /* list[dict[str, ...]], and where nothing is declared */
	SHAPE_TUPLES,  /* list[tuple[...]] */
	SHAPE_LISTS,   /* list[list[...]] */
	SHAPE_VALUES,  /* list[int] and others: of one column */
	SHAPE_COLUMNS, /* dict[str, list[...]] */
	SHAPE_DICT,    /* dict[str, ...]: of one row */
	SHAPE_TUPLE,   /* tuple[...]: of one row */
	SHAPE_VALUE,   /* int and others: of one row and column; None of no row */
	SHAPE_NONE     /* None: the rows are not looked at */
} Shape;

typedef struct QueryJob {
	PostgresConnector *connector;
	sbx_job *job;
	PostgresQuery query, cancel;
	char name[64], process[16];
	char *text;
	PostgresParameter *parameters, cancel_parameter;
	Shape shape;
	bool is_sent, is_ended, is_waited_for, is_deleting;
	PostgresFailure failure; /* text empty: it went well */
	sbx_heap *heap;          /* of the rows */
	sbx_value *rows;         /* or columns' values, one after the other */
	size_t row_count, room, columns;
	sbx_value *names;
	char why[200];
	bool *is_gone; /* is told when this is freed; or NULL */
} QueryJob;

/* ---- rows ---- */

static Shape list_shape(const sbx_type *type)
{
	switch (sbx_type_kind_of(type)) {
	case SBX_ANY:
	case SBX_DICT:
		return SHAPE_DICTS;
	case SBX_TUPLE:
	case SBX_TUPLE_OF:
		return SHAPE_TUPLES;
	case SBX_LIST:
		return SHAPE_LISTS;
	default:
		return SHAPE_VALUES;
	}
}

static Shape shape_of(const sbx_type *type)
{
	switch (sbx_type_kind_of(type)) {
	case SBX_ANY:
		return SHAPE_DICTS;
	case SBX_LIST:
		return list_shape(sbx_type_count(type) ? sbx_type_argument(type, 0) : NULL);
	case SBX_DICT:
		return sbx_type_count(type) == 2 && sbx_type_kind_of(sbx_type_argument(type, 1)) == SBX_LIST
				   ? SHAPE_COLUMNS
				   : SHAPE_DICT;
	case SBX_TUPLE:
	case SBX_TUPLE_OF:
		return SHAPE_TUPLE;
	case SBX_NONE:
		return SHAPE_NONE;
	default:
		return SHAPE_VALUE;
	}
}

static bool complain(const char **why, const char *text)
{
	*why = text;
	return false;
}

static bool read_names(QueryJob *q, const char **why)
{
	bool by_name = q->shape == SHAPE_DICTS || q->shape == SHAPE_DICT || q->shape == SHAPE_COLUMNS;
	q->columns = (size_t)postgres_columns(&q->query);
	q->names = calloc(q->columns + 1, sizeof *q->names);
	if (!q->names)
		return complain(why, "no memory for the result");
	for (size_t i = 0; i < q->columns; i++) {
		const char *name = postgres_column_name(&q->query, (int)i);
		for (size_t j = 0; by_name && j < i; j++)
			if (strcmp(name, postgres_column_name(&q->query, (int)j)) == 0) {
				snprintf(q->why, sizeof q->why,
						 "the result has two columns '%.60s': name them apart with AS", name);
				return complain(why, q->why);
			}
		q->names[i] = sbx_str_make(q->heap, name, strlen(name));
	}
	if ((q->shape == SHAPE_VALUES || q->shape == SHAPE_VALUE) && q->columns != 1) {
		snprintf(q->why, sizeof q->why,
				 "the task's result takes one column, and the query gives %zu", q->columns);
		return complain(why, q->why);
	}
	return true;
}

static sbx_value shape_row(QueryJob *q, const sbx_value *values)
{
	switch (q->shape) {
	case SHAPE_DICTS:
	case SHAPE_DICT:
		return sbx_dict_make(q->heap, q->names, values, q->columns);
	case SHAPE_TUPLES:
	case SHAPE_TUPLE:
		return sbx_tuple_make(q->heap, values, q->columns);
	default: /* columns are taken out of lists in the end */
		return sbx_list_make(q->heap, values, q->columns);
	case SHAPE_VALUES:
	case SHAPE_VALUE:
		return values[0];
	}
}

static bool keep_row(QueryJob *q, sbx_value row, const char **why)
{
	if (q->row_count == q->room) {
		size_t room = q->room ? q->room * 2 : 64;
		sbx_value *more = room * sizeof *more <= q->connector->most_bytes
							  ? realloc(q->rows, room * sizeof *more)
							  : NULL;
		if (!more)
			return complain(
				why, "the result is too large: set most_bytes of the connector, or ask for less");
		q->rows = more;
		q->room = room;
	}
	q->rows[q->row_count++] = row;
	return true;
}

static bool on_row(PostgresQuery *query, const char **why)
{
	QueryJob *q = query->context;
	bool is_one = q->shape == SHAPE_DICT || q->shape == SHAPE_TUPLE || q->shape == SHAPE_VALUE;
	if (q->shape == SHAPE_NONE)
		return true;
	if (!q->names && !read_names(q, why))
		return false;
	if (is_one && q->row_count == 1)
		return complain(why, "the task's result takes one row, and the query gives more");
	sbx_value *values = calloc(q->columns + 1, sizeof *values), row = {0};
	bool good = values != NULL;
	for (size_t i = 0; good && i < q->columns; i++) {
		size_t length;
		const char *text = postgres_value(query, (int)i, &length);
		values[i] =
			text ? postgres_to_value(q->heap, postgres_column_type(query, (int)i), text, length)
				 : sbx_none();
		good = sbx_kind(values[i]) != SBX_INVALID;
	}
	if (good)
		row = shape_row(q, values);
	for (size_t i = 0;
		 good && i < q->columns && q->shape != SHAPE_VALUES && q->shape != SHAPE_VALUE; i++)
		sbx_value_free(q->heap, values[i]);
	free(values);
	if (!good || sbx_kind(row) == SBX_INVALID)
		return complain(
			why, "the result is too large: set most_bytes of the connector, or ask for less");
	return keep_row(q, row, why);
}

static sbx_value columns_of(QueryJob *q)
{
	sbx_value *lists = calloc(q->columns + 1, sizeof *lists),
			  *items = calloc(q->row_count + 1, sizeof *items), dict = {0};
	for (size_t c = 0; lists && items && c < q->columns; c++) {
		for (size_t i = 0; i < q->row_count; i++)
			items[i] = sbx_peek_item(q->rows[i], c);
		lists[c] = sbx_list_make(q->heap, items, q->row_count);
	}
	if (lists && items)
		dict = sbx_dict_make(q->heap, q->names, lists, q->columns);
	free(lists);
	free(items);
	return dict;
}

static sbx_value result_of(QueryJob *q)
{
	switch (q->shape) {
	case SHAPE_NONE:
		return sbx_none();
	case SHAPE_DICT:
	case SHAPE_TUPLE:
	case SHAPE_VALUE:
		return q->row_count ? q->rows[0] : sbx_none();
	case SHAPE_COLUMNS:
		return columns_of(q);
	default:
		return sbx_list_make(q->heap, q->rows, q->row_count);
	}
}

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
	sbx_value result = result_of(q), key = sbx_str_make(q->heap, "result", 6);
	if (sbx_kind(result) == SBX_INVALID || sbx_kind(key) == SBX_INVALID) {
		sbx_job_failed(job, SBX_JOB_FINAL, "MemoryError",
					   "the result is too large: set most_bytes of the connector", NULL);
		return;
	}
	/* under a name, so that a dict is the task's result and not its outputs */
	resource.outputs = sbx_dict_make(q->heap, &key, &result, 1);
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

/* ---- the query's text and parameters ---- */

/* What a statement may begin with: others can do more than read. */
static bool is_query(const char *text)
{
	static const char *const words[] = {"select", "with", "values", "table"};
	for (;;) {
		text += strspn(text, " \t\r\n(");
		if (strncmp(text, "--", 2) == 0)
			text += strcspn(text, "\n");
		else if (strncmp(text, "/*", 2) == 0 && strstr(text + 2, "*/"))
			text = strstr(text + 2, "*/") + 2;
		else
			break;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t length = strlen(words[i]);
		if (strncasecmp(text, words[i], length) == 0 && !isalnum((unsigned char)text[length]) &&
			text[length] != '_')
			return true;
	}
	return false;
}

/* The job ends with that, and q with it. */
static bool fail(const QueryJob *q, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(const QueryJob *q, const char *format, ...)
{
	va_list arguments;
	char text[400];
	size_t used = (size_t)snprintf(text, sizeof text, "%.60s: ", q->connector->name);
	va_start(arguments, format);
	vsnprintf(text + used, sizeof text - used, format, arguments);
	va_end(arguments);
	sbx_job_failed(q->job, SBX_JOB_FINAL, "ValueError", text, NULL);
	return false;
}

static int find_input(const sbx_call *call, const char *name, size_t length)
{
	for (size_t i = 0; i < sbx_call_arg_count(call); i++)
		if (strlen(sbx_call_arg_name(call, i)) == length &&
			memcmp(sbx_call_arg_name(call, i), name, length) == 0)
			return (int)i;
	return -1;
}

static bool bind(QueryJob *q, const sbx_call *call, size_t input)
{
	const char *why = "";
	sbx_heap *heap;
	sbx_value v = sbx_call_arg(call, input);
	if (q->query.parameter_count == MOST_PARAMETERS)
		return fail(q, "a query takes at most 1000 parameters");
	if (sbx_kind(v) == SBX_INVALID)
		return fail(q, "the input '%.100s' is not given; its default is known to Python only",
					sbx_call_arg_name(call, input));
	if (sbx_heap_open(0, &heap))
		return fail(q, "out of memory");
	bool good = postgres_from_value(heap, v, &q->parameters[q->query.parameter_count], &why);
	sbx_heap_close(heap);
	if (!good)
		return fail(q, "the input '%.100s' cannot be a parameter: %.150s",
					sbx_call_arg_name(call, input), why);
	q->query.parameter_count++;
	return true;
}

/* "{{ .inputs.NAME }}" becomes "$1" and so on: the values are bound, never pasted. */
static bool fill_places(QueryJob *q, const sbx_call *call, const char *text)
{
	int numbers[MOST_PARAMETERS], count = 0;
	char *out = malloc(strlen(text) * 2 + 1), *to = out;
	bool good = out != NULL;
	while (good && *text) {
		size_t plain =
			(size_t)((strstr(text, "{{") ? strstr(text, "{{") : text + strlen(text)) - text);
		memcpy(to, text, plain);
		to += plain;
		text += plain;
		if (!*text)
			break;
		const char *name = text + 2 + strspn(text + 2, " \t");
		bool known = strncmp(name, ".inputs.", 8) == 0 || strncmp(name, "inputs.", 7) == 0;
		name += known ? (*name == '.' ? 8 : 7) : 0;
		size_t length =
			strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
		const char *end = name + length + strspn(name + length, " \t");
		int input = known ? find_input(call, name, length) : -1, n = 0;
		if (strncmp(end, "}}", 2) != 0 || input < 0) {
			int shown = (int)(strstr(text, "}}") ? strstr(text, "}}") + 2 - text : 20);
			free(out);
			return fail(q, "'%.*s' in the query names no input; expected {{ .inputs.NAME }}",
						shown < 70 ? shown : 70, text);
		}
		while (n < count && numbers[n] != input)
			n++;
		if (n == count) {
			good = bind(q, call, (size_t)input);
			if (!good)
				break;
			numbers[count++] = input;
		}
		/* "{{inputs.x}}" is longer than "$1000" */
		to += snprintf(to, 8, "$%d", n + 1);
		text = end + 2;
	}
	if (!good) {
		free(out);
		return false; /* has been told */
	}
	*to = '\0';
	q->text = out;
	return true;
}

/* The query of custom_config, or of the input called query. */
static bool find_text(QueryJob *q, const sbx_call *call, char **text, int *input)
{
	const char *config = sbx_job_config(q->job);
	sbx_heap *heap;
	sbx_value v = {0}, root;
	size_t length = 0;
	*input = -1;
	*text = NULL;
	if (sbx_heap_open(0, &heap))
		return fail(q, "out of memory");
	if (config && sbx_json_load(heap, config, strlen(config), &root) == SBX_DONE)
		v = sbx_dict_find(heap, root, "query");
	if (sbx_kind(v) == SBX_INVALID) {
		*input = find_input(call, "query", 5);
		v = *input >= 0 ? sbx_call_arg(call, (size_t)*input) : v;
	}
	const char *found = sbx_kind(v) == SBX_STR ? sbx_peek_str(heap, v, &length) : NULL;
	if (found && strlen(found) == length)
		*text = strdup(found);
	sbx_heap_close(heap);
	return *text || fail(q, "there is no query: custom_config={\"query\": \"SELECT ...\"} of the "
							"task, or an input 'query: str'");
}

static bool prepare(QueryJob *q)
{
	const sbx_call *call = sbx_job_call(q->job);
	char *text;
	int query_input;
	q->parameters = calloc(MOST_PARAMETERS, sizeof *q->parameters);
	if (!q->parameters)
		return fail(q, "out of memory");
	if (!find_text(q, call, &text, &query_input))
		return false;
	bool good =
		is_query(text) || fail(q, "the query must begin with SELECT, WITH, VALUES or TABLE");
	bool has_places = strstr(text, "{{") != NULL;
	if (good)
		good = fill_places(q, call, text);
	for (size_t i = 0; good && !has_places && i < sbx_call_arg_count(call); i++)
		if ((int)i != query_input)
			good = bind(q, call, i);
	free(text);
	return good;
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
	char text[200];
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
	if (sbx_heap_open(c->most_bytes, &q->heap)) {
		sbx_job_failed(q->job, SBX_JOB_PASSING, "MemoryError", "no memory for a query", NULL);
		return;
	}
	if (!prepare(q))
		return;
	snprintf(q->name, sizeof q->name, "sbx %.58s", sbx_job_key(q->job));
	q->shape = shape_of(sbx_call_result_type(sbx_job_call(q->job)));
	q->query.connection = connection;
	q->query.name = q->name;
	q->query.text = q->text;
	q->query.parameters = q->parameters;
	q->query.statement_ms = c->statement_ms;
	q->query.connect_until = connector_now() + c->connect_ms;
	q->query.context = q;
	q->query.on_sent = query_sent;
	q->query.on_row = on_row;
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
	for (int i = 0; q->parameters && i < q->query.parameter_count; i++)
		free(q->parameters[i].bytes);
	free(q->parameters);
	free(q->cancel_parameter.bytes);
	free(q->text);
	free(q->rows);
	free(q->names);
	sbx_heap_close(q->heap);
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
