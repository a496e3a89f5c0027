/*
 * The grammar of Python 3.11 with what 3.12 to 3.14 added, for lemon. Each action is one call of a function in
 * gen/tree*.c, named after what it makes.
 *
 * How it is made LALR(1), and fast: assignment targets are read as expressions and turned into targets by the action.
 * `e` is every expression; its operators are told apart by precedence, and what precedence cannot say (no `not` or
 * lambda behind an operator, none of `not and or < if` after a star) the action refuses. Soft keywords, the
 * parenthesis of `with (`, the `in` of a `for` and the `if` of a comprehension are told apart by the lexer, which also
 * joins a dot and a name (DOTNAME), and a colon, the end of its line and the indent behind it (BLOCK). There are no
 * conflicts, and few rules that only rename: each costs as much as a token.
 *
 * Values: an Expr is a node and the range of its tokens, parentheses included. An Open is a list being read, on the
 * parser's scratch stack; a NodeList is one that is complete.
 * SPDX-License-Identifier: Apache-2.0
 */
%token_prefix TK_
%token_type {const Token *}
%extra_context {Parser *p}
%stack_size 0
%start_symbol module

%include {
#include "tree.h"
#include <stdlib.h>
#define NDEBUG 1
#include <assert.h>
}
%syntax_error { parse_refuse(p, TOKEN); }
%stack_overflow { parse_no_memory(p); }
%parse_accept { p->accepted = true; }

%token INDENT.
%right LAMBDA.
%right IF ELSE.
%left OR.
%left AND.
%right NOT.
%left IN IS LESS GREATER EQEQUAL NOTEQUAL LESSEQUAL GREATEREQUAL.
%left VBAR.
%left CIRCUMFLEX.
%left AMPER.
%left LEFTSHIFT RIGHTSHIFT.
%left PLUS MINUS.
%left STAR SLASH PERCENT AT DOUBLESLASH.
%right UNARY TILDE.
%right DOUBLESTAR.
%left AWAIT.
%left DOTNAME LPAR LSQB.

/* ---- file, lines, blocks ---- */

%type module_lines {Open}
%type lines {Open}
%type smalls {Open}
%type semis {Open}
%type simple_line {Open}
%type block {Suite}
%type small {Node *}
%type compound {Node *}

module ::= module_lines(B).                     { parse_finish(p, B); }
module_lines(A) ::= .                           { A = open_make(p); }
module_lines(A) ::= module_lines(B) simple_line(C). { A = open_join(p, B, C); parse_keep(p, A); }
module_lines(A) ::= module_lines(B) compound(C). { A = open_add(p, B, C); parse_keep(p, A); }

lines(A) ::= small(B) NEWLINE.                  { A = open_add(p, open_make(p), B); }
lines(A) ::= e(B) NEWLINE.                      { A = open_add(p, open_make(p), make_expr_statement(p, B)); }
lines(A) ::= targets(B) e(C) NEWLINE.           { A = open_add_assign(p, B, C); }
lines(A) ::= smalls(A) NEWLINE.
lines(A) ::= compound(B).                       { A = open_add(p, open_make(p), B); }
lines(A) ::= lines(B) small(C) NEWLINE.         { A = open_add(p, B, C); }
lines(A) ::= lines(B) e(C) NEWLINE.             { A = open_add(p, B, make_expr_statement(p, C)); }
lines(A) ::= lines(B) targets(C) e(D) NEWLINE.  { A = open_join(p, B, open_add_assign(p, C, D)); }
lines(A) ::= lines(B) smalls(C) NEWLINE.        { A = open_join(p, B, C); }
lines(A) ::= lines(B) compound(C).              { A = open_add(p, B, C); }

simple_line(A) ::= small(B) NEWLINE.            { A = open_add(p, open_make(p), B); }
simple_line(A) ::= e(B) NEWLINE.                { A = open_add(p, open_make(p), make_expr_statement(p, B)); }
simple_line(A) ::= targets(B) e(C) NEWLINE.     { A = open_add_assign(p, B, C); }
simple_line(A) ::= smalls(A) NEWLINE.
smalls(A) ::= semis(A).
smalls(A) ::= semis(B) small(C).                { A = open_add(p, B, C); }
smalls(A) ::= semis(B) e(C).                    { A = open_add(p, B, make_expr_statement(p, C)); }
smalls(A) ::= semis(B) targets(C) e(D).         { A = open_join(p, B, open_add_assign(p, C, D)); }
semis(A) ::= small(B) SEMI(C).                  { A = open_add(p, open_make(p), B); A.end = C->end; }
semis(A) ::= e(B) SEMI(C).                      { A = open_add(p, open_make(p), make_expr_statement(p, B)); A.end = C->end; }
semis(A) ::= targets(B) e(C) SEMI(D).           { A = open_add_assign(p, B, C); A.end = D->end; }
semis(A) ::= semis(B) targets(C) e(D) SEMI(E).
	{ A = open_join(p, B, open_add_assign(p, C, D)); A.end = E->end; }
semis(A) ::= semis(B) small(C) SEMI(D).         { A = open_add(p, B, C); A.end = D->end; }
semis(A) ::= semis(B) e(C) SEMI(D).             { A = open_add(p, B, make_expr_statement(p, C)); A.end = D->end; }

block(A) ::= COLON simple_line(B).              { A = suite_make(p, B); }
block(A) ::= BLOCK lines(B) DEDENT.             { A = suite_make(p, B); }

/* ---- simple statements ---- */

%type targets {Open}
%type augmented {BinaryOperator}
%type value {Expr}

small(A) ::= many(B).                           { A = make_expr_statement(p, B); }
small(A) ::= yield_expr(B).                     { A = make_expr_statement(p, B); }
small(A) ::= targets(B) many(C).                { A = make_assign(p, B, C); }
small(A) ::= targets(B) yield_expr(C).          { A = make_assign(p, B, C); }
small(A) ::= star_exprs(B) augmented(C) value(D). { A = make_aug_assign(p, B, C, D); }
small(A) ::= star_exprs(B) COLON e(C).          { A = make_ann_assign(p, B, C, NO_EXPR); }
small(A) ::= star_exprs(B) COLON e(C) EQUAL value(D). { A = make_ann_assign(p, B, C, D); }
targets(A) ::= e(B) EQUAL.                      { A = open_add_target(p, open_make(p), B); }
targets(A) ::= many(B) EQUAL.                   { A = open_add_target(p, open_make(p), B); }
targets(A) ::= yield_expr(B) EQUAL.             { A = open_add_target(p, open_make(p), B); }
targets(A) ::= targets(B) e(C) EQUAL.           { A = open_add_target(p, B, C); }
targets(A) ::= targets(B) many(C) EQUAL.        { A = open_add_target(p, B, C); }
targets(A) ::= targets(B) yield_expr(C) EQUAL.  { A = open_add_target(p, B, C); }
value(A) ::= star_exprs(A).
value(A) ::= yield_expr(A).
augmented(A) ::= PLUSEQUAL.                     { A = BINARY_ADD; }
augmented(A) ::= MINEQUAL.                      { A = BINARY_SUB; }
augmented(A) ::= STAREQUAL.                     { A = BINARY_MULT; }
augmented(A) ::= ATEQUAL.                       { A = BINARY_MAT_MULT; }
augmented(A) ::= SLASHEQUAL.                    { A = BINARY_DIV; }
augmented(A) ::= PERCENTEQUAL.                  { A = BINARY_MOD; }
augmented(A) ::= AMPEREQUAL.                    { A = BINARY_BIT_AND; }
augmented(A) ::= VBAREQUAL.                     { A = BINARY_BIT_OR; }
augmented(A) ::= CIRCUMFLEXEQUAL.               { A = BINARY_BIT_XOR; }
augmented(A) ::= LEFTSHIFTEQUAL.                { A = BINARY_L_SHIFT; }
augmented(A) ::= RIGHTSHIFTEQUAL.               { A = BINARY_R_SHIFT; }
augmented(A) ::= DOUBLESTAREQUAL.               { A = BINARY_POW; }
augmented(A) ::= DOUBLESLASHEQUAL.              { A = BINARY_FLOOR_DIV; }

