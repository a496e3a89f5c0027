/*
 * Methods of constants: those of str that declarations use, and a few of dict, list and timedelta. What would need
 * Unicode tables (upper() of a letter that is not ASCII) is left unknown.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F);
}

static bool is_ascii(const Constant *text)
{
	for (uint32_t i = 0; i < text->length; i++)
		if ((unsigned char)text->text[i] > 0x7F)
			return false;
	return true;
}

static const Constant *strip(ModuleEnv *env, const Constant *self, const Constant *set, bool left,
							 bool right)
{
	const char *start = self->text, *end = start + self->length;
	while (left && start < end &&
		   (set ? memchr(set->text, *start, set->length) != NULL : is_space(*start)))
		start++;
	while (right && end > start &&
		   (set ? memchr(set->text, end[-1], set->length) != NULL : is_space(end[-1])))
		end--;
	/* the node stays the literal's own, so that a code string's lines are found in it */
	return constant_str(env->declaring, start, (size_t)(end - start), self->source, self->node);
}

static const Constant *change_case(ModuleEnv *env, const AstCall *call, const Constant *self,
								   const char *name)
{
	char *text = arena_copy(env->declaring->arena, self->text, self->length);
	bool word = false, title = !strcmp(name, "title"), capital = !strcmp(name, "capitalize");
	for (uint32_t i = 0; i < self->length; i++) {
		char c = text[i];
		bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
		bool raise = !strcmp(name, "upper") || (title && !word) || (capital && i == 0);
		if (lower && raise)
			text[i] = (char)(c - 32);
		if (upper && !raise)
			text[i] = (char)(c + 32);
		word = lower || upper;
	}
	return constant_str(env->declaring, text, self->length, env->source, &call->base);
}

static const Constant *join(ModuleEnv *env, const AstCall *call, const Constant *self,
							const Constant *list)
{
	Text out;
	text_init(&out, env->declaring->arena);
	for (uint32_t i = 0; i < list->count; i++) {
		const Constant *item = list->items[i];
		if (item->sort != SORT_STR)
			return item->sort == SORT_UNKNOWN
					   ? item
					   : constant_unknown(env->declaring, env->source, &call->base,
										  "join() of an item that is no string");
		if (i)
			text_add(&out, self->text, self->length);
		text_add(&out, item->text, item->length);
	}
	return constant_str(env->declaring, out.bytes, out.length, env->source, &call->base);
}

static const Constant *replace(ModuleEnv *env, const AstCall *call, const Constant *self,
							   const Constant *old, const Constant *new)
{
	Text out;
	text_init(&out, env->declaring->arena);
	const char *p = self->text, *end = p + self->length;
	while (p < end) {
		const char *found = memmem(p, (size_t)(end - p), old->text, old->length);
		if (!found)
			break;
		text_add(&out, p, (size_t)(found - p));
		text_add(&out, new->text, new->length);
		p = found + old->length;
	}
	text_add(&out, p, (size_t)(end - p));
	return constant_str(env->declaring, out.bytes, out.length, env->source, &call->base);
}

static const Constant *split(ModuleEnv *env, const AstCall *call, const Constant *self,
							 const Constant *separator)
{
	Declaring *d = env->declaring;
	Constant *result = constant_make(d, SORT_LIST, env->source, &call->base);
	result->items = constant_item_array(d, self->length + 1);
	const char *p = self->text, *end = p + self->length;
	while (separator || p < end) {
		while (!separator && p < end && is_space(*p))
			p++;
		if (!separator && p == end)
			break;
		const char *stop =
			separator ? memmem(p, (size_t)(end - p), separator->text, separator->length) : p;
		while (!separator && stop < end && !is_space(*stop))
			stop++;
		bool last = !stop || (!separator && stop == end);
		result->items[result->count++] =
			constant_str(d, p, (size_t)((stop ? stop : end) - p), env->source, &call->base);
		if (last)
			break;
		p = stop + (separator ? separator->length : 0);
	}
	return result;
}

