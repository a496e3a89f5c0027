/*
 * Functions as values: making them, and calling whatever stands before the parentheses.
 *
 * Arguments are bound to a table of parameters as CPython 3.11 does it, in the same order of checks, so that of two
 * mistakes the same one is reported.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "../values/methods.h"
#include "run.h"

#define CLOSURE(v) ((sbx_gen_closure *)(v).u.p)
#define MANY 24 /* arguments that are bound without memory from the heap */

/* ---- closures and cells ---- */

static size_t closure_size(uint32_t captured)
{
	return sizeof(sbx_gen_closure) + captured * sizeof(sbx_value);
}

sbx_value sbx_gen_closure_make(sbx_run *run, const sbx_gen_function *function,
							   uint32_t default_count, uint32_t cell_count, sbx_value *captured)
{
	sbx_gen_closure *closure;
	sbx_value v =
		sbx__object(run, SBX_KIND_FUNCTION, closure_size(default_count + cell_count), &closure);
	if (!v.tag)
		return v;
	closure->head.bits = 0;
	closure->function = function;
	closure->default_count = default_count;
	closure->cell_count = cell_count;
	if (default_count + cell_count)
		memcpy(closure->captured, captured, (default_count + cell_count) * sizeof *captured);
	return v;
}

void sbx__closure_free(sbx_run *run, void *object)
{
	sbx_gen_closure *closure = object;
	uint32_t count = closure->default_count + closure->cell_count;
	for (uint32_t i = 0; i < count; i++)
		sbx_gen_drop(run, closure->captured[i]);
	sbx__free(run, closure, closure_size(count));
}

sbx_value sbx_gen_cell_make(sbx_run *run, sbx_value initial)
{
	sbx_gen_cell *cell;
	sbx_value v = sbx__object(run, SBX_KIND_CELL, sizeof *cell, &cell);
	if (!v.tag)
		return v;
	cell->head.bits = 0;
	cell->value = initial;
	return v;
}

/* ---- binding ---- */

typedef struct Binding {
	sbx_run *run;
	const char *name;
	const sbx_gen_param *params;
	uint32_t param_count;
	sbx_value *bound;
	uint32_t positional, keyword_only; /* how many parameters are of these kinds */
	sbx_value rest;                    /* the dict of **kwargs, tag 0: none */
	uint32_t args_index, kwargs_index; /* of *args and **kwargs, param_count: none */
} Binding;

static void survey(Binding *b)
{
	b->positional = b->keyword_only = 0;
	b->args_index = b->kwargs_index = b->param_count;
	for (uint32_t i = 0; i < b->param_count; i++) {
		b->bound[i].tag = 0;
		switch (b->params[i].kind) {
		case SBX_PARAM_ARGS:
			b->args_index = i;
			break;
		case SBX_PARAM_KWARGS:
			b->kwargs_index = i;
			break;
		case SBX_PARAM_KEYWORD_ONLY:
			b->keyword_only++;
			break;
		default:
			b->positional++;
			break;
		}
	}
}

static void add_quoted(TextBuffer *text, const char *name)
{
	sbx__text_ascii(text, "'");
	sbx__text_utf8(text, name, strlen(name));
	sbx__text_ascii(text, "'");
}

/* Positional-only parameters whose names stand among the keywords: their error. 1 when raised. */
static int positional_only_by_name(Binding *b, const sbx_gen_tuple *names)
{
	TextBuffer text;
	sbx_value list;
	uint32_t count = 0;
	sbx__text_init(&text, b->run);
	for (uint32_t i = 0; i < b->param_count && b->params[i].kind == SBX_PARAM_POSITIONAL_ONLY; i++)
		for (uint64_t k = 0; k < names->length; k++)
			if (SBX_GEN_KIND(names->items[k]) == SBX_KIND_STR &&
				sbx__str_is(names->items[k], b->params[i].name)) {
				if (count++)
					sbx__text_ascii(&text, ", ");
				sbx__text_utf8(&text, b->params[i].name, strlen(b->params[i].name));
			}
	if (!count) {
		sbx__text_drop(&text);
		return 0;
	}
	list = sbx__text_take(&text);
	if (list.tag)
		sbx__raise(b->run, SBX_TYPE_TypeError,
				   "%s() got some positional-only arguments passed as keyword arguments: '%V'",
				   b->name, list);
	return 1;
}

