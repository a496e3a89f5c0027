/*
 * The messages between the backend and a worker.
 *
 * Each begins with eight bytes: 'S' 'B', the version, the kind, and the length of what follows in
 * four bytes, least first. A text is a length in four bytes and UTF-8. A value is in the form that
 * runtime/values/wire.h documents.
 *
 *   P  module, source folder, run folder, stand-in's text, number of sources, then of each its path
 *      and text
 *   C  sequence (8 bytes), task name, module, function, label, call (8 bytes), attempt (4 bytes),
 *      extra (JSON or empty), number of arguments, then of each its name, the length of its value,
 *      and the value
 *   X  a text of Python that becomes part of the worker
 *   K  sequence, operation, task type, version (4 bytes), task name, module, function, key, extra, custom_config (JSON or
 *      empty), metadata (length and bytes), number of arguments, then as in C; answered by R or E, in any order
 *   S  sequence: the call has begun
 *   R  sequence, the value
 *   E  sequence, type, text, traceback
 *   N  sequence, a line for the log
 *
 * What comes from a worker is not trusted: a task can write anything to any descriptor. So a length
 * is believed only below a bound, memory is taken only for bytes that have come, and an answer must
 * name the call it answers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "local.h"
#include "worker_text.h"

static size_t begin_message(ByteQueue *out, enum Message kind)
{
	const unsigned char head[LOCAL_HEADER] = {'S', 'B', LOCAL_VERSION, (unsigned char)kind};
	byte_queue_add(out, head, sizeof head);
	return byte_queue_length(out);
}

/* Writes the number into four bytes that were left for it. `at` counts from the front of the queue.
 */
static void put_u32(ByteQueue *out, size_t at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		out->bytes[out->start + at - 4 + i] = (unsigned char)(value >> 8 * i);
}

static bool end_message(ByteQueue *out, size_t start)
{
	if (out->failed)
		return false;
	size_t length = byte_queue_length(out) - start;
	if (length > LOCAL_MAX_MESSAGE)
		return false;
	put_u32(out, start, (uint32_t)length);
	return true;
}

void local_write_program(ByteQueue *out, const sbx_gen_program *program, const char *source_folder,
						 const char *run_folder)
{
	size_t start = begin_message(out, MESSAGE_PROGRAM);
	byte_queue_text(out, program->module);
	byte_queue_text(out, source_folder);
	byte_queue_text(out, run_folder);
	byte_queue_u32(out, (uint32_t)sbx__standin_text_length);
	byte_queue_add(out, sbx__standin_text, sbx__standin_text_length);
	byte_queue_u32(out, program->source_count);
	for (uint32_t i = 0; i < program->source_count; i++) {
		const sbx_gen_source *source = &program->sources[i];
		byte_queue_text(out, source->path);
		byte_queue_u32(out, (uint32_t)source->length);
		for (uint32_t j = 0; j < source->piece_count; j++)
			byte_queue_add(out, source->pieces[j], strlen(source->pieces[j]));
	}
	if (!end_message(out, start))
		out->failed = true;
}

static bool write_argument(ByteQueue *out, const sbx_call *call, size_t index)
{
	byte_queue_text(out, sbx_call_arg_name(call, index));
	byte_queue_u32(out, 0);
	size_t start = byte_queue_length(out);
	if (!local_write_value(out, sbx_call_arg(call, index)) || out->failed)
		return false;
	put_u32(out, start, (uint32_t)(byte_queue_length(out) - start));
	return true;
}

void local_write_code(ByteQueue *out, const unsigned char *text, size_t length)
{
	size_t start = begin_message(out, MESSAGE_CODE);
	byte_queue_u32(out, (uint32_t)length);
	byte_queue_add(out, text, length);
	if (!end_message(out, start))
		out->failed = true;
}

