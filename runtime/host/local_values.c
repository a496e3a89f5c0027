/*
 * Values on their way to and from a worker, in the wire form of the core. Arguments are written on
 * a heap of the moment, so that a run's memory limit is for what the run itself does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "local.h"

bool local_write_value(ByteQueue *out, sbx_value value)
{
	sbx_heap *heap;
	sbx_value bytes;
	size_t length;
	bool good = false;
	if (sbx_heap_open((uint64_t)LOCAL_MAX_MESSAGE * 3,
					  &heap)) /* while it grows it stands there twice */
		return false;
	if (sbx_wire_dump(heap, value, &bytes) == SBX_DONE) {
		const unsigned char *data = sbx_peek_bytes(bytes, &length);
		good = data && length <= LOCAL_MAX_MESSAGE;
		if (good)
			byte_queue_add(out, data, length);
	}
	sbx_heap_close(heap);
	return good;
}

bool local_read_value(sbx_heap *heap, const unsigned char *bytes, size_t length, sbx_value *value)
{
	return sbx_wire_load(heap, bytes, length, value) == SBX_DONE;
}