small(A) ::= PASS(B).                           { A = make_plain(p, NODE_PASS, B); }
small(A) ::= BREAK(B).                          { A = make_plain(p, NODE_BREAK, B); }
small(A) ::= CONTINUE(B).                       { A = make_plain(p, NODE_CONTINUE, B); }
small(A) ::= RETURN(B).                         { A = make_return(p, B, NO_EXPR); }
small(A) ::= RETURN(B) e(C).                    { A = make_return(p, B, C); }
small(A) ::= RETURN(B) many(C).                 { A = make_return(p, B, C); }
small(A) ::= RAISE(B).                          { A = make_raise(p, B, NO_EXPR, NO_EXPR); }
small(A) ::= RAISE(B) e(C).                     { A = make_raise(p, B, C, NO_EXPR); }
small(A) ::= RAISE(B) e(C) FROM e(D).           { A = make_raise(p, B, C, D); }
small(A) ::= ASSERT(B) e(C).                    { A = make_assert(p, B, C, NO_EXPR); }
small(A) ::= ASSERT(B) e(C) COMMA e(D).         { A = make_assert(p, B, C, D); }
small(A) ::= DEL(B) star_list(C).               { A = make_delete(p, B, C); }
small(A) ::= DEL(B) star_list(C) COMMA(D).      { C.end = D->end; A = make_delete(p, B, C); }
small(A) ::= GLOBAL(B) names(C).                { A = make_global(p, NODE_GLOBAL, B, C); }
small(A) ::= NONLOCAL(B) names(C).              { A = make_global(p, NODE_NONLOCAL, B, C); }
small(A) ::= TYPE(B) NAME(C) EQUAL e(D).        { A = make_type_alias(p, B, C, NO_LIST, D); }
small(A) ::= TYPE(B) NAME(C) type_params(D) EQUAL e(E). { A = make_type_alias(p, B, C, D, E); }

%type names {Open}
names(A) ::= NAME(B).                           { A = open_add_name(p, open_make(p), B); }
names(A) ::= names(B) COMMA NAME(C).            { A = open_add_name(p, B, C); }

%type dotted {Dotted}
%type relative {Dotted}
%type dots {Dots}
%type import_names {Open}
%type from_names {Open}
%type from_name {Node *}
small(A) ::= IMPORT(B) import_names(C).         { A = make_import(p, B, C); }
import_names(A) ::= dotted(B).                  { A = open_add(p, open_make(p), make_alias(p, B, NULL)); }
import_names(A) ::= dotted(B) AS NAME(C).       { A = open_add(p, open_make(p), make_alias(p, B, C)); }
import_names(A) ::= import_names(B) COMMA dotted(C). { A = open_add(p, B, make_alias(p, C, NULL)); }
import_names(A) ::= import_names(B) COMMA dotted(C) AS NAME(D). { A = open_add(p, B, make_alias(p, C, D)); }
dotted(A) ::= NAME(B).                          { A = (Dotted){B, B}; }
dotted(A) ::= dotted(B) DOTNAME(C).             { A = (Dotted){B.first, C}; }
relative(A) ::= DOTNAME(B).                     { A = (Dotted){B, B}; }
relative(A) ::= relative(B) DOTNAME(C).         { A = (Dotted){B.first, C}; }
dots(A) ::= .                                   { A = (Dots){0}; }
dots(A) ::= dots(B) DOT.                        { A = (Dots){B.count + 1}; }
dots(A) ::= dots(B) ELLIPSIS.                   { A = (Dots){B.count + 3}; }
small(A) ::= FROM(B) dots(C) dotted(D) IMPORT from_names(E). { A = make_import_from(p, B, C, D, E); }
small(A) ::= FROM(B) dots(C) relative(D) IMPORT from_names(E).
	{ C.count++; A = make_import_from(p, B, C, D, E); }
small(A) ::= FROM(B) dots(C) IMPORT from_names(E). { A = make_import_from(p, B, C, (Dotted){NULL, NULL}, E); }
from_names(A) ::= STAR(B).                      { A = open_add_star(p, B); }
from_names(A) ::= from_list(A).
from_names(A) ::= LPAR from_list(B) RPAR(C).    { A = B; A.end = C->end; }
from_names(A) ::= LPAR from_list(B) COMMA RPAR(C). { A = B; A.end = C->end; }
%type from_list {Open}
from_list(A) ::= from_name(B).                  { A = open_add(p, open_make(p), B); }
from_list(A) ::= from_list(B) COMMA from_name(C). { A = open_add(p, B, C); }
from_name(A) ::= NAME(B).                       { A = make_alias(p, (Dotted){B, B}, NULL); }
from_name(A) ::= NAME(B) AS NAME(C).            { A = make_alias(p, (Dotted){B, B}, C); }

/* ---- compound statements ---- */

%type if_tail {Tail}
%type else_tail {Suite}
compound(A) ::= IF(B) e(C) block(D) if_tail(E). { A = make_if(p, B, C, D, E); }
compound(A) ::= IF(B) walrus(C) block(D) if_tail(E). { A = make_if(p, B, C, D, E); }
if_tail(A) ::= .                                { A = (Tail){NULL, 0, 0}; }
if_tail(A) ::= ELSE block(B).                   { A = B; }
if_tail(A) ::= ELIF(B) e(C) block(D) if_tail(E). { A = tail_make_elif(p, make_if(p, B, C, D, E)); }
if_tail(A) ::= ELIF(B) walrus(C) block(D) if_tail(E). { A = tail_make_elif(p, make_if(p, B, C, D, E)); }
else_tail(A) ::= .                              { A = (Suite){NULL, 0, 0}; }
else_tail(A) ::= ELSE block(B).                 { A = B; }

