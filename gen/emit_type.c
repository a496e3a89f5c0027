/*
 * Declared types as static descriptors, each once in a file, arguments before what they are arguments of.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "emit_parts.h"

#include "templates.h"

static const char *const KINDS[] = {
	[TYPE_ANY] = "SBX_ANY",
	[TYPE_NONE] = "SBX_NONE",
	[TYPE_BOOL] = "SBX_BOOL",
	[TYPE_INT] = "SBX_INT",
	[TYPE_FLOAT] = "SBX_FLOAT",
	[TYPE_STR] = "SBX_STR",
	[TYPE_BYTES] = "SBX_BYTES",
	[TYPE_FILE] = "SBX_FILE",
	[TYPE_DIR] = "SBX_DIR",
	[TYPE_DATAFRAME] = "SBX_DATAFRAME",
	[TYPE_DATETIME] = "SBX_DATETIME",
	[TYPE_TIMEDELTA] = "SBX_TIMEDELTA",
	[TYPE_LIST] = "SBX_LIST",
	[TYPE_SET] = "SBX_SET",
	[TYPE_FROZENSET] = "SBX_FROZENSET",
	[TYPE_DICT] = "SBX_DICT",
	[TYPE_TUPLE] = "SBX_TUPLE",
	[TYPE_TUPLE_OF] = "SBX_TUPLE_OF",
	[TYPE_UNION] = "SBX_UNION",
};

static void put_type(Emitter *emitter, const Type *type)
{
	if (type->id >= emitter->type_done_count) {
		uint32_t wider = (type->id + 1) * 2;
		bool *done = ARENA_ARRAY(emitter->arena, bool, wider);
		for (uint32_t i = 0; i < emitter->type_done_count; i++)
			done[i] = emitter->type_done[i];
		emitter->type_done = done;
		emitter->type_done_count = wider;
	}
	if (emitter->type_done[type->id])
		return;
	emitter->type_done[type->id] = true;
	Text arguments;
	text_init(&arguments, emitter->arena);
	if (type->count == 0)
		text_put(&arguments, "NULL");
	else
		text_put(&arguments, "(const sbx_gen_type *const[]){");
	for (uint32_t i = 0; i < type->count; i++) {
		put_type(emitter, type->args[i]);
		text_format(&arguments, "%s&type_%u", i ? ", " : "", type->args[i]->id);
	}
	text_put(&arguments, type->count ? "}" : "");
	bool known = type->kind < sizeof KINDS / sizeof *KINDS && KINDS[type->kind];
	template_type(&emitter->types,
				  &(TemplateType){.name = arena_format(emitter->arena, "type_%u", type->id),
								  .kind = known ? KINDS[type->kind] : "SBX_ANY",
								  .count = type->count,
								  .arguments = &arguments});
}

Text *emit_type(Emitter *emitter, const Type *type)
{
	if (!type)
		return emit_block(emitter, "NULL");
	put_type(emitter, type);
	return emit_block(emitter, "&type_%u", type->id);
}