static const Constant *method_of_str(ModuleEnv *env, const AstCall *call, const Constant *self,
									 const char *name, const Arguments *arguments)
{
	uint32_t count = arguments->positional_count;
	const Constant *first = count ? arguments->positional[0] : NULL;
	bool is_text = first && first->sort == SORT_STR;
	bool plain = !arguments->keyword_count;
	if (!strcmp(name, "format"))
		return constant_str_format(env, call, self, arguments);
	if (plain && (count == 0 || (count == 1 && is_text && is_ascii(first)))) {
		if (!strcmp(name, "strip"))
			return strip(env, self, first, true, true);
		if (!strcmp(name, "lstrip"))
			return strip(env, self, first, true, false);
		if (!strcmp(name, "rstrip"))
			return strip(env, self, first, false, true);
	}
	if (plain && !count && is_ascii(self) &&
		(!strcmp(name, "upper") || !strcmp(name, "lower") || !strcmp(name, "title") ||
		 !strcmp(name, "capitalize")))
		return change_case(env, call, self, name);
	if (plain && count == 1 && !strcmp(name, "join") &&
		(first->sort == SORT_LIST || first->sort == SORT_TUPLE || first->sort == SORT_DICT))
		return join(env, call, self, first);
	if (plain && count == 2 && !strcmp(name, "replace") && is_text && first->length &&
		arguments->positional[1]->sort == SORT_STR)
		return replace(env, call, self, first, arguments->positional[1]);
	if (plain && !strcmp(name, "split") && (!count || (count == 1 && is_text && first->length)))
		return split(env, call, self, first);
	if (plain && count == 1 && is_text && !strcmp(name, "removeprefix")) {
		bool found =
			self->length >= first->length && !memcmp(self->text, first->text, first->length);
		return found ? constant_str(env->declaring, self->text + first->length,
									self->length - first->length, env->source, &call->base)
					 : self;
	}
	return NULL;
}

static const Constant *method_of_dict(ModuleEnv *env, const AstCall *call, const Constant *self,
									  const char *name, const Arguments *arguments)
{
	Declaring *d = env->declaring;
	bool keys = !strcmp(name, "keys"), values = !strcmp(name, "values"),
		 items = !strcmp(name, "items");
	if (!arguments->positional_count && !arguments->keyword_count && (keys || values || items)) {
		Constant *list = constant_make(d, SORT_LIST, env->source, &call->base);
		list->items = constant_item_array(d, self->count);
		list->count = self->count;
		for (uint32_t i = 0; i < self->count; i++) {
			list->items[i] = keys ? self->items[i] : self->values[i];
			if (items) {
				Constant *pair = constant_make(d, SORT_TUPLE, env->source, &call->base);
				pair->items = constant_item_array(d, 2);
				pair->items[0] = self->items[i];
				pair->items[1] = self->values[i];
				pair->count = 2;
				list->items[i] = pair;
			}
		}
		return list;
	}
	if (!strcmp(name, "get") &&
		(arguments->positional_count == 1 || arguments->positional_count == 2)) {
		for (uint32_t i = 0; i < self->count; i++)
			if (constant_equals(self->items[i], arguments->positional[0]))
				return self->values[i];
		return arguments->positional_count == 2
				   ? arguments->positional[1]
				   : constant_make(d, SORT_NONE, env->source, &call->base);
	}
	return NULL;
}

const Constant *constant_method(ModuleEnv *env, const AstCall *call, const Constant *self,
								const char *name, const Arguments *arguments)
{
	Declaring *d = env->declaring;
	const Constant *result = NULL;
	bool container = self->sort == SORT_LIST || self->sort == SORT_DICT || self->sort == SORT_SET;
	if (arguments->unknown)
		result = arguments->unknown;
	else if (self->sort == SORT_STR)
		result = method_of_str(env, call, self, name, arguments);
	else if (self->sort == SORT_DICT)
		result = method_of_dict(env, call, self, name, arguments);
	if (!result && container && !strcmp(name, "copy") && !arguments->positional_count) {
		Constant *copy = ARENA_NEW(d->arena, Constant);
		*copy = *self;
		return copy;
	}
	if (!result && self->sort == SORT_TIMEDELTA && !strcmp(name, "total_seconds")) {
		Constant *seconds = constant_make(d, SORT_FLOAT, env->source, &call->base);
		seconds->real = (double)self->integer / 1e6;
		return seconds;
	}
	if (!result && container && strcmp(name, "index") && strcmp(name, "count"))
		constant_spoil(self, env->source, &call->base, "it is changed in place");
	for (uint32_t i = 0; i < arguments->positional_count; i++)
		if (arguments->positional[i]->sort == SORT_UNKNOWN && !result)
			result = arguments->positional[i];
	return result
			   ? result
			   : constant_unknown(d, env->source, &call->base, "a call of the method '%s'", name);
}