compound(A) ::= WHILE(B) namedexpr(C) block(D) else_tail(E). { A = make_while(p, B, C, D, E); }
compound(A) ::= FOR(B) for_targets(C) FORIN star_exprs(D) block(E) else_tail(F).
	{ A = make_for(p, NULL, B, C, D, E, F); }
compound(A) ::= ASYNC(G) FOR(B) for_targets(C) FORIN star_exprs(D) block(E) else_tail(F).
	{ A = make_for(p, G, B, C, D, E, F); }

%type for_targets {Expr}
%type target_list {Open}
%type target {Expr}
for_targets(A) ::= target(A).
for_targets(A) ::= target(B) COMMA(C).          { A = make_tuple(p, open_add_expr(p, open_make(p), B), C->end); }
for_targets(A) ::= target_list(B).              { A = make_tuple(p, B, B.end); }
for_targets(A) ::= target_list(B) COMMA(C).     { A = make_tuple(p, B, C->end); }
target_list(A) ::= target(B) COMMA target(C).   { A = open_add_pair(p, B, C); }
target_list(A) ::= target_list(B) COMMA target(C). { A = open_add_expr(p, B, C); }
target(A) ::= e(A).
target(A) ::= STAR(B) e(C).                     { A = make_star_operand(p, B, C); }

/* note [parenthesised with]: WITHPAR is the parenthesis that ends just before the statement's colon */
%type with_items {Open}
%type with_item {Node *}
%type paren_items {Open}
%type paren_item {Node *}
compound(A) ::= WITH(B) with_items(C) block(D). { A = make_with(p, NULL, B, C, D); }
compound(A) ::= ASYNC(E) WITH(B) with_items(C) block(D). { A = make_with(p, E, B, C, D); }
with_items(A) ::= with_list(A).
with_items(A) ::= WITHPAR(B) paren_items(C) RPAR(D). { A = open_paren_items(p, B, C, D, false); }
with_items(A) ::= WITHPAR(B) paren_items(C) COMMA RPAR(D). { A = open_paren_items(p, B, C, D, true); }
with_items(A) ::= WITHPAR(B) RPAR(C).           { A = open_add_item(p, make_tuple_in(p, B, open_make(p), C)); }
with_items(A) ::= WITHPAR(B) yield_expr(C) RPAR(D). { A = open_add_item(p, make_group(p, B, C, D)); }
with_items(A) ::= WITHPAR(B) star_named(C) comps(D) RPAR(E). { A = open_add_item(p, make_generator(p, B, C, D, E)); }
%type with_list {Open}
with_list(A) ::= with_item(B).                  { A = open_add(p, open_make(p), B); }
with_list(A) ::= with_list(B) COMMA with_item(C). { A = open_add(p, B, C); }
with_item(A) ::= e(B).                          { A = make_with_item(p, B, NO_EXPR); }
with_item(A) ::= e(B) AS target(C).             { A = make_with_item(p, B, C); }
paren_items(A) ::= paren_item(B).               { A = open_add(p, open_make(p), B); }
paren_items(A) ::= paren_items(B) COMMA paren_item(C). { A = open_add(p, B, C); }
paren_item(A) ::= star_named(B).                { A = make_with_item(p, B, NO_EXPR); }
paren_item(A) ::= e(B) AS target(C).            { A = make_with_item(p, B, C); }

%type handlers {Open}
%type handler {Node *}
%type finally {Suite}
compound(A) ::= TRY(B) block(C) FINALLY block(D).
	{ A = make_try(p, B, C, open_make(p), (Suite){NULL, 0, 0}, D); }
compound(A) ::= TRY(B) block(C) handlers(D) else_tail(E) finally(F). { A = make_try(p, B, C, D, E, F); }
finally(A) ::= .                                { A = (Suite){NULL, 0, 0}; }
finally(A) ::= FINALLY block(B).                { A = B; }
handlers(A) ::= handler(B).                     { A = open_add(p, open_make(p), B); }
handlers(A) ::= handlers(B) handler(C).         { A = open_add(p, B, C); }
handler(A) ::= EXCEPT(B) block(C).              { A = make_handler(p, B, NULL, NO_EXPR, NULL, C); }
handler(A) ::= EXCEPT(B) e(C) block(D).         { A = make_handler(p, B, NULL, C, NULL, D); }
handler(A) ::= EXCEPT(B) e(C) AS NAME(D) block(E). { A = make_handler(p, B, NULL, C, D, E); }
handler(A) ::= EXCEPT(B) except_list(C) block(D). { A = make_handler_bare(p, B, NULL, C, D); }
handler(A) ::= EXCEPT(B) STAR(F) e(C) block(D). { A = make_handler(p, B, F, C, NULL, D); }
handler(A) ::= EXCEPT(B) STAR(F) e(C) AS NAME(D) block(E). { A = make_handler(p, B, F, C, D, E); }
handler(A) ::= EXCEPT(B) STAR(F) except_list(C) block(D). { A = make_handler_bare(p, B, F, C, D); }
%type except_list {Expr}
%type except_items {Open}
except_list(A) ::= e(B) COMMA(C).               { A = make_tuple(p, open_add_expr(p, open_make(p), B), C->end); }
except_list(A) ::= except_items(B).             { A = make_tuple(p, B, B.end); }
except_list(A) ::= except_items(B) COMMA(C).    { A = make_tuple(p, B, C->end); }
except_items(A) ::= e(B) COMMA e(C).            { A = open_add_pair(p, B, C); }
except_items(A) ::= except_items(B) COMMA e(C). { A = open_add_expr(p, B, C); }

%type decorators {Open}
%type definition {Node *}
%type function {Node *}
compound(A) ::= definition(A).
compound(A) ::= decorators(B) definition(C).    { A = node_decorate(p, B, C); }
decorators(A) ::= AT namedexpr(B) NEWLINE.      { A = open_add_expr(p, open_make(p), B); }
decorators(A) ::= decorators(B) AT namedexpr(C) NEWLINE. { A = open_add_expr(p, B, C); }
definition(A) ::= function(A).
definition(A) ::= ASYNC(B) function(C).         { A = node_make_async(p, B, C); }
function(A) ::= DEF(B) NAME(C) LPAR params_opt(E) RPAR block(F).
	{ A = make_function(p, B, C, NO_LIST, E, NO_EXPR, F); }
function(A) ::= DEF(B) NAME(C) LPAR params_opt(E) RPAR RARROW e(G) block(F).
	{ A = make_function(p, B, C, NO_LIST, E, G, F); }
function(A) ::= DEF(B) NAME(C) type_params(D) LPAR params_opt(E) RPAR block(F).
	{ A = make_function(p, B, C, D, E, NO_EXPR, F); }
function(A) ::= DEF(B) NAME(C) type_params(D) LPAR params_opt(E) RPAR RARROW e(G) block(F).
	{ A = make_function(p, B, C, D, E, G, F); }
definition(A) ::= CLASS(B) NAME(C) type_params_opt(D) block(E).
	{ A = make_class(p, B, C, D, open_make(p), E); }
