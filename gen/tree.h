/*
 * The inside of the parser: its state, the values of the grammar's symbols, and the functions that its actions call.
 *
 * Lists grow on one scratch stack. A list that is being read is finished before the list around it grows again, so
 * each is contiguous there; it is copied into the arena once, when it is complete.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_TREE_H
#define SBX_GEN_TREE_H

#include "ast.h"
#include "diag.h"
#include "python.h"

typedef struct Parser {
	Arena *arena;
	AtomTable *atoms;
	Diag *diag;
	const Source *source;
	const Tokens *tokens;
	Node **scratch;
	uint32_t scratch_count, scratch_capacity;
	uint32_t node_count;
	uint32_t
		done; /* statements of the module that are complete, at the bottom of the scratch stack */
	bool failed, accepted, newer;
	DiagItem *item;      /* the error that was told */
	const Token *header; /* the line to which the error belongs, where it is another one */
	const Token *stuck;  /* the token that did not fit; NULL: an action has failed */
	uint32_t mistake;    /* where the error stands */
	const Atom *debug;   /* __debug__, which nothing may bind */
	AstModule *module;
} Parser;

typedef struct Expr {
	Node *node;
	uint32_t start, end; /* with the parentheses around it */
} Expr;

typedef struct Open {
	uint32_t base, count;
	uint32_t start, end;
} Open;

typedef struct Suite {
	Node **items;
	uint32_t count, end;
} Suite;

typedef Suite
	Tail; /* what follows the body of an `if`: its orelse, and where the statement ends (0: nothing) */

typedef struct Dotted {
	const Token *first, *last;
} Dotted;

typedef struct Dots {
	int count;
} Dots;

typedef struct Param {
	AstArg *arg; /* NULL: a bare "*" or "/" */
	Node *value; /* default, or NULL */
	char star;   /* 0, '/', '*', or 'k' for "**" */
	uint32_t start, end;
} Param;

typedef struct Conversion {
	const Token *bang, *name;
} Conversion;

/* A stretch of text in a string, or a replacement field. */
typedef struct Piece {
	const Token *text; /* STRING or FSTRING_MIDDLE, NULL for a field */
	Expr value;
	uint32_t text_start, text_end;   /* the source of the field's expression */
	uint32_t debug_start, debug_end; /* "x = " of {x = }; empty without */
	int conversion;
	bool has_spec;
	bool newer;    /* white space behind the conversion: 3.12 */
	NodeList spec; /* Pieces */
} Piece;

typedef struct Spec {
	const Token *colon;
	NodeList *pieces;
} Spec;

/* One literal of an implicit concatenation. */
typedef struct StringPart {
	const Token *first, *last;
	bool has_fields; /* an f-string or t-string */
	NodeList pieces;
} StringPart;

