/*
 * Native iterators: what a for loop asks for its next item.
 *
 * One object for all forms. A list is read live, so that items appended during the loop come too; a dict or set notes
 * how many entries it had and raises when that has changed. Generators of the program are not made here: a call
 * of theirs may suspend.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "kinds.h"
#include "numbers.h"

bool sbx__is_iterable(sbx_value v)
{
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_LIST:
	case SBX_KIND_TUPLE:
	case SBX_KIND_STR:
	case SBX_KIND_BYTES:
	case SBX_KIND_RANGE:
	case SBX_KIND_DICT:
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
	case SBX_KIND_DICT_VIEW:
	case SBX_KIND_ITERATOR:
	case SBX_KIND_GENERATOR:
		return true;
	default:
		return false;
	}
}

static sbx_value iterator_make(sbx_run *run, unsigned form, sbx_value source)
{
	IteratorObject *it;
	sbx_value v = sbx__object(run, SBX_KIND_ITERATOR, sizeof *it, &it);
	if (sbx__is_error(v))
		return v;
	it->head.bits = form;
	it->source = sbx_gen_copy(source);
	it->extra = SBX_GEN_NONE;
	it->at = it->step = 0;
	it->left = it->remaining = 0;
	it->is_asked = false;
	return v;
}

void sbx__iterator_free(sbx_run *run, void *object)
{
	IteratorObject *it = object;
	sbx_gen_drop(run, it->source);
	sbx_gen_drop(run, it->extra);
	sbx__free(run, it, sizeof *it);
}

int sbx__iterator_type(sbx_value v)
{
	static const int types[] = {
		[ITERATE_LIST] = SBX_TYPE_list_iterator,
		[ITERATE_LIST_BACK] = SBX_TYPE_list_reverseiterator,
		[ITERATE_TUPLE] = SBX_TYPE_tuple_iterator,
		[ITERATE_STR] = SBX_TYPE_str_iterator,
		[ITERATE_BYTES] = SBX_TYPE_bytes_iterator,
		[ITERATE_RANGE] = SBX_TYPE_range_iterator,
		[ITERATE_RANGE_BIG] = SBX_TYPE_longrange_iterator,
		[ITERATE_KEYS] = SBX_TYPE_dict_keyiterator,
		[ITERATE_VALUES] = SBX_TYPE_dict_valueiterator,
		[ITERATE_ITEMS] = SBX_TYPE_dict_itemiterator,
		[ITERATE_KEYS_BACK] = SBX_TYPE_dict_reversekeyiterator,
		[ITERATE_VALUES_BACK] = SBX_TYPE_dict_reversevalueiterator,
		[ITERATE_ITEMS_BACK] = SBX_TYPE_dict_reverseitemiterator,
		[ITERATE_SET] = SBX_TYPE_set_iterator,
		[ITERATE_ENUMERATE] = SBX_TYPE_enumerate,
		[ITERATE_ZIP] = SBX_TYPE_zip,
		[ITERATE_REVERSED] = SBX_TYPE_reversed,
	};
	return types[ITERATOR(v)->head.bits];
}

static sbx_value range_iterator(sbx_run *run, sbx_value range)
{
	const RangeObject *r = RANGE(range);
	sbx_value v;
	if (!sbx__range_is_small(r)) {
		v = iterator_make(run, ITERATE_RANGE_BIG, range);
		if (!sbx__is_error(v))
			ITERATOR(v)->extra = sbx_gen_copy(r->start);
		return v;
	}
	v = iterator_make(run, ITERATE_RANGE, SBX_GEN_NONE);
	if (!sbx__is_error(v)) {
		ITERATOR(v)->at = r->start.u.i;
		ITERATOR(v)->step = r->step.u.i;
		ITERATOR(v)->left = (uint64_t)r->length.u.i;
	}
	return v;
}

static sbx_value dict_iterator(sbx_run *run, sbx_value dict, unsigned form)
{
	sbx_value v = iterator_make(run, form, dict);
	if (!sbx__is_error(v)) {
		ITERATOR(v)->left = ITERATOR(v)->remaining = DICT(dict)->used;
		ITERATOR(v)->at =
			form >= ITERATE_KEYS_BACK ? (int64_t)DICT(dict)->filled : (int64_t)DICT(dict)->first;
	}
	return v;
}

sbx_value sbx_gen_iter(sbx_run *run, sbx_value v)
{
	sbx_value it;
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_LIST:
		return iterator_make(run, ITERATE_LIST, v);
	case SBX_KIND_TUPLE:
		return iterator_make(run, ITERATE_TUPLE, v);
	case SBX_KIND_STR:
		return iterator_make(run, ITERATE_STR, v);
	case SBX_KIND_BYTES:
		return iterator_make(run, ITERATE_BYTES, v);
	case SBX_KIND_RANGE:
		return range_iterator(run, v);
	case SBX_KIND_DICT:
		return dict_iterator(run, v, ITERATE_KEYS);
	case SBX_KIND_DICT_VIEW:
		return dict_iterator(run, DICT_VIEW(v)->dict, ITERATE_KEYS + DICT_VIEW(v)->head.bits);
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
		it = iterator_make(run, ITERATE_SET, v);
		if (!sbx__is_error(it)) {
			ITERATOR(it)->left = SET(v)->used;
			ITERATOR(it)->at = (int64_t)SET(v)->first;
		}
		return it;
	case SBX_KIND_GENERATOR:
		return sbx__generator_iter(run, v);
	case SBX_KIND_ITERATOR:
		return SBX_GEN_UNLIKELY(ITERATOR(v)->is_asked) ? sbx__ask_for(run, v) : sbx_gen_copy(v);
	default:
		return sbx__raise(run, SBX_TYPE_TypeError, "'%T' object is not iterable", v);
	}
}

/* ---- the next item ---- */

