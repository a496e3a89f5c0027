/*
 * Webs: assignments of a variable that some use may see together. The last round of inference has given each name its web.
 * A web that holds nothing but floats, of a variable that elsewhere holds something else, becomes a variable of its own
 * with the same name, so that it can be a C double: `x = None` at the top of a function costs the loop below nothing.
 *
 * Only such webs are split off: their register is a double whatever happens, so that even a wrong type could not make
 * a program read memory that was never written.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "infer.h"

#include <string.h>

typedef struct Web {
	Variable *variable; /* NULL: no name has it */
	Variable *own;      /* what it becomes */
	bool is_float;      /* all that is assigned and read */
} Web;

static bool may_split(Infer *f, const Variable *variable)
{
	return variable && !variable->is_captured && !variable->function && !variable->is_opaque &&
		   variable->initial.use == NAME_NONE && variable->type->kind != TYPE_FLOAT &&
		   (variable->scope->kind == SCOPE_FUNCTION || variable->scope->kind == SCOPE_MODULE) &&
		   !flow_is_whole(f, variable);
}

static void note_name(Infer *f, Web *webs, uint32_t id)
{
	const Checked *checked = f->c->checked;
	uint32_t root = flow_web(f, checked->webs[id]);
	Variable *variable = checked->names[id].variable;
	const Type *type = checked->types[id];
	Web *web = &webs[root];
	if (!web->variable)
		*web = (Web){variable, NULL, may_split(f, variable)};
	web->is_float &= type && type->kind == TYPE_FLOAT;
}

static Variable *split_off(Infer *f, Variable *variable)
{
	Scope *scope = variable->scope;
	Variable *own = ARENA_NEW(f->c->arena, Variable);
	Variable **wider = ARENA_ARRAY(f->c->arena, Variable *, scope->variable_count + 1);
	memcpy(wider, scope->variables, sizeof *wider * scope->variable_count);
	*own = (Variable){.name = variable->name,
					  .scope = scope,
					  .index = scope->variable_count,
					  .assignments = 2, /* nobody asks whether it is one */
					  .type = f->real,
					  .is_web = true,
					  .initial = variable->initial};
	variable->is_web = true; /* what is left of it */
	wider[scope->variable_count++] = own;
	scope->variables = wider;
	return own;
}

void infer_split_webs(Infer *f)
{
	enum { MOST = 256 };
	Checked *checked = f->c->checked;
	Web *webs = ARENA_ARRAY(f->c->arena, Web, f->web_count + 1);
	uint32_t end = f->first_node + f->node_count, made = 0;
	for (uint32_t i = 0; i < f->web_count; i++) /* a class is unbound where one of its webs is */
		if (i && f->web_is_unbound[i])
			f->web_is_unbound[flow_web(f, i)] = true;
	for (uint32_t id = f->first_node; id < end; id++)
		if (checked->webs[id])
			note_name(f, webs, id);
	for (uint32_t id = f->first_node; id < end; id++) {
		Web *web = &webs[flow_web(f, checked->webs[id])];
		if (!checked->webs[id] || !web->is_float ||
			f->web_is_unbound[flow_web(f, checked->webs[id])])
			continue;
		if (!web->own && made < MOST) {
			web->own = split_off(f, web->variable);
			made++;
		}
		if (web->own)
			checked->names[id].variable = web->own;
	}
}
