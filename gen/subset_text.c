/*
 * Workarounds, written with the user's own names.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checking.h"

#include <string.h>

enum { LONGEST_HELP = 200 };

const char *source_text(Arena *arena, const Source *source, const Node *node)
{
	if (node->end > source->length || node->start > node->end ||
		node->end - node->start > LONGEST_HELP ||
		memchr(source->text + node->start, '\n', node->end - node->start))
		return NULL;
	return arena_copy(arena, source->text + node->start, node->end - node->start);
}

const char *binary_text(BinaryOperator op)
{
	static const char *const texts[] = {"+",  "-",  "*", "@", "/", "%", "**",
										"<<", ">>", "|", "^", "&", "//"};
	return texts[op];
}

/* Can the expression stand at the right of any binary operator as it is? */
static bool is_atom(const Node *node)
{
	switch (node->kind) {
	case NODE_NAME:
	case NODE_CONSTANT:
	case NODE_CALL:
	case NODE_ATTRIBUTE:
	case NODE_SUBSCRIPT:
	case NODE_LIST:
	case NODE_DICT:
	case NODE_LIST_COMP:
	case NODE_DICT_COMP:
	case NODE_JOINED_STR:
		return true;
	default:
		return false;
	}
}

const char *augmented_text(Checker *c, const AstAugAssign *node)
{
	const char *target = source_text(c->arena, c->source, node->target),
			   *value = source_text(c->arena, c->source, node->value);
	const char *sign = binary_text(node->op);
	bool atom = is_atom(node->value);
	if (!target || !value)
		return arena_format(c->arena, "x = x %s ...", sign);
	if (node->target->kind == NODE_SUBSCRIPT) {
		const AstSubscript *subscript = (const AstSubscript *)node->target;
		const char *object = source_text(c->arena, c->source, subscript->value),
				   *key = source_text(c->arena, c->source, subscript->slice);
		if (object && key)
			return arena_format(
				c->arena,
				"%s = {**%s, %s: %s %s %s%s%s} for a dict, and build a new list for a list", object,
				object, key, target, sign, atom ? "" : "(", value, atom ? "" : ")");
	}
	return arena_format(c->arena, "%s = %s %s %s%s%s", target, target, sign, atom ? "" : "(", value,
						atom ? "" : ")");
}

const char *subscript_store_help(Checker *c, const AstSubscript *target, const Node *value)
{
	const char *object = source_text(c->arena, c->source, target->value),
			   *key = source_text(c->arena, c->source, target->slice);
	const char *item = value ? source_text(c->arena, c->source, value) : NULL;
	if (!object || !key || target->slice->kind == NODE_SLICE)
		return "build dicts as literals; use .append() for lists";
	return arena_format(c->arena,
						"build dicts as literals: %s = {**%s, %s: %s}; use .append() for lists",
						object, object, key, item ? item : "...");
}

const char *set_as_list(Checker *c, const Node *set)
{
	const char *text = source_text(c->arena, c->source, set);
	size_t length = text ? strlen(text) : 0;
	if (length < 2)
		return "[...]";
	return arena_format(c->arena, "[%.*s]", (int)length - 2, text + 1);
}

const char *assert_as_if(Checker *c, const AstAssert *node)
{
	const char *test = source_text(c->arena, c->source, node->test),
			   *message = node->msg ? source_text(c->arena, c->source, node->msg) : "";
	if (!test || !message)
		return "if not ...: raise AssertionError(...)";
	return arena_format(c->arena, "if not %s%s%s: raise AssertionError(%s)",
						is_atom(node->test) ? "" : "(", test, is_atom(node->test) ? "" : ")",
						message);
}

/* ---- what Python has and the language has not ---- */

const char *builtin_help(const char *name)
{
	static const struct {
		const char *name, *help;
	} table[] = {
		{"exec", "code cannot be run from text here; declare it as a code string at module level"},
		{"eval", "code cannot be run from text here; write the expression itself"},
		{"compile",
		 "code cannot be run from text here; declare it as a code string at module level"},
		{"open", "there is no file system here; read and write files inside a task"},
		{"input", "there is no terminal here; take the value as an input of the orchestrator"},
		{"getattr", "write the attribute itself, or use a dict"},
		{"setattr", "use a dict and build a new one"},
		{"delattr", "use a dict and build a new one"},
		{"hasattr", "use isinstance(), or a dict and 'in'"},
		{"globals", "use a dict of your own"},
		{"locals", "use a dict of your own"},
		{"vars", "use a dict of your own"},
		{"dir", "use a dict of your own"},
		{"__import__", "all available functions are provided directly"},
		{"id", "compare with 'is', or use a number of your own"},
		{"iter", "loop with 'for' over the value itself"},
		{"next", "loop with 'for', or index a list"},
		{"aiter", "loop with 'for' over a list"},
		{"anext", "loop with 'for' over a list"},
		{"callable", "call it, or use a name for each kind of value"},
		{"issubclass", "use isinstance() of a value"},
		{"object", "use None, a dict or a tuple"},
		{"slice", "write the slice itself: xs[a:b]"},
		{"super", "there are no classes here"},
		{"property", "there are no classes here"},
		{"classmethod", "there are no classes here"},
		{"staticmethod", "there are no classes here"},
		{"complex", "use two floats, or compute with complex numbers inside a task"},
		{"bytearray", "use bytes, or a list of ints"},
		{"memoryview", "use bytes and slices"},
		{"breakpoint", "use print(), which writes to the log"},
		{"help", "see the documentation"},
		{"exit", "return, or raise an exception"},
		{"quit", "return, or raise an exception"},
		{"copyright", "see the documentation"},
		{"credits", "see the documentation"},
		{"license", "see the documentation"},
		{"NotImplemented", "raise NotImplementedError"},
		{"Ellipsis", "use None"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (!strcmp(name, table[i].name))
			return table[i].help;
	return NULL;
}

const char *dunder_help(const char *name)
{
	static const struct {
		const char *name, *help;
	} table[] = {
		{"__class__", "use isinstance() or type()"},
		{"__name__", "use isinstance(), or write the name as a string"},
		{"__len__", "use len()"},
		{"__str__", "use str()"},
		{"__repr__", "use repr()"},
		{"__dict__", "use a dict"},
		{"__getitem__", "use a subscript: x[i]"},
		{"__setitem__", "build a new list or dict"},
		{"__contains__", "use 'in'"},
		{"__iter__", "loop with 'for'"},
		{"__next__", "loop with 'for'"},
		{"__doc__", "write the text as a string"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (!strcmp(name, table[i].name))
			return table[i].help;
	return "use the operator or builtin that stands for it";
}
