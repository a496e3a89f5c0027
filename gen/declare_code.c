/*
 * Code strings: orchestrator_from_str, env.sandbox.orchestrator("...") and orchestrate_local. The
 * text is dedented and stripped and becomes a module of its own; its Source knows for each of its
 * lines where in the user's file that line stands, so that diagnostics and tracebacks point there.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <string.h>

/* ---- the text ---- */

static bool are_consecutive(const Source *outer, const uint32_t *lines, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (source_place(outer, lines[i]).line != source_place(outer, lines[0]).line + i)
			return false;
	return true;
}

/* Where each line of `text` stands in the literal; NULL where the literal is not the text (escapes,
 * f-strings). */
static const uint32_t *find_lines(Declaring *d, const Source *code, const Source *outer,
								  const Node *literal)
{
	uint32_t *lines = ARENA_ARRAY(d->arena, uint32_t, code->line_count);
	if (!outer || !literal || literal->end > outer->length || literal->start > literal->end)
		return NULL;
	const char *p = outer->text + literal->start, *end = outer->text + literal->end;
	while (p < end && ((*p | 32) >= 'a' && (*p | 32) <= 'z'))
		p++; /* a prefix: f, rb */
	bool escaped = false,
		 is_long = literal->kind == NODE_CONSTANT && end - p >= 6 && p[0] == p[1] && p[1] == p[2];
	while (p < end && (*p == '"' || *p == '\''))
		p++;
	for (uint32_t i = 0; i < code->line_count; i++) {
		size_t length;
		const char *line = source_line(code, i + 1, &length);
		const char *found = p;
		if (length) {
			found = memmem(p, (size_t)(end - p), line, length);
		} else { /* an empty line begins after the next newline */
			const char *newline = memchr(p, '\n', (size_t)(end - p));
			found = newline ? newline + 1 : p;
		}
		if (!found) { /* there is an escape in it: it is the next line, if those around it stand so */
			const char *newline = memchr(p, '\n', (size_t)(end - p));
			if (!newline || !is_long)
				return NULL;
			found = newline + 1;
			length = 0;
			escaped = true;
		}
		lines[i] = (uint32_t)(found - outer->text);
		p = found + length;
	}
	return escaped && !are_consecutive(outer, lines, code->line_count) ? NULL : lines;
}

static bool is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

const char *declare_code_text(Arena *arena, const char *text, size_t length, size_t *code_length)
{
	Text dedented;
	text_init(&dedented, arena);
	dedent_text(&dedented, text, length);
	const char *start = dedented.length ? dedented.bytes : "", *end = start + dedented.length;
	while (start < end && is_white(*start))
		start++;
	while (end > start && is_white(end[-1]))
		end--;
	*code_length = (size_t)(end - start);
	return start;
}

static const Source *make_source(ModuleEnv *env, const Constant *text, const Node *call)
{
	Declaring *d = env->declaring;
	size_t length;
	const char *code = declare_code_text(d->arena, text->text, text->length, &length);
	bool here = text->source && text->node && text->node->end <= text->source->length;
	const Source *outer = here ? text->source : env->source;
	const Node *node = here ? text->node : call;
	const Source *plain = source_from_bytes(d->arena, d->diag, outer->path, code, length);
	if (!plain)
		return NULL;
	Source *source = ARENA_NEW(d->arena, Source);
	*source = *plain;
	source->outer = outer;
	source->outer_start = node->start;
	source->outer_end = node->end;
	source->outer_lines = find_lines(d, source, outer, node);
	return source;
}

/* ---- inputs ---- */

static bool is_identifier(const char *text, uint32_t length)
{
	static const char *const keywords[] = {
		"False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
		"class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
		"from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
		"or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (!strcmp(keywords[i], text))
			return false;
	if (!length || (*text >= '0' && *text <= '9'))
		return false;
	for (uint32_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c < 0x80 && c != '_' && !(c >= '0' && c <= '9') &&
			!((c | 32) >= 'a' && (c | 32) <= 'z'))
			return false;
	}
	return true;
}

/* A place for a diagnostic about a constant: where it stands if that is this file, else `node`. */
static const Node *place_of(ModuleEnv *env, const Constant *value, const Node *node)
{
	return value->source == env->source && value->node ? value->node : node;
}