definition(A) ::= CLASS(B) NAME(C) type_params_opt(D) LPAR args_opt(F) RPAR block(E).
	{ A = make_class(p, B, C, D, F, E); }

%type type_params_opt {NodeList}
%type type_params {NodeList}
%type type_param_list {Open}
%type type_param {Node *}
type_params_opt(A) ::= .                        { A = NO_LIST; }
type_params_opt(A) ::= type_params(A).
type_params(A) ::= LSQB type_param_list(B) RSQB. { A = open_close(p, B); }
type_params(A) ::= LSQB type_param_list(B) COMMA RSQB. { A = open_close(p, B); }
type_param_list(A) ::= type_param(B).           { A = open_add(p, open_make(p), B); }
type_param_list(A) ::= type_param_list(B) COMMA type_param(C). { A = open_add(p, B, C); }
type_param(A) ::= NAME(B).                      { A = make_type_var(p, B, NO_EXPR, NO_EXPR); }
type_param(A) ::= NAME(B) COLON e(C).           { A = make_type_var(p, B, C, NO_EXPR); }
type_param(A) ::= NAME(B) EQUAL e(C).           { A = make_type_var(p, B, NO_EXPR, C); }
type_param(A) ::= NAME(B) COLON e(C) EQUAL e(D). { A = make_type_var(p, B, C, D); }
type_param(A) ::= STAR(B) NAME(C).              { A = make_type_pack(p, NODE_TYPE_VAR_TUPLE, B, C, NO_EXPR); }
type_param(A) ::= STAR(B) NAME(C) EQUAL star_expr(D). { A = make_type_pack(p, NODE_TYPE_VAR_TUPLE, B, C, D); }
type_param(A) ::= DOUBLESTAR(B) NAME(C).        { A = make_type_pack(p, NODE_PARAM_SPEC, B, C, NO_EXPR); }
type_param(A) ::= DOUBLESTAR(B) NAME(C) EQUAL e(D). { A = make_type_pack(p, NODE_PARAM_SPEC, B, C, D); }

/* Parameters: which may follow which is the action's affair, for the sake of its messages. */
%type params_opt {Open}
%type params {Open}
%type param {Param *}
%type lambda_opt {Open}
%type lambda_params {Open}
%type lambda_param {Param *}
params_opt(A) ::= .                             { A = open_make(p); }
params_opt(A) ::= params(A).
params_opt(A) ::= param(B).                     { A = open_add_param(p, open_make(p), B); }
params_opt(A) ::= params(B) param(C).           { A = open_add_param(p, B, C); }
params(A) ::= param(B) COMMA.                   { A = open_add_param(p, open_make(p), B); }
params(A) ::= params(B) param(C) COMMA.         { A = open_add_param(p, B, C); }
param(A) ::= NAME(B).                           { A = param_make(p, B, NULL, NO_EXPR, NO_EXPR); }
param(A) ::= NAME(B) COLON e(C).                { A = param_make(p, B, NULL, C, NO_EXPR); }
param(A) ::= NAME(B) EQUAL e(C).                { A = param_make(p, B, NULL, NO_EXPR, C); }
param(A) ::= NAME(B) COLON e(C) EQUAL e(D).     { A = param_make(p, B, NULL, C, D); }
param(A) ::= SLASH(B).                          { A = param_make(p, NULL, B, NO_EXPR, NO_EXPR); }
param(A) ::= STAR(B).                           { A = param_make(p, NULL, B, NO_EXPR, NO_EXPR); }
param(A) ::= STAR(B) NAME(C).                   { A = param_make(p, C, B, NO_EXPR, NO_EXPR); }
param(A) ::= STAR(B) NAME(C) COLON star_expr(D). { A = param_make(p, C, B, D, NO_EXPR); }
param(A) ::= STAR(B) NAME(C) EQUAL e(D).        { A = param_make(p, C, B, NO_EXPR, D); }
param(A) ::= DOUBLESTAR(B) NAME(C).             { A = param_make(p, C, B, NO_EXPR, NO_EXPR); }
param(A) ::= DOUBLESTAR(B) NAME(C) COLON e(D).  { A = param_make(p, C, B, D, NO_EXPR); }
param(A) ::= DOUBLESTAR(B) NAME(C) EQUAL e(D).  { A = param_make(p, C, B, NO_EXPR, D); }
lambda_opt(A) ::= .                             { A = open_make(p); }
lambda_opt(A) ::= lambda_params(A).
lambda_opt(A) ::= lambda_param(B).              { A = open_add_param(p, open_make(p), B); }
lambda_opt(A) ::= lambda_params(B) lambda_param(C). { A = open_add_param(p, B, C); }
lambda_params(A) ::= lambda_param(B) COMMA.     { A = open_add_param(p, open_make(p), B); }
lambda_params(A) ::= lambda_params(B) lambda_param(C) COMMA. { A = open_add_param(p, B, C); }
lambda_param(A) ::= NAME(B).                    { A = param_make(p, B, NULL, NO_EXPR, NO_EXPR); }
lambda_param(A) ::= NAME(B) EQUAL e(C).         { A = param_make(p, B, NULL, NO_EXPR, C); }
lambda_param(A) ::= SLASH(B).                   { A = param_make(p, NULL, B, NO_EXPR, NO_EXPR); }
lambda_param(A) ::= STAR(B).                    { A = param_make(p, NULL, B, NO_EXPR, NO_EXPR); }
lambda_param(A) ::= STAR(B) NAME(C).            { A = param_make(p, C, B, NO_EXPR, NO_EXPR); }
lambda_param(A) ::= STAR(B) NAME(C) EQUAL e(D). { A = param_make(p, C, B, NO_EXPR, D); }
lambda_param(A) ::= DOUBLESTAR(B) NAME(C).      { A = param_make(p, C, B, NO_EXPR, NO_EXPR); }
lambda_param(A) ::= DOUBLESTAR(B) NAME(C) EQUAL e(D). { A = param_make(p, C, B, NO_EXPR, D); }

/* ---- match ---- */

