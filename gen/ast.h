/*
 * The syntax tree. Its nodes are listed once, in ast.def; this header turns the rows into structs.
 * Every node begins with a Node: kind and byte range in the source. Trees are made by the parser and never change.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_AST_H
#define SBX_GEN_AST_H

#include "source.h"

typedef enum NodeKind {
#define AST_NODE(ENUM, printed, Struct, fields) NODE_##ENUM,
#define AST_SAME(ENUM, printed, Struct, Other) NODE_##ENUM,
#include "ast.def"
#undef AST_NODE
#undef AST_SAME
	NODE_COUNT
} NodeKind;

enum {
	NODE_FLAG_NEWER = 1, /* written as only 3.12 and later allow (PEP 695, 696, 701, 750, 758) */
	NODE_FLAG_BARE = 2,  /* parser: a generator expression without parentheses of its own */
};

typedef struct Node {
	uint16_t kind;  /* NodeKind */
	uint16_t flags; /* NODE_FLAG_* */
	uint32_t
		id; /* dense, from 0, in order of making: an index for side tables (Module.node_count of them) */
	uint32_t start, end; /* byte range in the source */
} Node;

typedef struct NodeList {
	Node **items;
	uint32_t count;
} NodeList;

typedef struct AtomList {
	const Atom **items;
	uint32_t count;
} AtomList;

typedef enum ConstantKind {
	CONSTANT_NONE,
	CONSTANT_TRUE,
	CONSTANT_FALSE,
	CONSTANT_ELLIPSIS,
	CONSTANT_INT, /* `text` holds the literal without underscores, with its 0x 0o 0b prefix; `integer` if it fits */
	CONSTANT_FLOAT,   /* `real` */
	CONSTANT_COMPLEX, /* `real` is the imaginary part */
	CONSTANT_STR, /* `text`, `length`: UTF-8 after escapes and joining; a lone surrogate stands as its three bytes */
	CONSTANT_BYTES, /* `text`, `length` */
} ConstantKind;

typedef struct ConstantValue {
	ConstantKind kind;
	bool fits; /* CONSTANT_INT: `integer` holds it */
	uint32_t length;
	const char *text;
	int64_t integer;
	double real;
} ConstantValue;

typedef enum BinaryOperator {
	BINARY_ADD,
	BINARY_SUB,
	BINARY_MULT,
	BINARY_MAT_MULT,
	BINARY_DIV,
	BINARY_MOD,
	BINARY_POW,
	BINARY_L_SHIFT,
	BINARY_R_SHIFT,
	BINARY_BIT_OR,
	BINARY_BIT_XOR,
	BINARY_BIT_AND,
	BINARY_FLOOR_DIV,
} BinaryOperator;
typedef enum UnaryOperator { UNARY_INVERT, UNARY_NOT, UNARY_U_ADD, UNARY_U_SUB } UnaryOperator;
typedef enum BoolOperator { BOOL_AND, BOOL_OR } BoolOperator;
typedef enum ExprContext { CONTEXT_LOAD, CONTEXT_STORE, CONTEXT_DEL } ExprContext;
typedef enum CompareOperator {
	COMPARE_EQ,
	COMPARE_NOT_EQ,
	COMPARE_LT,
	COMPARE_LT_E,
	COMPARE_GT,
	COMPARE_GT_E,
	COMPARE_IS,
	COMPARE_IS_NOT,
	COMPARE_IN,
	COMPARE_NOT_IN,
} CompareOperator;
typedef struct CompareOperatorList {
	CompareOperator *items;
	uint32_t count;
} CompareOperatorList;

#define NODE(name) Node *name;
#define NODE_OPT(name) Node *name;
#define NODE_OPT_NEW(name) Node *name;
#define NODES(name) NodeList name;
#define NODES_OPT(name) NodeList name;
#define NODES_NEW(name) NodeList name;
#define ATOM(name) const Atom *name;
#define ATOM_OPT(name) const Atom *name;
#define ATOMS(name) AtomList name;
#define INT(name) int name;
#define INT_OPT(name) int name;
#define CONSTANT(name) ConstantValue name;
#define ENUM(name, Type) Type name;
#define COMPARE_OPS(name) CompareOperatorList name;
#define TYPE_COMMENT(name)
#define TYPE_IGNORES(name)
#define AST_NODE(ENUM_NAME, printed, Struct, fields) \
	typedef struct Ast##Struct { \
		Node base; \
		fields \
	} Ast##Struct;
#define AST_SAME(ENUM_NAME, printed, Struct, Other) typedef Ast##Other Ast##Struct;
#include "ast.def"
#undef AST_NODE
#undef AST_SAME
#undef NODE
#undef NODE_OPT
#undef NODE_OPT_NEW
#undef NODES
#undef NODES_OPT
#undef NODES_NEW
#undef ATOM
#undef ATOM_OPT
#undef ATOMS
#undef INT
#undef INT_OPT
#undef CONSTANT
#undef ENUM
#undef COMPARE_OPS
#undef TYPE_COMMENT
#undef TYPE_IGNORES

/* What the parser returns. */
typedef struct Module {
	const Source *source;
	AstModule *tree;
	uint32_t node_count;
	uint32_t
		depth; /* of the tree; a phase that walks it by recursion refuses one that is too deep for its stack */
	bool complete; /* false: there was a syntax error; `tree` holds the statements before it */
	bool newer;    /* some node has NODE_FLAG_NEWER: CPython 3.11 would refuse the file */
} Module;

#include "tokens.h"

/* Parses a file. Never NULL; syntax errors are diagnostics. */
const Module *parse_module(Arena *arena, AtomTable *atoms, Diag *diag, const Tokens *tokens);
/* The same without what CPython refuses only after parsing (`return` outside a function); `depth` stays 0. */
const Module *parse_tree(Arena *arena, AtomTable *atoms, Diag *diag, const Tokens *tokens);

/* Prints as `ast.dump(tree)` does; with `attributes`, as `ast.dump(tree, include_attributes=True)`. */
typedef struct Text Text;
void ast_dump(Text *out, const Module *module, bool attributes);
/* One node and what is below it, without places. */
void ast_dump_node(Text *out, const Node *node);
const char *node_kind_text(NodeKind kind);

/* The text of a node as written, cut to a line and to what a message can hold. */
const char *node_text(Arena *arena, const Source *source, const Node *node);

/* Calls `visit` for each direct child, in the order of ast.def. */
void node_children(const Node *node, void (*visit)(void *context, Node *child), void *context);

/* Does the call give *args or **kwargs? */
bool call_has_spread(const AstCall *call);
/* The value given for a keyword by name; NULL: none. */
const Node *call_keyword(const AstCall *call, const char *name);

#endif
