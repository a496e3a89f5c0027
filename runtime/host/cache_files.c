/*
 * The files and folders that values name: found first, then read, in as many pieces as the caller likes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "cache.h"

static bool add_path(CacheFiles *files, const char *path)
{
	if (files->count == files->room) {
		size_t room = files->room ? files->room * 2 : 4;
		char **paths = realloc(files->paths, room * sizeof *paths);
		unsigned char *digests = paths ? realloc(files->digests, room * 32) : NULL;
		files->paths = paths ? paths : files->paths;
		files->digests = digests ? digests : files->digests;
		if (!digests)
			return false;
		files->room = room;
	}
	char *copy = path ? strdup(path) : NULL;
	if (copy)
		files->paths[files->count++] = copy;
	return copy != NULL;
}

static bool add_value(CacheFiles *files, sbx_heap *heap, sbx_value v, unsigned depth)
{
	sbx_type_kind kind = sbx_kind(v);
	bool is_dict = kind == SBX_DICT, good = depth <= CACHE_DEEPEST;
	if (kind == SBX_FILE || kind == SBX_DIR || kind == SBX_DATAFRAME)
		return good && add_path(files, sbx_handle_path(heap, v));
	if (!is_dict && kind != SBX_LIST && kind != SBX_TUPLE && kind != SBX_SET &&
		kind != SBX_FROZENSET)
		return true;
	for (size_t i = 0; good && i < sbx_count(v); i++)
		good = add_value(files, heap, sbx_peek_item(v, i), depth + 1) &&
			   (!is_dict || add_value(files, heap, sbx_peek_value(v, i), depth + 1));
	return good;
}

bool cache_files_add(CacheFiles *files, sbx_heap *heap, sbx_value v)
{
	return add_value(files, heap, v, 0);
}

sbx_status cache_files_read(CacheFiles *files, int64_t *budget)
{
	while (files->done < files->count) {
		if (*budget <= 0)
			return SBX_WAITING;
		if (!files->content && !(files->content = content_open(files->paths[files->done])))
			return SBX_E_UNAVAILABLE;
		sbx_status status = content_read(files->content, budget, files->digests + files->done * 32);
		if (status)
			return status;
		content_close(files->content);
		files->content = NULL;
		files->done++;
	}
	return SBX_DONE;
}

void cache_files_free(CacheFiles *files)
{
	content_close(files->content);
	for (size_t i = 0; i < files->count; i++)
		free(files->paths[i]);
	free(files->paths);
	free(files->digests);
	*files = (CacheFiles){0};
}