%type subject {Expr}
%type cases {Open}
%type case {Node *}
%type guard {Expr}
%type case_pattern {Expr}
%type pattern {Expr}
%type or_pattern {Expr}
%type or_patterns {Open}
%type closed_pattern {Expr}
%type maybe_star {Expr}
%type pattern_list {Open}
%type path {Expr}
%type number_pattern {Expr}
%type signed_number {Expr}
%type map_items {Open}
%type map_key {Expr}
%type class_args {Open}
compound(A) ::= MATCH(B) subject(C) BLOCK cases(D) DEDENT. { A = make_match(p, B, C, D); }
subject(A) ::= e(A).
subject(A) ::= lone(B).                         { A = expr_refuse_star(p, B); }
subject(A) ::= items(B).                        { A = make_tuple(p, B, B.end); }
subject(A) ::= items(B) e(C).                   { A = make_tuple(p, open_add_expr(p, B, C), C.end); }
subject(A) ::= items(B) lone(C).                { A = make_tuple(p, open_add_expr(p, B, C), C.end); }
cases(A) ::= case(B).                           { A = open_add(p, open_make(p), B); }
cases(A) ::= cases(B) case(C).                  { A = open_add(p, B, C); }
case(A) ::= CASE case_pattern(B) guard(C) block(D). { A = make_case(p, B, C, D); }
guard(A) ::= .                                  { A = NO_EXPR; }
guard(A) ::= IF namedexpr(B).                   { A = B; }
case_pattern(A) ::= maybe_star(B).              { A = pattern_refuse_star(p, B); }
case_pattern(A) ::= maybe_star(B) COMMA(C).     { A = make_sequence_pattern(p, open_add_expr(p, open_make(p), B), B.start, C->end); }
case_pattern(A) ::= pattern_list(B).            { A = make_sequence_pattern(p, B, B.start, B.end); }
case_pattern(A) ::= pattern_list(B) COMMA(C).   { A = make_sequence_pattern(p, B, B.start, C->end); }
pattern_list(A) ::= maybe_star(B) COMMA maybe_star(C). { A = open_add_pair(p, B, C); }
pattern_list(A) ::= pattern_list(B) COMMA maybe_star(C). { A = open_add_expr(p, B, C); }
maybe_star(A) ::= pattern(A).
maybe_star(A) ::= STAR(B) NAME(C).              { A = make_star_pattern(p, B, C); }
pattern(A) ::= or_pattern(A).
pattern(A) ::= or_pattern(B) AS NAME(C).        { A = make_as_pattern(p, B, C); }
or_pattern(A) ::= closed_pattern(A).
or_pattern(A) ::= or_patterns(B).               { A = make_or_pattern(p, B); }
or_patterns(A) ::= closed_pattern(B) VBAR closed_pattern(C). { A = open_add_pair(p, B, C); }
or_patterns(A) ::= or_patterns(B) VBAR closed_pattern(C). { A = open_add_expr(p, B, C); }
closed_pattern(A) ::= NAME(B).                  { A = make_capture(p, B); }
closed_pattern(A) ::= path(B).                  { A = make_value_pattern(p, B); }
closed_pattern(A) ::= number_pattern(B).        { A = make_value_pattern(p, B); }
closed_pattern(A) ::= strings(B).               { A = make_value_pattern(p, make_string(p, B)); }
closed_pattern(A) ::= LONESTRING(B).            { A = make_value_pattern(p, make_lone_string(p, B)); }
closed_pattern(A) ::= NONE(B).                  { A = make_singleton_pattern(p, B); }
closed_pattern(A) ::= TRUE(B).                  { A = make_singleton_pattern(p, B); }
closed_pattern(A) ::= FALSE(B).                 { A = make_singleton_pattern(p, B); }
closed_pattern(A) ::= LPAR(B) pattern(C) RPAR(D). { A = make_group(p, B, C, D); }
closed_pattern(A) ::= LPAR(B) RPAR(C).          { A = make_sequence_pattern(p, open_make(p), B->start, C->end); }
closed_pattern(A) ::= LPAR(B) maybe_star(C) COMMA RPAR(D).
	{ A = make_sequence_pattern(p, open_add_expr(p, open_make(p), C), B->start, D->end); }
closed_pattern(A) ::= LPAR(B) pattern_list(C) RPAR(D). { A = make_sequence_pattern(p, C, B->start, D->end); }
closed_pattern(A) ::= LPAR(B) pattern_list(C) COMMA RPAR(D). { A = make_sequence_pattern(p, C, B->start, D->end); }
closed_pattern(A) ::= LSQB(B) RSQB(C).          { A = make_sequence_pattern(p, open_make(p), B->start, C->end); }
closed_pattern(A) ::= LSQB(B) maybe_star(C) RSQB(D).
	{ A = make_sequence_pattern(p, open_add_expr(p, open_make(p), C), B->start, D->end); }
closed_pattern(A) ::= LSQB(B) maybe_star(C) COMMA RSQB(D).
	{ A = make_sequence_pattern(p, open_add_expr(p, open_make(p), C), B->start, D->end); }
closed_pattern(A) ::= LSQB(B) pattern_list(C) RSQB(D). { A = make_sequence_pattern(p, C, B->start, D->end); }
closed_pattern(A) ::= LSQB(B) pattern_list(C) COMMA RSQB(D). { A = make_sequence_pattern(p, C, B->start, D->end); }
closed_pattern(A) ::= LBRACE(B) RBRACE(C).      { A = make_mapping_pattern(p, B, open_make(p), C); }
closed_pattern(A) ::= LBRACE(B) map_items(C) RBRACE(D). { A = make_mapping_pattern(p, B, C, D); }
closed_pattern(A) ::= LBRACE(B) map_items(C) COMMA RBRACE(D). { A = make_mapping_pattern(p, B, C, D); }
map_items(A) ::= map_key(B) COLON pattern(C).   { A = open_add_pair(p, B, C); }
map_items(A) ::= DOUBLESTAR NAME(B).            { A = open_add_rest(p, open_make(p), B); }
map_items(A) ::= map_items(B) COMMA map_key(C) COLON pattern(D). { A = open_add_expr(p, open_add_expr(p, B, C), D); }
map_items(A) ::= map_items(B) COMMA DOUBLESTAR NAME(C). { A = open_add_rest(p, B, C); }
map_key(A) ::= path(A).
map_key(A) ::= number_pattern(A).
map_key(A) ::= strings(B).                      { A = make_string(p, B); }
map_key(A) ::= LONESTRING(B).                   { A = make_lone_string(p, B); }
map_key(A) ::= NONE(B).                         { A = make_constant(p, B, CONSTANT_NONE); }
map_key(A) ::= TRUE(B).                         { A = make_constant(p, B, CONSTANT_TRUE); }
map_key(A) ::= FALSE(B).                        { A = make_constant(p, B, CONSTANT_FALSE); }
closed_pattern(A) ::= NAME(B) LPAR RPAR(C).     { A = make_class_pattern(p, make_name(p, B), open_make(p), C); }
closed_pattern(A) ::= path(B) LPAR RPAR(C).     { A = make_class_pattern(p, B, open_make(p), C); }
closed_pattern(A) ::= NAME(B) LPAR class_args(C) RPAR(D). { A = make_class_pattern(p, make_name(p, B), C, D); }
closed_pattern(A) ::= path(B) LPAR class_args(C) RPAR(D). { A = make_class_pattern(p, B, C, D); }
closed_pattern(A) ::= NAME(B) LPAR class_args(C) COMMA RPAR(D). { A = make_class_pattern(p, make_name(p, B), C, D); }
closed_pattern(A) ::= path(B) LPAR class_args(C) COMMA RPAR(D). { A = make_class_pattern(p, B, C, D); }
class_args(A) ::= pattern(B).                   { A = open_add_class_arg(p, open_make(p), NULL, B); }
class_args(A) ::= NAME(B) EQUAL pattern(C).     { A = open_add_class_arg(p, open_make(p), B, C); }
class_args(A) ::= class_args(B) COMMA pattern(C). { A = open_add_class_arg(p, B, NULL, C); }
class_args(A) ::= class_args(B) COMMA NAME(C) EQUAL pattern(D). { A = open_add_class_arg(p, B, C, D); }
path(A) ::= NAME(B) DOTNAME(C).                 { A = make_attribute(p, make_name(p, B), C); }
path(A) ::= path(B) DOTNAME(C).                 { A = make_attribute(p, B, C); }
signed_number(A) ::= NUMBER(B).                 { A = make_number(p, B); }
signed_number(A) ::= MINUS(B) NUMBER(C).        { A = make_unary(p, B, UNARY_U_SUB, make_number(p, C)); }
number_pattern(A) ::= signed_number(A).
number_pattern(A) ::= signed_number(B) PLUS NUMBER(C). { A = make_complex(p, B, BINARY_ADD, make_number(p, C)); }
number_pattern(A) ::= signed_number(B) MINUS NUMBER(C). { A = make_complex(p, B, BINARY_SUB, make_number(p, C)); }

