/*
 * The Python worker as text, made from templates/worker*.py at build time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_WORKER_TEXT_H
#define SBX_WORKER_TEXT_H

#include <stddef.h>

extern const unsigned char sbx__worker_text[];
extern const size_t sbx__worker_text_length;
/* What comes before it in a container. */
extern const unsigned char sbx__box_text[];
extern const size_t sbx__box_text_length;
/* What runs the script of a container task. */
extern const unsigned char sbx__loader_text[];
extern const size_t sbx__loader_text_length;
/* The stand-in for the flyte package. */
extern const unsigned char sbx__standin_text[];
extern const size_t sbx__standin_text_length;
/* What makes a worker one that runs connectors. */
extern const unsigned char sbx__connectors_text[];
extern const size_t sbx__connectors_text_length;

#endif
