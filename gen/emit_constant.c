/*
 * Constants. What fits an sbx_value is written in place; texts, bytes, big integers and tuples become static objects,
 * each once in a file. Static objects are never counted and never written to, so runs of different threads share them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "emit_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sbx.h"
#include "templates.h"

typedef struct PoolEntry {
	uint64_t hash;
	MachineConstantKind kind;
	const char *key;
	uint32_t length;
	uint32_t number;
} PoolEntry;

struct ConstantPool {
	PoolEntry *slots;
	uint32_t capacity, count;
	uint32_t texts;
};

ConstantPool *pool_make(Arena *arena)
{
	ConstantPool *pool = ARENA_NEW(arena, ConstantPool);
	pool->capacity = 64;
	pool->slots = ARENA_ARRAY(arena, PoolEntry, pool->capacity);
	return pool;
}

static uint64_t hash_bytes(const char *bytes, uint32_t length, uint64_t seed)
{
	uint64_t hash = 14695981039346656037u ^ seed;
	for (uint32_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211u;
	return hash ? hash : 1;
}

static PoolEntry *pool_slot(PoolEntry *slots, uint32_t capacity, uint64_t hash,
							MachineConstantKind kind, const char *key, uint32_t length)
{
	for (uint32_t i = (uint32_t)hash;; i++) {
		PoolEntry *slot = &slots[i & (capacity - 1)];
		if (!slot->hash || (slot->hash == hash && slot->kind == kind && slot->length == length &&
							memcmp(slot->key, key, length) == 0))
			return slot;
	}
}

/* The constant's number; *fresh says that it has just been given, so that its object is still to be written. */
static uint32_t pool_number(Emitter *emitter, MachineConstantKind kind, const char *key,
							uint32_t length, bool *fresh)
{
	ConstantPool *pool = emitter->pool;
	if (pool->count * 2 >= pool->capacity) {
		PoolEntry *wider = ARENA_ARRAY(emitter->arena, PoolEntry, pool->capacity * 2);
		for (uint32_t i = 0; i < pool->capacity; i++) {
			PoolEntry *old = &pool->slots[i];
			if (old->hash)
				*pool_slot(wider, pool->capacity * 2, old->hash, old->kind, old->key, old->length) =
					*old;
		}
		pool->slots = wider;
		pool->capacity *= 2;
	}
	uint64_t hash = hash_bytes(key, length, (uint64_t)kind);
	PoolEntry *slot = pool_slot(pool->slots, pool->capacity, hash, kind, key, length);
	*fresh = !slot->hash;
	if (*fresh)
		*slot = (PoolEntry){hash, kind, key, length, pool->count++};
	return slot->number;
}

/* ---- text and bytes ---- */

static uint32_t next_point(const unsigned char **p)
{
	uint32_t c = *(*p)++;
	uint32_t more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	c = more == 0 ? c : more == 1 ? c & 0x1f : more == 2 ? c & 0x0f : c & 0x07;
	while (more--)
		c = c << 6 | (*(*p)++ & 0x3f);
	return c;
}

/* Units as a literal where C allows one of that length, else as numbers. */
static void put_units(Text *out, const unsigned char *p, const unsigned char *end, uint32_t width)
{
	if (width == 1 && end - p <= 2000) {
		Text *latin = out;
		text_char(latin, '"');
		while (p < end) {
			uint32_t c = next_point(&p);
			if (c >= 32 && c < 127 && c != '"' && c != '\\' && c != '?')
				text_char(latin, (char)c);
			else
				text_format(latin, "\\%03o", (unsigned)c);
		}
		text_char(latin, '"');
		return;
	}
	text_char(out, '{');
	for (uint32_t i = 0; p < end; i++)
		text_format(out, "%s%u", i == 0 ? "" : i % 16 ? ", " : ",\n\t", (unsigned)next_point(&p));
	text_char(out, '}');
}

static void put_str(Emitter *emitter, const char *name, const MachineConstant *constant)
{
	const unsigned char *start = (const unsigned char *)constant->text,
						*end = start + constant->length;
	uint32_t points = 0, widest = 0;
	for (const unsigned char *p = start; p < end; points++) {
		uint32_t c = next_point(&p);
		widest = c > widest ? c : widest;
	}
	uint32_t bytes = widest < 0x100 ? 1 : widest < 0x10000 ? 2 : 4;
	Text units;
	text_init(&units, emitter->arena);
	if (points == 0)
		text_put(&units, "{0}");
	else
		put_units(&units, start, end, bytes);
	/* One unit more than the text: the NUL of the literal (C11 would allow to leave it out, C++ would not). */
	template_constant_str(
		&emitter->constants,
		&(TemplateConstantStr){.name = name,
							   .width = bytes * 8,
							   .bits = bytes,
							   .hash = sbx_str_hash(constant->text, constant->length),
							   .length = points,
							   .count = points + 1,
							   .units = &units});
}

