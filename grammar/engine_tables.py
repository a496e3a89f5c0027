"""Lays lemon's tables out anew, for the engine in engine.lt: one load tells all that a step needs.

usage: engine_tables.py python.c python_tables.h

lemon numbers states and actions; from state and symbol its engine comes to the next state in four loads, each of which
waits for the one before. Here a step is one entry of eight bytes: the symbol that it is for, what to do, the rule to
reduce by, and where the rows of the next state begin. A row of steps is a state's: `steps` by token (those that it
does not name take the row's fallback), `gotos` by symbol of a rule. Rows with the same content are one.

Where a token, or a symbol, is the whole of the rule that it is reduced by, the state below is the row's own, so that
what comes after the reduction is known here: such a step has its next state written in it. If such a rule has no
action either, nothing is left of it.
SPDX-License-Identifier: Apache-2.0
"""

import re
import sys

SHIFT, KNOWN, ACCEPT, ERROR = 1, 2, 4, 8


def read_arrays(text):
    arrays = {}
    for name, body in re.findall(r"static const [a-zA-Z ]+ (\w+)\[\] = \{(.*?)\};", text, re.S):
        body = re.sub(r"/\*.*?\*/|//.*", "", body, flags=re.S)
        values = [part.strip() for part in body.split(",") if part.strip()]
        if all(re.fullmatch(r"-?\d+", value) for value in values):
            arrays[name] = [int(value) for value in values]
    return arrays


class Tables:
    def __init__(self, text):
        self.number = {name: int(value) for name, value in re.findall(r"#define (YY\w+)\s+\(?(-?\d+)\)?$", text, re.M)}
        arrays = read_arrays(text)
        self.action, self.lookahead = arrays["yy_action"], arrays["yy_lookahead"]
        self.shift, self.reduce = arrays["yy_shift_ofst"], arrays["yy_reduce_ofst"]
        self.default = arrays["yy_default"]
        self.symbols, self.lengths = arrays["rule_symbols"], arrays["rule_lengths"]
        self.states = self.number["YYNSTATE"]
        self.no_rule = self.number["YYNRULE"]

    def entries(self, offset, symbols):
        for symbol in symbols:
            at = offset + symbol
            if 0 <= at < len(self.action) and self.lookahead[at] == symbol:
                yield symbol, self.action[at]

    def tokens(self, state):
        return dict(self.entries(self.shift[state], range(self.number["YYNTOKEN"])))

    def goto(self, state, symbol):
        return self.action[self.reduce[state] + symbol]

    def step(self, state, action, flags):
        """(flags, rule, next state): what `action` means in a row of `state`; a shift comes with its flag."""
        number = self.number
        if action <= number["YY_MAX_SHIFT"]:
            return flags | KNOWN, self.no_rule, action
        if action == number["YY_ACCEPT_ACTION"]:
            return ACCEPT, self.no_rule, 0
        if action == number["YY_ERROR_ACTION"] or action == number["YY_NO_ACTION"]:
            return ERROR, self.no_rule, 0
        if action >= number["YY_MIN_REDUCE"]:
            rule = action - number["YY_MIN_REDUCE"]
        else:
            rule = action - number["YY_MIN_SHIFTREDUCE"]
        return flags, rule, 0

    def simplify(self, state, step):
        """The same for a step whose symbol is on top of `state`: reductions of that symbol alone are looked through."""
        flags, rule, following = step
        while not flags & (KNOWN | ACCEPT | ERROR) and self.lengths[rule] == -1:
            has_action = rule < self.number["YYNRULE_WITH_ACTION"]
            after = self.step(state, self.goto(state, self.symbols[rule]), 0)
            if has_action:
                after = self.simplify(state, after)
                if after[0] & KNOWN and after[1] == self.no_rule:
                    return flags | KNOWN, rule, after[2]
                return flags, rule, 0
            flags, rule, following = flags | after[0], after[1], after[2]
        return flags, rule, following


def pack(rows, width):
    """First fit of rows (dicts of symbol: step) into one array; each gets an offset of its own unless it is equal."""
    table, offsets, used = [], {}, set()
    for key in sorted(rows, key=lambda key: -len(key[0])):
        content = key[0]
        offset = 0
        while offset in used or any(offset + symbol < len(table) and table[offset + symbol] for symbol, _ in content):
            offset += 1
        used.add(offset)
        offsets[key] = offset
        table.extend([None] * (offset + width - len(table)))
        for symbol, step in content:
            table[offset + symbol] = (symbol, *step)
    return table, offsets


def write(out, tables):
    width, first = tables.number["YYNTOKEN"], min(tables.symbols)
    step_rows, goto_rows, step_key, goto_key = set(), set(), {}, {}
    for state in range(tables.states):
        steps = []
        for token, action in tables.tokens(state).items():
            flags = SHIFT if action < tables.number["YY_ERROR_ACTION"] else 0
            step = tables.step(state, action, flags)
            steps.append((token, tables.simplify(state, step) if flags else step))
        fallback = tables.step(state, tables.default[state], 0)
        step_key[state] = (tuple(steps), fallback)
        step_rows.add(step_key[state])
        gotos = []
        if state <= tables.number["YY_REDUCE_COUNT"]:
            for symbol, action in tables.entries(tables.reduce[state], range(first, tables.number["YYNOCODE"])):
                gotos.append((symbol - first, tables.simplify(state, tables.step(state, action, 0))))
        goto_key[state] = (tuple(gotos), None)
        goto_rows.add(goto_key[state])
    steps, step_offsets = pack(step_rows, width)
    gotos, goto_offsets = pack(goto_rows, max(tables.symbols) - first + 1)

    def entry(row):
        if not row:
            return "STEP(255, STEP_ERROR >> 8, NO_RULE, 0, 0),"
        symbol, flags, rule, state = row
        known = flags & KNOWN
        shift = step_offsets[step_key[state]] if known else 0
        goto = goto_offsets[goto_key[state]] if known else 0
        return f"STEP({symbol}, {flags}, {rule}, {shift}, {goto}),"

    out.write("/* Made by grammar/engine_tables.py. */\n")
    for name, flag in ("SHIFT", SHIFT), ("KNOWN", KNOWN), ("ACCEPT", ACCEPT), ("ERROR", ERROR):
        out.write(f"#define STEP_{name} {flag << 8}\n")
    out.write(f"enum {{ NO_RULE = {tables.no_rule}, FIRST_SYMBOL = {first}, ")
    out.write(f"START_ROWS = {step_offsets[step_key[0]] | goto_offsets[goto_key[0]] << 16} }};\n")
    fallbacks = {offset: (255, *key[1]) for key, offset in step_offsets.items()}
    for name, rows in (
        ("steps", steps),
        ("gotos", gotos),
        ("fallbacks", [fallbacks.get(i) for i in range(max(fallbacks) + 1)]),
    ):
        out.write(f"static const Step {name}[] = {{\n")
        for row in rows:
            out.write("\t" + entry(row) + "\n")
        out.write("};\n")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        tables = Tables(file.read())
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        write(out, tables)


if __name__ == "__main__":
    main()