static int bind_keyword(Binding *b, const sbx_gen_tuple *names, sbx_value name, sbx_value v)
{
	if (SBX_GEN_KIND(name) != SBX_KIND_STR)
		return sbx__raise(b->run, SBX_TYPE_TypeError, "%s() keywords must be strings", b->name), -1;
	for (uint32_t i = 0; i < b->param_count; i++) {
		if ((b->params[i].kind != SBX_PARAM_NORMAL &&
			 b->params[i].kind != SBX_PARAM_KEYWORD_ONLY) ||
			!sbx__str_is(name, b->params[i].name))
			continue;
		if (b->bound[i].tag)
			return sbx__raise(b->run, SBX_TYPE_TypeError,
							  "%s() got multiple values for argument '%V'", b->name, name),
				   -1;
		b->bound[i] = v;
		return 0;
	}
	if (b->rest.tag)
		return sbx_gen_dict_set(b->run, b->rest, sbx_gen_copy(name), v);
	if (!positional_only_by_name(b, names))
		sbx__raise(b->run, SBX_TYPE_TypeError, "%s() got an unexpected keyword argument '%V'",
				   b->name, name);
	return -1;
}

static void raise_too_many(Binding *b, uint32_t given)
{
	uint32_t defaults = 0, only = 0;
	TextBuffer takes;
	sbx_value text;
	bool plural;
	sbx_run *run = b->run;
	for (uint32_t i = 0; i < b->param_count; i++) {
		if (b->params[i].kind <= SBX_PARAM_NORMAL)
			defaults += b->params[i].has_default;
		only += b->params[i].kind == SBX_PARAM_KEYWORD_ONLY && b->bound[i].tag != 0;
	}
	plural = defaults || b->positional != 1;
	sbx__text_init(&takes, run);
	if (only) {
		sbx__text_ascii(&takes,
						given != 1 ? " positional arguments (and " : " positional argument (and ");
		text = sbx_gen_to_str(run, sbx_gen_int(only));
		if (!text.tag)
			return;
		sbx__text_str(&takes, text);
		sbx_gen_drop(run, text);
		sbx__text_ascii(&takes, only != 1 ? " keyword-only arguments)" : " keyword-only argument)");
	}
	text = sbx__text_take(&takes);
	if (!text.tag)
		return;
	if (defaults)
		sbx__raise(run, SBX_TYPE_TypeError,
				   "%s() takes from %u to %u positional argument%s but %u%V %s given", b->name,
				   b->positional - defaults, b->positional, plural ? "s" : "", given, text,
				   given == 1 && !only ? "was" : "were");
	else
		sbx__raise(run, SBX_TYPE_TypeError, "%s() takes %u positional argument%s but %u%V %s given",
				   b->name, b->positional, plural ? "s" : "", given, text,
				   given == 1 && !only ? "was" : "were");
}

static bool is_missing(const Binding *b, uint32_t i, bool keyword_only)
{
	const sbx_gen_param *param = &b->params[i];
	return (keyword_only ? param->kind == SBX_PARAM_KEYWORD_ONLY
						 : param->kind <= SBX_PARAM_NORMAL) &&
		   !b->bound[i].tag && !param->has_default;
}

/* "f() missing 2 required positional arguments: 'x' and 'y'". 0 when nothing is missing. */
static int check_missing(Binding *b, bool keyword_only)
{
	uint32_t missing = 0, done = 0;
	TextBuffer text;
	sbx_value names;
	for (uint32_t i = 0; i < b->param_count; i++)
		missing += is_missing(b, i, keyword_only);
	if (!missing)
		return 0;
	sbx__text_init(&text, b->run);
	for (uint32_t i = 0; i < b->param_count; i++) {
		if (!is_missing(b, i, keyword_only))
			continue;
		if (done)
			sbx__text_ascii(&text, missing == 2 ? " and " : done + 1 == missing ? ", and " : ", ");
		add_quoted(&text, b->params[i].name);
		done++;
	}
	names = sbx__text_take(&text);
	if (names.tag)
		sbx__raise(b->run, SBX_TYPE_TypeError, "%s() missing %u required %s argument%s: %V",
				   b->name, missing, keyword_only ? "keyword-only" : "positional",
				   missing == 1 ? "" : "s", names);
	return -1;
}

