/*
 * Calls operations of the runtime on values that come in on standard input, for tests that compare with CPython.
 *
 * A line is a small program for a stack of values, its words parted by blanks:
 *
 *   v HEX          pushes a value in wire form            d N        pushes the Nth value from the bottom once more
 *   m NAME N KEYS  calls a method: object and N arguments are on the stack; KEYS: names of the last ones, or -
 *   b NAME N KEYS  calls a builtin function               t NAME N KEYS  calls a type
 *   a NAME         attribute or bound method              g          object[key]
 *   o NUMBER       binary operator (SBX_BINARY_x)         c NUMBER   comparison (SBX_COMPARE_x)
 *   i              item in container: container, item     u N        unpacks into a tuple
 *   U N M          unpacks with a star                    l          list(x), by iteration
 *   e KIND         a display with a star: [*x], {*x}, {**x}: KIND is list, set or dict; the container is below x
 *   z REVERSE      sorts a list by a list of keys: list, keys -> list
 *   T NAME         pushes a type                          x          drops the top
 *
 * The answer is one line: "ok" and what is on the stack from the top, or "raised", the exception's type and text as
 * JSON, and what was on the stack before the failing word. A value is written in wire form (hex), or as "repr" and its
 * repr as JSON where it has none.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/values/containers.h"
#include "runtime/values/kinds.h"

enum { STACK_MAX = 64 };

typedef struct Machine {
	sbx_run *run;
	sbx_value stack[STACK_MAX];
	int count;
	char *rest; /* of the line */
} Machine;

static sbx_value from_hex(sbx_run *run, const char *hex)
{
	size_t length = strlen(hex) / 2;
	unsigned char *bytes = malloc(length + 1);
	sbx_value v = SBX_GEN_ERROR;
	for (size_t i = 0; bytes && i < length; i++) {
		char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
		bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	if (bytes && sbx_wire_load(run, bytes, length, &v))
		v = SBX_GEN_ERROR;
	free(bytes);
	return v;
}

static void write_json(sbx_run *run, sbx_value text)
{
	sbx_value json;
	size_t length;
	if (sbx_json_dump(run, text, &json))
		return;
	fputs(sbx_peek_str(run, json, &length), stdout);
	sbx_value_free(run, json);
}

static void write_value(sbx_run *run, sbx_value v)
{
	sbx_value bytes, text;
	if (sbx_wire_dump(run, v, &bytes) == SBX_DONE) {
		size_t length;
		const unsigned char *data = sbx_peek_bytes(bytes, &length);
		putchar(' ');
		for (size_t i = 0; i < length; i++)
			printf("%02x", data[i]);
		sbx_value_free(run, bytes);
		return;
	}
	sbx_gen_drop(run, sbx__exception_take(run));
	text = sbx_gen_to_repr(run, v);
	printf(" repr");
	if (text.tag)
		write_json(run, text);
	else
		sbx_gen_drop(run, sbx__exception_take(run));
	sbx_gen_drop(run, text);
}

static int find(const char *name, const char *(*name_of)(int), int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(name_of(i), name) == 0)
			return i;
	return -1;
}

static const char *type_name(int type)
{
	return sbx__type_names[type];
}

/* "a,b" as a tuple of names; NONE for "-". */
static sbx_value key_names(sbx_run *run, char *keys)
{
	sbx_value items[16];
	uint32_t count = 0;
	if (strcmp(keys, "-") == 0)
		return SBX_GEN_NONE;
	while (keys && count < 16) {
		const char *key = strsep(&keys, ",");
		items[count++] = sbx_str_make(run, key, strlen(key));
	}
	return sbx_gen_tuple_make(run, count, items);
}

static void pop(Machine *m, int count)
{
	while (count--)
		sbx_gen_drop(m->run, m->stack[--m->count]);
}

/* Replaces the top `count` values. 0, or -1 where `v` says that something was raised. */
static int give(Machine *m, int count, sbx_value v)
{
	if (!v.tag)
		return -1;
	pop(m, count);
	m->stack[m->count++] = v;
	return 0;
}

static int give_int(Machine *m, int count, int result)
{
	return result < 0 ? -1 : give(m, count, sbx_gen_bool(result));
}

static int unpack(Machine *m, uint32_t before, int after)
{
	sbx_value out[STACK_MAX], v = m->stack[m->count - 1];
	uint32_t count = after < 0 ? before : before + 1 + (uint32_t)after;
	if (after < 0 ? sbx_gen_unpack(m->run, v, before, out)
				  : sbx_gen_unpack_star(m->run, v, before, (uint32_t)after, out))
		return -1;
	return give(m, 1, sbx_gen_tuple_make(m->run, count, out));
}

static int display(Machine *m, const char *kind)
{
	sbx_value to = m->stack[m->count - 2], from = m->stack[m->count - 1];
	int failed = !strcmp(kind, "list")  ? sbx_gen_list_extend(m->run, to, from)
				 : !strcmp(kind, "set") ? sbx_gen_set_update(m->run, to, from)
										: sbx_gen_dict_update(m->run, to, from);
	if (!failed)
		pop(m, 1);
	return failed;
}

