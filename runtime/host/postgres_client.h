/*
 * One query of PostgreSQL, without blocking: its host looked up, connected, set up, sent, its rows taken one by one. Many at
 * once behind one epoll descriptor.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_POSTGRES_CLIENT_H
#define SBX_POSTGRES_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Postgres Postgres;
typedef struct PostgresQuery PostgresQuery;

/* A value that is bound to a place of the query, never pasted into it. */
typedef struct PostgresParameter {
	unsigned type; /* its oid; 0: the server finds out */
	char *bytes;   /* NULL: null */
	int length;    /* of a binary one */
	bool is_binary;
} PostgresParameter;

typedef struct PostgresFailure {
	char state[6];   /* SQLSTATE, "" where the server has not answered */
	bool is_passing; /* another time it may work */
	bool is_missing; /* a library is not installed */
	char text[900];
} PostgresFailure;

struct PostgresQuery {
	/* set before postgres_start; must live as long as the query */
	const char *connection; /* conninfo or URI; "" is what libpq's environment says */
	const char *name;       /* application_name */
	const char *text;
	const PostgresParameter *parameters;
	int parameter_count;
	uint32_t statement_ms; /* the server ends it after so long; 0: never */
	int64_t connect_until; /* monotonic ms */
	void *context;
	/* The server has it; NULL: not interested. False: the query has been freed. */
	bool (*on_sent)(PostgresQuery *query);
	/* A row is there: postgres_* below read it. False: no more of them are wanted, *why is a static text. */
	bool (*on_row)(PostgresQuery *query, const char **why);
	/* It is over; NULL: it went well. The connection is closed. */
	void (*on_end)(PostgresQuery *query, const PostgresFailure *failure);
	/* set by this module */
	Postgres *postgres;
	void *connection_state, *result;
	int state, socket;
	struct PostgresHosts *hosts; /* NULL: there is nothing to look up */
	int64_t hosts_until;         /* then it goes on with the names that are known */
	bool without_gss;
	PostgresFailure early; /* is told by the next poll */
	PostgresQuery *next, *previous;
};

Postgres *postgres_open(char problem[256]); /* NULL: libpq is not there */
void postgres_close(Postgres *postgres);
void postgres_start(Postgres *postgres,
					PostgresQuery *query); /* on_end comes from a poll, not from within */
void postgres_drop(PostgresQuery *query);  /* closes the connection; nothing is called back */
int postgres_process(const PostgresQuery *query); /* of the server; 0: not connected */
int postgres_descriptor(const Postgres *postgres);
int postgres_timeout(const Postgres *postgres);
void postgres_poll(Postgres *postgres);

/* ---- of the row in on_row ---- */

int postgres_columns(const PostgresQuery *query);
const char *postgres_column_name(const PostgresQuery *query, int column);
unsigned postgres_column_type(const PostgresQuery *query, int column);
/* Text as the server writes it; NULL: null. */
const char *postgres_value(const PostgresQuery *query, int column, size_t *length);

#endif
