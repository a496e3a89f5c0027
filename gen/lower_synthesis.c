/*
 * Functions that no source text has: map, filter, zip and enumerate over generators, as generators themselves, and such
 * builtins as function values, since they may be called with functions and generators of the program. Their sites have
 * line 0: tracebacks leave such frames out, as Python's do for what is written in C.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lower.h"

#include <string.h>

static Register add_param(Lower *l, const char *name, int kind, bool has_default)
{
	MachineFunction *function = l->function;
	Register reg = machine_register(l->machine, function, REP_VALUE, name, NULL);
	function->params[function->param_count++] = lower_param(name, reg, kind, has_default);
	function->default_count += has_default;
	return reg;
}

static void yield(Lower *l, Operand value)
{
	Exit *exit = &l->block->exit;
	exit->kind = EXIT_YIELD;
	exit->site = lower_site(l, NULL);
	exit->operands = ARENA_NEW(l->arena, Operand);
	exit->operands[0] = value;
	exit->count = 1;
	exit->to = lower_block(l, "resumed");
	lower_start(l, exit->to);
}

static Register next_of(Lower *l, Register iterator, Block *done)
{
	Exit *exit = lower_exit(l, EXIT_NEXT, NULL, OPERANDS(operand_register(iterator)));
	exit->otherwise = done;
	return exit->result;
}

static void end(Lower *l, Block *done)
{
	lower_start(l, done);
	lower_return(l, operand_none(l));
}

/* ---- map and zip: one item of each iterator ---- */

typedef struct Gathering {
	Register items;
	Block *done;
} Gathering;

static void gather(Lower *l, void *context, const Item *item)
{
	const Gathering *gathering = context;
	Register iterator = lower_op(l, OP_ITER, NULL, OPERANDS(item->value.operand));
	Register value = next_of(l, iterator, gathering->done);
	lower_effect(l, OP_LIST_PUSH, NULL,
				 OPERANDS(operand_register(gathering->items), operand_register(value)));
}

/* zip of nothing ends at once. */
static void end_of_none(Lower *l, Register iterators)
{
	Block *some = lower_block(l, "some"), *none = lower_block(l, "none");
	lower_branch(l, lower_op(l, OP_TRUTH, NULL, OPERANDS(operand_register(iterators))), some, none);
	end(l, none);
	lower_start(l, some);
}

static void write_map_or_zip(Lower *l, bool is_map)
{
	Register function =
		is_map ? add_param(l, "function", PARAM_POSITIONAL_ONLY, false) : NO_REGISTER;
	Register iterators = add_param(l, "iterators", PARAM_POSITIONAL_ONLY, false);
	const Type *list = type_simple(l->entry->file->declarations->types, TYPE_LIST);
	Block *head = lower_block(l, "loop"), *done = lower_block(l, "done");
	if (!is_map)
		end_of_none(l, iterators);
	lower_jump(l, head);
	lower_start(l, head);
	Gathering gathering = {lower_op(l, OP_LIST, NULL, NO_OPERANDS), done};
	lower_loop(l, lower_begin_value(l, operand_register(iterators), list, NULL), gather,
			   &gathering);
	Operand items = operand_register(gathering.items);
	if (is_map) {
		Operand operands[] = {operand_register(function), items, operand_none(l)};
		yield(l, operand_register(lower_exit(l, EXIT_CALL_SPREAD, NULL, operands, 3)->result));
	} else {
		yield(l, operand_register(lower_op(l, OP_LIST_TO_TUPLE, NULL, OPERANDS(items))));
	}
	lower_turn(l, NULL);
	lower_jump(l, head);
	end(l, done);
}

/* zip(strict=True): where one ends, all must. */
static void count_ended(Lower *l, void *context, const Item *item)
{
	const Register *ended = context;
	Block *next = lower_block(l, "ended");
	next_of(l, lower_op(l, OP_ITER, NULL, OPERANDS(item->value.operand)), next);
	Operand is_longer = operand_register(lower_temp(l, REP_BOOL));
	machine_op(l->machine, l->block, OP_B_CONST, is_longer.reg, NO_SITE, NO_OPERANDS)->number = 1;
	lower_op(l, OP_ZIP_UNEVEN, NULL, OPERANDS(operand_register(*ended), is_longer));
	lower_jump(l, next);
	lower_start(l, next);
	lower_effect(l, OP_LIST_PUSH, NULL, OPERANDS(operand_register(*ended), operand_none(l)));
}

