/*
 * See postgres_rows.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "postgres_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "postgres_values.h"

static PostgresShape list_shape(const sbx_type *type)
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

static PostgresShape shape_of(const sbx_type *type)
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

bool postgres_rows_open(PostgresRows *r, const sbx_type *result, size_t most_bytes)
{
	r->most_bytes = most_bytes;
	r->shape = shape_of(result);
	return sbx_heap_open(most_bytes, &r->heap) == SBX_DONE;
}

void postgres_rows_close(PostgresRows *r)
{
	free(r->rows);
	free(r->names);
	sbx_heap_close(r->heap);
}

static bool complain(const char **why, const char *text)
{
	*why = text;
	return false;
}

static bool read_names(PostgresRows *r, const PostgresQuery *query, const char **why)
{
	bool by_name = r->shape == SHAPE_DICTS || r->shape == SHAPE_DICT || r->shape == SHAPE_COLUMNS;
	r->columns = (size_t)postgres_columns(query);
	r->names = calloc(r->columns + 1, sizeof *r->names);
	if (!r->names)
		return complain(why, "no memory for the result");
	for (size_t i = 0; i < r->columns; i++) {
		const char *name = postgres_column_name(query, (int)i);
		for (size_t j = 0; by_name && j < i; j++)
			if (strcmp(name, postgres_column_name(query, (int)j)) == 0) {
				snprintf(r->why, sizeof r->why,
						 "the result has two columns '%.60s': name them apart with AS", name);
				return complain(why, r->why);
			}
		r->names[i] = sbx_str_make(r->heap, name, strlen(name));
	}
	if ((r->shape == SHAPE_VALUES || r->shape == SHAPE_VALUE) && r->columns != 1) {
		snprintf(r->why, sizeof r->why,
				 "the task's result takes one column, and the query gives %zu", r->columns);
		return complain(why, r->why);
	}
	return true;
}

static sbx_value shape_row(PostgresRows *r, const sbx_value *values)
{
	switch (r->shape) {
	case SHAPE_DICTS:
	case SHAPE_DICT:
		return sbx_dict_make(r->heap, r->names, values, r->columns);
	case SHAPE_TUPLES:
	case SHAPE_TUPLE:
		return sbx_tuple_make(r->heap, values, r->columns);
	default: /* columns are taken out of lists in the end */
		return sbx_list_make(r->heap, values, r->columns);
	case SHAPE_VALUES:
	case SHAPE_VALUE:
		return values[0];
	}
}

static bool keep_row(PostgresRows *r, sbx_value row, const char **why)
{
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 64;
		sbx_value *more =
			room * sizeof *more <= r->most_bytes ? realloc(r->rows, room * sizeof *more) : NULL;
		if (!more)
			return complain(
				why, "the result is too large: set most_bytes of the connector, or ask for less");
		r->rows = more;
		r->room = room;
	}
	r->rows[r->count++] = row;
	return true;
}

bool postgres_rows_take(PostgresRows *r, const PostgresQuery *query, const char **why)
{
	bool is_one = r->shape == SHAPE_DICT || r->shape == SHAPE_TUPLE || r->shape == SHAPE_VALUE;
	if (r->shape == SHAPE_NONE)
		return true;
	if (!r->names && !read_names(r, query, why))
		return false;
	if (is_one && r->count == 1)
		return complain(why, "the task's result takes one row, and the query gives more");
	sbx_value *values = calloc(r->columns + 1, sizeof *values), row = {0};
	bool good = values != NULL;
	for (size_t i = 0; good && i < r->columns; i++) {
		size_t length;
		const char *text = postgres_value(query, (int)i, &length);
		values[i] =
			text ? postgres_to_value(r->heap, postgres_column_type(query, (int)i), text, length)
				 : sbx_none();
		good = sbx_kind(values[i]) != SBX_INVALID;
	}
	if (good)
		row = shape_row(r, values);
	for (size_t i = 0;
		 good && i < r->columns && r->shape != SHAPE_VALUES && r->shape != SHAPE_VALUE; i++)
		sbx_value_free(r->heap, values[i]);
	free(values);
	if (!good || sbx_kind(row) == SBX_INVALID)
		return complain(
			why, "the result is too large: set most_bytes of the connector, or ask for less");
	return keep_row(r, row, why);
}

static sbx_value columns_of(PostgresRows *r)
{
	sbx_value *lists = calloc(r->columns + 1, sizeof *lists),
			  *items = calloc(r->count + 1, sizeof *items), dict = {0};
	for (size_t c = 0; lists && items && c < r->columns; c++) {
		for (size_t i = 0; i < r->count; i++)
			items[i] = sbx_peek_item(r->rows[i], c);
		lists[c] = sbx_list_make(r->heap, items, r->count);
	}
	if (lists && items)
		dict = sbx_dict_make(r->heap, r->names, lists, r->columns);
	free(lists);
	free(items);
	return dict;
}

sbx_value postgres_rows_result(PostgresRows *r)
{
	switch (r->shape) {
	case SHAPE_NONE:
		return sbx_none();
	case SHAPE_DICT:
	case SHAPE_TUPLE:
	case SHAPE_VALUE:
		return r->count ? r->rows[0] : sbx_none();
	case SHAPE_COLUMNS:
		return columns_of(r);
	default:
		return sbx_list_make(r->heap, r->rows, r->count);
	}
}