/* The end: the iterator stays at its end, and lets go of what it read. */
static sbx_value finish(sbx_run *run, IteratorObject *it)
{
	sbx_value source = it->source;
	it->source = SBX_GEN_ERROR;
	sbx_gen_drop(run, source);
	return SBX_GEN_DONE;
}

static sbx_value next_of_big_range(sbx_run *run, IteratorObject *it)
{
	const RangeObject *range = RANGE(it->source);
	sbx_value value = it->extra;
	int more = sbx__int_sign(range->step) > 0 ? sbx_gen_lt(run, value, range->stop)
											  : sbx_gen_gt(run, value, range->stop);
	if (!more)
		return finish(run, it);
	it->extra = sbx_gen_add(run, value, range->step);
	return sbx__is_error(it->extra) ? SBX_GEN_ERROR : value;
}

static sbx_value next_of_dict(sbx_run *run, IteratorObject *it)
{
	const DictObject *dict = DICT(it->source);
	bool back = it->head.bits >= ITERATE_KEYS_BACK;
	const DictEntry *entry = NULL;
	if (back && (uint64_t)it->at > dict->filled) /* entries were packed */
		it->at = (int64_t)dict->filled;
	if (dict->used != it->left) {
		it->left = UINT64_MAX;
		return sbx__raise(run, SBX_TYPE_RuntimeError, "dictionary changed size during iteration");
	}
	while (!entry) {
		if (back ? it->at == 0 : it->at >= (int64_t)dict->filled)
			return finish(run, it);
		entry = &dict->entries[back ? --it->at : it->at++];
		if (!entry->key.tag)
			entry = NULL;
	}
	if (it->remaining == 0)
		return sbx__raise(run, SBX_TYPE_RuntimeError, "dictionary keys changed during iteration");
	it->remaining--;
	switch (it->head.bits) {
	case ITERATE_KEYS:
	case ITERATE_KEYS_BACK:
		return sbx_gen_copy(entry->key);
	case ITERATE_VALUES:
	case ITERATE_VALUES_BACK:
		return sbx_gen_copy(entry->value);
	default:
		return sbx__tuple_pair(run, sbx_gen_copy(entry->key), sbx_gen_copy(entry->value));
	}
}

static sbx_value next_of_set(sbx_run *run, IteratorObject *it)
{
	const SetObject *set = SET(it->source);
	if (set->used != it->left) {
		it->left = UINT64_MAX;
		return sbx__raise(run, SBX_TYPE_RuntimeError, "Set changed size during iteration");
	}
	while (it->at < (int64_t)set->filled) {
		const SetEntry *entry = &set->entries[it->at++];
		if (entry->key.tag)
			return sbx_gen_copy(entry->key);
	}
	return finish(run, it);
}

/* Of an iterator inside another one: enumerate(enumerate(...)) must not use up the C stack. */
static sbx_value next_inner(sbx_run *run, sbx_value it)
{
	sbx_value item;
	if (!SBX_IS(it, ITERATOR) ||
		(ITERATOR(it)->head.bits != ITERATE_ENUMERATE && ITERATOR(it)->head.bits != ITERATE_ZIP))
		return sbx_gen_next_native(run, it);
	if (sbx__recurse(run, ""))
		return SBX_GEN_ERROR;
	item = sbx_gen_next_native(run, it);
	sbx__recurse_end(run);
	return item;
}