/* ---- expressions, from the widest to the narrowest ---- */

%type star_exprs {Expr}
%type many {Expr}
%type star_list {Open}
%type star_expr {Expr}
%type star_named {Expr}
%type namedexpr {Expr}
%type walrus {Expr}
%type lone {Expr}
%type items {Open}
%type e {Expr}
%type yield_expr {Expr}
star_exprs(A) ::= e(A).
star_exprs(A) ::= many(A).
many(A) ::= STAR(B) e(C).                       { A = make_star_operand(p, B, C); }
many(A) ::= star_expr(B) COMMA(C).              { A = make_tuple(p, open_add_expr(p, open_make(p), B), C->end); }
many(A) ::= star_items(B).                      { A = make_tuple(p, B, B.end); }
many(A) ::= star_items(B) COMMA(C).             { A = make_tuple(p, B, C->end); }
%type star_items {Open}
star_items(A) ::= star_expr(B) COMMA star_expr(C). { A = open_add_pair(p, B, C); }
star_items(A) ::= star_items(B) COMMA star_expr(C). { A = open_add_expr(p, B, C); }
star_list(A) ::= star_expr(B).                  { A = open_add_expr(p, open_make(p), B); }
star_list(A) ::= star_list(B) COMMA star_expr(C). { A = open_add_expr(p, B, C); }
star_expr(A) ::= e(A).
star_expr(A) ::= STAR(B) e(C).                  { A = make_star_operand(p, B, C); }
star_named(A) ::= e(A).
star_named(A) ::= lone(A).
namedexpr(A) ::= e(A).
namedexpr(A) ::= walrus(A).
walrus(A) ::= e(B) WALRUS e(C).                 { A = make_named_expr(p, B, C); }
lone(A) ::= walrus(A).
lone(A) ::= STAR(B) e(C).                       { A = make_star_operand(p, B, C); }
items(A) ::= e(B) COMMA(C).                     { A = open_add_expr(p, open_make(p), B); A.end = C->end; }
items(A) ::= lone(B) COMMA(C).                  { A = open_add_expr(p, open_make(p), B); A.end = C->end; }
items(A) ::= items(B) e(C) COMMA(D).            { A = open_add_expr(p, B, C); A.end = D->end; }
items(A) ::= items(B) lone(C) COMMA(D).         { A = open_add_expr(p, B, C); A.end = D->end; }
yield_expr(A) ::= YIELD(B).                     { A = make_yield(p, B, NO_EXPR); }
yield_expr(A) ::= YIELD(B) star_exprs(C).       { A = make_yield(p, B, C); }
yield_expr(A) ::= YIELD(B) FROM e(C).           { A = make_yield_from(p, B, C); }

e(A) ::= e(B) IF e(C) ELSE e(D).                { A = make_if_expr(p, B, C, D); }
e(A) ::= LAMBDA(B) lambda_opt(C) COLON e(D).    { A = make_lambda(p, B, C, D); }
e(A) ::= e(B) OR e(C).                          { A = make_bool(p, B, BOOL_OR, C); }
e(A) ::= e(B) AND e(C).                         { A = make_bool(p, B, BOOL_AND, C); }
e(A) ::= NOT(B) e(C).                           { A = make_not(p, B, C); }
e(A) ::= e(B) LESS e(C).                        { A = make_compare(p, B, COMPARE_LT, C); }
e(A) ::= e(B) GREATER e(C).                     { A = make_compare(p, B, COMPARE_GT, C); }
e(A) ::= e(B) EQEQUAL e(C).                     { A = make_compare(p, B, COMPARE_EQ, C); }
e(A) ::= e(B) NOTEQUAL e(C).                    { A = make_compare(p, B, COMPARE_NOT_EQ, C); }
e(A) ::= e(B) LESSEQUAL e(C).                   { A = make_compare(p, B, COMPARE_LT_E, C); }
e(A) ::= e(B) GREATEREQUAL e(C).                { A = make_compare(p, B, COMPARE_GT_E, C); }
e(A) ::= e(B) IN e(C).                          { A = make_compare(p, B, COMPARE_IN, C); }
e(A) ::= e(B) NOT IN e(C). [IN]                 { A = make_compare(p, B, COMPARE_NOT_IN, C); }
e(A) ::= e(B) IS e(C).                          { A = make_compare(p, B, COMPARE_IS, C); }
e(A) ::= e(B) IS NOT e(C). [IS]                 { A = make_compare(p, B, COMPARE_IS_NOT, C); }
e(A) ::= e(B) VBAR e(C).                        { A = make_binary(p, B, BINARY_BIT_OR, C); }
e(A) ::= e(B) CIRCUMFLEX e(C).                  { A = make_binary(p, B, BINARY_BIT_XOR, C); }
e(A) ::= e(B) AMPER e(C).                       { A = make_binary(p, B, BINARY_BIT_AND, C); }
e(A) ::= e(B) LEFTSHIFT e(C).                   { A = make_binary(p, B, BINARY_L_SHIFT, C); }
e(A) ::= e(B) RIGHTSHIFT e(C).                  { A = make_binary(p, B, BINARY_R_SHIFT, C); }
e(A) ::= e(B) PLUS e(C).                        { A = make_binary(p, B, BINARY_ADD, C); }
e(A) ::= e(B) MINUS e(C).                       { A = make_binary(p, B, BINARY_SUB, C); }
e(A) ::= e(B) STAR e(C).                        { A = make_binary(p, B, BINARY_MULT, C); }
e(A) ::= e(B) SLASH e(C).                       { A = make_binary(p, B, BINARY_DIV, C); }
e(A) ::= e(B) PERCENT e(C).                     { A = make_binary(p, B, BINARY_MOD, C); }
e(A) ::= e(B) AT e(C).                          { A = make_binary(p, B, BINARY_MAT_MULT, C); }
e(A) ::= e(B) DOUBLESLASH e(C).                 { A = make_binary(p, B, BINARY_FLOOR_DIV, C); }
e(A) ::= e(B) DOUBLESTAR e(C).                  { A = make_binary(p, B, BINARY_POW, C); }
e(A) ::= PLUS(B) e(C). [UNARY]                  { A = make_unary(p, B, UNARY_U_ADD, C); }
e(A) ::= MINUS(B) e(C). [UNARY]                 { A = make_unary(p, B, UNARY_U_SUB, C); }
e(A) ::= TILDE(B) e(C). [UNARY]                 { A = make_unary(p, B, UNARY_INVERT, C); }
e(A) ::= AWAIT(B) e(C).                         { A = make_await(p, B, C); }

