/*
 * Builtins and methods that consume an iterable or call back. The runtime's C functions never call into generated code,
 * so these are loops of the IR wherever the iterable may be a generator of the program or a function is given. `sum`,
 * `any`, `all`, `min`, `max` and `in` take one item at a time and stop as early as Python's; the others may
 * take everything into a list first, which nobody can tell apart.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lower.h"

#include "sbx.h"

#include <string.h>

/* ---- an argument that is consumed ---- */

typedef struct Feed {
	Iteration *iteration; /* NULL: `value` */
	Operand value;
	const Type *type;
	const Node *node; /* who consumes it */
} Feed;

static Feed feed_begin(Lower *l, const Node *node, const Node *at)
{
	Feed feed = {.node = at, .type = lower_type(l, node)};
	if (lower_is_fused(l, node))
		feed.iteration = lower_begin(l, node, at);
	else
		feed.value = lower_value(l, node);
	return feed;
}

/* Something that the runtime can iterate over by itself. */
static Operand feed_native(Lower *l, const Feed *feed)
{
	if (!feed->iteration)
		return lower_drain(l, feed->value, feed->type, feed->node);
	Register list = lower_op(l, OP_LIST, feed->node, NO_OPERANDS);
	lower_loop_into(l, feed->iteration, list);
	return operand_register(list);
}

typedef Operand (*Lazy)(Lower *l, Iteration *iteration, void *context);
typedef Operand (*Native)(Lower *l, Operand value, void *context);

/* `lazy` for generators, `native` for all else, with a test at run time where it is not known. */
static Operand feed_either(Lower *l, const Feed *feed, Lazy lazy, Native native, void *context)
{
	if (feed->iteration)
		return lazy(l, feed->iteration, context);
	if (feed->value.constant || !lower_may_be_generator(l, feed->type))
		return native(l, feed->value, context);
	Block *generator = lower_block(l, "generator"), *other = lower_block(l, "native"),
		  *end = lower_block(l, "end");
	Register result = lower_temp(l, REP_VALUE);
	lower_branch(l, lower_op(l, OP_IS_GENERATOR, feed->node, OPERANDS(feed->value)), generator,
				 other);
	lower_start(l, generator);
	Register items = lower_op(l, OP_ITER, feed->node, OPERANDS(feed->value));
	Iteration *iteration = lower_begin_iterator(l, items, true, feed->node);
	lower_set(l, OP_MOVE, result, OPERANDS(lazy(l, iteration, context)));
	lower_jump(l, end);
	lower_start(l, other);
	lower_set(l, OP_MOVE, result, OPERANDS(native(l, feed->value, context)));
	lower_jump(l, end);
	lower_start(l, end);
	return operand_register(result);
}

static bool only_keywords(const AstCall *call, const char *a, const char *b)
{
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const Atom *name = ((const AstKeyword *)call->keywords.items[i])->arg;
		if (strcmp(name->text, a) != 0 && strcmp(name->text, b) != 0)
			return false;
	}
	return true;
}

static bool is_none(const Node *node)
{
	return node->kind == NODE_CONSTANT && ((const AstConstant *)node)->value.kind == CONSTANT_NONE;
}

static Register named(Lower *l, const char *name, Operand start)
{
	Register reg = machine_register(l->machine, l->function, REP_VALUE, name, NULL);
	lower_set(l, OP_MOVE, reg, &start, 1);
	return reg;
}

/* ---- sum ---- */

typedef struct Sum {
	const Node *node;
	const char *name;
	Operand start;
	bool has_start;
	Register total;
} Sum;

static void sum_item(Lower *l, void *context, const Item *item)
{
	const Sum *sum = context;
	Operand total = operand_register(sum->total), value = lower_item(l, item, sum->node);
	machine_op(l->machine, l->block, OP_ADD, sum->total, lower_site(l, sum->node),
			   OPERANDS(total, value));
}

static Operand sum_lazy(Lower *l, Iteration *iteration, void *context)
{
	Sum *sum = context;
	Operand start = operand_int(l, 0);
	if (sum->has_start) { /* the builtin refuses a start of str or bytes */
		Operand nothing = operand_constant(constant_tuple(l->machine, NULL, 0));
		start = lower_call_builtin(l, false, "sum", (Operand[]){nothing, sum->start}, 2, NULL,
								   sum->node);
	}
	sum->total = named(l, "total", start);
	lower_loop(l, iteration, sum_item, sum);
	return operand_register(sum->total);
}