static bool write_arguments(ByteQueue *out, const sbx_call *call)
{
	size_t count = call ? sbx_call_arg_count(call) : 0, given = 0;
	for (size_t i = 0; i < count; i++)
		given += sbx_kind(sbx_call_arg(call, i)) != SBX_INVALID;
	byte_queue_u32(out, (uint32_t)given);
	for (size_t i = 0; i < count; i++)
		if (sbx_kind(sbx_call_arg(call, i)) != SBX_INVALID && !write_argument(out, call, i))
			return false;
	return true;
}

bool local_write_job(ByteQueue *out, const JobMessage *job, uint64_t sequence)
{
	size_t start = begin_message(out, MESSAGE_JOB);
	byte_queue_u64(out, sequence);
	byte_queue_text(out, job->operation);
	byte_queue_text(out, job->task->task_type);
	byte_queue_u32(out, job->version);
	byte_queue_text(out, job->task->name);
	byte_queue_text(out, job->task->module);
	byte_queue_text(out, job->task->function);
	byte_queue_text(out, job->key);
	byte_queue_text(out, job->task->extra);
	byte_queue_text(out, job->config);
	byte_queue_u32(out, (uint32_t)job->metadata_length);
	byte_queue_add(out, job->metadata_bytes, job->metadata_length);
	return write_arguments(out, job->call) && end_message(out, start);
}

bool local_write_call(ByteQueue *out, const sbx_attempt *attempt, const char *label,
					  const char *extra, uint64_t sequence)
{
	const sbx_call *call = attempt->call;
	sbx_task_info info = {.size = sizeof info};
	sbx_call_task(call, &info);
	size_t start = begin_message(out, MESSAGE_CALL);
	byte_queue_u64(out, sequence);
	byte_queue_text(out, info.name);
	byte_queue_text(out, info.module);
	byte_queue_text(out, info.function);
	byte_queue_text(out, label);
	byte_queue_u64(out, sbx_call_id(call));
	byte_queue_u32(out, attempt->number);
	byte_queue_text(out, extra);
	char identity[512];
	size_t length = sbx_attempt_identity(attempt, identity, sizeof identity);
	byte_queue_text(out, length && length < sizeof identity ? identity : NULL);
	return write_arguments(out, call) && end_message(out, start);
}

static uint32_t get_u32(const unsigned char *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

enum ReplyState local_peek_reply(const ByteQueue *in, Reply *reply)
{
	size_t size = byte_queue_length(in);
	const unsigned char *bytes = byte_queue_front(in);
	const unsigned char magic[3] = {'S', 'B', LOCAL_VERSION};
	if (size == 0)
		return REPLY_NONE;
	if (memcmp(bytes, magic, size < sizeof magic ? size : sizeof magic) != 0)
		return REPLY_GARBAGE;
	if (size < LOCAL_HEADER)
		return REPLY_NONE;
	reply->kind = bytes[3];
	uint32_t length = get_u32(bytes + 4);
	if (!memchr("SBREN", reply->kind, 5) || length < 8 || length > LOCAL_MAX_MESSAGE)
		return REPLY_GARBAGE;
	if (size - LOCAL_HEADER < length)
		return REPLY_NONE;
	bytes += LOCAL_HEADER;
	reply->sequence = get_u32(bytes) | (uint64_t)get_u32(bytes + 4) << 32;
	reply->body = bytes + 8;
	reply->length = length - 8;
	return REPLY_READY;
}

char *local_read_error(const Reply *reply, const char *texts[3])
{
	const unsigned char *at = reply->body, *end = at + reply->length;
	char *block = malloc(reply->length + 3), *to = block;
	if (!block)
		return NULL;
	for (int i = 0; i < 3; i++) {
		if (end - at < 4 || (uint32_t)(end - at - 4) < get_u32(at)) {
			free(block);
			return NULL;
		}
		uint32_t length = get_u32(at);
		memcpy(to, at + 4, length);
		texts[i] = to;
		to[length] = '\0';
		to += length + 1;
		at += 4 + length;
	}
	return block;
}
