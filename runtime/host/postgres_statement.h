/*
 * What is sent for a job: the query of its declaration or input, and the task's inputs as parameters.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_POSTGRES_STATEMENT_H
#define SBX_POSTGRES_STATEMENT_H

#include "postgres_client.h"
#include "sbx-host.h"

typedef struct PostgresStatement {
	char *text;
	PostgresParameter *parameters;
	int parameter_count;
	char problem[400];
} PostgresStatement;

/* All of it is zero before. False: problem tells what is wrong with the declaration or the inputs. */
bool postgres_statement_make(PostgresStatement *statement, const sbx_job *job);
void postgres_statement_free(PostgresStatement *statement);

#endif