static Operand sum_native(Lower *l, Operand value, void *context)
{
	const Sum *sum = context;
	Operand operands[] = {value, sum->start};
	return lower_call_builtin(l, false, "sum", operands, sum->has_start ? 2 : 1, NULL, sum->node);
}

static bool lower_sum(Lower *l, const AstCall *call, Value *result)
{
	uint32_t count = call->args.count + call->keywords.count;
	if (call->args.count < 1 || count > 2 || !only_keywords(call, "start", "start"))
		return false;
	Sum sum = {.node = &call->base, .has_start = count == 2};
	Feed feed = feed_begin(l, call->args.items[0], &call->base);
	if (sum.has_start)
		sum.start = lower_value(l, call->args.count == 2 ? call->args.items[1]
														 : call_keyword(call, "start"));
	*result = value_operand(feed_either(l, &feed, sum_lazy, sum_native, &sum));
	return true;
}

/* ---- any, all, in ---- */

typedef struct Search {
	const Node *node;
	const char *name; /* any, all; NULL: in */
	bool wanted;      /* the truth that ends the search */
	Operand value;    /* in: what is looked for */
	Block *found;
} Search;

static void search_item(Lower *l, void *context, const Item *item)
{
	const Search *search = context;
	Block *next = lower_block(l, "next");
	Register truth;
	if (search->name) {
		Value value = item->parts ? value_operand(lower_item(l, item, search->node)) : item->value;
		truth = lower_truth(l, value, search->node);
	} else {
		truth = lower_op(l, OP_EQ, search->node,
						 OPERANDS(lower_item(l, item, search->node), search->value));
	}
	lower_branch(l, truth, search->wanted ? search->found : next,
				 search->wanted ? next : search->found);
	lower_start(l, next);
}

static Register search_truth(Lower *l, Iteration *iteration, Search *search)
{
	Block *end = lower_block(l, "end");
	Register result = lower_temp(l, REP_BOOL);
	search->found = lower_block(l, "found");
	lower_loop(l, iteration, search_item, search);
	machine_op(l->machine, l->block, OP_B_CONST, result, NO_SITE, NO_OPERANDS)->number =
		!search->wanted;
	lower_jump(l, end);
	lower_start(l, search->found);
	machine_op(l->machine, l->block, OP_B_CONST, result, NO_SITE, NO_OPERANDS)->number =
		search->wanted;
	lower_jump(l, end);
	lower_start(l, end);
	return result;
}

static Operand search_lazy(Lower *l, Iteration *iteration, void *context)
{
	return lower_to_value(l, value_register(l, search_truth(l, iteration, context)));
}

static Operand search_native(Lower *l, Operand value, void *context)
{
	const Search *search = context;
	if (search->name)
		return lower_call_builtin(l, false, search->name, &value, 1, NULL, search->node);
	Register truth = lower_op(l, OP_CONTAINS, search->node, OPERANDS(value, search->value));
	return lower_to_value(l, value_register(l, truth));
}

static Value search_feed(Lower *l, const Feed *feed, Search *search)
{
	if (feed->iteration)
		return value_register(l, search_truth(l, feed->iteration, search));
	Operand result = feed_either(l, feed, search_lazy, search_native, search);
	return value_register(l, lower_op(l, OP_B_FROM_V, search->node, OPERANDS(result)));
}

static bool lower_any_all(Lower *l, const AstCall *call, const char *name, Value *result)
{
	if (call->args.count != 1 || call->keywords.count)
		return false;
	Feed feed = feed_begin(l, call->args.items[0], &call->base);
	Search search = {.node = &call->base, .name = name, .wanted = strcmp(name, "any") == 0};
	*result = search_feed(l, &feed, &search);
	return true;
}

Value lower_contains(Lower *l, Operand item, const Node *container, const Node *node)
{
	Feed feed = feed_begin(l, container, node);
	Search search = {.node = node, .wanted = true, .value = item};
	if (!feed.iteration && !lower_may_be_generator(l, feed.type))
		return value_register(l, lower_op(l, OP_CONTAINS, node, OPERANDS(feed.value, item)));
	return search_feed(l, &feed, &search);
}

