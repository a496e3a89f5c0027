/*
 * Declared types: looking into them, and their text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "boundary.h"

sbx_type_kind sbx_type_kind_of(const sbx_type *type)
{
	return type ? (sbx_type_kind)type->kind : SBX_ANY;
}

size_t sbx_type_count(const sbx_type *type)
{
	return type ? type->count : 0;
}

const sbx_type *sbx_type_argument(const sbx_type *type, size_t index)
{
	return type && index < type->count ? type->args[index] : NULL;
}

/* Text that is cut where the buffer ends, while its whole length is counted. */
typedef struct Cut {
	char *buffer;
	size_t size, length;
} Cut;

static void put(Cut *cut, const char *text)
{
	for (; *text; text++, cut->length++)
		if (cut->length + 1 < cut->size)
			cut->buffer[cut->length] = *text;
}

static void put_type(Cut *cut, const sbx_type *type)
{
	static const char *const names[] = {
		[SBX_NONE] = "None",
		[SBX_BOOL] = "bool",
		[SBX_INT] = "int",
		[SBX_FLOAT] = "float",
		[SBX_STR] = "str",
		[SBX_BYTES] = "bytes",
		[SBX_LIST] = "list",
		[SBX_TUPLE] = "tuple",
		[SBX_DICT] = "dict",
		[SBX_SET] = "set",
		[SBX_FROZENSET] = "frozenset",
		[SBX_FILE] = "File",
		[SBX_DIR] = "Dir",
		[SBX_DATAFRAME] = "DataFrame",
		[SBX_DATETIME] = "datetime",
		[SBX_TIMEDELTA] = "timedelta",
		[SBX_ANY] = "Any",
		[SBX_TUPLE_OF] = "tuple",
	};
	sbx_type_kind kind = sbx_type_kind_of(type);
	size_t count = sbx_type_count(type);
	if (kind == SBX_UNION) {
		for (size_t i = 0; i < count; i++) {
			put(cut, i ? " | " : "");
			put_type(cut, type->args[i]);
		}
		return;
	}
	put(cut, kind < sizeof names / sizeof names[0] && names[kind] ? names[kind] : "object");
	if (kind == SBX_TUPLE && count == 0 && type->args)
		put(cut, "[()]");
	if (count == 0)
		return;
	put(cut, "[");
	for (size_t i = 0; i < count; i++) {
		put(cut, i ? ", " : "");
		put_type(cut, type->args[i]);
	}
	put(cut, kind == SBX_TUPLE_OF ? ", ...]" : "]");
}

size_t sbx_type_text(const sbx_type *type, char *buffer, size_t size)
{
	Cut cut = {buffer, size, 0};
	put_type(&cut, type);
	if (size)
		buffer[cut.length < size ? cut.length : size - 1] = 0;
	return cut.length;
}
