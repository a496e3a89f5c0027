/*
 * The rows of a query as the value that its task declares.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_POSTGRES_ROWS_H
#define SBX_POSTGRES_ROWS_H

#include "postgres_client.h"
#include "sbx.h"

/* What is made of the rows, from the task's declared result. */
typedef enum PostgresShape {
	SHAPE_DICTS,   /* list[dict[str, ...]], and where nothing is declared */
	SHAPE_TUPLES,  /* list[tuple[...]] */
	SHAPE_LISTS,   /* list[list[...]] */
	SHAPE_VALUES,  /* list[int] and others: of one column */
	SHAPE_COLUMNS, /* dict[str, list[...]] */
	SHAPE_DICT,    /* dict[str, ...]: of one row */
	SHAPE_TUPLE,   /* tuple[...]: of one row */
	SHAPE_VALUE,   /* int and others: of one row and column; None of no row */
	SHAPE_NONE     /* None: the rows are not looked at */
} PostgresShape;

typedef struct PostgresRows {
	sbx_heap *heap; /* of the values; NULL: not open */
	size_t most_bytes;
	PostgresShape shape;
	sbx_value *rows; /* or lists of the columns' values */
	size_t count, room, columns;
	sbx_value *names;
	char why[200];
} PostgresRows;

/* All of it is zero before. False: no memory. */
bool postgres_rows_open(PostgresRows *rows, const sbx_type *result, size_t most_bytes);
void postgres_rows_close(PostgresRows *rows);
/* The row of on_row; false: *why tells that it does not fit. */
bool postgres_rows_take(PostgresRows *rows, const PostgresQuery *query, const char **why);
/* After the last one; a value of the heap. SBX_INVALID: no memory. */
sbx_value postgres_rows_result(PostgresRows *rows);

#endif
