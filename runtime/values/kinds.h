/*
 * What each kind of value supplies to the dispatchers of value.c and arithmetic.c: how it is freed,
 * compared, hashed, counted and combined. A new kind adds its functions here and one line in each
 * dispatcher.
 *
 * Rules of object.h: arguments borrowed, new references back, tag 0 or -1 after raising. Operands
 * have the kind that the function's name says (checked by the dispatcher), in both places where
 * there are two.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_KINDS_H
#define SBX_KINDS_H

#include "object.h"

/*
 * The last reference to `object` has gone: drop what it holds, give its memory back. value.c frees
 * str, bytes, big ints, ranges, slices, bound methods, cells, handles and times itself.
 */
void sbx__list_free(sbx_run *run, void *object);
void sbx__tuple_free(sbx_run *run, void *object);
void sbx__dict_free(sbx_run *run, void *object);
void sbx__set_free(sbx_run *run, void *object); /* frozensets too */
void sbx__iterator_free(sbx_run *run, void *object);
void sbx__dict_view_free(sbx_run *run, void *object);
void sbx__closure_free(sbx_run *run, void *object); /* SBX_KIND_FUNCTION */
void sbx__generator_free(sbx_run *run, void *object);
void sbx__exception_free(sbx_run *run, void *object);

/* sbx_gen_iter and sbx_gen_next of a generator of the program (generators.c in runs/). */
sbx_value sbx__generator_iter(sbx_run *run, sbx_value generator);
sbx_value sbx__generator_next(sbx_run *run, sbx_value generator);
/* Ends the native call that wants the items of an argument of sbx_gen_ask. */
sbx_value sbx__ask_for(sbx_run *run, sbx_value iterator);

/* Which SBX_TYPE_x an iterator or a dict view is (list_iterator, zip, dict_keys ...). */
int sbx__iterator_type(sbx_value v);
int sbx__dict_view_type(sbx_value v);

/* Comparison. Those with `op` (SBX_COMPARE_x) give 0, 1, or -1 raised; the others -1, 0, 1 or a
 * truth. */
int sbx__sequence_compare(sbx_run *run, int op, sbx_value a,
						  sbx_value b);                      /* two lists, or two tuples */
int sbx__dict_equal(sbx_run *run, sbx_value a, sbx_value b); /* 0, 1, or -1 raised */
int sbx__set_compare(sbx_run *run, int op, sbx_value a,
					 sbx_value b); /* sets and frozensets, mixed */
/* At least one is a view of keys or items, the other such a view, a set or a frozenset. */
int sbx__dict_view_compare(sbx_run *run, int op, sbx_value a, sbx_value b);
int sbx__range_equal(sbx_run *run, sbx_value a, sbx_value b); /* 0, 1, or -1 raised */
int sbx__bytes_compare(sbx_value a, sbx_value b);             /* -1, 0, 1 (compare.c) */

/* hash(); 0, or -1 raised. CPython's values (PYTHONHASHSEED=0). */
int sbx__tuple_hash(sbx_run *run, sbx_value v, int64_t *hash);
int sbx__frozenset_hash(sbx_run *run, sbx_value v, int64_t *hash);
int sbx__range_hash(sbx_run *run, sbx_value v, int64_t *hash);

/* For truth. */
uint64_t sbx__dict_view_length(sbx_value v);

/* a + b, a * n (n may be negative: empty), set operators (op: SBX_BINARY_OR, XOR, AND, SUB). Those
 * of str: object.h. */
sbx_value sbx__list_concat(sbx_run *run, sbx_value a, sbx_value b);
sbx_value sbx__list_repeat(sbx_run *run, sbx_value v, int64_t count);
sbx_value sbx__tuple_concat(sbx_run *run, sbx_value a, sbx_value b);
sbx_value sbx__tuple_repeat(sbx_run *run, sbx_value v, int64_t count);
sbx_value sbx__set_binary(sbx_run *run, int op, sbx_value a,
						  sbx_value b); /* both sets or frozensets; type of a */
sbx_value sbx__dict_or(sbx_run *run, sbx_value a, sbx_value b);
/* One of them is a view of keys or items; the other anything: TypeError if it cannot be iterated.
 */
sbx_value sbx__dict_view_binary(sbx_run *run, int op, sbx_value a, sbx_value b);

#endif
