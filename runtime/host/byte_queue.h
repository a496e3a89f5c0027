/*
 * Bytes on their way through a pipe or a socket: written at the end, read at the front.
 * A write that finds no memory marks the queue as failed; its owner looks once, at the end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_BYTE_QUEUE_H
#define SBX_BYTE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ByteQueue {
	unsigned char *bytes;
	size_t start, end, capacity; /* bytes[start .. end) wait to be read */
	bool failed;
} ByteQueue;

void byte_queue_free(ByteQueue *queue);
void byte_queue_clear(ByteQueue *queue);
/* Room for `size` more bytes at the end; NULL: no memory. The caller adds to `end` what it wrote.
 */
unsigned char *byte_queue_reserve(ByteQueue *queue, size_t size);
void byte_queue_add(ByteQueue *queue, const void *bytes, size_t size);
void byte_queue_u8(ByteQueue *queue, unsigned value);
void byte_queue_u32(ByteQueue *queue, uint32_t value);
void byte_queue_u64(ByteQueue *queue, uint64_t value);
/* A length in four bytes and the text; NULL is the empty text. */
void byte_queue_text(ByteQueue *queue, const char *text);
static inline size_t byte_queue_length(const ByteQueue *queue)
{
	return queue->end - queue->start;
}
static inline const unsigned char *byte_queue_front(const ByteQueue *queue)
{
	return queue->bytes + queue->start;
}
void byte_queue_skip(ByteQueue *queue, size_t size);

#endif
