/*
 * The check phase. Each entry is checked alone, with everything that can be said about it in one
 * run: refused constructs, names, calls, types. Entries of one module share the tables by node id,
 * since their nodes differ.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checking.h"

typedef struct Tables {
	const Module *module;
	const Type **types;
	NameInfo *names;
	Scope **node_scopes;
	CallBinding **bindings;
	Variable **def_variables;
	uint32_t *webs;
	bool *absorbed, *reached, *faulty;
	struct Tables *next;
} Tables;

static Tables *find_tables(Arena *arena, Tables **all, const Module *module)
{
	for (Tables *tables = *all; tables; tables = tables->next)
		if (tables->module == module)
			return tables;
	Tables *tables = ARENA_NEW(arena, Tables);
	uint32_t count = module->node_count + 1;
	*tables = (Tables){
		module,
		ARENA_ARRAY(arena, const Type *, count),
		ARENA_ARRAY(arena, NameInfo, count),
		ARENA_ARRAY(arena, Scope *, count),
		ARENA_ARRAY(arena, CallBinding *, count),
		ARENA_ARRAY(arena, Variable *, count),
		ARENA_ARRAY(arena, uint32_t, count),
		ARENA_ARRAY(arena, bool, count),
		ARENA_ARRAY(arena, bool, count),
		ARENA_ARRAY(arena, bool, count),
		*all,
	};
	return *all = tables;
}

static Checked *check_entry(Arena *arena, Diag *diag, const Declarations *declarations,
							const EntryDecl *entry, Tables **all)
{
	Checked *checked = ARENA_NEW(arena, Checked);
	Tables *tables = find_tables(arena, all, entry->module);
	*checked = (Checked){
		.declarations = declarations,
		.entry = entry,
		.module = entry->module,
		.types = tables->types,
		.names = tables->names,
		.node_scopes = tables->node_scopes,
		.bindings = tables->bindings,
		.def_variables = tables->def_variables,
		.webs = tables->webs,
		.absorbed = tables->absorbed,
		.reached = tables->reached,
	};
	Checker c = {.arena = arena,
				 .diag = diag,
				 .declarations = declarations,
				 .types = declarations->types,
				 .checked = checked,
				 .entry = entry,
				 .faulty = tables->faulty,
				 .source = entry->module->source};
	unsigned errors = diag_error_count(diag);
	const Node *deepest = NULL;
	if (!scope_entry(arena, checked, &deepest)) {
		diag_add(diag, D_TOO_DEEP, c.source, deepest->start, deepest->end, SCOPE_MAX_DEPTH);
		return NULL;
	}
	check_subset(&c);
	check_names(&c);
	c.diag = diag_make(
		arena); /* arguments are bound; what is wrong is told when it is known what runs */
	check_calls(&c);
	c.diag = diag;
	infer_types(&c);
	check_calls(&c);
	infer_settle(&c);
	return diag_error_count(diag) == errors ? checked : NULL;
}

const CheckedFile *check_file(Arena *arena, Diag *diag, const Declarations *declarations)
{
	CheckedFile *file = ARENA_NEW(arena, CheckedFile);
	Tables *tables = NULL;
	file->declarations = declarations;
	file->count = declarations->all_entry_count;
	file->entries = ARENA_ARRAY(arena, Checked *, file->count + 1);
	for (uint32_t i = 0; i < file->count && !arena_is_failed(arena); i++)
		file->entries[i] =
			check_entry(arena, diag, declarations, declarations->entries[i], &tables);
	return file;
}
