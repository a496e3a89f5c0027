/*
 * The engine that lemon puts around the tables and actions of grammar/python.y: this file is its template, and each
 * line of two percent signs is where lemon inserts something. It differs from the engine that comes with lemon in
 * that it takes all tokens at once, finishes a token's reductions when they are certain, and keeps with each entry of
 * the stack where its row of gotos begins, which is a load less on the way from one step to the next.
 *
 * A state's action for a token stands at shift offset + token in yy_action if yy_lookahead names the token there, else
 * it is the state's default. Actions, in order of number: go to a state; take the token and reduce by a rule; error,
 * accept; reduce by a rule.
 * SPDX-License-Identifier: Apache-2.0
 */
% % % % % % % %

#define yytestcase(condition)

#if 0 /* no fallback tokens; names of symbols and rules are for tracing; nothing needs a destructor */
%%
%%
%%
%%
#endif

	typedef struct StackEntry {
	YYMINORTYPE minor;
	YYACTIONTYPE state;
	short gotos; /* yy_reduce_ofst of the state */
} StackEntry;

typedef struct Engine {
	StackEntry *bottom, *top, *last;
} Engine;

enum { FIRST_ENTRIES = 128 };

/* Twice the room; false when there is no memory. */
static bool engine_grow(Parser *p, Engine *engine)
{
	size_t used = engine->bottom ? (size_t)(engine->top - engine->bottom) : 0;
	size_t size = engine->bottom ? (size_t)(engine->last - engine->bottom + 1) * 2 : FIRST_ENTRIES;
	StackEntry *larger = realloc(engine->bottom, size * sizeof *larger);
	if (!larger) {
		% % return false;
	}
	*engine = (Engine){larger, larger + used, larger + size - 1};
	return true;
}

static const YYCODETYPE rule_symbols[] = { % % };

/* The number of symbols on the right-hand side, negative. */
static const signed char rule_lengths[] = { % % };

/* Runs the action of a rule. Its value goes where its first symbol was, or into the next entry if it has none. */
static inline void run_action(Parser *p, StackEntry *yymsp, unsigned yyruleno)
{
	switch (yyruleno) {
		% %
	}
}

static inline void entry_set(StackEntry *entry, unsigned state)
{
	entry->state = (YYACTIONTYPE)state;
	entry->gotos = (short)yy_reduce_ofst[state <= YY_REDUCE_COUNT ? state : 0];
}

/* Reduces until the next step needs a token. Returns the state then, or YY_ACCEPT_ACTION. */
static inline unsigned reduce(Parser *p, Engine *engine, unsigned rule)
{
	for (;;) {
		run_action(p, engine->top, rule);
		engine->top += rule_lengths[rule];
		unsigned next = yy_action[engine->top->gotos + rule_symbols[rule]];
		engine->top++;
		if (next < YY_MIN_REDUCE) {
			if (next <= YY_MAX_SHIFT)
				entry_set(engine->top, next);
			return next;
		}
		rule = next - YY_MIN_REDUCE;
	}
}

/* Takes one token; false after the last, and after an error. */
static inline bool take_token(Parser *p, Engine *engine, const Token *token)
{
	unsigned state = engine->top->state;
	while (state != YY_ACCEPT_ACTION) {
		if (engine->top + 2 > engine->last && !engine_grow(p, engine))
			return false;
		unsigned at = (unsigned)yy_shift_ofst[state] + token->kind;
		unsigned action = yy_lookahead[at] == token->kind ? yy_action[at] : yy_default[state];
		if (action >= YY_MIN_REDUCE) {
			state = reduce(p, engine, action - YY_MIN_REDUCE);
			continue;
		}
		if (action <= YY_MAX_SHIFTREDUCE) {
			engine->top++;
			engine->top->minor.yy0 = token;
			if (action <= YY_MAX_SHIFT)
				entry_set(engine->top, action);
			else
				reduce(p, engine, action - YY_MIN_SHIFTREDUCE);
			return true;
		}
#define TOKEN token
		% % % % return false;
	}
	% % return false;
}

void parse_tokens(Parser *p, const Token *token, const Token *last)
{
	Engine engine = {NULL, NULL, NULL};
	if (!engine_grow(p, &engine))
		return;
	entry_set(engine.top, 0);
	while (token <= last && !p->failed && take_token(p, &engine, token))
		token++;
	free(engine.bottom);
}
