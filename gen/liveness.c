/*
 * Liveness by the usual backward data flow. Most registers are temporaries that live inside one block; only those
 * that some block reads before it sets them get a place in the bit sets. A set holds only the words that have a bit, so
 * that variables which live in few blocks cost little however long the function is; a block is looked at again only
 * when a successor's set has changed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "liveness.h"

#include <stdlib.h>
#include <string.h>

#include "machine_rows.h"

void op_reads(const Op *op, RegisterVisit visit, void *context)
{
	const char *specification = op_row(op->code)->operands;
	for (uint32_t i = 0; i < op->count; i++) {
		if (!op->operands[i].constant)
			visit(context, op->operands[i].reg, op_operand_letter(specification, i));
	}
}

void exit_reads(const Exit *exit, RegisterVisit visit, void *context)
{
	for (uint32_t i = 0; i < exit->count; i++) {
		if (!exit->operands[i].constant)
			visit(context, exit->operands[i].reg, exit_operand_letter(exit, i));
	}
	if (exit->kind == EXIT_BRANCH)
		visit(context, exit->condition, 'b');
}

uint32_t block_successors(const Block *block, Block *successors[2])
{
	uint32_t count = 0;
	if (block->exit.kind == EXIT_RETURN || block->exit.kind == EXIT_RAISE)
		return 0;
	if (block->exit.to)
		successors[count++] = block->exit.to;
	if (block->exit.otherwise)
		successors[count++] = block->exit.otherwise;
	return count;
}

/* The place of a word in a set, or count if it has none. */
static uint32_t word_place(const LiveSet *set, uint32_t word)
{
	uint32_t low = 0, high = set->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (set->words[middle] < word)
			low = middle + 1;
		else
			high = middle;
	}
	return low < set->count && set->words[low] == word ? low : set->count;
}

static bool set_has(const LiveSet *set, uint32_t bit)
{
	uint32_t place = bit == UINT32_MAX ? set->count : word_place(set, bit / 64);
	return place < set->count && (set->bits[place] >> (bit % 64) & 1);
}

bool live_at_start(const MachineFunction *function, const Block *block, Register reg)
{
	return set_has(&block->live_in, function->live_index[reg]);
}

bool live_at_end(const MachineFunction *function, const Block *block, Register reg)
{
	const Exit *exit = &block->exit;
	if (exit->kind == EXIT_RETURN || exit->kind == EXIT_RAISE)
		return false;
	bool set_by_exit = exit_has_result(exit) && exit->result == reg;
	return (exit->to && !set_by_exit && live_at_start(function, exit->to, reg)) ||
		   (exit->otherwise && live_at_start(function, exit->otherwise, reg));
}

uint32_t live_missing(const MachineFunction *function, const Block *here, const Block *there,
					  Register *missing)
{
	const LiveSet *set = &here->live_in, *other = &there->live_in;
	uint32_t count = 0, k = 0;
	for (uint32_t i = 0; i < set->count; i++) {
		while (k < other->count && other->words[k] < set->words[i])
			k++;
		uint64_t bits = set->bits[i];
		if (k < other->count && other->words[k] == set->words[i])
			bits &= ~other->bits[k];
		for (; bits; bits &= bits - 1)
			missing[count++] =
				function->live_registers[set->words[i] * 64 + (uint32_t)__builtin_ctzll(bits)];
	}
	return count;
}

/* Room for sets that goes when liveness is computed anew: most functions fit the room of the one before. */
static void *take_room(Machine *machine, size_t size)
{
	LiveRoom *room = &machine->live_room;
	size = (size + 15) & ~(size_t)15;
	if (size > room->capacity - room->used) {
		size_t capacity = room->capacity * 2 > 4096 ? room->capacity * 2 : 4096;
		room->capacity = capacity > size ? capacity : size;
		room->bytes = arena_alloc_raw(machine->arena, room->capacity);
		room->used = 0;
	}
	void *block = room->bytes + room->used;
	room->used += size;
	return block;
}

/* ---- which registers cross a border ---- */

typedef struct Exposure {
	MachineFunction *function;
	uint32_t *set_in; /* the block (its index + 1) that set the register last */
	uint32_t block;
} Exposure;

static void note_exposed(void *context, Register reg, char letter)
{
	Exposure *exposure = context;
	(void)letter;
	if (exposure->set_in[reg] != exposure->block &&
		exposure->function->live_index[reg] == UINT32_MAX)
		exposure->function->live_index[reg] = exposure->function->live_count++;
}

