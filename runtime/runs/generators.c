/*
 * Frames and generators.
 *
 * A generator is an object with its frame inside: the consumer resumes it directly, and it keeps its place in
 * head.state. When its body waits for a task its frame joins the chain of suspended frames like any other, so that the
 * run resumes it first and hands what it yields to the consumer, which is the next frame outwards.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stddef.h>
#include <string.h>

#include "../values/containers.h"
#include "run.h"

sbx_gen_frame *sbx_gen_frame_make(sbx_run *run, const sbx_gen_function *function)
{
	sbx_gen_frame *frame = sbx__alloc(run, function->frame_size);
	if (frame)
		frame->function = function;
	return frame;
}

void sbx_gen_frame_free(sbx_run *run, sbx_gen_frame *frame)
{
	sbx__free(run, frame, frame->function->frame_size);
}

static size_t generator_size(const sbx_gen_function *function)
{
	return offsetof(GeneratorObject, frame) + function->frame_size;
}

static sbx_value *first_slot(GeneratorObject *generator)
{
	return (sbx_value *)(void *)(&generator->frame + 1);
}

sbx_value sbx_gen_generator_make(sbx_run *run, const sbx_gen_function *function, sbx_value self,
								 uint32_t count, sbx_value *args)
{
	GeneratorObject *generator;
	sbx_value v = sbx__object(run, SBX_KIND_GENERATOR, generator_size(function), &generator),
			  *slots;
	if (!v.tag)
		return v;
	generator->head.bits = 0;
	generator->frame.parent = NULL;
	generator->frame.function = function;
	generator->frame.state = 0;
	generator->frame.site = 0;
	slots = first_slot(generator);
	slots[0] = self;
	for (uint32_t i = 0; i < count; i++)
		slots[1 + i] = args[i];
	return v;
}

/* A body that was left at a yield has its values in the first slots; those that are not live have tag 0 there. */
void sbx__generator_free(sbx_run *run, void *object)
{
	GeneratorObject *generator = object;
	const sbx_gen_function *function = generator->frame.function;
	uint32_t count = generator->frame.state ? function->slot_count : 1u + function->param_count;
	if (!generator->head.bits)
		for (uint32_t i = 0; i < count && function->slots[i] == 'v'; i++)
			sbx_gen_drop(run, first_slot(generator)[i]);
	sbx__free(run, generator, generator_size(function));
}

int sbx__generator_type(sbx_value v)
{
	const sbx_gen_function *function = ((const GeneratorObject *)v.u.p)->frame.function;
	static const int types[] = {SBX_TYPE_map, SBX_TYPE_filter, SBX_TYPE_zip, SBX_TYPE_enumerate};
	size_t length = strcspn(function->name, "_"); /* zip_strict is a zip */
	if (function->flags & SBX_FUNCTION_BUILTIN)
		for (size_t i = 0; i < sizeof types / sizeof *types; i++)
			if (strncmp(function->name, sbx__type_names[types[i]], length) == 0)
				return types[i];
	return SBX_TYPE_generator;
}

static void gave(GeneratorObject *generator, sbx_value v)
{
	generator->head.bits = v.tag == SBX_KIND_DONE ? GENERATOR_DONE : 0;
}

void sbx__generator_gave(sbx_run *run, sbx_gen_frame *frame, sbx_value v)
{
	(void)run;
	gave((GeneratorObject *)(void *)((char *)frame - offsetof(GeneratorObject, frame)), v);
}

sbx_value sbx__generator_next(sbx_run *run, sbx_value v)
{
	GeneratorObject *generator = v.u.p;
	sbx_value item;
	if (generator->head.bits) {
		if (generator->head.bits & GENERATOR_DONE)
			return SBX_GEN_DONE;
		return sbx__raise(run, SBX_TYPE_ValueError, "generator already executing");
	}
	if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	generator->head.bits = GENERATOR_RUNNING;
	item = generator->frame.function->resume(run, &generator->frame);
	if (item.tag != SBX_KIND_SUSPEND)
		gave(generator, item);
	return item;
}

/* ---- given to native callees ---- */

/* It stands where an exception would, so that the call ends; nothing is raised over it. */
sbx_value sbx__ask_for(sbx_run *run, sbx_value v)
{
	sbx__exception_set(run, sbx_gen_copy(v), SBX_E_RAISED);
	return SBX_GEN_ERROR;
}

sbx_value sbx__generator_iter(sbx_run *run, sbx_value v)
{
	return ((const GeneratorObject *)v.u.p)->head.bits & GENERATOR_ASKED ? sbx__ask_for(run, v)
																		 : sbx_gen_copy(v);
}

/* The generators that have not begun or are between two items. True: there are some. */
static bool mark_generators(const sbx_gen_list *args, uint32_t from, uint32_t to)
{
	bool found = false;
	for (uint64_t i = 0; i < args->length; i++) {
		GeneratorObject *generator = args->items[i].u.p;
		if (SBX_GEN_KIND(args->items[i]) != SBX_KIND_GENERATOR || generator->head.bits != from)
			continue;
		generator->head.bits = to;
		found = true;
	}
	return found;
}

/* The other iterators: what a call takes out of them would be missing when it is made again. */
static void mark_iterators(const sbx_gen_list *args, bool is_asked)
{
	for (uint64_t i = 0; i < args->length; i++)
		if (SBX_GEN_KIND(args->items[i]) == SBX_KIND_ITERATOR)
			ITERATOR(args->items[i])->is_asked = is_asked;
}

sbx_value sbx_gen_ask(sbx_run *run, sbx_value callee, sbx_value args, sbx_value kwargs)
{
	sbx_value v;
	if (!mark_generators(args.u.p, 0, GENERATOR_ASKED))
		return sbx_gen_call_spread(run, callee, args, kwargs);
	mark_iterators(args.u.p, true);
	v = sbx_gen_call_spread(run, callee, args, kwargs);
	mark_generators(args.u.p, GENERATOR_ASKED, 0);
	mark_iterators(args.u.p, false);
	return !v.tag && sbx__is_asked_for(HEAP(run)->exception) ? SBX_GEN_DONE : v;
}

sbx_value sbx_gen_wanted(sbx_run *run)
{
	return sbx__exception_take(run);
}

void sbx_gen_give(sbx_run *run, sbx_value args, sbx_value generator, sbx_value items)
{
	sbx_gen_list *list = args.u.p;
	for (uint64_t i = 0; i < list->length; i++) {
		if (!sbx_gen_is(list->items[i], generator))
			continue;
		sbx_gen_drop(run, list->items[i]);
		list->items[i] = sbx_gen_copy(items);
		return;
	}
}

sbx_value sbx_gen_next_generator(sbx_run *run, sbx_value v)
{
	const GeneratorObject *generator = v.u.p;
	if (SBX_GEN_KIND(v) == SBX_KIND_GENERATOR && !(generator->head.bits & GENERATOR_DONE) &&
		generator->frame.function->flags & SBX_FUNCTION_SUSPENDS)
		return sbx__raise(
			run, SBX_TYPE_RuntimeError,
			"a generator that may call tasks cannot be consumed here; make a list of it first");
	return sbx_gen_next(run, v);
}