/* In a function a type may be a parameter: then it is as if it were not declared. */
static bool is_known_later(const ModuleEnv *env, const Constant *value)
{
	return value->sort == SORT_UNKNOWN && (env->level == LEVEL_LOCAL || env->in_loop);
}

static void add_input(ModuleEnv *env, ParamDecl *param, const Constant *key, const Constant *value,
					  bool is_value, const Node *node, const Node *value_node)
{
	Declaring *d = env->declaring;
	const Node *place = place_of(env, key, node);
	*param = (ParamDecl){
		.name = atom_get(d->atoms, key->text, key->length), .kind = PARAM_NORMAL, .node = place};
	if (!is_identifier(key->text, key->length))
		diag_add(d->diag, D_INPUT_NAME, env->source, place->start, place->end, key->text);
	if (is_value) {
		if (constant_is_value(value))
			param->type = constant_type(d->types, value);
		return;
	}
	param->type = constant_as_type(env, value);
	if (param->type || is_known_later(env, value))
		return;
	place = value_node ? value_node : node;
	if (value->sort == SORT_UNKNOWN && value->source != env->source)
		diag_add(d->diag, D_NOT_CONSTANT, env->source, place->start, place->end,
				 arena_format(d->arena, "the type of input '%s'", key->text), value->text);
	else
		diag_add(d->diag, D_INTERFACE_TYPE, env->source, place->start, place->end,
				 node_text(d->arena, env->source, place),
				 arena_format(d->arena, "input '%s'", key->text));
}

static void read_inputs(ModuleEnv *env, EntryDecl *entry, const Arguments *arguments,
						bool are_values)
{
	Declaring *d = env->declaring;
	const Constant *inputs = arguments_get(arguments, UINT32_MAX, "inputs");
	if (!inputs || inputs->sort == SORT_NONE)
		return;
	const Node *node = arguments_node(arguments, UINT32_MAX, "inputs");
	if (declare_refuse_unknown(d, inputs, "inputs=", env->source, node))
		return;
	if (inputs->sort != SORT_DICT) {
		diag_add(d->diag, D_ARGUMENT_TYPE, env->source, node->start, node->end, "inputs=",
				 are_values ? "a dict of names and values" : "a dict of names and types");
		return;
	}
	entry->inputs = ARENA_ARRAY(d->arena, ParamDecl, inputs->count + 1);
	/* the place of an input's type: its own expression where the dict is written right here */
	const NodeList *written = node->kind == NODE_DICT ? &((const AstDict *)node)->values : NULL;
	bool same = written && written->count == inputs->count;
	for (uint32_t i = 0; i < inputs->count; i++) {
		const Constant *key = inputs->items[i];
		if (key->sort == SORT_STR) {
			add_input(env, &entry->inputs[entry->input_count++], key, inputs->values[i], are_values,
					  node, same ? written->items[i] : NULL);
			continue;
		}
		const Node *place = place_of(env, key, node);
		if (!declare_refuse_unknown(d, key, "the name of an input", env->source, place))
			diag_add(d->diag, D_ARGUMENT_TYPE, env->source, place->start, place->end,
					 "the name of an input", "a str");
	}
}

static void read_output(ModuleEnv *env, EntryDecl *entry, const Arguments *arguments)
{
	Declaring *d = env->declaring;
	const Constant *output = arguments_get(arguments, UINT32_MAX, "output");
	if (!output)
		return;
	entry->result = constant_as_type(env, output);
	if (entry->result || is_known_later(env, output))
		return;
	const Node *node = arguments_node(arguments, UINT32_MAX, "output");
	if (output->sort == SORT_UNKNOWN && output->source != env->source)
		diag_add(d->diag, D_NOT_CONSTANT, env->source, node->start, node->end,
				 "output=", output->text);
	else
		diag_add(d->diag, D_INTERFACE_TYPE, env->source, node->start, node->end,
				 node_text(d->arena, env->source, node), "the output");
}

/* ---- tasks ---- */

static const char *sort_text(Declaring *d, const Constant *value)
{
	switch (value->sort) {
	case SORT_FUNCTION:
		return "a plain function";
	case SORT_CLASS:
		return "a class";
	case SORT_MODULE:
		return "a module";
	case SORT_SYMBOL:
		return arena_format(d->arena, "imported from outside ('%s')", value->text);
	case SORT_UNKNOWN:
		return arena_format(d->arena, "not known at compile time: %s", value->text);
	default:
		return "not a task";
	}
}