static int call(Machine *m, char letter, const char *name, int count, char *keys)
{
	sbx_value names = key_names(m->run, keys), *args = m->stack + m->count - count, v;
	int id;
	if (letter == 'm') {
		id = find(name, sbx__method_name, SBX_METHOD_COUNT);
		v = id < 0 ? sbx_gen_get_attribute(m->run, args[-1], name)
				   : sbx_gen_call_method(m->run, args[-1], id, (uint32_t)count, args, names);
		count++;
	} else if (letter == 'b') {
		id = find(name, sbx__builtin_name, SBX_BUILTIN_COUNT);
		v = sbx_gen_call_builtin(m->run, id, (uint32_t)count, args, names);
	} else {
		id = find(name, type_name, SBX_TYPE_COUNT);
		v = sbx_gen_call_type(m->run, id, (uint32_t)count, args, names);
	}
	sbx_gen_drop(m->run, names);
	return give(m, count, v);
}

static int attribute(Machine *m, const char *name)
{
	int id = find(name, sbx__method_name, SBX_METHOD_COUNT);
	sbx_value v = m->stack[m->count - 1];
	return give(
		m, 1, id < 0 ? sbx_gen_get_attribute(m->run, v, name) : sbx_gen_get_method(m->run, v, id));
}

/* The next word of the line; NULL at its end. */
static char *word(Machine *m)
{
	char *found;
	do
		found = strsep(&m->rest, " \n");
	while (found && !*found);
	return found;
}

/* One word of the program and what belongs to it. */
static int execute(Machine *m, const char *op)
{
	sbx_value *top = m->stack + m->count - 1;
	const char *name;
	int count, more;
	switch (*op) {
	case 'v':
		return give(m, 0, from_hex(m->run, word(m)));
	case 'd':
		return give(m, 0, sbx_gen_copy(m->stack[strtol(word(m), NULL, 10)]));
	case 'm':
	case 'b':
	case 't':
		name = word(m);
		count = (int)strtol(word(m), NULL, 10);
		return call(m, *op, name, count, word(m));
	case 'T':
		return give(m, 0, sbx_gen_make(SBX_KIND_TYPE, find(word(m), type_name, SBX_TYPE_COUNT)));
	case 'a':
		return attribute(m, word(m));
	case 'g':
		return give(m, 2, sbx_gen_getitem(m->run, top[-1], top[0]));
	case 'o':
		return give(m, 2,
					sbx_gen_binary_slow(m->run, (int)strtol(word(m), NULL, 10), top[-1], top[0]));
	case 'c':
		return give_int(
			m, 2, sbx_gen_compare_slow(m->run, (int)strtol(word(m), NULL, 10), top[-1], top[0]));
	case 'i':
		return give_int(m, 2, sbx_gen_contains(m->run, top[-1], top[0]));
	case 'u':
		return unpack(m, (uint32_t)strtol(word(m), NULL, 10), -1);
	case 'U':
		count = (int)strtol(word(m), NULL, 10);
		more = (int)strtol(word(m), NULL, 10);
		return unpack(m, (uint32_t)count, more);
	case 'l':
		return give(m, 1, sbx__list_from(m->run, *top));
	case 'e':
		return display(m, word(m));
	case 'x':
		pop(m, 1);
		return 0;
	case 'z':
		if (sbx_gen_sort(m->run, top[-1], top[0], (int)strtol(word(m), NULL, 10)))
			return -1;
		pop(m, 1);
		return 0;
	default:
		fprintf(stderr, "unknown word '%s'\n", op);
		exit(2);
	}
}

static void write_exception(sbx_run *run)
{
	sbx_value exception = sbx__exception_take(run), text;
	printf("raised %s ", exception.tag ? sbx__type_name(exception) : "nothing");
	text = exception.tag ? sbx_gen_to_str(run, exception) : SBX_GEN_ERROR;
	if (text.tag)
		write_json(run, text);
	sbx_gen_drop(run, text);
	sbx_gen_drop(run, exception);
}

static void run_line(sbx_run *run, char *line)
{
	Machine machine = {.run = run, .rest = line};
	int failed = 0;
	for (const char *op = word(&machine); op && !failed; op = failed ? NULL : word(&machine))
		failed = execute(&machine, op);
	if (failed)
		write_exception(run);
	else
		printf("ok");
	for (int i = machine.count; i-- > 0;)
		write_value(run, machine.stack[i]);
	putchar('\n');
	pop(&machine, machine.count);
}

int main(void)
{
	char *line = NULL;
	size_t size = 0, lines = 0;
	sbx_heap *heap = NULL;
	while (getline(&line, &size, stdin) > 0) {
		/* A heap for some lines: what an exception leaves behind goes with it. */
		if (lines++ % 100 == 0) {
			if (heap)
				sbx_heap_close(heap);
			if (sbx_heap_open(0, &heap))
				return 1;
		}
		run_line(heap, line);
	}
	if (heap)
		sbx_heap_close(heap);
	free(line);
	return 0;
}
