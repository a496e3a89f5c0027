/*
 * What --help says, for the whole and for each command.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const char input_option[] =
	"  --input-json FILE   all inputs as one JSON object ('-': standard input)\n";

static const char run_options[] =
	"  --max-memory BYTES  memory limit of the orchestrator\n"
	"  --max-depth N       limit of its call depth\n"
	"  --timeout-ms N      limit of its own execution time, without waiting for tasks\n"
	"  --backend local     where tasks run: in local Python processes (local, the default; "
	"SBX_PYTHON, "
	"else\n"
	"                      python3), or each call in a container of its environment's image "
	"(docker)\n"
	"  --base-image NAME   in place of the public Python image that images are built on "
	"(SBX_BASE_IMAGE)\n"
	"  --runtime NAME      another OCI runtime for containers, such as runsc\n"
	"  --connector T=FILE  tasks with task_type=\"T\" are jobs of the service that FILE (JSON) "
	"describes\n"
	"  --journal FILE      durable: keeps what has finished in FILE, with --run-id\n"
	"  --run-id ID         the same call with the same ID goes on where it was\n"
	"  --cache FILE        results of tasks that are declared with cache=; may be the journal's "
	"file\n"
	"  --log FILE          what runs where, and what tasks print ('-', the default: standard "
	"error)\n";

static const char exit_codes[] =
	"Exit codes: 0 done, 1 the run failed, 2 usage or the source did not compile, 3 a limit was "
	"reached,\n"
	"4 something needed is missing (C compiler, Python), 70 a defect in sbxc, 130 interrupted.\n";

static void help_all(void)
{
	printf(
		"sbxc compiles Flyte orchestrators, written in restricted Python, to C state machines.\n"
		"\n"
		"Usage:\n"
		"  sbxc FILE.py -o FILE.c                              compile to C; also writes FILE.h\n"
		"  sbxc FILE.py -o NAME                                compile to a native program (CC, "
		"else cc)\n"
		"  sbxc check FILE.py... [--format=text|json|sarif]    diagnostics only\n"
		"  sbxc run [OPTIONS] FILE.py ENTRY [--NAME VALUE]...  compile, run ENTRY, print its "
		"result\n"
		"  sbxc list FILE.py [--format=text|json]              entries with their inputs and "
		"outputs\n"
		"  sbxc exec 'CODE' [--input NAME=JSON]... [--tasks FILE.py]\n"
		"                                                      run a code string; its last "
		"expression is the result\n"
		"  sbxc runs JOURNAL [ID]                              the runs of a journal, or one of "
		"them\n"
		"  sbxc resume JOURNAL [ID]... FILE.py                 take up runs that were left\n"
		"  sbxc replay JOURNAL... FILE.py                      would recorded runs go on in this "
		"source?\n"
		"  sbxc cancel JOURNAL ID [FILE.py]                    end a run for good, and its jobs in "
		"other systems\n"
		"  sbxc gc --older-than TIME JOURNAL                   remove runs that have ended\n"
		"  sbxc --dump=PHASE FILE.py                           print what a phase makes: tokens, "
		"ast, decl, checked,\n"
		"                                                      machine, counted, c\n"
		"  sbxc build FILE.py                                  build the images of all "
		"sandboxes and tasks\n"
		"  sbxc tasks FILE.py [-o FOLDER]                      the sandboxes as tasks of a Flyte "
		"backend\n"
		"  sbxc cache FILE [--prune ...]                       results that are kept in a cache\n"
		"  sbxc --emit=script FILE.py NAME                     print the Python script of a "
		"sandbox\n"
		"  sbxc --help, sbxc COMMAND --help, sbxc --version\n"
		"\n"
		"'-' in place of a source file or of CODE reads standard input. With -o, --line-directives "
		"makes\n"
		"debuggers show the Python source, --source-links puts links to the git host into the C.\n"
		"\n"
		"%s",
		exit_codes);
}

static void help_run(void)
{
	printf("Usage: sbxc run [OPTIONS] FILE.py ENTRY [--NAME VALUE]...\n"
		   "\n"
		   "Compiles FILE.py, runs the orchestrator ENTRY with its tasks, and prints the result as "
		   "one line of JSON.\n"
		   "Inputs by type: int, float, str as they stand; bool true or false; datetime ISO 8601; "
		   "timedelta as\n"
		   "seconds, 1h30m or '1 day, 0:00:00'; File and Dir a path; everything else JSON.\n"
		   "\n"
		   "Options:\n%s%s\n"
		   "%s",
		   input_option, run_options, exit_codes);
}

static void help_exec(void)
{
	printf("Usage: sbxc exec [OPTIONS] 'CODE' [--input NAME=JSON]... [--tasks FILE.py]\n"
		   "\n"
		   "Runs a code string; the value of its last expression is the result. CODE may be '-': "
		   "standard input.\n"
		   "\n"
		   "Options:\n"
		   "  --input NAME=JSON   an input of the code\n"
		   "  --tasks FILE.py     the code may call the tasks of this file\n"
		   "%s\n"
		   "%s",
		   run_options, exit_codes);
}

static const struct {
	const char *command, *text;
} journal_helps[] = {
	{"runs",
	 "Usage: sbxc runs [--format=text|json] [--state=STATE] [--source=FILE.py] JOURNAL [ID]\n"
	 "\n"
	 "Lists the runs of a journal, oldest first; with ID shows one: inputs, calls with "
	 "their attempts, notes, times,\n"
	 "results and errors, and a timeline. JOURNAL is not changed.\n"
	 "  --state=STATE     only those that are left (not ended, and no process has them), "
	 "running, cancelling\n"
	 "                    (their process has not seen yet that they are to be), done, "
	 "failed or cancelled\n"
	 "  --source=FILE.py  the file of the run's orchestrator, for links to its lines, if it "
	 "is the program\n"
	 "                    that has begun the run\n"
	 "\n"
	 "Exit codes: 0 done, 2 no such run or no such source, 4 the journal cannot be read.\n"},
	{"resume", "Usage: sbxc resume [OPTIONS] JOURNAL [ID]... FILE.py\n"
			   "\n"
			   "Takes up runs where they were: those named, or all that have not ended, that no "
			   "process has open and whose entry is\n"
			   "in FILE.py. Finished calls are answered from the journal. One run that is named "
			   "ends as `sbxc run` would: its\n"
			   "result, or its traceback and exit code. Of several each end is a line: ID, state, "
			   "result or error; also of one\n"
			   "that has ended before.\n"
			   "`./program --journal JOURNAL --resume [ID]...` does the same.\n"
			   "\n"
			   "Options:\n"
			   "  --format text|json  of those lines; as JSON an object each\n"
			   "  --max-memory BYTES, --max-depth N, --timeout-ms N, --backend NAME, --base-image "
			   "NAME, --runtime NAME, --connector\n"
			   "  TYPE=FILE, --cache FILE, --log FILE  as for sbxc run\n"
			   "\n"
			   "Exit codes: those of sbxc run; of several runs 1 if one is not done; 2 if the "
			   "journal has none of such an ID,\n"
			   "which is told before any is taken up.\n"},
	{"replay",
	 "Usage: sbxc replay [OPTIONS] JOURNAL... FILE.py\n"
	 "\n"
	 "Plays the recorded runs forward in FILE.py, without running a task or changing a "
	 "journal, and tells of each whether it\n"
	 "ends the same, goes on, or diverges, with the place and both calls: the check "
	 "before a changed source is deployed.\n"
	 "`./program --replay JOURNAL...` does the same.\n"
	 "\n"
	 "Options:\n"
	 "  --run-id ID         only this run, in whichever of the journals\n"
	 "  --format text|json  as JSON an array of objects\n"
	 "  --max-memory BYTES, --max-depth N, --timeout-ms N  as for sbxc run\n"
	 "\n"
	 "Exit codes: 0 none diverges, 1 one does, 2 the source did not compile, or no journal has "
	 "that run, 4 a\n"
	 "journal cannot be read.\n"},
	{"cancel", "Usage: sbxc cancel [OPTIONS] JOURNAL ID [FILE.py]\n"
			   "\n"
			   "Ends a run for good. One that another process has open is marked; that process "
			   "cancels it and its tasks within a\n"
			   "quarter of a second, unless it is busy. One that was left may have jobs under way "
			   "in other systems: they are\n"
			   "deleted first, by the connectors that are named, or by the classes of FILE.py; "
			   "without those nothing happens.\n"
			   "`./program --journal JOURNAL --cancel ID` does the same.\n"
			   "\n"
			   "Options:\n"
			   "  --connector TYPE=FILE  as for sbxc run\n"
			   "  --leave-jobs           cancels the run and leaves its jobs\n"
			   "  --wait SECONDS         how long to wait for a process that has the run (10)\n"
			   "  --log FILE             what becomes of the jobs; '-', standard error, otherwise\n"
			   "\n"
			   "Exit codes: 0 cancelled, 1 the process has not answered, the run has ended "
			   "meanwhile, or a service has refused to\n"
			   "delete a job, 2 the run has ended before, or there is none of that ID, 4 the "
			   "journal cannot be used, or a connector\n"
			   "or a service is not there.\n"},
	{"gc",
	 "Usage: sbxc gc [--dry-run] [--older-than TIME] [--keep N] JOURNAL\n"
	 "\n"
	 "Removes runs that have ended, and makes the file smaller. Runs that have not ended stay.\n"
	 "  --older-than TIME  those that have ended so long ago: 90s, 15m, 12h, 7d\n"
	 "  --keep N           the N that have ended last stay\n"
	 "  --dry-run          only says how many\n"
	 "\n"
	 "Exit codes: 0 done, 2 usage, 4 the journal cannot be used.\n"},
};

static bool help_journal(const char *command)
{
	for (size_t i = 0; i < sizeof journal_helps / sizeof *journal_helps; i++)
		if (strcmp(journal_helps[i].command, command) == 0) {
			fputs(journal_helps[i].text, stdout);
			return true;
		}
	return false;
}

bool cli_help(const char *command)
{
	if (!command)
		help_all();
	else if (strcmp(command, "check") == 0)
		printf("Usage: sbxc check FILE.py... [--format=text|json|sarif]\n"
			   "\n"
			   "Tells everything that is wrong in the files. Text goes to standard error, JSON to "
			   "standard output.\n"
			   "Exit codes: 0 no errors, 2 errors.\n");
	else if (strcmp(command, "list") == 0)
		printf(
			"Usage: sbxc list FILE.py [--format=text|json] [--source-hosts=TABLE]\n"
			"\n"
			"Shows the entries of the file with their typed inputs and outputs; as JSON with links "
			"to their source.\n"
			"  --source-hosts=TABLE  links for hosts other than GitHub and GitLab "
			"(SBX_SOURCE_HOSTS)\n");
	else if (strcmp(command, "build") == 0)
		printf(
			"Usage: sbxc build [--push] [--base-image NAME] [--log FILE] FILE.py\n"
			"\n"
			"Builds the images of all sandboxes and tasks of the file that are not there yet, and "
			"prints a line for\n"
			"each: its name and its image. `./program --build-images` does the same.\n"
			"\n"
			"Options:\n"
			"  --push              push each image to the registry of its ImageConfig; credentials "
			"come from its\n"
			"                      registry_secret, a variable of the environment\n"
			"  --base-image NAME   in place of the public Python image (also SBX_BASE_IMAGE)\n"
			"  --log FILE          what builds print; '-', standard error, otherwise\n"
			"\n"
			"Exit codes: 0 all are there, 1 one could not be built, 2 the file has errors, 4 no "
			"Docker engine.\n");
	else if (strcmp(command, "tasks") == 0)
		printf(
			"Usage: sbxc tasks [OPTIONS] FILE.py [-o FOLDER]\n"
			"\n"
			"Prints each sandbox of the file as a task of a Flyte backend: the JSON form of its "
			"TaskSpec message, with the\n"
			"script in it. With -o each goes into a file of the folder, NAME.json, and for a "
			"sandbox "
			"with block_network\n"
			"NAME.network-policy.json for Kubernetes beside it; their paths are printed.\n"
			"\n"
			"Options:\n"
			"  -o FOLDER           write files; the folder is made if it is not there\n"
			"  --image-prefix R    registry of images whose ImageConfig names none: "
			"registry.example/project\n"
			"  --base-image NAME   in place of the public Python image (also SBX_BASE_IMAGE)\n"
			"  --org, --project, --domain NAME   of the task's id; left out otherwise\n"
			"  --egress CIDR,...   where pods of a blocked network may go: the object store that "
			"their values come from\n"
			"Exit codes: 0 done, 2 the file has errors, or a sandbox cannot be a task, 4 jansson "
			"is "
			"missing.\n");
	else if (strcmp(command, "cache") == 0)
		printf(
			"Usage: sbxc cache FILE [--format=text|json] [--task NAME]\n"
			"       sbxc cache FILE --prune [--older-than TIME] [--task NAME] [--all]\n"
			"\n"
			"Lists the results that are kept in a cache (--cache FILE of run and of programs), or "
			"removes some.\n"
			"  --task NAME        those of one task, by its full name\n"
			"  --older-than TIME  those neither stored nor used for so long: 30d, 12h, 90m, 45s\n"
			"  --all              all of them\n"
			"Exit codes: 0 done, 2 usage, 4 the file cannot be used.\n");
	else if (strcmp(command, "run") == 0)
		help_run();
	else if (strcmp(command, "exec") == 0)
		help_exec();
	else
		return help_journal(command);
	return true;
}