e(A) ::= NAME(B).                               { A = make_name(p, B); }
e(A) ::= NUMBER(B).                             { A = make_number(p, B); }
e(A) ::= LONESTRING(B).                         { A = make_lone_string(p, B); }
e(A) ::= strings(B).                            { A = make_string(p, B); }
e(A) ::= NONE(B).                               { A = make_constant(p, B, CONSTANT_NONE); }
e(A) ::= TRUE(B).                               { A = make_constant(p, B, CONSTANT_TRUE); }
e(A) ::= FALSE(B).                              { A = make_constant(p, B, CONSTANT_FALSE); }
e(A) ::= ELLIPSIS(B).                           { A = make_constant(p, B, CONSTANT_ELLIPSIS); }
e(A) ::= e(B) DOTNAME(C).                       { A = make_attribute(p, B, C); }
e(A) ::= e(B) LPAR(C) RPAR(D).                  { A = make_call(p, B, C, open_make(p), D); }
e(A) ::= e(B) LPAR(C) e(D) RPAR(E).             { A = make_call(p, B, C, open_add_expr(p, open_make(p), D), E); }
e(A) ::= e(B) LPAR(C) args(D) e(F) RPAR(E).     { A = make_call(p, B, C, open_add_arg(p, D, F), E); }
e(A) ::= e(B) LPAR(C) args(D) RPAR(E).          { A = make_call(p, B, C, open_refuse_generator(p, D), E); }
e(A) ::= e(B) LPAR(C) arg(D) RPAR(E).           { A = make_call(p, B, C, open_add_expr(p, open_make(p), D), E); }
e(A) ::= e(B) LPAR(C) args(D) arg(F) RPAR(E).   { A = make_call(p, B, C, open_add_arg(p, D, F), E); }

e(A) ::= LPAR(B) RPAR(C).                       { A = make_tuple_in(p, B, open_make(p), C); }
e(A) ::= LPAR(B) yield_expr(C) RPAR(D).         { A = make_group(p, B, C, D); }
e(A) ::= LPAR(B) e(C) RPAR(D).                  { A = make_group(p, B, C, D); }
e(A) ::= LPAR(B) lone(C) RPAR(D).               { A = make_group(p, B, expr_refuse_star(p, C), D); }
e(A) ::= LPAR(B) items(C) RPAR(D).              { A = make_tuple_in(p, B, C, D); }
e(A) ::= LPAR(B) items(C) e(E) RPAR(D).         { A = make_tuple_in(p, B, open_add_expr(p, C, E), D); }
e(A) ::= LPAR(B) items(C) lone(E) RPAR(D).      { A = make_tuple_in(p, B, open_add_expr(p, C, E), D); }
e(A) ::= LPAR(B) e(C) comps(D) RPAR(E).         { A = make_generator(p, B, C, D, E); }
e(A) ::= LPAR(B) lone(C) comps(D) RPAR(E).      { A = make_generator(p, B, C, D, E); }

e(A) ::= LSQB(B) RSQB(C).                       { A = make_list(p, B, open_make(p), C); }
e(A) ::= LSQB(B) e(C) RSQB(D).                  { A = make_list(p, B, open_add_expr(p, open_make(p), C), D); }
e(A) ::= LSQB(B) lone(C) RSQB(D).               { A = make_list(p, B, open_add_expr(p, open_make(p), C), D); }
e(A) ::= LSQB(B) items(C) RSQB(D).              { A = make_list(p, B, C, D); }
e(A) ::= LSQB(B) items(C) e(E) RSQB(D).         { A = make_list(p, B, open_add_expr(p, C, E), D); }
e(A) ::= LSQB(B) items(C) lone(E) RSQB(D).      { A = make_list(p, B, open_add_expr(p, C, E), D); }
e(A) ::= LSQB(B) e(C) comps(D) RSQB(E).         { A = make_comprehension(p, NODE_LIST_COMP, B, C, D, E); }
e(A) ::= LSQB(B) lone(C) comps(D) RSQB(E).      { A = make_comprehension(p, NODE_LIST_COMP, B, C, D, E); }

e(A) ::= LBRACE(B) e(C) RBRACE(D).              { A = make_set(p, B, open_add_expr(p, open_make(p), C), D); }
e(A) ::= LBRACE(B) lone(C) RBRACE(D).           { A = make_set(p, B, open_add_expr(p, open_make(p), C), D); }
e(A) ::= LBRACE(B) items(C) RBRACE(D).          { A = make_set(p, B, C, D); }
e(A) ::= LBRACE(B) items(C) e(E) RBRACE(D).     { A = make_set(p, B, open_add_expr(p, C, E), D); }
e(A) ::= LBRACE(B) items(C) lone(E) RBRACE(D).  { A = make_set(p, B, open_add_expr(p, C, E), D); }
e(A) ::= LBRACE(B) e(C) comps(D) RBRACE(E).     { A = make_comprehension(p, NODE_SET_COMP, B, C, D, E); }
e(A) ::= LBRACE(B) lone(C) comps(D) RBRACE(E).  { A = make_comprehension(p, NODE_SET_COMP, B, C, D, E); }

%type dict_items {Open}
e(A) ::= LBRACE(B) RBRACE(C).                   { A = make_dict(p, B, open_make(p), C); }
e(A) ::= LBRACE(B) dict_items(C) RBRACE(D).     { A = make_dict(p, B, C, D); }
e(A) ::= LBRACE(B) dict_items(C) COMMA RBRACE(D). { A = make_dict(p, B, C, D); }
e(A) ::= LBRACE(B) dict_items(C) comps(D) RBRACE(E). { A = make_dict_comp(p, B, C, D, E); }
dict_items(A) ::= e(B) COLON e(C).              { A = open_add_pair(p, B, C); }
dict_items(A) ::= DOUBLESTAR(B) e(C).           { A = open_add_unpacked(p, open_make(p), B, C); }
dict_items(A) ::= dict_items(B) COMMA e(C) COLON e(D).
	{ A = open_add_expr(p, open_add_expr(p, B, C), D); }
dict_items(A) ::= dict_items(B) COMMA DOUBLESTAR(C) e(D). { A = open_add_unpacked(p, B, C, D); }

