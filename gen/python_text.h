/*
 * Values as Python's repr() writes them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_PYTHON_TEXT_H
#define SBX_GEN_PYTHON_TEXT_H

#include "ast.h"
#include "text.h"

void text_python_string(Text *out, const char *bytes, size_t length);
void text_python_bytes(Text *out, const char *bytes, size_t length);
void text_python_float(Text *out, double value);
void text_python_constant(Text *out, const ConstantValue *value);

#endif