static void number_crossing_registers(Machine *machine, MachineFunction *function)
{
	Exposure exposure = {function, NULL, 0};
	size_t room = ((size_t)function->register_count + 1) * sizeof(uint32_t); /* never none */
	exposure.set_in = memset(take_room(machine, room), 0, room);
	if (function->live_capacity <= function->register_count) {
		function->live_capacity = function->register_count + 1;
		function->live_index = ARENA_ARRAY_RAW(machine->arena, uint32_t, function->live_capacity);
		function->live_registers =
			ARENA_ARRAY_RAW(machine->arena, Register, function->live_capacity);
	}
	memset(function->live_index, 0xff, function->register_count * sizeof *function->live_index);
	function->live_count = 0;
	for (uint32_t i = 0; i < function->block_count; i++) {
		Block *block = function->blocks[i];
		exposure.block = i + 1;
		for (uint32_t k = 0; k < block->op_count; k++) {
			const Op *op = block->ops[k];
			op_reads(op, note_exposed, &exposure);
			if (op->result != NO_REGISTER)
				exposure.set_in[op->result] = exposure.block;
			for (uint32_t r = 0; r < op->result_count; r++)
				exposure.set_in[op->results[r]] = exposure.block;
		}
		exit_reads(&block->exit, note_exposed, &exposure);
	}
	for (Register reg = 0; reg < function->register_count; reg++) {
		if (function->live_index[reg] != UINT32_MAX)
			function->live_registers[function->live_index[reg]] = reg;
	}
}

/* ---- the flow ---- */

static LiveSet make_set(Machine *machine, uint32_t capacity)
{
	LiveSet set = {.count = 0};
	set.words = take_room(machine, capacity * sizeof *set.words);
	set.bits = take_room(machine, capacity * sizeof *set.bits);
	return set;
}

static void set_add(LiveSet *set, uint32_t word, uint64_t bits)
{
	if (bits) {
		set->words[set->count] = word;
		set->bits[set->count++] = bits;
	}
}

/* What a block reads before it sets it, and what it sets. */
typedef struct BlockSets {
	LiveSet gen, kill;
	uint32_t
		computed; /* the round in which live_in was computed last, and in which it changed last */
	uint32_t changed;
} BlockSets;

typedef struct Local {
	const MachineFunction *function;
	uint32_t *set_in;  /* by live index: the block (its index + 1) that has set it */
	uint32_t *read_in; /* the same for what it reads before */
	uint32_t block;
	uint32_t *gen, *kill, gen_count, kill_count;
} Local;

static void note_read(void *context, Register reg, char letter)
{
	Local *local = context;
	uint32_t bit = local->function->live_index[reg];
	(void)letter;
	if (bit == UINT32_MAX || local->set_in[bit] == local->block ||
		local->read_in[bit] == local->block)
		return;
	local->read_in[bit] = local->block;
	local->gen[local->gen_count++] = bit;
}