static sbx_value next_of_enumerate(sbx_run *run, IteratorObject *it)
{
	sbx_value item = next_inner(run, it->source), number = it->extra;
	if (sbx__is_error(item) || SBX_IS(item, DONE))
		return item;
	it->extra = sbx_gen_add(run, number, sbx_gen_int(1));
	if (sbx__is_error(it->extra))
		return SBX_GEN_ERROR;
	return sbx__tuple_pair(run, number, item);
}

/* zip(strict=True): argument i, from 0, is not as long as those before it. */
static sbx_value raise_uneven(sbx_run *run, uint64_t i, bool longer)
{
	const char *where = longer ? "longer" : "shorter";
	if (i == 1)
		return sbx__raise(run, SBX_TYPE_ValueError, "zip() argument 2 is %s than argument 1",
						  where);
	return sbx__raise(run, SBX_TYPE_ValueError, "zip() argument %d is %s than arguments 1-%d",
					  (int)i + 1, where, (int)i);
}

sbx_value sbx_gen_zip_uneven(sbx_run *run, sbx_value before, int longer)
{
	return raise_uneven(run, ((const sbx_gen_list *)before.u.p)->length, longer);
}

/* It ended at argument i: is that an error? */
static sbx_value strict_end(sbx_run *run, const sbx_gen_tuple *iterators, uint64_t i)
{
	if (i > 0)
		return raise_uneven(run, i, false);
	for (i = 1; i < iterators->length; i++) {
		sbx_value item = next_inner(run, iterators->items[i]);
		if (sbx__is_error(item))
			return item;
		if (!SBX_IS(item, DONE))
			return raise_uneven(run, i, true);
	}
	return SBX_GEN_DONE;
}

static sbx_value next_of_zip(sbx_run *run, IteratorObject *it)
{
	const sbx_gen_tuple *iterators = TUPLE(it->source);
	sbx_value out;
	if (iterators->length == 0)
		return SBX_GEN_DONE;
	out = sbx__tuple_alloc(run, iterators->length);
	if (sbx__is_error(out))
		return out;
	for (uint64_t i = 0; i < iterators->length; i++) {
		sbx_value item = next_inner(run, iterators->items[i]);
		if (sbx__is_error(item))
			return item;
		if (SBX_IS(item, DONE)) {
			sbx_gen_drop(run, out);
			return it->extra.u.i ? strict_end(run, iterators, i) : SBX_GEN_DONE;
		}
		TUPLE(out)->items[i] = item;
	}
	return out;
}

/* Iterators of iterators of iterators ...: a step of the outermost is a step of each. */
static sbx_value too_many_iterators(sbx_run *run)
{
	return sbx__raise_depth(run, "");
}

static sbx_value next_native(sbx_run *run, IteratorObject *it)
{
	sbx_value source = it->source;
	char here;
	if (SBX_GEN_UNLIKELY(&here < run->stack_limit))
		return too_many_iterators(run);
	switch (it->head.bits) {
	case ITERATE_LIST:
		if ((uint64_t)it->at < LIST(source)->length)
			return sbx_gen_copy(LIST(source)->items[it->at++]);
		return finish(run, it);
	case ITERATE_LIST_BACK:
		if (it->at > 0 && (uint64_t)it->at <= LIST(source)->length)
			return sbx_gen_copy(LIST(source)->items[--it->at]);
		return finish(run, it);
	case ITERATE_TUPLE:
		if ((uint64_t)it->at < TUPLE(source)->length)
			return sbx_gen_copy(TUPLE(source)->items[it->at++]);
		return finish(run, it);
	case ITERATE_STR:
		if ((uint64_t)it->at < STR(source)->length)
			return sbx__str_point(run, sbx__str_at(source, (uint64_t)it->at++));
		return finish(run, it);
	case ITERATE_BYTES:
		if ((uint64_t)it->at < ((const sbx_gen_bytes *)source.u.p)->length)
			return sbx_gen_int(
				((const uint8_t *)((const sbx_gen_bytes *)source.u.p + 1))[it->at++]);
		return finish(run, it);
	case ITERATE_RANGE_BIG:
		return next_of_big_range(run, it);
	case ITERATE_SET:
		return next_of_set(run, it);
	case ITERATE_ENUMERATE:
		return next_of_enumerate(run, it);
	case ITERATE_ZIP:
		return next_of_zip(run, it);
	case ITERATE_REVERSED: /* of a tuple, str or bytes: by index */
		if (it->at == 0)
			return finish(run, it);
		return sbx_gen_getitem_slow(run, source, sbx_gen_int(--it->at));
	default:
		return next_of_dict(run, it);
	}
}

