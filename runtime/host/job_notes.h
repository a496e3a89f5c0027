/*
 * What a journal knows of jobs in other systems: the notes that their attempts have left (docs/connectors.md). A run that was
 * left has jobs under way: those whose note no outcome and no deletion has followed.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_JOB_NOTES_H
#define SBX_JOB_NOTES_H

#include <stdbool.h>

#include "sbx-host.h"

/* All that finds a job again and deletes it, without its program. */
typedef struct JobNote {
	struct JobNote *next;
	uint64_t call;
	uint32_t number; /* of the attempt */
	uint32_t renewals, version;
	bool is_deleted;         /* by us */
	char *task;              /* its full name */
	char *task_type, *key;   /* NULL: the note is of an older version */
	char *config;            /* custom_config= as JSON, or NULL */
	unsigned char *metadata; /* with a NUL behind it */
	size_t metadata_length;
} JobNote;

extern const char JOB_NOTE_NAME[];
/* Its bytes are on the heap; NULL: no memory. The call, the number and the task are not in them: its row has those. */
const void *job_note_dump(sbx_heap *heap, const JobNote *note, size_t *length);
/* False: the bytes are no such note, or there is no memory. */
bool job_note_load(JobNote *note, const void *bytes, size_t length);
void job_note_clear(JobNote *note);

/* Those of a run's row that are under way, by call; the caller frees the list, also after a failure. */
sbx_status job_notes_read(sbx_journal *j, int64_t row, JobNote **list);
void job_notes_free(JobNote *list);
/* SBX_E_UNAVAILABLE: the run has jobs under way, and the journal's problem names them: "run 'x' WHAT 2 jobs ...". */
sbx_status job_notes_refuse(sbx_journal *j, int64_t row, const char *run_id, const char *what);
/* The job was deleted: its note says so from the next commit on. Of a run that is claimed or open here, or has ended. */
sbx_status job_notes_delete(sbx_journal *j, const char *run_id, bool is_claimed,
							const JobNote *note);

#endif
