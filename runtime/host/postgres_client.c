/*
 * See postgres_client.h. This file is the only user of libpq.
 *
 * A query goes through looking up, connecting, setting up and running; each step ends when its socket is ready. The set-up
 * begins a read-only transaction, which the query cannot leave since it is one statement, and asks a server that can to look
 * every second whether its client is still there: so a query whose process was killed ends by itself.
 *
 * note [libpq waits for nobody]
 * libpq looks names up while it connects, and waits for the answer; so it is given addresses (postgres_hosts.h). Which hosts a
 * connection has, only libpq knows, from its text, the environment and pg_service.conf: `read_options` asks. It would also wait
 * for an LDAP server that a service file names, which is refused, and for a Kerberos server before each connection over
 * TCP, so `gssencmode` is "disable" unless somebody has set it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "postgres_client.h"

#include <errno.h>
#include <postgresql/libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "http.h"
#include "postgres_hosts.h"
#include "shared_library.h"

#define FUNCTIONS(X) \
	X(PQconninfoParse) \
	X(PQconninfo) \
	X(PQconninfoFree) \
	X(PQfreemem) \
	X(PQconnectStartParams) \
	X(PQconnectPoll) \
	X(PQfinish) \
	X(PQstatus) \
	X(PQerrorMessage) \
	X(PQsocket) \
	X(PQbackendPID) \
	X(PQserverVersion) \
	X(PQsetnonblocking) \
	X(PQsendQuery) \
	X(PQsendQueryParams) \
	X(PQsetSingleRowMode) \
	X(PQflush) \
	X(PQconsumeInput) \
	X(PQisBusy) \
	X(PQgetResult) \
	X(PQresultStatus) \
	X(PQresultErrorField) \
	X(PQresultErrorMessage) \
	X(PQclear) \
	X(PQntuples) \
	X(PQnfields) \
	X(PQfname) \
	X(PQftype) \
	X(PQgetvalue) \
	X(PQgetlength) \
	X(PQgetisnull)

struct Postgres {
#define MEMBER(name) __typeof__(&name) name;
	FUNCTIONS(MEMBER)
#undef MEMBER
	int epoll;
	Http *names; /* NULL: none had to be looked up yet */
	PostgresQuery *first;
};

static const SharedName NAMES[] = {
#define NAME(name) {#name, offsetof(struct Postgres, name)},
	FUNCTIONS(NAME)
#undef NAME
};

enum { STATE_FAILED, STATE_LOOKING_UP, STATE_CONNECTING, STATE_SETTING_UP, STATE_RUNNING };

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

Postgres *postgres_open(char problem[256])
{
	Postgres *p = calloc(1, sizeof *p);
	snprintf(problem, 256, "out of memory");
	if (!p)
		return NULL;
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll >= 0 && shared_library_load("libpq.so.5", NAMES, SHARED_COUNT(NAMES), p))
		return p;
	if (p->epoll >= 0)
		snprintf(problem, 256, "libpq.so.5 is needed to talk to PostgreSQL: install libpq5");
	postgres_close(p);
	return NULL;
}

void postgres_close(Postgres *p)
{
	if (!p)
		return;
	while (p->first)
		postgres_drop(p->first);
	http_close(p->names);
	if (p->epoll >= 0)
		close(p->epoll);
	free(p);
}

/* ---- sockets ---- */

/* libpq may open another socket while it connects, under the same number. */
static void watch(PostgresQuery *q, unsigned events)
{
	Postgres *p = q->postgres;
	int socket = p->PQsocket(q->connection_state);
	struct epoll_event event = {.events = events, .data.ptr = q};
	if (q->socket >= 0 && q->socket != socket)
		(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, q->socket, NULL);
	q->socket = socket;
	if (socket >= 0 && epoll_ctl(p->epoll, EPOLL_CTL_MOD, socket, &event) && errno == ENOENT)
		(void)epoll_ctl(p->epoll, EPOLL_CTL_ADD, socket, &event);
}

