/*
 * What the files share that read a sandbox's declaration; see declare_sandbox.c.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_DECLARE_SANDBOX_H
#define SBX_GEN_DECLARE_SANDBOX_H

#include "declaring.h"
#include "sandbox.h"

typedef struct SandboxReading {
	Declaring *d;
	ModuleEnv *env;
	Arguments *arguments;
	SandboxDecl *sandbox;
	const Constant *code_text; /* code=, a str; NULL: none */
} SandboxReading;

/* ---- declare_sandbox.c: arguments; what is wrong has been told when they return nothing ---- */

/* NULL: not given, None, or not known. */
const Constant *sandbox_argument(SandboxReading *r, const char *name);
const char *sandbox_str(SandboxReading *r, const char *name);
bool sandbox_bool(SandboxReading *r, const char *name, bool otherwise);
SandboxTexts sandbox_texts(SandboxReading *r, const char *name);
/* What a call of Flyte's `name` made? */
bool sandbox_is_object(const Constant *value, const char *name);
/* "NAME= must be EXPECTED" */
void sandbox_error(SandboxReading *r, const char *argument, const char *expected);

/* ---- the other files ---- */

void sandbox_read_interface(SandboxReading *r);
/* Can it stand for a variable of a program? */
bool sandbox_is_variable(const char *name);
void sandbox_read_code(SandboxReading *r);
void sandbox_read_image(SandboxReading *r);
/* has_name: it has a name=. */
void sandbox_make_entry(SandboxReading *r, bool has_name);

#endif
