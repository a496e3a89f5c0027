/*
 * Sandboxes: flyte.sandbox.create(...). Every argument must be known at compile time and is checked
 * here; the code is parsed by our own front end, so that its mistakes are told with their lines in the
 * user's file. What comes out is a task of the type `raw-container`, with a SandboxDecl behind it.
 *
 *   declare_sandbox.c            the call and its plain arguments
 *   declare_sandbox_interface.c  inputs and outputs
 *   declare_sandbox_code.c       the code, and which names it assigns
 *   declare_sandbox_image.c      packages, image, resources
 *   declare_sandbox_entry.c      the entry by which it is run from outside
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declare_sandbox.h"

#include <string.h>

/* ---- diagnostics ---- */

void sandbox_error(SandboxReading *r, const char *argument, const char *expected)
{
	const Node *node = arguments_node(r->arguments, UINT32_MAX, argument);
	diag_add(r->d->diag, D_ARGUMENT_TYPE, r->env->source, node->start, node->end,
			 arena_format(r->d->arena, "%s=", argument), expected);
}

const Constant *sandbox_argument(SandboxReading *r, const char *name)
{
	const Constant *value = arguments_get(r->arguments, UINT32_MAX, name);
	if (!value || value->sort == SORT_NONE)
		return NULL;
	const Node *node = arguments_node(r->arguments, UINT32_MAX, name);
	if (declare_refuse_unknown(r->d, value, arena_format(r->d->arena, "%s=", name), r->env->source,
							   node))
		return NULL;
	return value;
}

bool sandbox_is_object(const Constant *value, const char *name)
{
	if (value->sort != SORT_OBJECT || !value->object || strncmp(value->text, "flyte.", 6))
		return false;
	return !strcmp(strrchr(value->text, '.') + 1, name);
}

const char *sandbox_str(SandboxReading *r, const char *name)
{
	const Constant *value = sandbox_argument(r, name);
	if (!value)
		return NULL;
	if (value->sort == SORT_STR && value->length && strlen(value->text) == value->length)
		return value->text;
	sandbox_error(r, name, "a non-empty str");
	return NULL;
}

bool sandbox_bool(SandboxReading *r, const char *name, bool otherwise)
{
	const Constant *value = sandbox_argument(r, name);
	if (!value)
		return otherwise;
	if (value->sort == SORT_BOOL)
		return value->integer != 0;
	sandbox_error(r, name, "True or False");
	return otherwise;
}

SandboxTexts sandbox_texts(SandboxReading *r, const char *name)
{
	SandboxTexts texts = {0};
	const Constant *value = sandbox_argument(r, name);
	const Node *node = arguments_node(r->arguments, UINT32_MAX, name);
	if (!value)
		return texts;
	if (value->sort != SORT_LIST && value->sort != SORT_TUPLE) {
		sandbox_error(r, name, "a list of str");
		return texts;
	}
	texts.items = ARENA_ARRAY(r->d->arena, SandboxText, value->count + 1);
	for (uint32_t i = 0; i < value->count; i++) {
		const Constant *item = value->items[i];
		if (declare_refuse_unknown(r->d, item, arena_format(r->d->arena, "an item of %s=", name),
								   r->env->source, node))
			continue;
		if (item->sort != SORT_STR || strlen(item->text) != item->length) {
			sandbox_error(r, name, "a list of str");
			return (SandboxTexts){0};
		}
		texts.items[texts.count++] = (SandboxText){item->text, item->length};
	}
	return texts;
}

/* ---- which arguments there are ---- */

static const char *const KNOWN[] = {"name",
									"code",
									"command",
									"arguments",
									"inputs",
									"outputs",
									"packages",
									"system_packages",
									"additional_commands",
									"image_config",
									"image_name",
									"image",
									"auto_io",
									"resources",
									"retries",
									"timeout",
									"env_vars",
									"secrets",
									"cache",
									"block_network"};

