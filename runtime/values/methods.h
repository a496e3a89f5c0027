/*
 * Methods and plain attributes of values: which C function answers to `object.name(...)`.
 *
 * Each type lists its methods in a file of rows (list_methods.def, str_methods.def ...); methods.c includes them all
 * and makes one table, kind and SBX_METHOD_x to row. The rows:
 *
 *   METHOD(kind, name, function, min, max, keywords)      x.name(...)
 *   CLASS_METHOD(kind, name, function, min, max, keywords)  also int.from_bytes(...): self is then the type value, or
 *                                                         the object when called on one
 *   STATIC_METHOD(kind, name, function, min, max, keywords) str.maketrans(...): self means nothing
 *   ATTRIBUTE(kind, name, function)                       x.name without a call; the function gets no arguments
 *
 * kind: LIST for SBX_KIND_LIST and so on; INT stands for BIG and BOOL too. max: the most positional arguments, or
 * SBX_ANY_COUNT. The dispatcher checks counts and keywords before it calls, so that a function sees what it asked for:
 *
 *   keywords NULL    no keyword is accepted. min == max == 0 or 1, and the others, give CPython's texts: "list.clear()
 *                    takes no arguments (1 given)", "list.append() takes exactly one argument (0 given)", "insert
 *                    expected 2 arguments, got 1".
 *   keywords "()"    no keyword, and the texts of PyArg_ParseTuple: "find() takes at least 1 argument (0 given)".
 *   keywords "**"    any keyword; the function gets count and names as they came (str.format).
 *   keywords "a b"   the parameters' names in order; those of positional-only ones are written "_"; after "*" come
 *                    keyword-only ones: "length byteorder * signed". The function gets every parameter in its place,
 *                    tag 0 where it was not given, and count is the number of names. `names` is then NONE. min counts
 *                    the required ones.
 *
 * Functions follow the rules of object.h: self and args borrowed, a new reference back, tag 0 after raising.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_METHODS_H
#define SBX_METHODS_H

#include "object.h"

#define SBX_ANY_COUNT 255

typedef sbx_value (*MethodFunction)(sbx_run *run, sbx_value self, uint32_t count,
									const sbx_value *args, sbx_value names);
enum MethodForm { METHOD_PLAIN, METHOD_CLASS, METHOD_STATIC, METHOD_ATTRIBUTE };
typedef struct MethodRow {
	MethodFunction function;
	const char *keywords;
	uint8_t min, max, form, kind;
	uint16_t method; /* SBX_METHOD_x */
} MethodRow;

/* "append" for SBX_METHOD_append. */
const char *sbx__method_name(int method);
int sbx__method_number(const char *name); /* -1: no type has such a method */
/* The call of a method that is a value: messages name the object's own type, bool too. */
sbx_value sbx__call_bound(sbx_run *run, sbx_value object, int method, uint32_t count,
						  const sbx_value *args, sbx_value names);
/* The row for a method of a kind (SBX_KIND_x), or NULL. */
const MethodRow *sbx__method_row(unsigned kind, int method);

/*
 * Binds positional and keyword arguments to the parameters of a native function `name`, as the rows above say; bound
 * holds `SBX_MAX_PARAMETERS`. Borrowed references. 0, or -1 after raising TypeError. For builtins and types too.
 */
#define SBX_MAX_PARAMETERS 8
int sbx__bind_arguments(sbx_run *run, const char *name, const char *keywords, uint32_t min,
						uint32_t max, uint32_t count, const sbx_value *args, sbx_value names,
						sbx_value *bound);

/* Declares a function of a row, so that each .def file can be included once to declare and once to list. */
#define SBX_DECLARE_METHOD(function) \
	sbx_value function(sbx_run *run, sbx_value self, uint32_t count, const sbx_value *args, \
					   sbx_value names);
/* For those that look at nothing but self. */
#define UNUSED_ARGUMENTS (void)run, (void)count, (void)args, (void)names

#endif
