/*
 * Bytes on their way: one growing buffer whose front is given back when it is empty or mostly read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "byte_queue.h"

#include <stdlib.h>
#include <string.h>

void byte_queue_free(ByteQueue *queue)
{
	free(queue->bytes);
	*queue = (ByteQueue){0};
}

void byte_queue_clear(ByteQueue *queue)
{
	queue->start = queue->end = 0;
	queue->failed = false;
}

static void move_to_front(ByteQueue *queue)
{
	if (queue->start == 0)
		return;
	memmove(queue->bytes, queue->bytes + queue->start, byte_queue_length(queue));
	queue->end -= queue->start;
	queue->start = 0;
}

unsigned char *byte_queue_reserve(ByteQueue *queue, size_t size)
{
	if (queue->failed)
		return NULL;
	if (queue->capacity - queue->end < size)
		move_to_front(queue);
	if (queue->capacity - queue->end < size) {
		size_t wanted = queue->end + size;
		size_t capacity = queue->capacity < 512 ? 1024 : queue->capacity * 2;
		if (capacity < wanted)
			capacity = wanted;
		unsigned char *bytes = wanted < size ? NULL : realloc(queue->bytes, capacity);
		if (!bytes) {
			queue->failed = true;
			return NULL;
		}
		queue->bytes = bytes;
		queue->capacity = capacity;
	}
	return queue->bytes + queue->end;
}

void byte_queue_add(ByteQueue *queue, const void *bytes, size_t size)
{
	unsigned char *room = size ? byte_queue_reserve(queue, size) : NULL;
	if (!room)
		return;
	memcpy(room, bytes, size);
	queue->end += size;
}

void byte_queue_u8(ByteQueue *queue, unsigned value)
{
	unsigned char byte = (unsigned char)value;
	byte_queue_add(queue, &byte, 1);
}

void byte_queue_u32(ByteQueue *queue, uint32_t value)
{
	unsigned char bytes[4];
	for (int i = 0; i < 4; i++)
		bytes[i] = (unsigned char)(value >> 8 * i);
	byte_queue_add(queue, bytes, sizeof bytes);
}

void byte_queue_u64(ByteQueue *queue, uint64_t value)
{
	byte_queue_u32(queue, (uint32_t)value);
	byte_queue_u32(queue, (uint32_t)(value >> 32));
}

void byte_queue_text(ByteQueue *queue, const char *text)
{
	size_t length = text ? strlen(text) : 0;
	if (length > UINT32_MAX) {
		queue->failed = true;
		return;
	}
	byte_queue_u32(queue, (uint32_t)length);
	byte_queue_add(queue, text, length);
}

void byte_queue_skip(ByteQueue *queue, size_t size)
{
	queue->start += size;
	if (queue->start == queue->end)
		queue->start = queue->end = 0;
}