void postgres_drop(PostgresQuery *q)
{
	Postgres *p = q->postgres;
	if (!p)
		return;
	if (q->socket >= 0)
		(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, q->socket, NULL);
	if (q->connection_state)
		p->PQfinish(q->connection_state);
	postgres_hosts_close(q->hosts);
	q->connection_state = NULL;
	q->hosts = NULL;
	q->socket = -1;
	if (q->next)
		q->next->previous = q->previous;
	if (q->previous)
		q->previous->next = q->next;
	else
		p->first = q->next;
	q->postgres = NULL;
}

/* ---- ends ---- */

static void end(PostgresQuery *q, const PostgresFailure *failure)
{
	postgres_drop(q);
	q->on_end(q, failure);
}

/* One line, without the blanks at its end. */
static void set_text(PostgresFailure *failure, const char *text)
{
	snprintf(failure->text, sizeof failure->text, "%s",
			 text && *text ? text : "the server has not said why");
	size_t length = strlen(failure->text);
	while (length && strchr("\n ", failure->text[length - 1]))
		failure->text[--length] = '\0';
	for (char *c = failure->text; *c; c++)
		if (*c == '\n')
			*c = ' ';
}

/* libpq names the addresses that it was given, and not their hosts. */
static void lose_connection(PostgresQuery *q, const char *text)
{
	PostgresFailure failure = {.is_passing = true};
	char known[300] = "", missing[300] = "", whole[sizeof failure.text];
	if (!text)
		text = q->postgres->PQerrorMessage(q->connection_state);
	if (q->hosts) {
		postgres_hosts_list(q->hosts, true, known);
		postgres_hosts_list(q->hosts, false, missing);
	}
	snprintf(whole, sizeof whole, "%s%s%s%s%s%s%s", *missing ? "could not look up the host " : "",
			 missing, *missing && *known ? "; " : "", *known ? "could not connect to " : "", known,
			 *missing || *known ? ": " : "", text);
	set_text(&failure, whole);
	end(q, &failure);
}

/* Nothing is told from within postgres_start: the next poll does. */
static void fail_early(PostgresQuery *q, bool is_passing, const char *text)
{
	q->state = STATE_FAILED;
	q->early = (PostgresFailure){.is_passing = is_passing};
	set_text(&q->early, text);
}

/* Classes of SQLSTATE: 08 connections, 40 rollbacks, 53 resources, 57P0x shutdowns, but not a cancelled query. */
static bool is_passing(const char *state)
{
	return strncmp(state, "08", 2) == 0 || strncmp(state, "40", 2) == 0 ||
		   strncmp(state, "53", 2) == 0 || strncmp(state, "57P", 3) == 0;
}

static void refuse(PostgresQuery *q, const PGresult *result)
{
	const Postgres *p = q->postgres;
	PostgresFailure failure = {.is_passing = false};
	const char *state = p->PQresultErrorField(result, PG_DIAG_SQLSTATE);
	snprintf(failure.state, sizeof failure.state, "%s", state ? state : "");
	failure.is_passing = !state || is_passing(state);
	set_text(&failure, p->PQresultErrorMessage(result));
	end(q, &failure);
}

static void stop(PostgresQuery *q, const char *why)
{
	PostgresFailure failure = {.is_passing = false};
	set_text(&failure, why);
	end(q, &failure);
}

/* ---- where to connect ---- */

static const char *option(const PQconninfoOption *options, const char *keyword)
{
	for (; options && options->keyword; options++)
		if (strcmp(options->keyword, keyword) == 0)
			return options->val;
	return NULL;
}

/* All parameters of the connection as libpq takes them together, from a connection that it refuses before it looks for the
 * host. The password is one so that it does not look for that either. NULL: no memory. */
static PQconninfoOption *read_options(const PostgresQuery *q)
{
	const Postgres *p = q->postgres;
	const char *const keywords[] = {"dbname", "password", "sslmode", NULL};
	const char *const values[] = {q->connection, "none", "refused: only to be read", NULL};
	PGconn *refused = p->PQconnectStartParams(keywords, values, 1);
	PQconninfoOption *options = p->PQconninfo(refused);
	p->PQfinish(refused);
	return options;
}

