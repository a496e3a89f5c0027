/*
 * The checked tree in text, for --dump=checked and the goldens: the scopes with their variables,
 * then every expression with its type, in source order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checked.h"

static void print_type(Text *out, const Type *type)
{
	if (type)
		type_print(out, type);
	else
		text_put(out, "?");
}

static void print_variable(Text *out, const Variable *variable)
{
	text_format(out, "    %s %s: ",
				variable->is_parameter ? "parameter"
				: variable->function   ? "function"
									   : "variable",
				variable->name->text);
	print_type(out, variable->type);
	if (variable->is_captured)
		text_put(out, ", captured");
	if (variable->function && variable->function_is_sure)
		text_put(out, ", sure");
	if (variable->may_be_unbound)
		text_put(out, ", may be unbound");
	if (variable->initial.use != NAME_NONE)
		text_put(out, ", at first the global");
	text_char(out, '\n');
}

static void print_scope(Text *out, const Scope *scope)
{
	static const char *const kinds[] = {"module", "function", "lambda", "comprehension",
										"generator"};
	text_format(out, "  %s %s -> ", kinds[scope->kind], scope->qualified);
	print_type(out, scope->result);
	text_format(out, "%s%s%s\n", scope->is_async ? ", async" : "",
				scope->may_suspend ? ", suspends" : "",
				scope->value_is_used ? ", used as a value" : "");
	for (uint32_t i = 0; i < scope->variable_count; i++)
		print_variable(out, scope->variables[i]);
	for (uint32_t i = 0; i < scope->free_count; i++)
		text_format(out, "    free %s of %s\n", scope->free[i]->name->text,
					scope->free[i]->scope->qualified);
}

typedef struct Print {
	Text *out;
	const Checked *checked;
	const Node **nodes;
	uint32_t count, capacity;
} Print;

static void gather(void *context, Node *node)
{
	Print *print = context;
	if (print->checked->types[node->id] && print->count < print->capacity)
		print->nodes[print->count++] = node;
	node_children(node, gather, print);
}

/* By place, outer before inner. */
static bool comes_before(const Node *a, const Node *b)
{
	return a->start != b->start ? a->start < b->start : a->end > b->end;
}

static void sort_nodes(const Node **nodes, const Node **spare, uint32_t count)
{
	if (count < 2)
		return;
	uint32_t half = count / 2, a = 0, b = half;
	sort_nodes(nodes, spare, half);
	sort_nodes(nodes + half, spare, count - half);
	for (uint32_t i = 0; i < count; i++)
		spare[i] =
			b < count && (a == half || comes_before(nodes[b], nodes[a])) ? nodes[b++] : nodes[a++];
	for (uint32_t i = 0; i < count; i++)
		nodes[i] = spare[i];
}

static void print_expressions(Text *out, const Checked *checked)
{
	Print print = {out, checked, NULL, 0, checked->module->node_count};
	print.nodes = ARENA_ARRAY(out->arena, const Node *, print.capacity + 1);
	const Node *root = checked->root->node;
	gather(&print, (Node *)(uintptr_t)root);
	sort_nodes(print.nodes, ARENA_ARRAY(out->arena, const Node *, print.capacity + 1), print.count);
	for (uint32_t i = 0; i < print.count; i++) {
		Place place = source_place(checked->module->source, print.nodes[i]->start);
		text_format(out, "  %u:%u %s: ", place.line, place.column,
					node_text(out->arena, checked->module->source, print.nodes[i]));
		print_type(out, checked->types[print.nodes[i]->id]);
		text_char(out, '\n');
	}
}

void checked_print(Text *out, const CheckedFile *file)
{
	for (uint32_t i = 0; i < file->count; i++) {
		const Checked *checked = file->entries[i];
		text_format(out, "entry %s\n", file->declarations->entries[i]->name);
		if (!checked) {
			text_put(out, "  has errors\n");
			continue;
		}
		for (uint32_t k = 0; k < checked->scope_count; k++)
			print_scope(out, checked->scopes[k]);
		print_expressions(out, checked);
	}
}
