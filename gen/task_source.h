/*
 * Versions of tasks for the cache: hashes over what decides a task's results, as far as its source shows it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_TASK_SOURCE_H
#define SBX_GEN_TASK_SOURCE_H

#include "declaring.h"

typedef struct TaskSources TaskSources;

/* After all modules were read. */
TaskSources *task_sources_make(Declaring *d);
/* 64 hex digits: of the task's function, of what it uses of its module, of modules beside the file, of salt, environment
   variables and image. */
const char *task_sources_version(TaskSources *sources, const TaskDecl *task);

#endif