/* Does a service stand in the connection's text or the environment, and may libpq have to ask for it? */
static bool asks_for_service(const PostgresQuery *q)
{
	const Postgres *p = q->postgres;
	char *problem = NULL;
	PQconninfoOption *given = p->PQconninfoParse(q->connection, &problem);
	bool has_service = getenv("PGSERVICE") || option(given, "service");
	p->PQconninfoFree(given);
	p->PQfreemem(problem);
	return has_service && postgres_service_asks();
}

static void start_connection(PostgresQuery *q)
{
	Postgres *p = q->postgres;
	const char *keywords[8], *values[8];
	PostgresAddresses found = {NULL, NULL, NULL};
	char missing[300] = "", text[340];
	if (q->hosts && !postgres_hosts_get(q->hosts, &found)) {
		postgres_hosts_list(q->hosts, false, missing);
		snprintf(text, sizeof text, "could not look up the host %s%s", missing,
				 postgres_hosts_are_known(q->hosts) ? "" : " in time");
		fail_early(q, true, text);
		return;
	}
	/* libpq takes the last of each, and none that is NULL: what the text says of gssencmode holds */
	const char *const all[][2] = {{"gssencmode", q->without_gss ? "disable" : NULL},
								  {"dbname", q->connection},
								  {"host", found.host},
								  {"hostaddr", found.hostaddr},
								  {"port", found.port},
								  {"application_name", q->name},
								  {"client_encoding", "UTF8"},
								  {NULL, NULL}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		keywords[i] = all[i][0];
		values[i] = all[i][1];
	}
	q->connection_state = p->PQconnectStartParams(keywords, values, 1);
	if (!q->connection_state || p->PQstatus(q->connection_state) == CONNECTION_BAD) {
		fail_early(q, true, "out of memory"); /* libpq has the reason where there is a connection */
	} else {
		q->state = STATE_CONNECTING;
		watch(q, EPOLLOUT);
	}
}

static bool open_names(Postgres *p, HttpProblem *problem)
{
	/* this epoll descriptor is ready when the one of look-ups is */
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	if (p->names)
		return true;
	p->names = http_open_names(problem);
	if (p->names && epoll_ctl(p->epoll, EPOLL_CTL_ADD, http_descriptor(p->names), &event)) {
		http_close(p->names);
		p->names = NULL;
	}
	return p->names != NULL;
}

/* Names that are not known after half of the time are left out, if there are others to connect to. */
static void look_up(PostgresQuery *q)
{
	HttpProblem problem;
	int64_t now = now_ms();
	if (!open_names(q->postgres, &problem)) {
		fail_early(q, false, problem.text);
		q->early.is_missing = true;
	} else if (!postgres_hosts_look_up(q->hosts, q->postgres->names)) {
		fail_early(q, true, "out of memory");
	} else {
		q->state = STATE_LOOKING_UP;
		q->hosts_until = now + (q->connect_until - now) / 2;
	}
}

static void find_hosts(PostgresQuery *q)
{
	const Postgres *p = q->postgres;
	const char *problem = NULL;
	if (asks_for_service(q)) {
		fail_early(
			q, false,
			"a pg_service.conf with an ldap:// line makes libpq wait for that server: write the "
			"service's parameters into the connection, or give PGSERVICEFILE a file without");
		return;
	}
	PQconninfoOption *options = read_options(q);
	const char *gss = option(options, "gssencmode");
	q->without_gss = gss && strcmp(gss, "prefer") == 0 && !getenv("PGGSSENCMODE");
	bool good = options && postgres_hosts_open(option(options, "host"), option(options, "hostaddr"),
											   option(options, "port"), &q->hosts, &problem);
	p->PQconninfoFree(options);
	if (!good)
		fail_early(q, problem == NULL, problem ? problem : "out of memory");
	else if (q->hosts)
		look_up(q);
	else
		start_connection(q);
}