static void put_bytes(Emitter *emitter, const char *name, const MachineConstant *constant)
{
	Text units;
	text_init(&units, emitter->arena);
	text_char(&units, '{');
	for (uint32_t i = 0; i < constant->length; i++)
		text_format(&units, "%s%u",
					i == 0   ? ""
					: i % 16 ? ", "
							 : ",\n\t",
					(unsigned char)constant->text[i]);
	if (constant->length == 0)
		text_char(&units, '0');
	text_char(&units, '}');
	template_constant_bytes(
		&emitter->constants,
		&(TemplateConstantBytes){.name = name,
								 .length = constant->length,
								 .count = constant->length ? constant->length : 1,
								 .units = &units});
}

/* ---- big integers: from decimal or 0x text to 64-bit limbs ---- */

__extension__ typedef unsigned __int128 Wide;

static uint32_t digit_value(char c)
{
	return c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 32) - 'a' + 10);
}

static void put_big(Emitter *emitter, const char *name, const MachineConstant *constant)
{
	const char *p = constant->text;
	bool negative = *p == '-';
	p += negative;
	uint32_t base = 10;
	if (p[0] == '0' && p[1]) {
		base = (p[1] | 32) == 'x' ? 16 : (p[1] | 32) == 'o' ? 8 : 2;
		p += 2;
	}
	uint32_t count = 0;
	uint64_t *limbs = ARENA_ARRAY(emitter->arena, uint64_t, strlen(p) / 16 + 2);
	for (; *p; p++) {
		Wide carry = digit_value(*p);
		for (uint32_t i = 0; i < count; i++) {
			carry += (Wide)limbs[i] * base;
			limbs[i] = (uint64_t)carry;
			carry >>= 64;
		}
		if (carry)
			limbs[count++] = (uint64_t)carry;
	}
	Text text;
	text_init(&text, emitter->arena);
	for (uint32_t i = 0; i < count; i++)
		text_format(&text, "%sUINT64_C(%" PRIu64 ")",
					i == 0  ? ""
					: i % 3 ? ", "
							: ",\n\t",
					limbs[i]);
	template_constant_big(&emitter->constants, &(TemplateConstantBig){.name = name,
																	  .negative = negative,
																	  .count = count,
																	  .size = count ? count : 1,
																	  .limbs = &text});
}

/* ---- tuples ---- */

static void describe(Emitter *emitter, Text *out, const MachineConstant *constant)
{
	if (constant->kind == MC_TUPLE) {
		text_format(out, "(%u", constant->count);
		for (uint32_t i = 0; i < constant->count; i++)
			describe(emitter, out, constant->items[i]);
		text_char(out, ')');
	} else {
		text_format(out, "%d:", constant->kind);
		emit_initialiser(emitter, out, constant);
	}
}

static void put_tuple(Emitter *emitter, const char *name, const MachineConstant *constant)
{
	Text items;
	text_init(&items, emitter->arena);
	for (uint32_t i = 0; i < constant->count; i++) {
		text_put(&items, i ? ", " : "");
		emit_initialiser(emitter, &items, constant->items[i]);
	}
	if (constant->count == 0)
		text_put(&items, "{0, {0}}");
	template_constant_tuple(&emitter->constants,
							&(TemplateConstantTuple){.name = name,
													 .count = constant->count,
													 .size = constant->count ? constant->count : 1,
													 .items = &items});
}

/* The name of the static object, which is written when it is mentioned for the first time. */
static const char *object_name(Emitter *emitter, const MachineConstant *constant)
{
	const char *key = constant->text;
	uint32_t length = constant->length;
	if (constant->kind == MC_TUPLE) {
		Text text;
		text_init(&text, emitter->arena);
		describe(emitter, &text, constant);
		key = text.bytes;
		length = (uint32_t)text.length;
	} else if (constant->kind == MC_BIG) {
		length = (uint32_t)strlen(constant->text);
	}
	bool fresh;
	uint32_t number = pool_number(emitter, constant->kind, key, length, &fresh);
	const char *kind = constant->kind == MC_STR     ? "str"
					   : constant->kind == MC_BYTES ? "bytes"
					   : constant->kind == MC_BIG   ? "big"
													: "tuple";
	const char *name = arena_format(emitter->arena, "%s_%u", kind, number);
	if (fresh && constant->kind == MC_STR)
		put_str(emitter, name, constant);
	else if (fresh && constant->kind == MC_BYTES)
		put_bytes(emitter, name, constant);
	else if (fresh && constant->kind == MC_BIG)
		put_big(emitter, name, constant);
	else if (fresh)
		put_tuple(emitter, name, constant);
	return name;
}

static const char *object_kind(MachineConstantKind kind)
{
	return kind == MC_STR     ? "SBX_KIND_STR"
		   : kind == MC_BYTES ? "SBX_KIND_BYTES"
		   : kind == MC_BIG   ? "SBX_KIND_BIG"
							  : "SBX_KIND_TUPLE";
}