/* ---- key functions ---- */

typedef struct Key {
	bool is_given, may_be_none;
	Callee callee;
} Key;

static void key_begin(Lower *l, Key *key, const Node *node)
{
	if (!node || is_none(node))
		return;
	TypeKind kind = lower_type(l, node)->kind;
	key->is_given = true;
	key->callee = lower_callee(l, node, 1);
	key->may_be_none = key->callee.kind == CALLEE_VALUE && !key->callee.value.constant &&
					   (kind == TYPE_ANY || kind == TYPE_UNION || kind == TYPE_NONE);
}

static Operand key_of(Lower *l, const Key *key, Operand item, const Node *node)
{
	if (!key->is_given)
		return item;
	if (!key->may_be_none)
		return lower_call_callee(l, &key->callee, &item, 1, node);
	Block *none = lower_block(l, "none"), *some = lower_block(l, "key"),
		  *end = lower_block(l, "end");
	Register result = lower_temp(l, REP_VALUE);
	lower_branch(l, lower_op(l, OP_IS, node, OPERANDS(key->callee.value, operand_none(l))), none,
				 some);
	lower_start(l, none);
	lower_set(l, OP_MOVE, result, &item, 1);
	lower_jump(l, end);
	lower_start(l, some);
	lower_set(l, OP_MOVE, result, OPERANDS(lower_call_callee(l, &key->callee, &item, 1, node)));
	lower_jump(l, end);
	lower_start(l, end);
	return operand_register(result);
}

/* ---- min, max ---- */

typedef struct Extreme {
	const Node *node;
	const char *name;
	Key key;
	Operand fallback;
	bool has_fallback;
	Register best, best_key;
} Extreme;

static void extreme_item(Lower *l, void *context, const Item *item)
{
	const Extreme *extreme = context;
	Operand value = operand_register(lower_to_register(l, lower_item(l, item, extreme->node)));
	Operand key = key_of(l, &extreme->key, value, extreme->node);
	Block *take = lower_block(l, "take"), *ask = lower_block(l, "compare"),
		  *next = lower_block(l, "next");
	Operand best = operand_register(extreme->best);
	lower_branch(l, lower_op(l, OP_IS_UNBOUND, extreme->node, OPERANDS(best)), take, ask);
	lower_start(l, ask);
	Operand best_key = extreme->key.is_given ? operand_register(extreme->best_key) : best;
	OpCode code = strcmp(extreme->name, "max") == 0 ? OP_GT : OP_LT;
	lower_branch(l, lower_op(l, code, extreme->node, OPERANDS(key, best_key)), take, next);
	lower_start(l, take);
	lower_set(l, OP_MOVE, extreme->best, &value, 1);
	if (extreme->key.is_given)
		lower_set(l, OP_MOVE, extreme->best_key, &key, 1);
	lower_jump(l, next);
	lower_start(l, next);
}

static Operand extreme_lazy(Lower *l, Iteration *iteration, void *context)
{
	Extreme *extreme = context;
	extreme->best = named(l, "best", operand_unbound(l));
	if (extreme->key.is_given)
		extreme->best_key = named(l, "best_key", operand_unbound(l));
	lower_loop(l, iteration, extreme_item, extreme);
	Block *empty = lower_block(l, "empty"), *end = lower_block(l, "end");
	Operand best = operand_register(extreme->best);
	lower_branch(l, lower_op(l, OP_IS_UNBOUND, extreme->node, OPERANDS(best)), empty, end);
	lower_start(l, empty);
	Operand nothing = operand_constant(constant_tuple(l->machine, NULL, 0));
	if (!extreme->has_fallback) /* raises */
		extreme->fallback =
			lower_call_builtin(l, false, extreme->name, &nothing, 1, NULL, extreme->node);
	lower_set(l, OP_MOVE, extreme->best, &extreme->fallback, 1);
	lower_jump(l, end);
	lower_start(l, end);
	return best;
}