/* ---- steps ---- */

static bool send_set_up(PostgresQuery *q)
{
	const Postgres *p = q->postgres;
	char text[600];
	bool can_check = p->PQserverVersion(q->connection_state) >= 140000;
	snprintf(text, sizeof text,
			 "SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex';"
			 "SET extra_float_digits = 1; SET statement_timeout = %u; %s"
			 "BEGIN TRANSACTION READ ONLY",
			 q->statement_ms, can_check ? "SET client_connection_check_interval = 1000;" : "");
	return p->PQsetnonblocking(q->connection_state, 1) == 0 &&
		   p->PQsendQuery(q->connection_state, text);
}

static bool send_query(PostgresQuery *q)
{
	const Postgres *p = q->postgres;
	int n = q->parameter_count;
	size_t room = (size_t)(n ? n : 1);
	Oid *types = calloc(room, sizeof *types);
	const char **values = calloc(room, sizeof *values);
	int *lengths = calloc(room, sizeof *lengths), *formats = calloc(room, sizeof *formats);
	bool good = types && values && lengths && formats;
	for (int i = 0; good && i < n; i++) {
		types[i] = q->parameters[i].type;
		values[i] = q->parameters[i].bytes;
		lengths[i] = q->parameters[i].length;
		formats[i] = q->parameters[i].is_binary;
	}
	good =
		good &&
		p->PQsendQueryParams(q->connection_state, q->text, n, types, values, lengths, formats, 0) &&
		p->PQsetSingleRowMode(q->connection_state);
	free(types);
	free(values);
	free(lengths);
	free(formats);
	return good;
}

static void connect_more(PostgresQuery *q)
{
	Postgres *p = q->postgres;
	switch (p->PQconnectPoll(q->connection_state)) {
	case PGRES_POLLING_READING:
		watch(q, EPOLLIN);
		return;
	case PGRES_POLLING_WRITING:
		watch(q, EPOLLOUT);
		return;
	case PGRES_POLLING_OK:
		postgres_hosts_close(q->hosts);
		q->hosts = NULL;
		q->state = STATE_SETTING_UP;
		watch(q, EPOLLIN);
		if (!send_set_up(q))
			lose_connection(q, NULL);
		return;
	default:
		lose_connection(q, NULL);
	}
}

/* The server took the set-up: now the query itself. False: it has ended. */
static bool run(PostgresQuery *q)
{
	q->state = STATE_RUNNING;
	if (send_query(q))
		return !q->on_sent || q->on_sent(q);
	lose_connection(q, NULL);
	return false;
}

/* False: the query has ended. */
static bool take_result(PostgresQuery *q)
{
	Postgres *p = q->postgres;
	const char *why = "stopped";
	PGresult *result = p->PQgetResult(q->connection_state);
	if (!result) {
		if (q->state == STATE_SETTING_UP)
			return run(q);
		end(q, NULL);
		return false;
	}
	ExecStatusType status = p->PQresultStatus(result);
	bool good = true;
	if (status == PGRES_SINGLE_TUPLE) {
		q->result = result;
		good = q->on_row(q, &why);
		q->result = NULL;
	} else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
		if (status == PGRES_FATAL_ERROR)
			refuse(q, result);
		else
			stop(q, "the query gives no rows");
		p->PQclear(result);
		return false;
	}
	p->PQclear(result);
	if (!good)
		stop(q, why);
	return good;
}

static void go_on(PostgresQuery *q)
{
	Postgres *p = q->postgres;
	if (q->state == STATE_CONNECTING) {
		connect_more(q);
		return;
	}
	if (!p->PQconsumeInput(q->connection_state)) {
		lose_connection(q, NULL);
		return;
	}
	int left = p->PQflush(q->connection_state);
	if (left < 0) {
		lose_connection(q, NULL);
		return;
	}
	watch(q, EPOLLIN | (left ? (unsigned)EPOLLOUT : 0));
	while (!p->PQisBusy(q->connection_state))
		if (!take_result(q))
			return;
	/* what `run` has sent */
	if (p->PQflush(q->connection_state) > 0)
		watch(q, EPOLLIN | EPOLLOUT);
}