static void check_names(SandboxReading *r)
{
	const AstCall *call = r->arguments->call;
	for (uint32_t i = 0; i < r->arguments->keyword_count; i++) {
		const char *name = r->arguments->names[i]->text;
		bool known = false;
		for (size_t k = 0; k < sizeof KNOWN / sizeof *KNOWN; k++)
			known |= !strcmp(KNOWN[k], name);
		const Node *node = r->arguments->nodes[i];
		if (!known)
			diag_add(r->d->diag, D_SANDBOX_ARGUMENT, r->env->source, node->start, node->end, name);
	}
	if (r->arguments->positional_count)
		diag_add(r->d->diag, D_SANDBOX_POSITIONAL, r->env->source, call->args.items[0]->start,
				 call->args.items[0]->end);
	if (r->arguments->unknown)
		declare_refuse_unknown(r->d, r->arguments->unknown, "what is spread here", r->env->source,
							   &call->base);
}

/* ---- code or command ---- */

static bool is_given(SandboxReading *r, const char *name)
{
	const Constant *value = arguments_get(r->arguments, UINT32_MAX, name);
	return value && value->sort != SORT_NONE;
}

/* Exactly one of them. */
static void read_body(SandboxReading *r)
{
	SandboxDecl *sandbox = r->sandbox;
	bool code = is_given(r, "code"), command = is_given(r, "command");
	const Node *node = r->arguments->call->func;
	if (code == command) {
		diag_add(r->d->diag, code ? D_SANDBOX_BOTH : D_SANDBOX_NEITHER, r->env->source, node->start,
				 node->end);
		return;
	}
	bool auto_io = sandbox_bool(r, "auto_io", true);
	sandbox->mode = command ? SANDBOX_COMMAND : auto_io ? SANDBOX_AUTO : SANDBOX_VERBATIM;
	if (code) {
		const Constant *text = sandbox_argument(r, "code");
		if (text && (text->sort != SORT_STR || strlen(text->text) != text->length))
			sandbox_error(r, "code", "a str without null characters");
		else
			r->code_text = text;
		if (is_given(r, "arguments"))
			diag_add(r->d->diag, D_SANDBOX_ARGUMENTS, r->env->source, node->start, node->end);
		return;
	}
	sandbox->command = sandbox_texts(r, "command");
	const Constant *given = sandbox_argument(r, "command");
	if (given && !sandbox->command.count && given->sort != SORT_STR)
		sandbox_error(r, "command", "a list of str with at least the program");
	SandboxTexts more = sandbox_texts(r, "arguments");
	SandboxText *all =
		ARENA_ARRAY(r->d->arena, SandboxText, sandbox->command.count + more.count + 1);
	for (uint32_t i = 0; i < sandbox->command.count; i++)
		all[i] = sandbox->command.items[i];
	for (uint32_t i = 0; i < more.count; i++)
		all[sandbox->command.count++] = more.items[i];
	sandbox->command.items = all;
}

/* ---- environment and secrets ---- */

static bool is_variable_name(const char *text)
{
	size_t length = strlen(text);
	return length && !strchr(text, '=') && strspn(text, "0123456789") == 0;
}

static void check_env_vars(SandboxReading *r)
{
	const Constant *value = sandbox_argument(r, "env_vars");
	if (!value)
		return;
	bool good = value->sort == SORT_DICT;
	for (uint32_t i = 0; good && i < value->count; i++) {
		const Constant *name = value->items[i], *item = value->values[i];
		const Node *node = arguments_node(r->arguments, UINT32_MAX, "env_vars");
		if (declare_refuse_unknown(r->d, item, "a value of env_vars=", r->env->source, node))
			continue;
		good = name->sort == SORT_STR && is_variable_name(name->text) && item->sort == SORT_STR &&
			   strlen(item->text) == item->length;
	}
	if (!good)
		sandbox_error(r, "env_vars", "a dict of names and str values");
}

/* A name, or flyte.Secret(key=..., group=..., as_env_var=...). */
static bool is_secret(const Constant *item)
{
	if (item->sort == SORT_STR)
		return item->length > 0;
	if (!sandbox_is_object(item, "Secret"))
		return false;
	const Constant *key = arguments_get(item->object, 0, "key");
	return key && key->sort == SORT_STR && key->length;
}