static void write_zip_strict(Lower *l)
{
	Register iterators = add_param(l, "iterators", PARAM_POSITIONAL_ONLY, false);
	const Type *list = type_simple(l->entry->file->declarations->types, TYPE_LIST);
	Block *head = lower_block(l, "loop"), *done = lower_block(l, "done");
	Block *even = lower_block(l, "even"), *uneven = lower_block(l, "uneven");
	Gathering gathering = {machine_register(l->machine, l->function, REP_VALUE, "items", NULL),
						   done};
	end_of_none(l, iterators);
	lower_jump(l, head);
	lower_start(l, head);
	machine_op(l->machine, l->block, OP_LIST, gathering.items, lower_site(l, NULL), NO_OPERANDS);
	lower_loop(l, lower_begin_value(l, operand_register(iterators), list, NULL), gather,
			   &gathering);
	Operand items = operand_register(gathering.items);
	yield(l, operand_register(lower_op(l, OP_LIST_TO_TUPLE, NULL, OPERANDS(items))));
	lower_turn(l, NULL);
	lower_jump(l, head);
	lower_start(l, done);
	lower_branch(l, lower_op(l, OP_TRUTH, NULL, OPERANDS(items)), uneven, even);
	lower_start(l, uneven);
	Operand is_longer = operand_register(lower_temp(l, REP_BOOL));
	machine_op(l->machine, l->block, OP_B_CONST, is_longer.reg, NO_SITE, NO_OPERANDS)->number = 0;
	lower_return(l, operand_register(lower_op(l, OP_ZIP_UNEVEN, NULL, OPERANDS(items, is_longer))));
	lower_start(l, even);
	lower_loop(l, lower_begin_value(l, operand_register(iterators), list, NULL), count_ended,
			   &gathering.items);
	lower_return(l, operand_none(l));
}

/* ---- filter, enumerate ---- */

static Register call_or_truth(Lower *l, Register function, Register item)
{
	Block *none = lower_block(l, "truth"), *call = lower_block(l, "call"),
		  *asked = lower_block(l, "asked");
	Register verdict = lower_temp(l, REP_VALUE);
	Operand value = operand_register(item);
	lower_branch(l, lower_op(l, OP_IS, NULL, OPERANDS(operand_register(function), operand_none(l))),
				 none, call);
	lower_start(l, none);
	lower_set(l, OP_MOVE, verdict, &value, 1);
	lower_jump(l, asked);
	lower_start(l, call);
	Exit *exit = lower_exit(l, EXIT_CALL_VALUE, NULL,
							OPERANDS(operand_register(function), operand_none(l), value));
	lower_set(l, OP_MOVE, verdict, OPERANDS(operand_register(exit->result)));
	lower_jump(l, asked);
	lower_start(l, asked);
	return lower_op(l, OP_TRUTH, NULL, OPERANDS(operand_register(verdict)));
}

static void write_filter(Lower *l)
{
	Register function = add_param(l, "function", PARAM_POSITIONAL_ONLY, false);
	Register iterator = add_param(l, "iterator", PARAM_POSITIONAL_ONLY, false);
	Block *head = lower_block(l, "loop"), *done = lower_block(l, "done");
	Block *give = lower_block(l, "give"), *next = lower_block(l, "next");
	lower_jump(l, head);
	lower_start(l, head);
	Register item = next_of(l, iterator, done);
	lower_branch(l, call_or_truth(l, function, item), give, next);
	lower_start(l, give);
	yield(l, operand_register(item));
	lower_jump(l, next);
	lower_start(l, next);
	lower_turn(l, NULL);
	lower_jump(l, head);
	end(l, done);
}

static void write_enumerate(Lower *l)
{
	Register iterator = add_param(l, "iterator", PARAM_POSITIONAL_ONLY, false);
	Register start = add_param(l, "start", PARAM_POSITIONAL_ONLY, false);
	Register index = machine_register(l->machine, l->function, REP_VALUE, "index", NULL);
	Block *head = lower_block(l, "loop"), *done = lower_block(l, "done");
	lower_set(l, OP_MOVE, index, OPERANDS(operand_register(start)));
	lower_jump(l, head);
	lower_start(l, head);
	Register item = next_of(l, iterator, done);
	yield(l, operand_register(lower_op(l, OP_TUPLE, NULL,
									   OPERANDS(operand_register(index), operand_register(item)))));
	lower_turn(l, NULL);
	machine_op(l->machine, l->block, OP_ADD, index, lower_site(l, NULL),
			   OPERANDS(operand_register(index), operand_int(l, 1)));
	lower_jump(l, head);
	end(l, done);
}

