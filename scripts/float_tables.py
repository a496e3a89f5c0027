#!/usr/bin/env python3
"""Writes the powers of ten that the text of floats needs, as a C source file.

For 10**k, k from -348 to 347: the 128 bits that begin it, cut off, as two words. The exponent of two that belongs to
them is floor(k * log2(10)) - 127, which the C code computes.

SPDX-License-Identifier: Apache-2.0
"""
import sys

FIRST, LAST = -348, 347


def leading_bits(k: int) -> int:
    """The first 128 bits of 10**k, rounded down."""
    if k >= 0:
        power = 10**k
        surplus = power.bit_length() - 128
        return power >> surplus if surplus >= 0 else power << -surplus
    power = 10**-k
    return (1 << (power.bit_length() - 1 + 128)) // power


def main() -> int:
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write("/* Made by scripts/float_tables.py: the first 128 bits of 10**k for k from %d to %d, rounded down. */\n"
                  % (FIRST, LAST))
        out.write('#include "float_tables.h"\n\n')
        out.write("const uint64_t sbx__tens[%d][2] = {\n" % (LAST - FIRST + 1))
        for k in range(FIRST, LAST + 1):
            bits = leading_bits(k)
            assert bits.bit_length() == 128
            out.write("\t{0x%016xu, 0x%016xu}, /* %d */\n" % (bits >> 64, bits & (2**64 - 1), k))
        out.write("};\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