static void check_secrets(SandboxReading *r)
{
	const Constant *value = sandbox_argument(r, "secrets");
	if (!value)
		return;
	bool good = is_secret(value);
	if (value->sort == SORT_LIST || value->sort == SORT_TUPLE) {
		good = true;
		for (uint32_t i = 0; i < value->count; i++)
			good &= is_secret(value->items[i]);
	}
	if (!good)
		sandbox_error(r, "secrets", "a list of names or flyte.Secret(key=\"...\")");
}

/* ---- the call ---- */

static const char *read_name(SandboxReading *r)
{
	const char *name = sandbox_str(r, "name");
	if (!name)
		return NULL;
	size_t length = strlen(name);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f) {
			sandbox_error(r, "name", "a str without line breaks and control characters");
			return NULL;
		}
	return name;
}

/* Known only at run time, inside a function: nothing to check and nothing to compile. */
static const Constant *find_unknown(const Arguments *arguments)
{
	if (arguments->unknown)
		return arguments->unknown;
	for (uint32_t i = 0; i < arguments->keyword_count; i++) {
		const Constant *value = arguments->values[i];
		if (value->sort == SORT_UNKNOWN)
			return value;
		for (uint32_t k = 0; k < value->count; k++) {
			if (value->items && value->items[k]->sort == SORT_UNKNOWN)
				return value->items[k];
			if (value->values && value->values[k]->sort == SORT_UNKNOWN)
				return value->values[k];
		}
	}
	return NULL;
}

static const Type *result_type(SandboxReading *r)
{
	const SandboxDecl *sandbox = r->sandbox;
	TypeTable *types = r->d->types;
	const Type **items = ARENA_ARRAY(r->d->arena, const Type *, sandbox->output_count + 1);
	for (uint32_t i = 0; i < sandbox->output_count; i++)
		items[i] = sandbox->outputs[i].type;
	if (sandbox->output_count == 0)
		return type_simple(types, TYPE_NONE);
	if (sandbox->output_count == 1)
		return items[0];
	return type_make(types, TYPE_TUPLE, items, sandbox->output_count);
}

static void tell_problems(SandboxReading *r)
{
	for (const DeclProblem *p = r->sandbox->task->problems; p; p = p->next)
		diag_add(r->d->diag, p->id, p->source, p->start, p->end, p->a, p->b);
	r->sandbox->task->problems = NULL;
}

const Constant *declare_sandbox(ModuleEnv *env, const AstCall *call, Arguments *arguments)
{
	Declaring *d = env->declaring;
	const Node *node = &call->base;
	if (env->in_turn || env->in_loop || env->level == LEVEL_LOCAL) {
		const Constant *open = find_unknown(arguments);
		if (open)
			return constant_unknown(d, env->source, node, "a sandbox that is made at run time");
	}
	SandboxReading reading = {.d = d, .env = env, .arguments = arguments}, *r = &reading;
	r->sandbox = ARENA_NEW(d->arena, SandboxDecl);
	TaskDecl *task = r->sandbox->task = declare_add_task(d);
	const char *name = read_name(r);
	*task = (TaskDecl){.full_name = name ? name : "sandbox",
					   .function = name ? name : "sandbox",
					   .module = "",
					   .task_type = "raw-container",
					   .sandbox = r->sandbox,
					   .source = env->source,
					   .node = node};
	task->name = atom_get(d->atoms, task->full_name, strlen(task->full_name));
	check_names(r);
	read_body(r);
	sandbox_read_interface(r);
	if (r->code_text)
		sandbox_read_code(r);
	sandbox_read_image(r);
	check_env_vars(r);
	check_secrets(r);
	declare_task_settings(env, task, arguments);
	task->result = result_type(r);
	task->extra = declare_extra(env, task, NULL, arguments);
	tell_problems(r);
	sandbox_make_entry(r, name != NULL);
	Constant *value = constant_make(d, SORT_SANDBOX, env->source, node);
	value->object = task;
	return value;
}

const Constant *declare_sandbox_task(ModuleEnv *env, const Constant *sandbox, const Node *node)
{
	Constant *value = constant_make(env->declaring, SORT_TASK, env->source, node);
	value->object = sandbox->object;
	return value;
}