/* ---- as function values ---- */

/* second: NO_REGISTER where there is one argument only. */
static Register generator(Lower *l, const char *name, Register first, Register second)
{
	bool has_second = second != NO_REGISTER;
	Operand operands[] = {operand_unbound(l), operand_register(first),
						  has_second ? operand_register(second) : operand_none(l)};
	Op *op = lower_raw(l, OP_GENERATOR, NULL, operands, has_second ? 3 : 2);
	op->function = lower_synthesise(l->entry->file, l->entry->source, name);
	return op->result;
}

static void push_iterator(Lower *l, void *context, const Item *item)
{
	const Register *list = context;
	Register iterator = lower_op(l, OP_ITER, NULL, OPERANDS(item->value.operand));
	lower_effect(l, OP_LIST_PUSH, NULL,
				 OPERANDS(operand_register(*list), operand_register(iterator)));
}

static void write_map_value(Lower *l)
{
	Register function = add_param(l, "function", PARAM_POSITIONAL_ONLY, false);
	Register iterables = add_param(l, "iterables", PARAM_ARGS, false);
	const Type *tuple = type_simple(l->entry->file->declarations->types, TYPE_TUPLE_OF);
	Register list = lower_op(l, OP_LIST, NULL, NO_OPERANDS);
	lower_loop(l, lower_begin_value(l, operand_register(iterables), tuple, NULL), push_iterator,
			   &list);
	lower_return(l, operand_register(generator(l, "map", function, list)));
}

static void write_filter_value(Lower *l)
{
	Register function = add_param(l, "function", PARAM_POSITIONAL_ONLY, false);
	Register iterable = add_param(l, "iterable", PARAM_POSITIONAL_ONLY, false);
	Register iterator = lower_op(l, OP_ITER, NULL, OPERANDS(operand_register(iterable)));
	lower_return(l, operand_register(generator(l, "filter", function, iterator)));
}

static void write_zip_value(Lower *l)
{
	Register iterables = add_param(l, "iterables", PARAM_ARGS, false);
	Register strict = add_param(l, "strict", PARAM_KEYWORD_ONLY, true);
	const Type *tuple = type_simple(l->entry->file->declarations->types, TYPE_TUPLE_OF);
	Block *strictly = lower_block(l, "strict"), *loosely = lower_block(l, "loose");
	Register truth = lower_op(l, OP_TRUTH, NULL, OPERANDS(operand_register(strict)));
	Register list = lower_op(l, OP_LIST, NULL, NO_OPERANDS);
	lower_loop(l, lower_begin_value(l, operand_register(iterables), tuple, NULL), push_iterator,
			   &list);
	lower_branch(l, truth, strictly, loosely);
	lower_start(l, strictly);
	lower_return(l, operand_register(generator(l, "zip_strict", list, NO_REGISTER)));
	lower_start(l, loosely);
	lower_return(l, operand_register(generator(l, "zip", list, NO_REGISTER)));
}

static void write_enumerate_value(Lower *l)
{
	Register iterable = add_param(l, "iterable", PARAM_NORMAL, false);
	Register start = add_param(l, "start", PARAM_NORMAL, true);
	Register first = lower_op(l, OP_INDEX, NULL, OPERANDS(operand_register(start)));
	Register iterator = lower_op(l, OP_ITER, NULL, OPERANDS(operand_register(iterable)));
	lower_return(l, operand_register(generator(l, "enumerate", iterator, first)));
}

typedef struct Keys {
	Register function, keys;
} Keys;

static void push_key(Lower *l, void *context, const Item *item)
{
	const Keys *keys = context;
	Operand operands[] = {operand_register(keys->function), operand_none(l), item->value.operand};
	Exit *exit = lower_exit(l, EXIT_CALL_VALUE, NULL, operands, 3);
	lower_effect(l, OP_LIST_PUSH, NULL,
				 OPERANDS(operand_register(keys->keys), operand_register(exit->result)));
}

