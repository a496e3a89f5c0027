/*
 * A sandbox as `flyte.sandbox.create(...)` declares it: code or a command that runs in a container of
 * its own. The declare phase checks it; script.c makes its Python script, sandbox_spec.c the document
 * that the runtime gets.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_SANDBOX_H
#define SBX_GEN_SANDBOX_H

#include "declare.h"

typedef enum SandboxMode {
	SANDBOX_AUTO,     /* inputs become variables, variables outputs */
	SANDBOX_VERBATIM, /* the script as it is */
	SANDBOX_COMMAND
} SandboxMode;

typedef struct SandboxText {
	const char *text;
	uint32_t length;
} SandboxText;

typedef struct SandboxTexts {
	SandboxText *items;
	uint32_t count;
} SandboxTexts;

typedef struct SandboxOutput {
	const char *name;
	const Type *type;
} SandboxOutput;

typedef struct SandboxDecl {
	SandboxMode mode;
	TaskDecl *task;     /* its name, inputs, result, retries, timeout; extra as for any task */
	EntryDecl *entry;   /* NULL: none could be made */
	const Module *code; /* NULL: a command */
	SandboxTexts command;
	SandboxOutput *outputs;
	uint32_t output_count;
	SandboxTexts packages, system_packages, commands; /* the first two sorted, without repeats */
	const char *image, *image_name, *registry, *registry_secret; /* or NULL */
	unsigned python_major, python_minor;
	uint64_t memory;    /* bytes */
	uint32_t milli_cpu; /* thousandths of a processor */
	bool block_network;
} SandboxDecl;

/* Can a value of this type cross into a sandbox and out of it? */
bool sandbox_type_crosses(const Type *type);

/* ---- script.c ---- */

/* The Python script: for SANDBOX_AUTO with its preamble and epilogue. Not for a command. */
void script_emit(Text *out, const SandboxDecl *sandbox);
/* The file in which the code stands, and the line where it begins. NULL: it is no single literal there. */
const char *script_place(const SandboxDecl *sandbox, uint32_t *line);

/* ---- sandbox_spec.c ---- */

/* One JSON object: what the runtime must know. It begins as the task's `extra` does. */
const char *sandbox_spec(Arena *arena, const SandboxDecl *sandbox);
void sandbox_dockerfile(Text *out, const SandboxDecl *sandbox);
/* 64 hex digits of all that decides its results but its inputs: code or command, outputs, image, environment. */
const char *sandbox_version(Arena *arena, const SandboxDecl *sandbox);

/* ---- sandbox_task.c ---- */

enum { CONTAINER_SCRIPT_KIB = 512 };
/* Can it be a task of a Flyte backend? What cannot is told. */
void sandbox_task_check(Arena *arena, Diag *diag, const SandboxDecl *sandbox);

#endif