static Operand extreme_native(Lower *l, Operand value, void *context)
{
	Extreme *extreme = context;
	if (extreme->key.is_given) {
		const Type *any = type_simple(l->entry->file->declarations->types, TYPE_LIST);
		return extreme_lazy(l, lower_begin_value(l, value, any, extreme->node), extreme);
	}
	const MachineConstant *name = constant_text(l->machine, MC_STR, "default", 7);
	Operand operands[] = {value, extreme->fallback};
	return lower_call_builtin(l, false, extreme->name, operands, extreme->has_fallback ? 2 : 1,
							  extreme->has_fallback ? constant_tuple(l->machine, &name, 1) : NULL,
							  extreme->node);
}

static bool lower_extreme(Lower *l, const AstCall *call, const char *name, Value *result)
{
	const Node *key = call_keyword(call, "key");
	bool several = call->args.count > 1;
	if (call->args.count == 0 || !only_keywords(call, "key", several ? "key" : "default") ||
		(several && (!key || is_none(key))))
		return false;
	Extreme extreme = {.node = &call->base, .name = name};
	Feed feed = {.node = &call->base,
				 .type = type_simple(l->entry->file->declarations->types, TYPE_TUPLE_OF)};
	if (several) {
		Operand *operands = ARENA_ARRAY(l->arena, Operand, call->args.count);
		for (uint32_t i = 0; i < call->args.count; i++)
			operands[i] = lower_value(l, call->args.items[i]);
		feed.value =
			operand_register(lower_op(l, OP_TUPLE, &call->base, operands, call->args.count));
	} else {
		feed = feed_begin(l, call->args.items[0], &call->base);
	}
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		if (strcmp(keyword->arg->text, "key") == 0) {
			key_begin(l, &extreme.key, keyword->value);
		} else {
			extreme.fallback = lower_value(l, keyword->value);
			extreme.has_fallback = true;
		}
	}
	*result = value_operand(feed_either(l, &feed, extreme_lazy, extreme_native, &extreme));
	return true;
}

/* ---- sorted, list.sort ---- */

typedef struct Keying {
	const Key *key;
	const Node *node;
	Register keys;
} Keying;

static void key_item(Lower *l, void *context, const Item *item)
{
	const Keying *keying = context;
	Operand key = key_of(l, keying->key, lower_item(l, item, keying->node), keying->node);
	lower_effect(l, OP_LIST_PUSH, keying->node, OPERANDS(operand_register(keying->keys), key));
}

static bool is_truth(const MachineConstant *constant)
{
	return constant && (constant->kind == MC_TRUE || constant->kind == MC_FALSE);
}

/* `is_shared`: functions of the program can reach the list; Python empties it while they run. */
static void sort_list(Lower *l, Operand list, bool is_shared, const Key *key, Operand reverse,
					  const Node *node)
{
	Operand keys = operand_none(l), items = list;
	Register descending = is_truth(reverse.constant)
							  ? lower_truth(l, value_operand(reverse), node)
							  : lower_op(l, OP_FLAG, node, OPERANDS(reverse));
	if (key->is_given) {
		if (is_shared)
			items = operand_register(lower_op(l, OP_SORT_TAKE, node, OPERANDS(list)));
		Keying keying = {key, node, lower_op(l, OP_LIST, node, NO_OPERANDS)};
		const Type *type = type_simple(l->entry->file->declarations->types, TYPE_LIST);
		lower_loop(l, lower_begin_value(l, items, type, node), key_item, &keying);
		keys = operand_register(keying.keys);
	}
	lower_effect(l, OP_SORT, node, OPERANDS(items, keys, operand_register(descending)));
	if (key->is_given && is_shared)
		lower_effect(l, OP_SORT_GIVE, node, OPERANDS(list, items));
}

static Operand sort_arguments(Lower *l, const AstCall *call, Key *key)
{
	Operand reverse = operand_constant(constant_simple(l->machine, MC_FALSE));
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		if (strcmp(keyword->arg->text, "key") == 0)
			key_begin(l, key, keyword->value);
		else
			reverse = lower_value(l, keyword->value);
	}
	return reverse;
}

static bool lower_sorted(Lower *l, const AstCall *call, Value *result)
{
	if (call->args.count != 1 || !only_keywords(call, "key", "reverse"))
		return false;
	const Node *key_node = call_keyword(call, "key");
	const Node *node = call->args.items[0];
	if ((!key_node || is_none(key_node)) && !lower_is_fused(l, node) &&
		!lower_may_be_generator(l, lower_type(l, node)))
		return false;
	Key key = {0};
	Feed feed = feed_begin(l, node, &call->base);
	Operand reverse = sort_arguments(l, call, &key);
	Operand list = feed_native(l, &feed);
	if (!feed.iteration)
		list = lower_call_builtin(l, true, "list", &list, 1, NULL, &call->base);
	sort_list(l, list, false, &key, reverse, &call->base);
	*result = value_operand(list);
	return true;
}