static void write_sorted_value(Lower *l)
{
	const Type *any = type_simple(l->entry->file->declarations->types, TYPE_ANY);
	const Type *list_type = type_simple(l->entry->file->declarations->types, TYPE_LIST);
	Register iterable = add_param(l, "iterable", PARAM_POSITIONAL_ONLY, false);
	Register key = add_param(l, "key", PARAM_KEYWORD_ONLY, true);
	Register reverse = add_param(l, "reverse", PARAM_KEYWORD_ONLY, true);
	Operand items = lower_drain(l, operand_register(iterable), any, NULL);
	Operand list = lower_call_builtin(l, true, "list", &items, 1, NULL, NULL);
	Register descending = lower_op(l, OP_FLAG, NULL, OPERANDS(operand_register(reverse)));
	Block *plain = lower_block(l, "plain"), *keyed = lower_block(l, "keyed");
	lower_branch(l, lower_op(l, OP_IS, NULL, OPERANDS(operand_register(key), operand_none(l))),
				 plain, keyed);
	lower_start(l, plain);
	lower_effect(l, OP_SORT, NULL, OPERANDS(list, operand_none(l), operand_register(descending)));
	lower_return(l, list);
	lower_start(l, keyed);
	Keys keys = {key, lower_op(l, OP_LIST, NULL, NO_OPERANDS)};
	lower_loop(l, lower_begin_value(l, list, list_type, NULL), push_key, &keys);
	lower_effect(l, OP_SORT, NULL,
				 OPERANDS(list, operand_register(keys.keys), operand_register(descending)));
	lower_return(l, list);
}

static void write_builtin_value(Lower *l, const char *name)
{
	if (strcmp(name, "sort") == 0) {
		Register list = add_param(l, "list", PARAM_POSITIONAL_ONLY, false);
		Register key = add_param(l, "key", PARAM_POSITIONAL_ONLY, false);
		lower_sort_function(l, list, key, add_param(l, "reverse", PARAM_POSITIONAL_ONLY, false));
		return;
	}
	if (name[0] == 'm') {
		Register args = add_param(l, "args", PARAM_ARGS, false);
		Register key = add_param(l, "key", PARAM_KEYWORD_ONLY, true);
		lower_extreme_function(l, name, args, key,
							   add_param(l, "default", PARAM_KEYWORD_ONLY, true));
		return;
	}
	Register iterable = add_param(l, "iterable", PARAM_POSITIONAL_ONLY, false);
	if (strcmp(name, "sum") == 0)
		lower_sum_function(l, iterable, add_param(l, "start", PARAM_NORMAL, true));
	else
		lower_search_function(l, name, iterable);
}

/* ---- all of them ---- */

static void write(Lower *l, const char *name)
{
	if (strcmp(name, "map") == 0 || strcmp(name, "zip") == 0)
		write_map_or_zip(l, name[0] == 'm');
	else if (strcmp(name, "filter") == 0)
		write_filter(l);
	else if (strcmp(name, "enumerate") == 0)
		write_enumerate(l);
	else if (strcmp(name, "zip_strict") == 0)
		write_zip_strict(l);
	else if (strcmp(name, "zip()") == 0)
		write_zip_value(l);
	else if (strcmp(name, "enumerate()") == 0)
		write_enumerate_value(l);
	else if (strcmp(name, "map()") == 0)
		write_map_value(l);
	else if (strcmp(name, "filter()") == 0)
		write_filter_value(l);
	else if (strcmp(name, "sorted()") == 0)
		write_sorted_value(l);
	else
		write_builtin_value(l, arena_copy(l->arena, name, strlen(name) - 2));
}

static MachineFunction *find(const LowerFile *file, const char *name, size_t length,
							 bool is_generator)
{
	for (uint32_t i = 0; i < file->synthesised_count; i++) {
		MachineFunction *function = file->synthesised[i];
		if (function->is_generator == is_generator && strlen(function->name) == length &&
			memcmp(function->name, name, length) == 0)
			return function;
	}
	return NULL;
}

MachineFunction *lower_synthesise(LowerFile *file, uint32_t source, const char *name)
{
	bool is_generator = strchr(name, '(') == NULL;
	size_t length = strlen(name) - (is_generator ? 0 : 2);
	MachineFunction *known = find(file, name, length, is_generator);
	if (known || file->synthesised_count == MAX_SYNTHESISED)
		return known;
	const char *shown = arena_copy(file->arena, name, length);
	MachineFunction *function = machine_function(file->machine, shown, shown);
	file->synthesised[file->synthesised_count++] = function;
	function->file = source;
	function->is_generator = is_generator;
	function->params = ARENA_ARRAY(file->arena, MachineParam, 4);
	LowerEntry entry = {.file = file, .source = source, .makes_generators = true};
	Lower l = {.entry = &entry,
			   .arena = file->arena,
			   .machine = file->machine,
			   .function = function,
			   .outer_site = NO_SITE};
	lower_start(&l, lower_block(&l, "entry"));
	write(&l, name);
	return function;
}