%type comps {Open}
%type comp {Node *}
%type conditions {Open}
comps(A) ::= comp(B).                           { A = open_add(p, open_make(p), B); }
comps(A) ::= comps(B) comp(C).                  { A = open_add(p, B, C); }
comp(A) ::= FOR(B) for_targets(C) FORIN e(D) conditions(E). { A = make_comp(p, NULL, B, C, D, E); }
comp(A) ::= ASYNC(F) FOR(B) for_targets(C) FORIN e(D) conditions(E). { A = make_comp(p, F, B, C, D, E); }
conditions(A) ::= .                             { A = open_make(p); }
conditions(A) ::= conditions(B) COMPIF e(C).    { A = open_add_condition(p, B, C); }

/* `args` are arguments and their commas; the last one has none, so that it needs no rule of its own. */
%type args_opt {Open}
%type args {Open}
%type arg {Expr}
args_opt(A) ::= .                               { A = open_make(p); }
args_opt(A) ::= args(B).                        { A = open_refuse_generator(p, B); }
args_opt(A) ::= e(B).                           { A = open_add_expr(p, open_make(p), B); }
args_opt(A) ::= arg(B).                         { A = open_add_expr(p, open_make(p), B); }
args_opt(A) ::= args(B) e(C).                   { A = open_add_arg(p, B, C); }
args_opt(A) ::= args(B) arg(C).                 { A = open_add_arg(p, B, C); }
args(A) ::= e(B) COMMA.                         { A = open_add_expr(p, open_make(p), B); }
args(A) ::= arg(B) COMMA.                       { A = open_add_expr(p, open_make(p), B); }
args(A) ::= args(B) e(C) COMMA.                 { A = open_add_arg(p, B, C); }
args(A) ::= args(B) arg(C) COMMA.               { A = open_add_arg(p, B, C); }
arg(A) ::= walrus(A).
arg(A) ::= e(B) comps(C).                       { A = make_bare_generator(p, B, C); }
arg(A) ::= walrus(B) comps(C).                  { A = make_bare_generator(p, B, C); }
arg(A) ::= STAR(B) e(C).                        { A = make_starred(p, B, C); }
arg(A) ::= e(B) EQUAL e(C).                     { A = make_keyword(p, B, C); }
arg(A) ::= DOUBLESTAR(B) e(C).                  { A = make_keywords(p, B, C); }

%type slice {Expr}
%type slices {Open}
%type bound {Expr}
e(A) ::= e(B) LSQB e(C) RSQB(D).                { A = make_subscript(p, B, C, D); }
e(A) ::= e(B) LSQB slice(C) RSQB(D).            { A = make_subscript(p, B, make_index(p, C), D); }
e(A) ::= e(B) LSQB slices(C) RSQB(D).           { A = make_subscript(p, B, make_tuple(p, C, C.end), D); }
e(A) ::= e(B) LSQB slices(C) e(E) RSQB(D).
	{ A = make_subscript(p, B, make_tuple(p, open_add_expr(p, C, E), E.end), D); }
e(A) ::= e(B) LSQB slices(C) slice(E) RSQB(D).
	{ A = make_subscript(p, B, make_tuple(p, open_add_expr(p, C, E), E.end), D); }
slices(A) ::= e(B) COMMA(C).                    { A = open_add_expr(p, open_make(p), B); A.end = C->end; }
slices(A) ::= slice(B) COMMA(C).                { A = open_add_expr(p, open_make(p), B); A.end = C->end; }
slices(A) ::= slices(B) e(C) COMMA(D).          { A = open_add_expr(p, B, C); A.end = D->end; }
slices(A) ::= slices(B) slice(C) COMMA(D).      { A = open_add_expr(p, B, C); A.end = D->end; }
slice(A) ::= walrus(A).
slice(A) ::= STAR(B) e(C).                      { A = make_starred(p, B, C); }
slice(A) ::= COLON(B) bound(C).                 { A = make_slice(p, NO_EXPR, B, C, NULL, NO_EXPR); }
slice(A) ::= e(D) COLON(B) bound(C).            { A = make_slice(p, D, B, C, NULL, NO_EXPR); }
slice(A) ::= COLON(B) bound(C) COLON(E) bound(F). { A = make_slice(p, NO_EXPR, B, C, E, F); }
slice(A) ::= e(D) COLON(B) bound(C) COLON(E) bound(F). { A = make_slice(p, D, B, C, E, F); }
bound(A) ::= .                                  { A = NO_EXPR; }
bound(A) ::= e(A).

/* ---- strings ---- */

%type strings {Open}
%type fstring {Node *}
%type pieces {Open}
%type field {Node *}
%type field_value {Expr}
%type field_equal {const Token *}
%type conversion {Conversion}
%type spec {Spec}
strings(A) ::= STRING(B).                       { A = open_add_string(p, open_make(p), B); }
strings(A) ::= fstring(B).                      { A = open_add(p, open_make(p), B); }
strings(A) ::= strings(B) STRING(C).            { A = open_add_string(p, B, C); }
strings(A) ::= strings(B) fstring(C).           { A = open_add(p, B, C); }
fstring(A) ::= FSTRING_START(B) pieces(C) FSTRING_END(D). { A = make_fstring(p, B, C, D); }
pieces(A) ::= .                                 { A = open_make(p); }
pieces(A) ::= pieces(B) FSTRING_MIDDLE(C).      { A = open_add_middle(p, B, C); }
pieces(A) ::= pieces(B) field(C).               { A = open_add(p, B, C); }
field(A) ::= FIELD_OPEN(B) field_value(C) field_equal(D) conversion(E) spec(F) FIELD_CLOSE(G).
	{ A = make_field(p, B, C, D, E, F, G); }
field_value(A) ::= yield_expr(A).
field_value(A) ::= e(A).
field_value(A) ::= lone(B).                     { A = expr_refuse_star(p, B); }
field_value(A) ::= items(B).                    { A = make_bare_tuple(p, B, B.end); }
field_value(A) ::= items(B) e(C).               { A = make_bare_tuple(p, open_add_expr(p, B, C), C.end); }
field_value(A) ::= items(B) lone(C).            { A = make_bare_tuple(p, open_add_expr(p, B, C), C.end); }
field_value(A) ::= e(B) comps(C).               { A = make_bare_generator(p, B, C); }
field_value(A) ::= lone(B) comps(C).            { A = make_bare_generator(p, B, C); }
field_equal(A) ::= .                            { A = NULL; }
field_equal(A) ::= FIELD_EQUAL(B).              { A = B; }
conversion(A) ::= .                             { A = (Conversion){NULL, NULL}; }
conversion(A) ::= FIELD_BANG(B) NAME(C).        { A = (Conversion){B, C}; }
spec(A) ::= .                                   { A = (Spec){NULL, NULL}; }
spec(A) ::= FIELD_SPEC(B) pieces(C).            { A = make_spec(p, B, C); }