static bool lower_sort_method(Lower *l, const AstCall *call, const AstAttribute *method,
							  Value *result)
{
	const Node *key_node = call_keyword(call, "key");
	if (call->args.count || !key_node || is_none(key_node) ||
		!only_keywords(call, "key", "reverse"))
		return false;
	Key key = {0};
	Operand list = lower_object(l, method);
	Operand reverse = sort_arguments(l, call, &key);
	sort_list(l, list, true, &key, reverse, &call->base);
	*result = value_operand(operand_none(l));
	return true;
}

/* ---- list, tuple, set ... of generators ---- */

static bool is_collection(const char *name)
{
	static const char *const names[] = {"list", "tuple", "set", "frozenset", "dict", "bytes"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

typedef struct SetFeed {
	Register set;
	const Node *node;
} SetFeed;

static void add_item(Lower *l, void *context, const Item *item)
{
	const SetFeed *feed = context;
	Operand value = lower_item(l, item, feed->node);
	lower_effect(l, OP_SET_PUSH, feed->node, OPERANDS(operand_register(feed->set), value));
}

static bool lower_collection(Lower *l, const AstCall *call, const char *name, Value *result)
{
	const Node *node = call->args.count == 1 ? call->args.items[0] : NULL;
	if (!node || (call->keywords.count && strcmp(name, "dict") != 0) ||
		(!lower_is_fused(l, node) && !lower_may_be_generator(l, lower_type(l, node))))
		return false;
	Feed feed = feed_begin(l, node, &call->base);
	Operand *operands = ARENA_ARRAY(l->arena, Operand, call->keywords.count + 1);
	for (uint32_t i = 0; i < call->keywords.count; i++)
		operands[1 + i] = lower_value(l, ((const AstKeyword *)call->keywords.items[i])->value);
	if (feed.iteration && strstr(name, "set")) {
		SetFeed into = {lower_op(l, OP_SET, &call->base, NO_OPERANDS), &call->base};
		lower_loop(l, feed.iteration, add_item, &into);
		*result = value_register(l, into.set);
		if (strcmp(name, "set") == 0)
			return true;
		operands[0] = operand_register(into.set);
	} else {
		operands[0] = feed_native(l, &feed);
	}
	if (feed.iteration && strcmp(name, "list") == 0)
		*result = value_operand(operands[0]);
	else if (feed.iteration && strcmp(name, "tuple") == 0)
		*result = value_register(l, lower_op(l, OP_LIST_TO_TUPLE, &call->base, operands, 1));
	else
		*result =
			value_operand(lower_call_builtin(l, true, name, operands, 1 + call->keywords.count,
											 lower_keyword_names(l, &call->keywords), &call->base));
	return true;
}

/* ---- map, filter, zip, enumerate as values ---- */

static Operand iterators(Lower *l, const AstCall *call, uint32_t from)
{
	uint32_t count = call->args.count - from;
	Operand *operands = ARENA_ARRAY(l->arena, Operand, count + 1);
	for (uint32_t i = 0; i < count; i++)
		operands[i] = lower_value(l, call->args.items[from + i]);
	for (uint32_t i = 0; i < count; i++)
		operands[i] = operand_register(lower_op(l, OP_ITER, &call->base, &operands[i], 1));
	return operand_register(lower_op(l, OP_LIST, &call->base, operands, count));
}

static Value make_generator(Lower *l, const char *name, Operand a, Operand b, uint32_t count,
							const Node *node)
{
	Op *op = lower_raw(l, OP_GENERATOR, node, (Operand[]){operand_unbound(l), a, b}, 1 + count);
	op->function = lower_synthesise(l->entry->file, l->entry->source, name);
	return value_register(l, op->result);
}

bool lower_is_any_generator(const Lower *l, const AstCall *call)
{
	for (uint32_t i = 0; i < call->args.count; i++)
		if (lower_is_fused(l, call->args.items[i]) ||
			lower_may_be_generator(l, lower_type(l, call->args.items[i])))
			return true;
	return false;
}

static bool lower_lazy_type(Lower *l, const AstCall *call, const char *name, Value *result)
{
	bool is_map = strcmp(name, "map") == 0, is_filter = strcmp(name, "filter") == 0;
	if (!call->keywords.count &&
		((is_map && call->args.count >= 2) || (is_filter && call->args.count == 2))) {
		Operand function = lower_value(l, call->args.items[0]);
		if (is_map) {
			*result = make_generator(l, name, function, iterators(l, call, 1), 2, &call->base);
			return true;
		}
		Operand iterable = lower_value(l, call->args.items[1]);
		Register iterator = lower_op(l, OP_ITER, &call->base, OPERANDS(iterable));
		*result = make_generator(l, name, function, operand_register(iterator), 2, &call->base);
		return true;
	}
	if (is_map || is_filter || call->args.count == 0 || !lower_is_any_generator(l, call))
		return false;
	if (strcmp(name, "zip") == 0) {
		if (!call->keywords.count)
			*result =
				make_generator(l, name, iterators(l, call, 0), operand_none(l), 1, &call->base);
		return !call->keywords.count;
	}
	if (call->args.count + call->keywords.count > 2 || !only_keywords(call, "start", "start"))
		return false; /* the builtin's own complaint */
	const Node *start = call->args.count == 2 ? call->args.items[1] : call_keyword(call, "start");
	Operand iterable = lower_value(l, call->args.items[0]);
	Operand first =
		start
			? operand_register(lower_op(l, OP_INDEX, &call->base, OPERANDS(lower_value(l, start))))
			: operand_int(l, 0);
	Register iterator = lower_op(l, OP_ITER, &call->base, OPERANDS(iterable));
	*result = make_generator(l, name, operand_register(iterator), first, 2, &call->base);
	return true;
}

/* ---- as functions of the program, for calls through a value ---- */

/* What stands for "no default" in min and max: no program can name it. */
static Operand missing(Lower *l)
{
	return operand_constant(constant_text(l->machine, MC_TYPE, "NotImplementedType", 18));
}

static Feed feed_of_register(Lower *l, Register reg)
{
	return (Feed){.value = operand_register(reg),
				  .type = type_simple(l->entry->file->declarations->types, TYPE_ANY)};
}

void lower_sum_function(Lower *l, Register iterable, Register start)
{
	Sum sum = {.has_start = true, .start = operand_register(start)};
	Feed feed = feed_of_register(l, iterable);
	lower_return(l, feed_either(l, &feed, sum_lazy, sum_native, &sum));
}

void lower_search_function(Lower *l, const char *name, Register iterable)
{
	Search search = {.name = name, .wanted = strcmp(name, "any") == 0};
	Feed feed = feed_of_register(l, iterable);
	lower_return(l, lower_to_value(l, search_feed(l, &feed, &search)));
}

/* max(*args, key=None, default=missing): one argument is the iterable, else all of them are the items. */
void lower_extreme_function(Lower *l, const char *name, Register args, Register key,
							Register fallback)
{
	Block *one = lower_block(l, "one"), *several = lower_block(l, "several"),
		  *begin = lower_block(l, "begin");
	Block *none = lower_block(l, "none"), *some = lower_block(l, "some"),
		  *given = lower_block(l, "given");
	Block *raised = lower_block(l, "raised");
	Register source = machine_register(l->machine, l->function, REP_VALUE, "source", NULL);
	Register count = lower_op(l, OP_LEN, NULL, OPERANDS(operand_register(args)));
	Operand number = operand_register(count);
	lower_branch(
		l, lower_op(l, OP_I_EQ, NULL, OPERANDS(number, operand_register(lower_i_const(l, 0)))),
		none, some);
	lower_start(l, some);
	lower_branch(
		l, lower_op(l, OP_I_EQ, NULL, OPERANDS(number, operand_register(lower_i_const(l, 1)))), one,
		several);
	lower_start(l, one);
	machine_op(l->machine, l->block, OP_GETITEM, source, lower_site(l, NULL),
			   OPERANDS(operand_register(args), operand_int(l, 0)));
	lower_jump(l, begin);
	lower_start(l, several);
	lower_set(l, OP_MOVE, source, OPERANDS(operand_register(args)));
	lower_jump(l, begin);
	lower_start(l, none); /* the builtin's own complaint */
	lower_return(l, lower_call_builtin(l, false, name, NULL, 0, NULL, NULL));
	lower_start(l, begin);
	Extreme extreme = {.name = name, .has_fallback = true, .fallback = operand_register(fallback)};
	extreme.key = (Key){true, true, {.kind = CALLEE_VALUE, .value = operand_register(key)}};
	const Type *any = type_simple(l->entry->file->declarations->types, TYPE_ANY);
	Operand best =
		extreme_lazy(l, lower_begin_value(l, operand_register(source), any, NULL), &extreme);
	lower_branch(l, lower_op(l, OP_IS, NULL, OPERANDS(best, missing(l))), raised, given);
	lower_start(l, raised);
	Operand nothing = operand_constant(constant_tuple(l->machine, NULL, 0));
	lower_return(l, lower_call_builtin(l, false, name, &nothing, 1, NULL, NULL));
	lower_start(l, given);
	lower_return(l, best);
}

bool lower_has_function(const char *name)
{
	static const char *const names[] = {"sorted", "map", "filter", "sum", "any",
										"all",    "min", "max",    "zip", "enumerate"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

void lower_need_function(Lower *l, const char *name)
{
	lower_synthesise(l->entry->file, l->entry->source, arena_format(l->arena, "%s()", name));
}

void lower_sort_function(Lower *l, Register list, Register key, Register reverse)
{
	const Key by = {true, true, {.kind = CALLEE_VALUE, .value = operand_register(key)}};
	sort_list(l, operand_register(list), true, &by, operand_register(reverse), NULL);
	lower_return(l, operand_none(l));
}

/* ---- every builtin ---- */

/* The classes of `int | str | None`; false: it is no union of types that are written out. */
static bool union_classes(Lower *l, const Node *node, const MachineConstant **classes,
						  uint32_t *count, uint32_t most)
{
	if (node->kind == NODE_BIN_OP && ((const AstBinOp *)node)->op == BINARY_BIT_OR)
		return union_classes(l, ((const AstBinOp *)node)->left, classes, count, most) &&
			   union_classes(l, ((const AstBinOp *)node)->right, classes, count, most);
	const MachineConstant *constant = lower_constant(l, node);
	if (constant && constant->kind == MC_NONE)
		constant = constant_text(l->machine, MC_TYPE, "NoneType", 8);
	if (!constant || constant->kind != MC_TYPE || *count == most)
		return false;
	classes[(*count)++] = constant;
	return true;
}

/* isinstance(x, int | str) is isinstance(x, (int, str)); None | None is no union. */
static Operand lower_classes(Lower *l, const Node *node)
{
	enum { MOST = 32 };
	const MachineConstant *classes[MOST];
	uint32_t count = 0;
	bool is_union = node->kind == NODE_BIN_OP && ((const AstBinOp *)node)->op == BINARY_BIT_OR &&
					((const AstBinOp *)node)->left->kind != NODE_CONSTANT;
	if (is_union && union_classes(l, node, classes, &count, MOST))
		return operand_constant(constant_tuple(l->machine, classes, count));
	return lower_value(l, node);
}

static bool lower_simple(Lower *l, const AstCall *call, const char *name, Value *result)
{
	const Node *node = &call->base;
	if (call->keywords.count)
		return false;
	if (call->args.count == 2 && strcmp(name, "isinstance") == 0) {
		Operand value = lower_value(l, call->args.items[0]),
				type = lower_classes(l, call->args.items[1]);
		*result = value_register(l, lower_op(l, OP_ISINSTANCE, node, OPERANDS(value, type)));
		return true;
	}
	if (call->args.count != 1)
		return false;
	if (strcmp(name, "len") == 0) {
		Operand value = lower_value(l, call->args.items[0]);
		*result = value_register(l, lower_op(l, OP_LEN, node, OPERANDS(value)));
	} else if (strcmp(name, "str") == 0) {
		Operand value = lower_value(l, call->args.items[0]);
		*result = value_register(l, lower_op(l, OP_TO_STR, node, OPERANDS(value)));
	} else if (strcmp(name, "bool") == 0) {
		*result = value_register(l, lower_truth(l, lower_expr(l, call->args.items[0]), node));
	} else {
		return false;
	}
	return true;
}

bool lower_builtin(Lower *l, const AstCall *call, const NameInfo *info, Value *result)
{
	const char *name = info->text;
	if (strcmp(name, "sum") == 0)
		return lower_sum(l, call, result);
	if (strcmp(name, "any") == 0 || strcmp(name, "all") == 0)
		return lower_any_all(l, call, name, result);
	if (strcmp(name, "min") == 0 || strcmp(name, "max") == 0)
		return lower_extreme(l, call, name, result);
	if (strcmp(name, "sorted") == 0)
		return lower_sorted(l, call, result);
	if (is_collection(name))
		return lower_collection(l, call, name, result);
	if (strcmp(name, "map") == 0 || strcmp(name, "filter") == 0 || strcmp(name, "zip") == 0 ||
		strcmp(name, "enumerate") == 0)
		return lower_lazy_type(l, call, name, result);
	return lower_simple(l, call, name, result);
}

/* ---- methods ---- */

bool lower_is_method_name(const char *name)
{
	return sbx_has_method(NULL, name) != 0;
}

static bool takes_iterables(const char *name)
{
	static const char *const names[] = {
		"join",
		"extend",
		"update",
		"union",
		"intersection",
		"difference",
		"symmetric_difference",
		"intersection_update",
		"difference_update",
		"symmetric_difference_update",
		"issubset",
		"issuperset",
		"isdisjoint",
		"fromkeys",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Methods that iterate over their only argument at once, whatever the object: no complaint may come before. */
static bool feeds_at_once(Lower *l, const AstCall *call, const AstAttribute *method)
{
	const NameInfo *info = lower_name(l, method->value);
	bool is_type = info && info->use == NAME_TYPE;
	if (strcmp(method->attr->text, "fromkeys") == 0)
		return is_type && strcmp(info->text, "dict") == 0 && call->args.count == 1;
	return !is_type && call->args.count == 1;
}

static bool lower_feeding_method(Lower *l, const AstCall *call, const AstAttribute *method,
								 Value *result)
{
	const char *name = method->attr->text;
	if (call->keywords.count || !takes_iterables(name) || !lower_is_any_generator(l, call))
		return false;
	Operand object = lower_object(l, method);
	if (feeds_at_once(l, call, method)) {
		Feed feed = feed_begin(l, call->args.items[0], &call->base);
		Operand operands[] = {object, operand_none(l), feed_native(l, &feed)};
		Op *op = lower_raw(l, OP_CALL_METHOD, &call->base, operands, 3);
		op->text = name;
		*result = value_register(l, op->result);
		return true;
	}
	Op *bound = lower_raw(l, OP_GET_METHOD, &method->base, OPERANDS(object));
	bound->text = name;
	Operand args = lower_list_of(l, &call->args, &call->base);
	*result = value_register(
		l, lower_ask(l, operand_register(bound->result), args, operand_none(l), &call->base));
	return true;
}

bool lower_method(Lower *l, const AstCall *call, const AstAttribute *method, Value *result)
{
	const char *name = method->attr->text;
	if (strcmp(name, "append") == 0 && call->args.count == 1 && call->keywords.count == 0) {
		Operand object = lower_object(l, method), item = lower_value(l, call->args.items[0]);
		*result = value_register(l, lower_op(l, OP_APPEND, &call->base, OPERANDS(object, item)));
		return true;
	}
	if (strcmp(name, "sort") == 0)
		return lower_sort_method(l, call, method, result);
	return lower_feeding_method(l, call, method, result);
}

/* ---- names as values ---- */

Operand lower_name_value(Lower *l, const NameInfo *info)
{
	uint32_t length = info->text ? (uint32_t)strlen(info->text) : 0;
	switch (info->use) {
	case NAME_TASK:
		return operand_constant(
			constant_task(l->machine, lower_task_index(l->entry->file, info->task)));
	case NAME_BUILTIN:
	case NAME_TYPE:
		if (lower_has_function(
				info->text)) /* it may be called with functions and generators of the program */
			lower_need_function(l, info->text);
		return operand_constant(constant_text(
			l->machine, info->use == NAME_TYPE ? MC_TYPE : MC_BUILTIN, info->text, length));
	default:
		return operand_none(l);
	}
}
