/*
 * The methods of sets and frozensets. Where a method takes any iterable, one that is no set becomes one first.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "kinds.h"

#define SET_METHOD(name) \
	sbx_value sbx__set_method_##name(sbx_run *run, sbx_value self, uint32_t count, \
									 const sbx_value *args, sbx_value names)
/* Both types share functions: some are declared twice. */
#define METHOD(kind, name, function, min, max, keywords) SBX_DECLARE_METHOD(function)
#include "set_methods.def"
#undef METHOD

/* A set with the items of an iterable; the iterable itself where it is one. */
static sbx_value as_set(sbx_run *run, sbx_value iterable)
{
	return SBX_IS_SET(iterable) ? sbx_gen_copy(iterable) : sbx__set_from(run, iterable, false);
}

/* Makes self hold what other holds, which is given up. */
static sbx_value become(sbx_run *run, sbx_value self, sbx_value other)
{
	SetObject *set = SET(self), *fresh = SET(other), kept = *set;
	if (sbx__is_error(other))
		return other;
	*set = *fresh;
	set->head = kept.head;
	set->version = kept.version + 1;
	kept.head = fresh->head;
	*fresh = kept;
	sbx_gen_drop(run, other);
	return SBX_GEN_NONE;
}

SET_METHOD(add)
{
	(void)count, (void)names;
	return sbx__set_put(run, self, args[0]) < 0 ? SBX_GEN_ERROR : SBX_GEN_NONE;
}

SET_METHOD(clear)
{
	(void)count, (void)args, (void)names;
	sbx__set_clear(run, self);
	return SBX_GEN_NONE;
}

SET_METHOD(copy)
{
	(void)count, (void)args, (void)names;
	return SBX_IS(self, FROZENSET) ? sbx_gen_copy(self) : sbx__set_copy(run, self);
}

SET_METHOD(discard)
{
	(void)count, (void)names;
	return sbx__set_remove(run, self, args[0]) < 0 ? SBX_GEN_ERROR : SBX_GEN_NONE;
}

SET_METHOD(remove)
{
	int removed = sbx__set_remove(run, self, args[0]);
	(void)count, (void)names;
	if (removed == 0)
		return sbx__raise_value(run, SBX_TYPE_KeyError, args[0]);
	return removed < 0 ? SBX_GEN_ERROR : SBX_GEN_NONE;
}

SET_METHOD(pop)
{
	(void)count, (void)args, (void)names;
	if (SET(self)->used == 0)
		return sbx__raise(run, SBX_TYPE_KeyError, "pop from an empty set");
	return sbx__set_take_first(self);
}

/* ---- with other iterables ---- */

SET_METHOD(update)
{
	(void)names;
	for (uint32_t i = 0; i < count; i++)
		if (sbx__set_extend(run, self, args[i]))
			return SBX_GEN_ERROR;
	return SBX_GEN_NONE;
}

SET_METHOD(union)
{
	sbx_value v = sbx__set_from(run, self, SBX_IS(self, FROZENSET));
	if (sbx__is_error(v))
		return v;
	if (sbx__is_error(sbx__set_method_update(run, v, count, args, names))) {
		sbx_gen_drop(run, v);
		return SBX_GEN_ERROR;
	}
	return v;
}

/* op with each argument in turn: a new set. */
static sbx_value fold(sbx_run *run, int op, sbx_value self, uint32_t count, const sbx_value *args)
{
	sbx_value v = count ? sbx_gen_copy(self) : sbx__set_copy(run, self);
	for (uint32_t i = 0; i < count && !sbx__is_error(v); i++) {
		sbx_value other, next;
		if (op == SBX_BINARY_AND) {
			next = sbx__set_intersection(run, v, args[i]);
		} else {
			other = as_set(run, args[i]);
			if (sbx__is_error(other)) {
				sbx_gen_drop(run, v);
				return other;
			}
			next = sbx__set_binary(run, op, v, other);
			sbx_gen_drop(run, other);
		}
		sbx_gen_drop(run, v);
		v = next;
	}
	return v;
}

SET_METHOD(difference)
{
	(void)names;
	return fold(run, SBX_BINARY_SUB, self, count, args);
}

SET_METHOD(intersection)
{
	(void)names;
	return fold(run, SBX_BINARY_AND, self, count, args);
}

SET_METHOD(symmetric_difference)
{
	(void)names;
	return fold(run, SBX_BINARY_XOR, self, count, args);
}

SET_METHOD(difference_update)
{
	sbx_value done = SBX_GEN_NONE;
	(void)names;
	for (uint32_t i = 0; i < count && !sbx__is_error(done); i++)
		done = become(run, self, fold(run, SBX_BINARY_SUB, self, 1, args + i));
	return done;
}

SET_METHOD(intersection_update)
{
	(void)names;
	return become(run, self, fold(run, SBX_BINARY_AND, self, count, args));
}

SET_METHOD(symmetric_difference_update)
{
	(void)names;
	return become(run, self, fold(run, SBX_BINARY_XOR, self, count, args));
}

/* Goes through an iterable until an item is in the set (or is not): 1 where there is such an item. */
static int meets(sbx_run *run, sbx_value self, sbx_value iterable, int wanted)
{
	sbx_value iterator = sbx_gen_iter(run, iterable), item;
	int met = 0;
	if (sbx__is_error(iterator))
		return -1;
	while (met == 0) {
		item = sbx_gen_next_native(run, iterator);
		if (SBX_IS(item, DONE))
			break;
		if (sbx__is_error(item) || sbx__spend(run, 1))
			return -1;
		met = sbx__set_has_item(run, self, item);
		if (met >= 0)
			met = met == wanted;
		sbx_gen_drop(run, item);
	}
	sbx_gen_drop(run, iterator);
	return met;
}

SET_METHOD(isdisjoint)
{
	bool swap = SBX_IS_SET(args[0]) && SET(args[0])->used > SET(self)->used;
	int met = swap ? meets(run, args[0], self, 1) : meets(run, self, args[0], 1);
	(void)count, (void)names;
	return met < 0 ? SBX_GEN_ERROR : sbx_gen_bool(!met);
}

static sbx_value compared(sbx_run *run, int op, sbx_value self, sbx_value iterable)
{
	sbx_value other = as_set(run, iterable);
	int result;
	if (sbx__is_error(other))
		return other;
	result = sbx__set_compare(run, op, self, other);
	sbx_gen_drop(run, other);
	return result < 0 ? SBX_GEN_ERROR : sbx_gen_bool(result);
}

SET_METHOD(issubset)
{
	(void)count, (void)names;
	return compared(run, SBX_COMPARE_LE, self, args[0]);
}

SET_METHOD(issuperset)
{
	int missing;
	(void)count, (void)names;
	if (SBX_IS_SET(args[0]))
		return compared(run, SBX_COMPARE_GE, self, args[0]);
	missing = meets(run, self, args[0], 0);
	return missing < 0 ? SBX_GEN_ERROR : sbx_gen_bool(!missing);
}
