/*
 * Snapshots whose floats are texts or lists. A restored run must refuse them, raise, or not need them; it must never take
 * an address for a number. Also: lists that a sort has taken, forged to be something else.
 *
 * Prints how many it has forged and how they ended; fails if one ended with a number that is none.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../runtime/runs/snapshot.h"
#include "snapshot_samples.h"

extern const sbx_entry *const ENTRIES[];

/* Nine bytes each, as a float has. */
static const uint8_t FORGED[][9] = {
	{TAG_SHORT + 8, 'n', 'o', 'f', 'l', 'o', 'a', 't', '!'},
	{TAG_LIST, 7, 1, 2, 3, 4, 5, 6, 7},
	{TAG_TUPLE, 7, TAG_NONE, TAG_NONE, TAG_NONE, TAG_NONE, TAG_NONE, TAG_NONE, TAG_NONE},
	{TAG_BYTES, 7, 1, 2, 3, 4, 5, 6, 7},
	/* What Python cannot make: a tuple that is in itself, hashed here, iterated or compared later. */
	{TAG_SET, 1, TAG_MARKED, TAG_TUPLE, 3, TAG_REFERENCE, 0, 5, 6},
	{TAG_MARKED, TAG_TUPLE, 5, TAG_REFERENCE, 0, 1, 2, 3, 4},
	{TAG_MARKED, TAG_LIST, 5, TAG_REFERENCE, 0, 1, 2, 3, 4},
};

/* An address, as a double, is far below any number of the program. */
static int has_address(sbx_value v)
{
	if (sbx_kind(v) == SBX_FLOAT)
		return fpclassify(sbx_get_float(v)) == FP_SUBNORMAL || fabs(sbx_get_float(v)) > 1e6;
	for (size_t i = 0; i < sbx_count(v); i++)
		if (has_address(sbx_peek_item(v, i)))
			return 1;
	return 0;
}

int main(void)
{
	Samples samples = {.random = 1};
	unsigned forged = 0, refused = 0, raised = 0, done = 0, bad = 0;
	samples_take(&samples, ENTRIES, 60);
	for (size_t i = 0; i < samples.count; i++) {
		const Sample *sample = &samples.items[i];
		for (size_t at = SAMPLE_HEAD; at + 9 + SAMPLE_TAIL <= sample->length; at++)
			for (size_t k = 0; sample->bytes[at] == TAG_FLOAT && k < sizeof FORGED / 9; k++) {
				uint8_t *bytes = malloc(sample->length);
				sbx_run *run;
				sbx_status status;
				if (!bytes)
					return 2;
				memcpy(bytes, sample->bytes, sample->length);
				memcpy(bytes + at, FORGED[k], 9);
				samples_seal(bytes, sample->length);
				forged++;
				status = sbx_run_restore(sample->entry, bytes, sample->length, NULL, &run);
				free(bytes);
				if (status) {
					refused++;
					continue;
				}
				status = samples_drive(&samples, run, 40);
				raised += status == SBX_E_RAISED;
				done += status == SBX_DONE;
				if (status == SBX_E_PROGRAM ||
					(status == SBX_DONE && has_address(sbx_run_result(run))))
					bad++;
				sbx_run_free(run);
			}
	}
	printf("%u forged floats: %u refused, %u raised, %u done, %u wrong\n", forged, refused, raised,
		   done, bad);
	samples_free(&samples);
	return bad || forged < 100 || !refused || !raised;
}