/* ---- the interface ---- */

void postgres_start(Postgres *p, PostgresQuery *q)
{
	q->postgres = p;
	q->socket = -1;
	q->connection_state = NULL;
	q->hosts = NULL;
	q->hosts_until = 0;
	q->previous = NULL;
	q->next = p->first;
	if (p->first)
		p->first->previous = q;
	p->first = q;
	find_hosts(q);
}

int postgres_process(const PostgresQuery *q)
{
	return q->postgres && q->state == STATE_RUNNING ? q->postgres->PQbackendPID(q->connection_state)
													: 0;
}

int postgres_descriptor(const Postgres *p)
{
	return p->epoll;
}

int postgres_timeout(const Postgres *p)
{
	int64_t least = p->names ? http_timeout(p->names) : -1, now = now_ms();
	for (const PostgresQuery *q = p->first; q; q = q->next) {
		if (q->state == STATE_RUNNING)
			continue;
		int64_t until = q->state == STATE_LOOKING_UP ? q->hosts_until : q->connect_until;
		bool is_due = q->state == STATE_FAILED ||
					  (q->state == STATE_LOOKING_UP && postgres_hosts_are_known(q->hosts));
		int64_t left = is_due ? 0 : until - now;
		left = left < 0 ? 0 : left;
		least = least < 0 || left < least ? left : least;
	}
	return (int)(least > 60000 ? 60000 : least);
}

/* What is due without its socket. True: it went on, and others may have gone with it. */
static bool go_on_by_time(PostgresQuery *q, int64_t now)
{
	PostgresFailure failure;
	switch (q->state) {
	case STATE_FAILED:
		failure = q->early;
		if (q->connection_state)
			lose_connection(q, NULL);
		else
			end(q, &failure);
		return true;
	case STATE_LOOKING_UP:
		if (!postgres_hosts_are_known(q->hosts) && now <= q->hosts_until)
			return false;
		if (postgres_hosts_are_known(q->hosts) || postgres_hosts_are_some(q->hosts) ||
			q->hosts_until == q->connect_until)
			start_connection(q);
		q->hosts_until = q->connect_until;
		return true;
	case STATE_RUNNING:
		return false;
	default:
		if (now <= q->connect_until)
			return false;
		lose_connection(q, "the server has not answered in time");
		return true;
	}
}

static void go_on_without_sockets(Postgres *p)
{
	int64_t now = now_ms();
	if (p->names)
		http_poll(p->names);
	for (PostgresQuery *q = p->first; q;)
		q = go_on_by_time(q, now) ? p->first : q->next;
}

void postgres_poll(Postgres *p)
{
	struct epoll_event event;
	go_on_without_sockets(p);
	/* one at a time: what is called back may drop other queries */
	for (int turn = 0; turn < 256 && epoll_wait(p->epoll, &event, 1, 0) == 1; turn++) {
		if (event.data.ptr)
			go_on(event.data.ptr);
		else
			go_on_without_sockets(p);
	}
}

int postgres_columns(const PostgresQuery *q)
{
	return q->postgres->PQnfields(q->result);
}

const char *postgres_column_name(const PostgresQuery *q, int column)
{
	return q->postgres->PQfname(q->result, column);
}

unsigned postgres_column_type(const PostgresQuery *q, int column)
{
	return q->postgres->PQftype(q->result, column);
}

const char *postgres_value(const PostgresQuery *q, int column, size_t *length)
{
	const Postgres *p = q->postgres;
	*length = (size_t)p->PQgetlength(q->result, 0, column);
	return p->PQgetisnull(q->result, 0, column) ? NULL : p->PQgetvalue(q->result, 0, column);
}
