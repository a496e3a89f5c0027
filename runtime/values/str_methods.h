/*
 * What the files with the methods of str and bytes share: the functions of the rows, and reading of
 * arguments with CPython's texts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_STR_METHODS_H
#define SBX_STR_METHODS_H

#include "methods.h"
#include "units.h"

#define METHOD(kind, name, function, min, max, keywords) SBX_DECLARE_METHOD(function)
#define CLASS_METHOD METHOD
#define STATIC_METHOD METHOD
#include "str_methods.def"
#include "bytes_methods.def"
#undef METHOD
#undef CLASS_METHOD
#undef STATIC_METHOD

/* The head of a method's function; few use all parameters. */
#define SBX_UNUSED __attribute__((unused))
#define TEXT_METHOD(function) \
	sbx_value function(sbx_run *run SBX_UNUSED, sbx_value self SBX_UNUSED, \
					   uint32_t count SBX_UNUSED, const sbx_value *args SBX_UNUSED, \
					   sbx_value names SBX_UNUSED)

/* str_arguments.c; each gives 0, or -1 after raising. */
int sbx__size_argument(sbx_run *run, sbx_value v,
					   int64_t *size); /* "... too large to convert to C ssize_t" */
int sbx__c_int_argument(sbx_run *run, sbx_value v,
						int32_t *i); /* "... too large to convert to C int" */
/* start and end among the arguments of find and its like: args[at] and args[at + 1] if there, for
 *this length. start may be above *stop. */
int sbx__bounds_argument(sbx_run *run, uint32_t count, const sbx_value *args, uint32_t at,
						 uint64_t length, uint64_t *start, uint64_t *stop);
/* "a bytes-like object is required, not 'int'" */
int sbx__need_bytes(sbx_run *run, sbx_value v);
/* "replace() argument 1 must be str, not int"; which: "", " 1" or " 'errors'". */
int sbx__need_str(sbx_run *run, sbx_value v, const char *function, const char *which);

#endif