int sbx__bind_parameters(sbx_run *run, const char *name, const sbx_gen_param *params,
						 uint32_t param_count, uint32_t count, sbx_value *args, sbx_value names,
						 sbx_value *bound)
{
	const sbx_gen_tuple *keywords = names.tag == SBX_KIND_NONE ? NULL : names.u.p;
	Binding b = {
		.run = run, .name = name, .params = params, .param_count = param_count, .bound = bound};
	uint32_t given = count - (keywords ? (uint32_t)keywords->length : 0), at = 0;
	survey(&b);
	if (b.kwargs_index < param_count) {
		b.rest = bound[b.kwargs_index] = sbx_gen_dict_make(run, 0, NULL);
		if (!b.rest.tag)
			return -1;
	}
	for (uint32_t i = 0; i < param_count && at < given; i++)
		if (params[i].kind <= SBX_PARAM_NORMAL)
			bound[i] = args[at++];
	if (b.args_index < param_count) {
		bound[b.args_index] = sbx_gen_tuple_make(run, given - at, args + at);
		if (!bound[b.args_index].tag)
			return -1;
	}
	for (uint32_t i = 0; keywords && i < keywords->length; i++)
		if (bind_keyword(&b, keywords, keywords->items[i], args[given + i]))
			return -1;
	if (given > b.positional && b.args_index == param_count)
		return raise_too_many(&b, given), -1;
	return check_missing(&b, false) ? -1 : check_missing(&b, true);
}

/* ---- calling ---- */

static bool is_simple(const sbx_gen_function *function, uint32_t count, sbx_value names)
{
	if (names.tag != SBX_KIND_NONE || count != function->param_count)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (function->params[i].kind > SBX_PARAM_NORMAL)
			return false;
	return true;
}

static void fill_defaults(const sbx_gen_closure *closure, sbx_value *bound)
{
	const sbx_gen_function *function = closure->function;
	uint32_t next = 0;
	for (uint32_t i = 0; i < function->param_count; i++) {
		if (!function->params[i].has_default)
			continue;
		if (!bound[i].tag)
			bound[i] = sbx_gen_copy(closure->captured[next]);
		next++;
	}
}

static sbx_value call_function(sbx_run *run, sbx_value callee, uint32_t count, sbx_value *args,
							   sbx_value names)
{
	const sbx_gen_closure *closure = CLOSURE(callee);
	const sbx_gen_function *function = closure->function;
	sbx_value few[MANY], *bound = few, v = SBX_GEN_ERROR;
	if (is_simple(function, count, names))
		return function->call(run, callee, args);
	if (function->param_count > MANY) {
		bound = sbx__alloc(run, function->param_count * sizeof *bound);
		if (!bound)
			return v;
	}
	if (!sbx__bind_parameters(run, function->qualified, function->params, function->param_count,
							  count, args, names, bound)) {
		fill_defaults(closure, bound);
		v = function->call(run, callee, bound);
	}
	if (bound != few)
		sbx__free(run, bound, function->param_count * sizeof *bound);
	return v;
}

static sbx_value entry_frame_resume(sbx_run *run, sbx_gen_frame *frame)
{
	return sbx__entry_take_result(run, ((EntryFrame *)frame)->task->entry, run->value);
}

const sbx_gen_function sbx__entry_frame_function = {.resume = entry_frame_resume,
													.frame_size = sizeof(EntryFrame)};

static sbx_value call_entry(sbx_run *run, const sbx_gen_task *task, sbx_value *args)
{
	const sbx_entry *entry = sbx__entry_of(run, task);
	EntryFrame *frame;
	sbx_value v = entry ? sbx__entry_call(run, entry, args) : SBX_GEN_ERROR;
	if (v.tag != SBX_KIND_SUSPEND)
		return v;
	frame = (EntryFrame *)sbx_gen_frame_make(run, &sbx__entry_frame_function);
	if (!frame)
		return SBX_GEN_ERROR;
	frame->task = task;
	sbx__link_native(run, &frame->head);
	return v;
}