sbx_value sbx_gen_next_slow(sbx_run *run, sbx_value v)
{
	IteratorObject *it = ITERATOR(v);
	if (SBX_GEN_UNLIKELY(SBX_IS(v, GENERATOR)))
		return sbx__generator_next(run, v);
	if (it->head.bits == ITERATE_RANGE) {
		sbx_value value = sbx_gen_int(it->at);
		if (it->left == 0)
			return SBX_GEN_DONE;
		it->left--;
		it->at = (int64_t)((uint64_t)it->at + (uint64_t)it->step);
		return value;
	}
	if (it->head.bits == ITERATE_STR && it->source.tag &&
		(uint64_t)it->at < STR(it->source)->length)
		return sbx__str_point(run, sbx__str_at(it->source, (uint64_t)it->at++));
	return it->source.tag ? next_native(run, it) : SBX_GEN_DONE;
}

/* ---- the iterators that a program makes by name ---- */

sbx_value sbx__reversed(sbx_run *run, sbx_value v)
{
	static const uint8_t dict_forms[] = {ITERATE_KEYS_BACK, ITERATE_VALUES_BACK,
										 ITERATE_ITEMS_BACK};
	sbx_value it, range;
	uint64_t length;
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_LIST:
		it = iterator_make(run, ITERATE_LIST_BACK, v);
		length = LIST(v)->length;
		break;
	case SBX_KIND_TUPLE:
		it = iterator_make(run, ITERATE_REVERSED, v);
		length = TUPLE(v)->length;
		break;
	case SBX_KIND_STR:
		it = iterator_make(run, ITERATE_REVERSED, v);
		length = STR(v)->length;
		break;
	case SBX_KIND_BYTES:
		it = iterator_make(run, ITERATE_REVERSED, v);
		length = ((const sbx_gen_bytes *)v.u.p)->length;
		break;
	case SBX_KIND_RANGE:
		range = sbx__range_reversed(run, v);
		if (sbx__is_error(range))
			return range;
		it = range_iterator(run, range);
		sbx_gen_drop(run, range);
		return it;
	case SBX_KIND_DICT:
		return dict_iterator(run, v, ITERATE_KEYS_BACK);
	case SBX_KIND_DICT_VIEW:
		return dict_iterator(run, DICT_VIEW(v)->dict, dict_forms[DICT_VIEW(v)->head.bits]);
	default:
		return sbx__raise(run, SBX_TYPE_TypeError, "'%T' object is not reversible", v);
	}
	if (!sbx__is_error(it))
		ITERATOR(it)->at = (int64_t)length;
	return it;
}

sbx_value sbx__enumerate(sbx_run *run, sbx_value iterable, sbx_value start)
{
	sbx_value inner, v;
	if (start.tag && !SBX_IS_INT(start))
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "'%T' object cannot be interpreted as an integer", start);
	inner = sbx_gen_iter(run, iterable);
	if (sbx__is_error(inner))
		return inner;
	v = iterator_make(run, ITERATE_ENUMERATE, inner);
	if (sbx__is_error(v))
		return v;
	ITERATOR(v)->extra = start.tag ? sbx__int_of(start) : sbx_gen_int(0);
	sbx_gen_drop(run, inner);
	return v;
}

sbx_value sbx__zip(sbx_run *run, uint32_t count, const sbx_value *iterables, bool strict)
{
	sbx_value iterators = sbx__tuple_alloc(run, count), v;
	if (sbx__is_error(iterators))
		return iterators;
	for (uint32_t i = 0; i < count; i++) {
		sbx_value it = sbx_gen_iter(run, iterables[i]);
		if (sbx__is_error(it))
			return it;
		TUPLE(iterators)->items[i] = it;
	}
	v = iterator_make(run, ITERATE_ZIP, iterators);
	if (sbx__is_error(v))
		return v;
	ITERATOR(v)->extra = sbx_gen_bool(strict);
	sbx_gen_drop(run, iterators);
	return v;
}