static void add_listed(ModuleEnv *env, EntryDecl *entry, const Constant *item, const Node *node)
{
	Declaring *d = env->declaring;
	const char *text = node_text(d->arena, env->source, node);
	if (item->sort == SORT_SYMBOL && !strncmp(item->text, "flyte.durable", 13)) {
		diag_add(d->diag, D_REFUSE_DURABLE, env->source, node->start, node->end, item->text);
		return;
	}
	if (item->sort != SORT_TASK && item->sort != SORT_SANDBOX) {
		entry->tasks_broken = true;
		DiagItem *told = diag_add(d->diag, D_NOT_A_TASK, env->source, node->start, node->end, text,
								  sort_text(d, item));
		if (item->sort == SORT_UNKNOWN)
			diag_help(d->diag, told,
					  "define the task before this line, or import it: tasks are found in this "
					  "file and in modules beside it");
		else if (item->sort == SORT_FUNCTION && item->node && item->source)
			diag_note(d->diag, told, item->source, item->node->start, item->node->start + 3,
					  "'%s' is defined here", text);
		return;
	}
	const TaskDecl *task = item->object;
	bool by_run = item->sort == SORT_SANDBOX;
	/* a sandbox's own name need not be one of Python */
	const Atom *name = by_run && node->kind == NODE_NAME ? ((const AstName *)node)->id : task->name;
	for (uint32_t i = 0; i < entry->task_count; i++)
		if (entry->tasks[i].name == name) {
			diag_add(d->diag, D_TASK_TWICE, env->source, node->start, node->end, task->name->text);
			return;
		}
	entry->tasks[entry->task_count++] =
		(VisibleTask){.name = name, .task = task, .written = text, .by_run = by_run};
}

static void read_tasks(ModuleEnv *env, EntryDecl *entry, const Arguments *arguments)
{
	Declaring *d = env->declaring;
	const Constant *tasks = arguments_get(arguments, UINT32_MAX, "tasks");
	entry->tasks_listed = true;
	if (!tasks || tasks->sort == SORT_NONE)
		return;
	const Node *node = arguments_node(arguments, UINT32_MAX, "tasks");
	if (declare_refuse_unknown(d, tasks, "tasks=", env->source, node))
		return;
	if (tasks->sort != SORT_LIST && tasks->sort != SORT_TUPLE) {
		diag_add(d->diag, D_ARGUMENT_TYPE, env->source, node->start, node->end,
				 "tasks=", "a list of tasks");
		return;
	}
	entry->tasks = ARENA_ARRAY(d->arena, VisibleTask, tasks->count + 1);
	/* the place of an item: its own expression where the list is written right here */
	const NodeList *written = node->kind == NODE_LIST    ? &((const AstList *)node)->elts
							  : node->kind == NODE_TUPLE ? &((const AstTuple *)node)->elts
														 : NULL;
	bool same = written && written->count == tasks->count;
	for (uint32_t i = 0; i < tasks->count; i++)
		add_listed(env, entry, tasks->items[i], same ? written->items[i] : node);
}

/* ---- the call ---- */

static const char *code_name(ModuleEnv *env, const Arguments *arguments)
{
	Declaring *d = env->declaring;
	const Constant *name = arguments_get(arguments, UINT32_MAX, "name");
	if (!name || name->sort == SORT_NONE)
		return NULL;
	const Node *node = arguments_node(arguments, UINT32_MAX, "name");
	if (env->level != LEVEL_LOCAL && declare_refuse_unknown(d, name, "name=", env->source, node))
		return NULL;
	if (name->sort == SORT_STR)
		return name->text;
	if (name->sort != SORT_UNKNOWN)
		diag_add(d->diag, D_ARGUMENT_TYPE, env->source, node->start, node->end, "name=", "a str");
	return NULL;
}

/* Inside functions the code, its tasks and its inputs may be known only at run time: then there is
 * nothing to check. */