static void put_integer(Text *out, int64_t i)
{
	if (i == INT64_MIN)
		text_put(out, "INT64_MIN");
	else if (i > INT32_MAX || i < -INT32_MAX)
		text_format(out, "INT64_C(%" PRId64 ")", i);
	else
		text_format(out, "%" PRId64, i);
}

static void put_double(Text *out, double d)
{
	if (isnan(d))
		text_put(out, signbit(d) ? "-__builtin_nan(\"\")" : "__builtin_nan(\"\")");
	else if (isinf(d))
		text_put(out, d < 0 ? "-__builtin_inf()" : "__builtin_inf()");
	else
		text_format(out, "%a", d);
}

void emit_constant(Emitter *emitter, Text *out, const MachineConstant *constant)
{
	switch (constant->kind) {
	case MC_UNBOUND:
		text_put(out, "SBX_GEN_ERROR");
		break;
	case MC_NONE:
		text_put(out, "SBX_GEN_NONE");
		break;
	case MC_TRUE:
	case MC_FALSE:
		text_put(out, constant->kind == MC_TRUE ? "sbx_gen_bool(1)" : "sbx_gen_bool(0)");
		break;
	case MC_ELLIPSIS:
		text_put(out, "sbx_gen_make(SBX_KIND_ELLIPSIS, 0)");
		break;
	case MC_INT:
		text_put(out, "sbx_gen_int(");
		put_integer(out, constant->integer);
		text_char(out, ')');
		break;
	case MC_FLOAT:
		text_put(out, "sbx_gen_float(");
		put_double(out, constant->real);
		text_char(out, ')');
		break;
	case MC_TYPE:
		text_put(out, "sbx_gen_make(SBX_KIND_TYPE, SBX_TYPE_");
		hole_ident(out, constant->text);
		text_char(out, ')');
		break;
	case MC_BUILTIN:
		text_put(out, "sbx_gen_make(SBX_KIND_BUILTIN, SBX_BUILTIN_");
		hole_ident(out, constant->text);
		text_char(out, ')');
		break;
	case MC_TASK:
		text_format(out, "sbx_gen_object(SBX_KIND_TASK, &task_%u)", constant->index);
		break;
	default:
		text_format(out, "sbx_gen_object(%s, &%s)", object_kind(constant->kind),
					object_name(emitter, constant));
	}
}

void emit_initialiser(Emitter *emitter, Text *out, const MachineConstant *constant)
{
	switch (constant->kind) {
	case MC_UNBOUND:
		text_put(out, "{0, {0}}");
		break;
	case MC_NONE:
		text_put(out, "{SBX_KIND_NONE, {0}}");
		break;
	case MC_TRUE:
	case MC_FALSE:
		text_format(out, "{SBX_KIND_BOOL, {%d}}", constant->kind == MC_TRUE);
		break;
	case MC_ELLIPSIS:
		text_put(out, "{SBX_KIND_ELLIPSIS, {0}}");
		break;
	case MC_INT:
		text_put(out, "{SBX_KIND_INT, {");
		put_integer(out, constant->integer);
		text_put(out, "}}");
		break;
	case MC_FLOAT:
		text_put(out, "{SBX_KIND_FLOAT, {.f = ");
		put_double(out, constant->real);
		text_put(out, "}}");
		break;
	case MC_TYPE:
	case MC_BUILTIN:
		text_format(out, "{SBX_KIND_%s, {SBX_%s_", constant->kind == MC_TYPE ? "TYPE" : "BUILTIN",
					constant->kind == MC_TYPE ? "TYPE" : "BUILTIN");
		hole_ident(out, constant->text);
		text_put(out, "}}");
		break;
	case MC_TASK:
		text_format(out, "{SBX_KIND_TASK, {.p = (void *)&task_%u}}", constant->index);
		break;
	default: {
		const char *name = object_name(emitter, constant);
		text_format(out, "{%s, {.p = (void *)&%s}}", object_kind(constant->kind), name);
	}
	}
}

Text *emit_string(Emitter *emitter, const char *string)
{
	if (!string)
		return emit_block(emitter, "NULL");
	Text *block = emit_block(emitter, "%s", "");
	TemplateBytes bytes = template_bytes(string);
	if (bytes.length <= 1000) { /* four characters a byte at most, and C promises 4,095 */
		hole_cstr(block, bytes);
		return block;
	}
	const char *name = arena_format(emitter->arena, "text_%u", emitter->pool->texts++);
	Text numbers;
	text_init(&numbers, emitter->arena);
	for (size_t i = 0; i <= bytes.length; i++)
		text_format(&numbers, "%s%d", i == 0 ? "" : i % 16 ? ", " : ",\n\t", bytes.bytes[i]);
	template_constant_text(&emitter->types,
						   &(TemplateConstantText){.name = name, .bytes = &numbers});
	text_put(block, name);
	return block;
}