static sbx_value call_task(sbx_run *run, const sbx_gen_task *task, uint32_t count, sbx_value *args,
						   sbx_value names)
{
	sbx_value few[MANY], *bound = few, v = SBX_GEN_ERROR;
	if (task->param_count > MANY) {
		bound = sbx__alloc(run, task->param_count * sizeof *bound);
		if (!bound)
			return v;
	}
	if (!sbx__bind_parameters(run, task->function, task->params, task->param_count, count, args,
							  names, bound)) {
		if (task->is_orchestrator)
			v = call_entry(run, task, bound);
		else if (!sbx_gen_task_begin(run, task, 0, bound))
			v = SBX_GEN_SUSPEND;
	}
	if (bound != few)
		sbx__free(run, bound, task->param_count * sizeof *bound);
	return v;
}

/* ---- builtins that call back: functions that the compiler wrote into the program ---- */

/* What the program uses of a builtin type or function; NULL: nothing. */
static const sbx_gen_function *callback_of(sbx_run *run, sbx_value callee)
{
	const sbx_entry *entry = RUN(run)->entry;
	int index;
	if (!entry)
		return NULL;
	index = callee.tag == SBX_KIND_TYPE ? sbx_gen_callback_of_type(callee.u.i)
										: sbx_gen_callback_of_builtin(callee.u.i);
	return index < 0 ? NULL : entry->program->callbacks[index];
}

/* Parameters that were left out: start=0, key=None, reverse=False, strict=False, and default= of max, which is no value. */
static void fill_callback_defaults(const sbx_gen_function *function, sbx_value *bound)
{
	for (uint32_t i = 0; i < function->param_count; i++) {
		const char *name = function->params[i].name;
		if (bound[i].tag)
			continue;
		bound[i] = strcmp(name, "start") == 0                                    ? sbx_gen_int(0)
				   : strcmp(name, "reverse") == 0 || strcmp(name, "strict") == 0 ? sbx_gen_bool(0)
				   : strcmp(name, "default") == 0
					   ? sbx_gen_make(SBX_KIND_TYPE, SBX_TYPE_NotImplementedType)
					   : SBX_GEN_NONE;
	}
}

/* Arguments that do not fit are left to the builtin, which says so in its own words. */
static bool call_back(sbx_run *run, sbx_value callee, uint32_t count, sbx_value *args,
					  sbx_value names, sbx_value *result)
{
	const sbx_gen_function *function = callback_of(run, callee);
	sbx_value bound[4];
	if (!function)
		return false;
	if (callee.tag == SBX_KIND_TYPE && callee.u.i == SBX_TYPE_map && count < 2)
		return false;
	if (sbx__bind_parameters(run, function->name, function->params, function->param_count, count,
							 args, names, bound)) {
		*result = SBX_GEN_ERROR;
		if (sbx__type_of(HEAP(run)->exception) != SBX_TYPE_TypeError)
			return true; /* a limit */
		sbx_gen_drop(run, sbx__exception_take(run));
		return false;
	}
	fill_callback_defaults(function, bound);
	*result = function->call(run, SBX_GEN_ERROR, bound);
	return true;
}

/* xs.sort(key=f) or list.sort(xs, key=f) through a value. */
static bool call_sort(sbx_run *run, sbx_value self, uint32_t count, sbx_value *args,
					  sbx_value names, sbx_value *result)
{
	const sbx_gen_function *function =
		RUN(run)->entry ? RUN(run)->entry->program->callbacks[SBX_CALLBACK_sort] : NULL;
	uint32_t named =
				 names.tag == SBX_KIND_NONE ? 0 : (uint32_t)((sbx_gen_tuple *)names.u.p)->length,
			 given = count - named;
	sbx_value keywords[SBX_MAX_PARAMETERS], bound[3];
	if (!function || !named)
		return false;
	if (self.tag == SBX_KIND_TYPE && self.u.i == SBX_TYPE_list && given == 1) {
		self = args[0];
		given = 0;
		args++;
	}
	if (SBX_GEN_KIND(self) != SBX_KIND_LIST || given)
		return false;
	if (sbx__bind_arguments(run, "sort", "* key reverse", 0, 0, named, args, names, keywords)) {
		sbx_gen_drop(run, sbx__exception_take(run));
		return false;
	}
	bound[0] = sbx_gen_copy(self);
	bound[1] = keywords[0];
	bound[2] = keywords[1];
	fill_callback_defaults(function, bound);
	*result = function->call(run, SBX_GEN_ERROR, bound);
	return true;
}

