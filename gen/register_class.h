/*
 * Register classes: which kinds of values a register can hold, as far as compiled code relies on it without a look.
 *
 * A snapshot is restored slot by slot, and each slot is checked against the class of its register and no more. So the
 * classes must be enough: register_classes() also checks every operation that does not look at the tag of an
 * operand. A class is written as a letter (docs/notes/snapshots.md):
 *
 *   v  any value            l  list     t  tuple    d  dict    e  set     s  str
 *   n  iterator, generator  p  list or tuple        o  dict or None       r  list or None
 *   c  cell                 q  the closure of this very function
 *
 * In upper case: or unbound.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_REGISTER_CLASS_H
#define SBX_GEN_REGISTER_CLASS_H

#include "machine.h"

/*
 * Finds machine->classes for a machine whose liveness is known. *defect: NULL, or the first operation that relies on more
 * than the classes say.
 */
void register_classes(Machine *machine, const char **defect);
/* The class of a value register that the exit of `block` keeps over a suspension. */
char register_class(const Machine *machine, const MachineFunction *function, const Block *block,
					Register reg);
/* The class of an argument of a generator that has not begun. */
char register_class_at_start(const Machine *machine, const MachineFunction *function, Register reg);
/* Does the operand surely hold the closure of `callee`? */
bool register_is_closure_of(const Machine *machine, const MachineFunction *function,
							const Operand *operand, const MachineFunction *callee);

#endif