static const Constant *find_run_time_part(const Constant *text, const Arguments *arguments)
{
	const Constant *tasks = arguments_get(arguments, UINT32_MAX, "tasks"),
				   *inputs = arguments_get(arguments, UINT32_MAX, "inputs");
	if (text->sort == SORT_UNKNOWN)
		return text;
	if (tasks && tasks->sort == SORT_UNKNOWN)
		return tasks;
	for (uint32_t i = 0;
		 tasks && (tasks->sort == SORT_LIST || tasks->sort == SORT_TUPLE) && i < tasks->count; i++)
		if (tasks->items[i]->sort == SORT_UNKNOWN)
			return tasks->items[i];
	if (inputs && inputs->sort == SORT_UNKNOWN)
		return inputs;
	for (uint32_t i = 0; inputs && inputs->sort == SORT_DICT && i < inputs->count; i++)
		if (inputs->items[i]->sort == SORT_UNKNOWN)
			return inputs->items[i]; /* the name of an input */
	return NULL;
}

const Module *declare_parse_code(ModuleEnv *env, const Constant *text, const Node *call)
{
	Declaring *d = env->declaring;
	const Source *source = make_source(env, text, call);
	return source ? parse_module(d->arena, d->atoms, d->diag,
								 lex_source(d->arena, d->atoms, d->diag, source))
				  : NULL;
}

const Constant *declare_code_string(ModuleEnv *env, const AstCall *call, CodeKind kind,
									const Environment *environment, Arguments *arguments)
{
	Declaring *d = env->declaring;
	const Node *node = &call->base;
	(void)environment; /* a code string is called by its own name, whatever the environment */
	const Constant *result =
		constant_unknown(d, env->source, node, "the result of orchestrate_local");
	if (env->in_turn)
		return constant_unknown(d, env->source, node, "a code string that is made in a loop");
	const Constant *text = arguments_get(arguments, 0, "source");
	bool is_local = kind == CODE_LOCAL || env->level == LEVEL_LOCAL || env->in_loop;
	const char *callee = node_text(d->arena, env->source, call->func);
	if (!text || (text->sort != SORT_STR && text->sort != SORT_UNKNOWN)) {
		diag_add(d->diag, D_SOURCE_ARGUMENT, env->source, node->start, node->end, callee);
		return constant_unknown(d, env->source, node, "its code is missing");
	}
	const Constant *open = is_local ? find_run_time_part(text, arguments) : NULL;
	if (open) {
		diag_add(d->diag, D_CODE_UNCHECKED, env->source, call->func->start, call->func->end,
				 open->text);
		return open;
	}
	if (declare_refuse_unknown(d, text, "the code string", env->source,
							   arguments_node(arguments, 0, "source")))
		return text;
	EntryDecl *entry = declare_add_entry(env, is_local ? ENTRY_LOCAL : ENTRY_CODE_STRING);
	EntryRecord *record = (EntryRecord *)entry;
	const char *name = code_name(env, arguments);
	entry->node = node;
	entry->name = entry->full_name = name ? name : "sandboxed-code";
	record->call = name ? NULL : node;
	entry->module = declare_parse_code(env, text, node);
	if (entry->module)
		declare_add_source(d, entry->module->source);
	record->is_unusable = !entry->module || !entry->module->complete;
	read_inputs(env, entry, arguments, kind == CODE_LOCAL);
	read_output(env, entry, arguments);
	read_tasks(env, entry, arguments);
	declare_limits(env, entry, arguments);
	if (kind == CODE_LOCAL)
		return result;
	const Constant *value = declare_entry_task(
		env, entry, atom_get(d->atoms, entry->name, strlen(entry->name)), entry->name);
	record->task = value->object;
	return value;
}

void declare_name_entry(ModuleEnv *env, const Node *made_by, const Constant *value,
						const Atom *name)
{
	if (value->sort == SORT_SANDBOX)
		declare_name_sandbox(env, made_by, value, name);
	if (value->sort != SORT_TASK)
		return;
	TaskDecl *task = value->object;
	EntryRecord *record = (EntryRecord *)(uintptr_t)task->entry;
	if (made_by->kind == NODE_AWAIT)
		made_by = ((const AstAwait *)made_by)->value;
	if (!record || record->decl.function || value->node != made_by || record->variable)
		return;
	record->variable = name;
	task->name = name;
	if (record->call)
		record->decl.name = task->function = name->text;
}