#define NO_EXPR ((Expr){NULL, 0, 0})
#define NO_LIST ((NodeList){NULL, 0})
#define MAKE(Type, KIND, start, end) \
	((Ast##Type *)node_make(p, NODE_##KIND, sizeof(Ast##Type), (start), (end)))

static inline void *node_make(Parser *p, NodeKind kind, size_t size, uint32_t start, uint32_t end)
{
	Node *node = arena_alloc(p->arena, size);
	node->kind = (uint16_t)kind;
	node->id = p->node_count++;
	node->start = start;
	node->end = end;
	return node;
}

static inline Expr expr_of(void *node)
{
	const Node *base = node;
	return (Expr){node, base->start, base->end};
}

/* The two commonest expressions. */
static inline Expr make_name(Parser *p, const Token *token)
{
	AstName *node = MAKE(Name, NAME, token->start, token->end);
	node->id = token->atom;
	return expr_of(node);
}

static inline Expr make_attribute(Parser *p, Expr value, const Token *name)
{
	AstAttribute *node = MAKE(Attribute, ATTRIBUTE, value.start, name->end);
	node->value = value.node;
	node->attr = name->atom;
	return expr_of(node);
}

/* grammar/engine.lt: feeds the tokens up to `last`, or to the first error. */
void parse_tokens(Parser *p, const Token *token, const Token *last);

/* tree.c: nodes and lists */
void scratch_grow(Parser *p);

static inline void scratch_push(Parser *p, void *item)
{
	if (p->scratch_count == p->scratch_capacity)
		scratch_grow(p);
	p->scratch[p->scratch_count++] = item;
}

static inline Open open_make(Parser *p)
{
	return (Open){.base = p->scratch_count};
}

static inline Open open_add_expr(Parser *p, Open list, Expr expr)
{
	scratch_push(p, expr.node);
	if (!list.count)
		list.start = expr.start;
	list.end = expr.end;
	list.count++;
	return list;
}

/* Returns the item, or NULL: an error before it is the one that is told. */
DiagItem *parse_error(Parser *p, DiagId id, uint32_t start, uint32_t end, const char *argument);
/* A name that is bound here. */
void check_binding(Parser *p, const Atom *name, uint32_t start, uint32_t end);
/* The node is written as 3.11 does not allow. */
void node_mark_newer(Parser *p, Node *node);
/* The first atom that stands twice in the list, or NULL. Sorts the list. */
const Atom *find_repeated(const Atom **atoms, uint32_t count);
Open open_add(Parser *p, Open list, void *node);
Open open_add_pair(Parser *p, Expr first, Expr second);
Open open_join(Parser *p, Open list, Open rest);
NodeList open_close(Parser *p, Open list);
AtomList open_close_names(Parser *p, Open list);
Suite suite_make(Parser *p, Open lines);
NodeList suite_list(Suite block);
void parse_finish(Parser *p, Open lines);
void parse_keep(Parser *p, Open lines);
void parse_refuse(Parser *p, const Token *token);
/* refuse_help.c: the help line, the edit and the related place of what parse_refuse has told. `line`: first token of the
   logical line; `at`: the token that does not fit. */
void refuse_help(Parser *p, const Token *line, const Token *at);
void parse_no_memory(Parser *p);

/* targets.c */
typedef enum TargetUse { TARGET_ASSIGN, TARGET_FOR, TARGET_WITH, TARGET_DELETE } TargetUse;
void target_set(Parser *p, Expr expr, TargetUse use);
const char *expr_kind_text(const Node *node);
/* A starred expression where only a tuple, list, set or call may have one. */
Expr expr_refuse_lone_star(Parser *p, Expr expr);

/* match_check.c */
void match_check(Parser *p, const AstMatch *node);

/* tree_stmt.c */
Node *make_expr_statement(Parser *p, Expr value);
Open open_add_target(Parser *p, Open list, Expr target);
Node *make_assign(Parser *p, Open targets, Expr value);
Open open_add_assign(Parser *p, Open targets, Expr value);
Node *make_aug_assign(Parser *p, Expr target, BinaryOperator op, Expr value);
Node *make_ann_assign(Parser *p, Expr target, Expr annotation, Expr value);
Node *make_plain(Parser *p, NodeKind kind, const Token *token);
Node *make_return(Parser *p, const Token *token, Expr value);
Node *make_raise(Parser *p, const Token *token, Expr exception, Expr cause);
Node *make_assert(Parser *p, const Token *token, Expr test, Expr message);
Node *make_delete(Parser *p, const Token *token, Open targets);
Open open_add_name(Parser *p, Open list, const Token *name);
Node *make_global(Parser *p, NodeKind kind, const Token *token, Open names);
Node *make_type_alias(Parser *p, const Token *token, const Token *name, NodeList params,
					  Expr value);
Node *make_alias(Parser *p, Dotted name, const Token *as);
Node *make_import(Parser *p, const Token *token, Open names);
Open open_add_star(Parser *p, const Token *star);
Node *make_import_from(Parser *p, const Token *token, Dots dots, Dotted module, Open names);

/* tree_block.c */
Node *make_if(Parser *p, const Token *token, Expr test, Suite body, Tail tail);
Tail tail_make_elif(Parser *p, Node *node);
Node *make_while(Parser *p, const Token *token, Expr test, Suite body, Suite orelse);
Node *make_for(Parser *p, const Token *async, const Token *token, Expr target, Expr iter,
			   Suite body, Suite orelse);
Open open_paren_items(Parser *p, const Token *open, Open items, const Token *close, bool comma);
Open open_add_item(Parser *p, Expr value);
Node *make_with_item(Parser *p, Expr value, Expr target);
Node *make_with(Parser *p, const Token *async, const Token *token, Open items, Suite body);
Node *make_try(Parser *p, const Token *token, Suite body, Open handlers, Suite orelse,
			   Suite finally);
Node *make_handler(Parser *p, const Token *token, const Token *star, Expr type, const Token *name,
				   Suite body);
Node *make_handler_bare(Parser *p, const Token *token, const Token *star, Expr types, Suite body);
Node *node_decorate(Parser *p, Open decorators, Node *definition);
Node *node_make_async(Parser *p, const Token *async, Node *function);
Node *make_function(Parser *p, const Token *token, const Token *name, NodeList types, Open params,
					Expr returns, Suite body);
Node *make_class(Parser *p, const Token *token, const Token *name, NodeList types, Open args,
				 Suite body);
Node *make_type_var(Parser *p, const Token *name, Expr bound, Expr value);
Node *make_type_pack(Parser *p, NodeKind kind, const Token *star, const Token *name, Expr value);

/* tree_args.c */
Param *param_make(Parser *p, const Token *name, const Token *star, Expr annotation, Expr value);
Open open_add_param(Parser *p, Open list, Param *param);
AstArguments *make_arguments(Parser *p, Open params);
Open open_add_arg(Parser *p, Open list, Expr arg);
Open open_refuse_generator(Parser *p, Open list);
Expr make_keyword(Parser *p, Expr name, Expr value);
Expr make_keywords(Parser *p, const Token *star, Expr value);
void split_args(Parser *p, Open list, NodeList *args, NodeList *keywords);

/* tree_match.c */
Node *make_match(Parser *p, const Token *token, Expr subject, Open cases);
Node *make_case(Parser *p, Expr pattern, Expr guard, Suite body);
Expr pattern_refuse_star(Parser *p, Expr pattern);
Expr make_sequence_pattern(Parser *p, Open list, uint32_t start, uint32_t end);
Expr make_star_pattern(Parser *p, const Token *star, const Token *name);
Expr make_as_pattern(Parser *p, Expr pattern, const Token *name);
Expr make_or_pattern(Parser *p, Open list);
Expr make_capture(Parser *p, const Token *name);
Expr make_value_pattern(Parser *p, Expr value);
Expr make_singleton_pattern(Parser *p, const Token *token);
Open open_add_rest(Parser *p, Open list, const Token *name);
Expr make_mapping_pattern(Parser *p, const Token *open, Open items, const Token *close);
Open open_add_class_arg(Parser *p, Open list, const Token *name, Expr pattern);
Expr make_class_pattern(Parser *p, Expr cls, Open args, const Token *close);
Expr make_complex(Parser *p, Expr real, BinaryOperator op, Expr imaginary);

/* tree_expr.c */
Expr make_tuple(Parser *p, Open list, uint32_t end);
Expr make_tuple_in(Parser *p, const Token *open, Open list, const Token *close);
Expr make_bare_tuple(Parser *p, Open list, uint32_t end);
Expr make_list(Parser *p, const Token *open, Open list, const Token *close);
Expr make_set(Parser *p, const Token *open, Open list, const Token *close);
Expr make_dict(Parser *p, const Token *open, Open items, const Token *close);
Open open_add_condition(Parser *p, Open list, Expr condition);
Open open_add_unpacked(Parser *p, Open list, const Token *star, Expr value);
Expr make_group(Parser *p, const Token *open, Expr inner, const Token *close);
Expr expr_refuse_star(Parser *p, Expr expr);
Expr make_star_operand(Parser *p, const Token *star, Expr value);
Expr make_not(Parser *p, const Token *token, Expr operand);
Expr make_starred(Parser *p, const Token *star, Expr value);
Expr make_generator(Parser *p, const Token *open, Expr element, Open comps, const Token *close);
Expr make_bare_generator(Parser *p, Expr element, Open comps);
Expr make_comprehension(Parser *p, NodeKind kind, const Token *open, Expr element, Open comps,
						const Token *close);
Expr make_dict_comp(Parser *p, const Token *open, Open items, Open comps, const Token *close);
Node *make_comp(Parser *p, const Token *async, const Token *token, Expr target, Expr iter,
				Open conditions);
Expr make_named_expr(Parser *p, Expr target, Expr value);
Expr make_yield(Parser *p, const Token *token, Expr value);
Expr make_yield_from(Parser *p, const Token *token, Expr value);
Expr make_if_expr(Parser *p, Expr body, Expr test, Expr orelse);
Expr make_lambda(Parser *p, const Token *token, Open params, Expr body);
Expr make_bool(Parser *p, Expr left, BoolOperator op, Expr right);
Expr make_compare(Parser *p, Expr left, CompareOperator op, Expr right);
Expr make_unary(Parser *p, const Token *token, UnaryOperator op, Expr operand);
Expr make_binary(Parser *p, Expr left, BinaryOperator op, Expr right);
Expr make_await(Parser *p, const Token *token, Expr value);
Expr make_number(Parser *p, const Token *token);
Expr make_constant(Parser *p, const Token *token, ConstantKind kind);
Expr make_call(Parser *p, Expr func, const Token *open, Open args, const Token *close);
Expr make_subscript(Parser *p, Expr value, Expr slice, const Token *close);
Expr make_index(Parser *p, Expr slice);
Expr make_slice(Parser *p, Expr lower, const Token *colon, Expr upper, const Token *second,
				Expr step);

/* tree_string.c, constants.c */
Open open_add_string(Parser *p, Open list, const Token *token);
Open open_add_middle(Parser *p, Open list, const Token *token);
Node *make_fstring(Parser *p, const Token *start, Open pieces, const Token *end);
Node *make_field(Parser *p, const Token *open, Expr value, const Token *equal,
				 Conversion conversion, Spec spec, const Token *close);
Spec make_spec(Parser *p, const Token *colon, Open pieces);
Expr make_string(Parser *p, Open parts);
Expr make_lone_string(Parser *p, const Token *token);
bool constant_from_number(Parser *p, const Token *token, ConstantValue *value);

#endif