sbx_value sbx_gen_call_slow(sbx_run *run, sbx_value callee, uint32_t count, sbx_value *args,
							sbx_value names)
{
	sbx_value v;
	switch (SBX_GEN_KIND(callee)) {
	case SBX_KIND_FUNCTION:
		return call_function(run, callee, count, args, names);
	case SBX_KIND_TASK:
		return call_task(run, callee.u.p, count, args, names);
	case SBX_KIND_METHOD: {
		const MethodObject *method = callee.u.p;
		if (method->head.bits == SBX_METHOD_sort &&
			call_sort(run, method->self, count, args, names, &v))
			return v;
		v = sbx__call_bound(run, method->self, (int)method->head.bits, count, args, names);
		break;
	}
	case SBX_KIND_BUILTIN:
		if (call_back(run, callee, count, args, names, &v))
			return v;
		v = sbx_gen_call_builtin(run, (int)callee.u.i, count, args, names);
		break;
	case SBX_KIND_TYPE:
		if (call_back(run, callee, count, args, names, &v))
			return v;
		v = sbx_gen_call_type(run, (int)callee.u.i, count, args, names);
		break;
	default:
		return sbx__raise(run, SBX_TYPE_TypeError, "'%T' object is not callable", callee);
	}
	for (uint32_t i = 0; i < count; i++)
		sbx_gen_drop(run, args[i]);
	return v;
}

sbx_value sbx_gen_not_closure(sbx_run *run)
{
	return sbx__raise(run, SBX_TYPE_SystemError, "not the function that the program put there");
}

/* The arguments of f(*args, **kwargs) in one array; names: a tuple of the keywords, or NONE. */
static int flatten(sbx_run *run, sbx_value args, const DictObject *dict, sbx_value *all,
				   sbx_value *names)
{
	const sbx_value *items = SBX_GEN_KIND(args) == SBX_KIND_LIST
								 ? ((const sbx_gen_list *)args.u.p)->items
								 : ((const sbx_gen_tuple *)args.u.p)->items;
	uint64_t count = sbx_count(args), at = count;
	sbx_value list;
	if (sbx__copy_items(run, all, items, count))
		return -1;
	*names = SBX_GEN_NONE;
	if (!dict || !dict->used)
		return 0;
	list = sbx_gen_list_make(run, 0, NULL);
	for (uint64_t i = 0; list.tag && i < dict->filled; i++) {
		if (!dict->entries[i].key.tag)
			continue;
		if (SBX_GEN_KIND(dict->entries[i].key) != SBX_KIND_STR)
			return sbx__raise(run, SBX_TYPE_TypeError, "keywords must be strings"), -1;
		if (sbx__spend(run, 4))
			return -1;
		all[at++] = sbx_gen_copy(dict->entries[i].value);
		if (sbx_gen_list_append(run, list, sbx_gen_copy(dict->entries[i].key)))
			return -1;
	}
	*names = list.tag ? sbx_gen_list_to_tuple(run, list) : list;
	sbx_gen_drop(run, list);
	return names->tag ? 0 : -1;
}

sbx_value sbx_gen_call_spread(sbx_run *run, sbx_value callee, sbx_value args, sbx_value kwargs)
{
	const DictObject *dict = kwargs.tag == SBX_KIND_NONE ? NULL : kwargs.u.p;
	uint64_t count = sbx_count(args) + (dict ? dict->used : 0);
	sbx_value few[MANY], *all = few, names, v = SBX_GEN_ERROR;
	if (count > UINT32_MAX)
		return sbx__raise_memory(run);
	if (count > MANY) {
		all = sbx__alloc(run, count * sizeof *all);
		if (!all)
			return v;
	}
	if (!flatten(run, args, dict, all, &names)) {
		v = sbx_gen_call(run, callee, (uint32_t)count, all, names);
		sbx_gen_drop(run, names);
	}
	if (all != few)
		sbx__free(run, all, count * sizeof *all);
	return v;
}