static void note_set(Local *local, Register reg)
{
	uint32_t bit = reg == NO_REGISTER ? UINT32_MAX : local->function->live_index[reg];
	if (bit == UINT32_MAX || local->set_in[bit] == local->block)
		return;
	local->set_in[bit] = local->block;
	local->kill[local->kill_count++] = bit;
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static LiveSet set_from_bits(Machine *machine, uint32_t *bits, uint32_t count)
{
	LiveSet set = make_set(machine, count);
	qsort(bits, count, sizeof *bits, compare_numbers);
	for (uint32_t i = 0; i < count;) {
		uint32_t word = bits[i] / 64;
		uint64_t mask = 0;
		for (; i < count && bits[i] / 64 == word; i++)
			mask |= (uint64_t)1 << (bits[i] % 64);
		set_add(&set, word, mask);
	}
	return set;
}

static void block_local_sets(Machine *machine, const Block *block, Local *local, BlockSets *sets)
{
	local->block = block->index + 1;
	local->gen_count = local->kill_count = 0;
	for (uint32_t k = 0; k < block->op_count; k++) {
		const Op *op = block->ops[k];
		op_reads(op, note_read, local);
		note_set(local, op->result);
		for (uint32_t r = 0; r < op->result_count; r++)
			note_set(local, op->results[r]);
	}
	exit_reads(&block->exit, note_read, local);
	sets->gen = set_from_bits(machine, local->gen, local->gen_count);
	sets->kill = set_from_bits(machine, local->kill, local->kill_count);
}

/* The next word of the union of two sets, its bits, and the places behind it; one of the sets has some left. */
static inline uint64_t next_joined(const LiveSet *a, uint32_t *i, const LiveSet *b, uint32_t *k,
								   uint32_t *word)
{
	*word = *i == a->count                ? b->words[*k]
			: *k == b->count              ? a->words[*i]
			: a->words[*i] < b->words[*k] ? a->words[*i]
										  : b->words[*k];
	uint64_t bits = 0;
	if (*i < a->count && a->words[*i] == *word)
		bits |= a->bits[(*i)++];
	if (*k < b->count && b->words[*k] == *word)
		bits |= b->bits[(*k)++];
	return bits;
}

static LiveSet join_sets(const LiveSet *a, const LiveSet *b, LiveSet out)
{
	uint32_t i = 0, k = 0;
	out.count = 0;
	while (i < a->count || k < b->count) {
		uint32_t word;
		uint64_t bits = next_joined(a, &i, b, &k, &word);
		set_add(&out, word, bits);
	}
	return out;
}

static LiveSet subtract_set(const LiveSet *a, const LiveSet *b, LiveSet out)
{
	uint32_t k = 0;
	out.count = 0;
	for (uint32_t i = 0; i < a->count; i++) {
		while (k < b->count && b->words[k] < a->words[i])
			k++;
		bool meets = k < b->count && b->words[k] == a->words[i];
		set_add(&out, a->words[i], meets ? a->bits[i] & ~b->bits[k] : a->bits[i]);
	}
	return out;
}

typedef struct LiveFlow {
	Machine *machine;
	MachineFunction *function;
	BlockSets *sets;
	LiveSet scratch[3];
	uint32_t round;
} LiveFlow;

/* live_in of a block from its successors': without the result that the exit itself sets on the way to `to`. */
static LiveSet compute_in(LiveFlow *flow, const Block *block)
{
	static const LiveSet nothing = {.count = 0};
	const Exit *exit = &block->exit;
	const BlockSets *sets = &flow->sets[block->index];
	Block *successors[2];
	LiveSet out = nothing;
	uint32_t count = block_successors(block, successors);
	for (uint32_t s = 0; s < count; s++) {
		LiveSet in = successors[s]->live_in;
		uint32_t word, bit = UINT32_MAX;
		uint64_t mask;
		if (exit_has_result(exit) && exit->result != NO_REGISTER && successors[s] == exit->to)
			bit = flow->function->live_index[exit->result];
		if (bit != UINT32_MAX) {
			LiveSet result = {&word, &mask, 1, 1};
			word = bit / 64;
			mask = (uint64_t)1 << (bit % 64);
			in = subtract_set(&in, &result, flow->scratch[0]);
		}
		out = s ? join_sets(&out, &in, flow->scratch[1]) : in;
		if (!s && count > 1 && bit != UINT32_MAX)
			out = join_sets(&out, &nothing, flow->scratch[2]); /* scratch[0] may be used again */
	}
	LiveSet rest = subtract_set(&out, &sets->kill, flow->scratch[0]);
	return join_sets(&rest, &sets->gen, flow->scratch[2]);
}

static bool sets_equal(const LiveSet *a, const LiveSet *b)
{
	return a->count == b->count &&
		   (!a->count || (!memcmp(a->words, b->words, a->count * sizeof *a->words) &&
						  !memcmp(a->bits, b->bits, a->count * sizeof *a->bits)));
}

/* Sets only grow; one that outgrows its room gets twice as much. */
static void set_live_in(Machine *machine, Block *block, const LiveSet *in)
{
	LiveSet *old = &block->live_in;
	if (in->count > old->capacity) {
		uint32_t capacity = old->capacity ? in->count + in->count / 2 : in->count;
		*old = make_set(machine, capacity);
		old->capacity = capacity;
	}
	memcpy(old->words, in->words, in->count * sizeof *in->words);
	memcpy(old->bits, in->bits, in->count * sizeof *in->bits);
	old->count = in->count;
}

static bool is_current(const LiveFlow *flow, const Block *block)
{
	Block *successors[2];
	uint32_t count = block_successors(block, successors),
			 computed = flow->sets[block->index].computed;
	bool current = computed != 0;
	for (uint32_t s = 0; s < count; s++)
		current &= flow->sets[successors[s]->index].changed < computed;
	return current;
}

static void make_local_sets(LiveFlow *flow)
{
	Machine *machine = flow->machine;
	MachineFunction *function = flow->function;
	size_t room = ((size_t)function->live_count + 1) * sizeof(uint32_t);
	Local local = {.function = function};
	local.set_in = memset(take_room(machine, room), 0, room);
	local.read_in = memset(take_room(machine, room), 0, room);
	local.gen = take_room(machine, room);
	local.kill = take_room(machine, room);
	for (uint32_t i = 0; i < function->block_count; i++)
		block_local_sets(machine, function->blocks[i], &local, &flow->sets[i]);
}

void machine_liveness(Machine *machine, MachineFunction *function)
{
	machine->live_room.used = 0;
	number_crossing_registers(machine, function);
	uint32_t blocks = function->block_count, words = (function->live_count + 63) / 64 + 1;
	LiveFlow flow = {.machine = machine, .function = function};
	flow.sets = take_room(machine, blocks * sizeof *flow.sets);
	memset(flow.sets, 0, blocks * sizeof *flow.sets);
	for (int i = 0; i < 3; i++)
		flow.scratch[i] = make_set(machine, words);
	for (uint32_t i = 0; i < blocks; i++) {
		Block *block = function->blocks[i];
		block->live_in = (LiveSet){.count = 0};
		block->index = i;
		block->predecessors = 0;
	}
	make_local_sets(&flow);
	for (uint32_t i = 0; i < blocks; i++) {
		Block *successors[2];
		uint32_t count = block_successors(function->blocks[i], successors);
		for (uint32_t s = 0; s < count; s++)
			successors[s]->predecessors++;
	}
	for (bool changed = true; changed;) {
		changed = false;
		for (uint32_t i = blocks; i-- > 0;) {
			Block *block = function->blocks[i];
			if (is_current(&flow, block))
				continue;
			flow.sets[i].computed = ++flow.round;
			LiveSet in = compute_in(&flow, block);
			if (sets_equal(&in, &block->live_in))
				continue;
			set_live_in(machine, block, &in);
			flow.sets[i].changed = flow.round;
			changed = true;
		}
	}
}

static void join_into(const MachineFunction *function, const Exit *exit, const Block *block,
					  uint64_t *all)
{
	uint32_t result = UINT32_MAX;
	if (exit_has_result(exit) && exit->result != NO_REGISTER)
		result = function->live_index[exit->result];
	for (uint32_t i = 0; block && i < block->live_in.count; i++) {
		uint32_t word = block->live_in.words[i];
		uint64_t bits = block->live_in.bits[i];
		if (result != UINT32_MAX && result / 64 == word)
			bits &= ~((uint64_t)1 << (result % 64));
		all[word] |= bits;
	}
}

uint32_t function_keeps(Machine *machine, const MachineFunction *function,
						bool (*counts)(const Exit *), Register *kept)
{
	uint32_t words = (function->live_count + 63) / 64, count = 0;
	uint64_t *all = ARENA_ARRAY(machine->arena, uint64_t, words + 1);
	for (uint32_t i = 0; i < function->block_count; i++) {
		const Exit *exit = &function->blocks[i]->exit;
		if (!counts(exit))
			continue;
		join_into(function, exit, exit->to, all);
		join_into(function, exit, exit->otherwise, all);
	}
	for (uint32_t w = 0; w < words; w++)
		for (uint64_t bits = all[w]; bits; bits &= bits - 1)
			kept[count++] = function->live_registers[w * 64 + (uint32_t)__builtin_ctzll(bits)];
	return count;
}

uint32_t exit_keeps(const MachineFunction *function, const Exit *exit, Register *kept)
{
	static const LiveSet nothing = {.count = 0};
	const LiveSet *a = exit->to ? &exit->to->live_in : &nothing,
				  *b = exit->otherwise ? &exit->otherwise->live_in : &nothing;
	uint32_t count = 0, i = 0, k = 0;
	while (i < a->count || k < b->count) {
		uint32_t word;
		uint64_t bits = next_joined(a, &i, b, &k, &word);
		for (; bits; bits &= bits - 1) {
			Register reg = function->live_registers[word * 64 + (uint32_t)__builtin_ctzll(bits)];
			if (!exit_has_result(exit) || reg != exit->result)
				kept[count++] = reg;
		}
	}
	qsort(kept, count, sizeof *kept, compare_numbers);
	return count;
}
