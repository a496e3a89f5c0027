/*
 * The methods of dicts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"

#define DICT_METHOD(name) \
	sbx_value sbx__dict_method_##name(sbx_run *run, sbx_value self, uint32_t count, \
									  const sbx_value *args, sbx_value names)
#define METHOD(kind, name, function, min, max, keywords) SBX_DECLARE_METHOD(function)
#define CLASS_METHOD(kind, name, function, min, max, keywords) SBX_DECLARE_METHOD(function)
#include "dict_methods.def"
#undef METHOD
#undef CLASS_METHOD

DICT_METHOD(clear)
{
	(void)count, (void)args, (void)names;
	sbx__dict_clear(run, self);
	return SBX_GEN_NONE;
}

DICT_METHOD(copy)
{
	(void)count, (void)args, (void)names;
	return sbx__dict_copy(run, self);
}

DICT_METHOD(fromkeys)
{
	Items items;
	sbx_value v, value = count > 1 ? args[1] : SBX_GEN_NONE;
	(void)self, (void)names;
	if (sbx__items_open(run, args[0], &items))
		return SBX_GEN_ERROR;
	v = sbx__dict_alloc(run, 0);
	if (sbx__is_error(v))
		return v;
	for (uint64_t i = 0; i < items.count; i++)
		if (sbx__dict_put(run, v, items.at[i], value) || sbx__spend(run, 1))
			return SBX_GEN_ERROR;
	sbx__items_close(run, &items);
	return v;
}

DICT_METHOD(get)
{
	sbx_value value;
	(void)names;
	if (sbx__dict_get(run, self, args[0], &value))
		return SBX_GEN_ERROR;
	if (value.tag)
		return sbx_gen_copy(value);
	return count > 1 ? sbx_gen_copy(args[1]) : SBX_GEN_NONE;
}

DICT_METHOD(items)
{
	(void)count, (void)args, (void)names;
	return sbx__dict_view(run, self, VIEW_ITEMS);
}

DICT_METHOD(keys)
{
	(void)count, (void)args, (void)names;
	return sbx__dict_view(run, self, VIEW_KEYS);
}

DICT_METHOD(values)
{
	(void)count, (void)args, (void)names;
	return sbx__dict_view(run, self, VIEW_VALUES);
}

DICT_METHOD(pop)
{
	sbx_value key, value;
	(void)names;
	/* An empty dict does not look at the key, not even whether it can be hashed. */
	if (DICT(self)->used == 0)
		return count > 1 ? sbx_gen_copy(args[1])
						 : sbx__raise_value(run, SBX_TYPE_KeyError, args[0]);
	if (sbx__dict_take(run, self, args[0], &key, &value))
		return SBX_GEN_ERROR;
	if (!key.tag)
		return count > 1 ? sbx_gen_copy(args[1])
						 : sbx__raise_value(run, SBX_TYPE_KeyError, args[0]);
	sbx_gen_drop(run, key);
	return value;
}

DICT_METHOD(popitem)
{
	sbx_value key, value;
	(void)count, (void)args, (void)names;
	if (DICT(self)->used == 0)
		return sbx__raise(run, SBX_TYPE_KeyError, "popitem(): dictionary is empty");
	sbx__dict_take_last(self, &key, &value);
	return sbx__tuple_pair(run, key, value);
}

DICT_METHOD(setdefault)
{
	sbx_value value;
	(void)names;
	if (sbx__dict_get(run, self, args[0], &value))
		return SBX_GEN_ERROR;
	if (!value.tag) {
		value = count > 1 ? args[1] : SBX_GEN_NONE;
		if (sbx__dict_put(run, self, args[0], value))
			return SBX_GEN_ERROR;
	}
	return sbx_gen_copy(value);
}

DICT_METHOD(update)
{
	uint32_t named = SBX_IS(names, TUPLE) ? (uint32_t)TUPLE(names)->length : 0;
	uint32_t plain = count - named;
	if (plain && sbx__dict_update(run, self, args[0]))
		return SBX_GEN_ERROR;
	for (uint32_t i = 0; i < named; i++)
		if (sbx__dict_put(run, self, TUPLE(names)->items[i], args[plain + i]))
			return SBX_GEN_ERROR;
	return SBX_GEN_NONE;
}
