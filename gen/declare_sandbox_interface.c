/*
 * Inputs and outputs of a sandbox: what may cross, and under which names. In auto-IO a name becomes a
 * variable, so it is an identifier; otherwise it is an option and a file name, in which dots and dashes
 * may stand (`tests.py`).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declare_sandbox.h"

#include <string.h>

/* ---- types ---- */

static bool is_scalar(const Type *type)
{
	switch (type->kind) {
	case TYPE_INT:
	case TYPE_FLOAT:
	case TYPE_STR:
	case TYPE_BOOL:
	case TYPE_DATETIME:
	case TYPE_TIMEDELTA:
		return true;
	default:
		return false;
	}
}

bool sandbox_type_crosses(const Type *type)
{
	if (is_scalar(type) || type->kind == TYPE_FILE || type->kind == TYPE_DIR)
		return true;
	if (type->kind == TYPE_LIST)
		return is_scalar(type->args[0]);
	return type->kind == TYPE_DICT && type->args[0]->kind == TYPE_STR && is_scalar(type->args[1]);
}

/* ---- names ---- */

static const char *const KEYWORDS[] = {
	"False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
	"class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
	"from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
	"or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield",    "__debug__"};

static bool is_identifier(const char *text)
{
	size_t length = strlen(text);
	if (!length || (*text >= '0' && *text <= '9'))
		return false;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		if (c != '_' && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z'))
			return false;
	}
	return true;
}

bool sandbox_is_variable(const char *name)
{
	for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++)
		if (!strcmp(name, KEYWORDS[i]))
			return false;
	/* those of the generated entry begin so */
	return is_identifier(name) && strncmp(name, "sbx_", 4);
}

static bool is_file_name(const char *text)
{
	size_t length = strlen(text);
	if (!length || length > 200 || *text == '.' || *text == '-')
		return false;
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
		   length;
}

/* Why not, or NULL. `is_variable`: it stands for a variable of the code. */
static const char *name_problem(const char *name, bool is_variable)
{
	if (!strncmp(name, "_sbx", 4) || !strcmp(name, "_script"))
		return "names that begin with '_sbx', and '_script', belong to the generated script";
	if (!strncmp(name, "__", 2))
		return "names that begin with two underscores belong to Python";
	for (size_t i = 0; is_variable && i < sizeof KEYWORDS / sizeof *KEYWORDS; i++)
		if (!strcmp(name, KEYWORDS[i]))
			return "it is a keyword of Python";
	if (is_variable ? !is_identifier(name) : !is_file_name(name))
		return is_variable ? "it becomes a variable: ASCII letters, digits and underscores"
						   : "it becomes a file: letters, digits, '_', '.' and '-', not first a "
							 "'.' or '-'";
	return NULL;
}

/* ---- the two dicts ---- */

typedef struct Member {
	const char *name;
	const Type *type;
	const Node *node, *type_node;
} Member;

static void refuse_name(SandboxReading *r, const Member *member, const char *what, const char *why)
{
	diag_add(r->d->diag, D_SANDBOX_NAME, r->env->source, member->node->start, member->node->end,
			 member->name, what, why);
}

static bool read_type(SandboxReading *r, Member *member, const Constant *value, const char *what)
{
	const Node *place = member->type_node;
	member->type = constant_as_type(r->env, value);
	if (!member->type &&
		declare_refuse_unknown(r->d, value,
							   arena_format(r->d->arena, "the type of %s '%s'", what, member->name),
							   r->env->source, place))
		return false;
	if (member->type && sandbox_type_crosses(member->type))
		return true;
	diag_add(r->d->diag, D_SANDBOX_TYPE, r->env->source, place->start, place->end,
			 node_text(r->d->arena, r->env->source, place), what, member->name);
	return false;
}

/* One member of inputs= or outputs=; false: it is wrong, and that has been told. */
static bool read_member(SandboxReading *r, const Constant *dict, uint32_t i, const Node *node,
						const char *argument, const char *what, Member *member)
{
	const Constant *key = dict->items[i];
	const AstDict *written = node->kind == NODE_DICT ? (const AstDict *)node : NULL;
	bool same = written && written->values.count == dict->count;
	member->node = same && written->keys.items[i] ? written->keys.items[i] : node;
	member->type_node = same ? written->values.items[i] : node;
	if (key->sort != SORT_STR || strlen(key->text) != key->length) {
		sandbox_error(r, argument, "a dict of names and types");
		return false;
	}
	member->name = key->text;
	return read_type(r, member, dict->values[i], what);
}

static const Constant *read_dict(SandboxReading *r, const char *argument)
{
	const Constant *dict = sandbox_argument(r, argument);
	if (dict && dict->sort != SORT_DICT) {
		sandbox_error(r, argument, "a dict of names and types");
		return NULL;
	}
	return dict;
}

static bool is_handle(const Type *type)
{
	return type->kind == TYPE_FILE || type->kind == TYPE_DIR;
}

static void read_inputs(SandboxReading *r)
{
	TaskDecl *task = r->sandbox->task;
	const Constant *dict = read_dict(r, "inputs");
	const Node *node = arguments_node(r->arguments, UINT32_MAX, "inputs");
	task->params = ARENA_ARRAY(r->d->arena, ParamDecl, dict ? dict->count + 1 : 1);
	for (uint32_t i = 0; dict && i < dict->count; i++) {
		Member member = {0};
		if (!read_member(r, dict, i, node, "inputs", "the input", &member))
			continue;
		const char *why = name_problem(member.name, r->sandbox->mode == SANDBOX_AUTO);
		if (why)
			refuse_name(r, &member, "an input", why);
		task->params[task->param_count++] =
			(ParamDecl){.name = atom_get(r->d->atoms, member.name, strlen(member.name)),
						.type = member.type,
						.kind = PARAM_NORMAL,
						.node = member.node};
	}
}

static void read_outputs(SandboxReading *r)
{
	SandboxDecl *sandbox = r->sandbox;
	const Constant *dict = read_dict(r, "outputs");
	const Node *node = arguments_node(r->arguments, UINT32_MAX, "outputs");
	sandbox->outputs = ARENA_ARRAY(r->d->arena, SandboxOutput, dict ? dict->count + 1 : 1);
	for (uint32_t i = 0; dict && i < dict->count; i++) {
		Member member = {0};
		if (!read_member(r, dict, i, node, "outputs", "the output", &member))
			continue;
		bool is_variable = sandbox->mode == SANDBOX_AUTO && !is_handle(member.type);
		const char *why = name_problem(member.name, is_variable);
		if (!why && !strcmp(member.name, "exit_code") && member.type->kind != TYPE_INT &&
			member.type->kind != TYPE_STR)
			why = "'exit_code' is the exit code of the container: declare it as int or str";
		if (why)
			refuse_name(r, &member, "an output", why);
		sandbox->outputs[sandbox->output_count++] = (SandboxOutput){member.name, member.type};
	}
}

void sandbox_read_interface(SandboxReading *r)
{
	read_inputs(r);
	read_outputs(r);
}
