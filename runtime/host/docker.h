/*
 * Tasks in containers, by the Docker Engine API. In the order of reading:
 *
 *   docker_backend.c   the backend table; the engine is found when the first call comes
 *   docker_spec.c      what the compiler says of a sandbox or a task (its `extra`)
 *   docker_image.c     its image: there, pulled, or built once; pushed
 *   docker_build.c     the build
 *   docker_messages.c  what the engine says of it
 *   docker_registry.c  credentials for registries
 *   docker_inputs.c    arguments and files that go in
 *   docker_task.c      the same for a Python task, and its answer
 *   docker_volume.c    the same on an engine of another machine
 *   docker_box.c       one container, from create to remove
 *   docker_outputs.c   what comes out, and what went wrong
 *   docker_remove.c    what goes when a call is over
 *   docker_text.c      values as text
 *   docker_sweep.c     what killed clients have left behind
 *   docker_prepare.c   all images of a program ahead of time
 *   http.c document.c tar.c   requests, JSON, archives
 *
 * A call is a Box. It goes through stages, one request at a time beside the stream of its output, and
 * reports when its container is gone. Whatever happens, a box that has asked for a container removes it.
 *
 * Nothing may keep a service's loop: files are copied, packed, read and removed in pieces, as long as a poll has time
 * (docker_has_time), boxes in turn. What is small is done where it comes up. While there is more the backend is due at once.
 *
 * Between the call and the start of its container stands only what must: the engine's version, create, attach, start. An
 * image is not looked for, since the engine tells when it is missing; libarchive is loaded, and the sweep runs, while the
 * container does.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_DOCKER_H
#define SBX_DOCKER_H

#include <limits.h>
#include <strings.h>

#include "byte_queue.h"
#include "document.h"
#include "http.h"
#include "log.h"
#include "sbx_gen.h"
#include "tar.h"

enum {
	BOX_USER = 65534,      /* nobody: what a container's processes run as */
	MOST_WORD = 64 * 1024, /* a longer value crosses as a file */
	MOST_TAIL = 16 * 1024, /* of standard error, for messages */
	MOST_PROCESSES = 256,  /* of a container */
	TEMPORARY_BYTES = 256 << 20,
	STEP_BYTES = 64 * 1024 /* between two looks at the clock */
};

typedef struct Docker Docker;
typedef struct Box Box;

/* What the compiler says of a sandbox, or of a Python task; read once. */
typedef struct Spec {
	const char *extra; /* the text, of the program: its identity, with the name */
	bool is_task;
	const char *problem; /* why there can be no image; NULL: there can */
	Document *document;
	const char *name, *mode, *script, *image, *dockerfile, *image_name, *source, *registry, *secret;
	uint32_t line;
	uint64_t memory;
	int64_t milli_cpu;
	size_t output_count;
	bool block_network, fills_exit_code;
	struct Spec *next;
} Spec;

enum ImageState {
	IMAGE_NEW,
	IMAGE_ASSUMED, /* nobody has looked; creating a container tells */
	IMAGE_ASKED,
	IMAGE_LOCKING,
	IMAGE_PULLING,
	IMAGE_BUILDING,
	IMAGE_PUSHING,
	IMAGE_READY,
	IMAGE_FAILED
};

enum { MESSAGES_LAYERS = 64 };

/* What an engine says while it builds, pulls or pushes. */
typedef struct Messages {
	ByteQueue output,
		said; /* of the stream, and of what a step prints: the line that is not whole */
	char step[256], problem[1024], package[128];
	struct {
		char id[16];
		uint64_t current, total;
	} layers[MESSAGES_LAYERS];
	unsigned layer_count;
} Messages;

typedef struct Image {
	Docker *docker;
	char tag[256];
	const Spec *spec; /* any that has this image */
	enum ImageState state;
	HttpRequest request;
	char path[2048];
	char *header;      /* with credentials; NULL: none */
	ByteQueue context; /* the build's tar */
	Messages messages;
	char problem[1024];
	char no_secret[256];  /* why there are no credentials; empty: there are, or need not be */
	int64_t since, shown; /* of what is under way: its beginning, and when the terminal was told */
	int lock;             /* -1; the file lock_path otherwise */
	char lock_path[320];
	int64_t again; /* when the lock is tried again; 0: not waiting */
	bool asked_under_lock, was_pulled, was_pushed;
	struct Image *next;
} Image;

enum BoxStage {
	BOX_WAITS,    /* for the engine, or its image */
	BOX_PREPARES, /* files that go in are copied; for a remote engine, all are packed */
	BOX_FILLS,    /* a remote engine: the volume of its inputs */
	BOX_CREATES,
	BOX_ATTACHES,
	BOX_RUNS,
	BOX_ENDS,     /* has ended: exit code, state, outputs are asked for */
	BOX_COLLECTS, /* its outputs are read */
	BOX_REMOVES,
	BOX_GONE,
	BOX_CLEANS /* the engine has nothing of it; its files here go */
};

typedef struct Failure {
	char *type, *text, *traceback; /* made with malloc; type NULL: none */
} Failure;

struct Box {
	Docker *docker;
	Box *next, *previous;
	sbx_attempt *attempt; /* NULL: cancelled */
	const Spec *spec;
	Image *image;
	enum BoxStage stage;
	char name[64];              /* of the container, the volume */
	char label[128], what[192]; /* for the log; "sandbox 'x'" for errors */
	char *folder;               /* of its inputs, on this machine; NULL: not made yet */
	Document *creation;         /* what the engine is asked to create */
	char *creation_text;
	/* files that are to be copied; those before `copied` are, the one there may be open */
	struct BoxCopy {
		char *name, *from;
		int in, out;
	} * copies;
	size_t copy_count, copied;
	/* a remote engine: the inputs as tar, folders of the user among them, and what is asked beside */
	ByteQueue tar;
	struct Packing *packing; /* while that is made */
	struct BoxFolder {
		char name[304], *path;
	} * folders;
	size_t folder_count;
	char *other_text;
	/* a Python task: the paths that it is given, and where its own files are put */
	struct BoxPath {
		char *given, *real; /* real NULL: no file or folder of this machine */
	} * paths;
	size_t path_count;
	char *kept; /* the folder of its output files, which stays with a result; NULL: not named */
	char path[512];
	HttpRequest request, attach;
	/* the output's frames */
	unsigned char head[8];
	size_t head_length, frame_left;
	unsigned stream;
	ByteQueue lines[3]; /* by stream: the line that is not whole */
	ByteQueue tail;     /* of standard error, or else standard output */
	int exit_code;
	bool is_out_of_memory, has_volume, has_exit_code, was_created, missed_image;
	bool is_sent; /* the inputs are on the remote engine: their tar is of no use */
	int spool;    /* the outputs as tar; -1 */
	/* while outputs are collected; a task's answer is read after them */
	TarReader *reader;
	TarWanted *wanted;
	size_t wanted_count;
	bool answer_begun;
	int reply; /* -1: not open, or all of it is read */
	ByteQueue answer;
	bool is_over; /* its container does not run any more, or never did */
	unsigned removals;
	int64_t again; /* a removal is tried again; 0: none */
	Failure failure;
	sbx_heap *heap; /* of the result */
	sbx_value result;
};

enum EngineState { ENGINE_UNKNOWN, ENGINE_ASKED, ENGINE_READY, ENGINE_MISSING };

struct Docker {
	Http *http;
	Documents *documents;
	Tar *tar;
	sbx_log *log;
	const sbx_gen_program *program;
	char *host, *base_image, *runtime, *run_folder;
	char *problem; /* why there is no engine */
	enum EngineState state;
	HttpRequest ping;
	char prefix[24];          /* "/v1.41" */
	char identity[96];        /* of this process, as a label */
	unsigned long long space; /* its namespace of process ids */
	Box *boxes;
	Image *images;
	Spec *specs;
	struct Sweep *sweep;
	uint64_t box_count;
	unsigned run_folder_count;
	int interrupt; /* of docker_prepare.c: Ctrl-C */
	int64_t until; /* how long this poll may work on files; microseconds */
};

int64_t docker_now(void);
int64_t docker_microseconds(void);
/* May this poll go on with files? */
bool docker_has_time(const Docker *docker);
/* Starts a request; false after it has been told that there is no memory. */
bool docker_send(Docker *docker, HttpRequest *request, const char *method, const char *path,
				 const void *body, size_t length);
/* The engine's own words on a failed request: `message` of its answer, or its status. */
void docker_describe(Docker *docker, const HttpRequest *request, const char *problem, char *text,
					 size_t size);

/* libarchive, loaded here; NULL: it is missing, and so is the engine from now on. */
Tar *docker_tar(Docker *docker);

/* Looks for the engine: its state tells, when it is no longer ENGINE_ASKED. */
void docker_find(Docker *docker);

/* ---- docker_spec.c ---- */

/* task_type: "raw-container" for a sandbox, NULL for a Python task. NULL: no memory, or nothing that this compiler made. */
const Spec *spec_read(Docker *docker, const char *name, const char *task_type, const char *extra);
void spec_free_all(Docker *docker);

/* ---- docker_image.c ---- */

/* The image of a spec. */
Image *image_of(Docker *docker, const Spec *spec);
/* Goes on with it; boxes that wait for it are told by box_image_settled. */
void image_ensure(Image *image);
void image_poll(Docker *docker);
int image_timeout(const Docker *docker);
void image_free_all(Docker *docker);
void image_name(const Docker *docker, const Spec *spec, char tag[256]);
/* What stands in for the base of its Dockerfile, or "". */
const char *image_base(const Docker *docker, const Spec *spec);
/* Of one that is ready: it is ready again, or IMAGE_NEW with a problem. */
void image_push(Image *image);

/* ---- docker_build.c ---- */

/* The request that builds it; its callbacks are set. false: no memory, or no libarchive. */
bool build_start(Image *image);
/* Why it could not be built, from the engine's words: the step, the package, the base. */
void build_explain(const Image *image, const char *words, char *text, size_t size);

/* ---- docker_messages.c ---- */

void messages_clear(Messages *messages);
/* Takes a part of the stream. false: a message that is too long. */
bool messages_take(Docker *docker, Messages *messages, const char *bytes, size_t length);
void messages_end(Docker *docker, Messages *messages);
/* How far it is, or "". */
void messages_progress(const Messages *messages, char *text, size_t size);

/* ---- docker_registry.c ---- */

/* Headers with the credentials for the registry of an image, and for all that its base may come from. Made with malloc; NULL:
 * problem tells why. */
char *registry_auth(Docker *docker, const Spec *spec, char problem[256]);
char *registry_config(Docker *docker, const Spec *spec, char problem[256]);
/* Why the registry of this image's name did not serve, from the engine's words: denied, not there, not reached; with a remedy. */
void registry_explain(const Spec *spec, const char *name, const char *words, const char *no_secret,
					  char *text, size_t size);

/* ---- docker_inputs.c ---- */

/* Makes the folder of the inputs and what the engine is to create. false: box->failure tells why. Large files may still have to
 * be copied. */
bool inputs_make(Box *box);
/* Goes on copying. true: it is over, or box->failure tells why not. */
bool inputs_go_on(Box *box);
void inputs_stop(Box *box);
/* The variable that holds a secret: "GROUP_KEY" in capitals; made with malloc. group may be NULL. */
char *secret_variable(const char *group, const char *key);
/* Adds to what stands under /var/inputs: a file; a folder, which may be there; what lies at a path of this machine. */
bool inputs_add_file(Box *box, const char *name, const void *bytes, size_t length);
bool inputs_add_folder(Box *box, const char *name);
struct stat;
bool inputs_add_path(Box *box, const char *name, const char *path, const struct stat *status);

/* ---- docker_task.c ---- */

/* What a Python task's container begins with, and its files. false: box->failure tells why. */
bool task_make(Box *box);
/* What is wanted of its outputs; box->failure tells whether there is a place for it. */
TarWanted *task_wanted(Box *box);
/* Goes on with its answer, which stands in a file now. true: there is a result, or a failure. */
bool task_read_answer(Box *box);

/* ---- docker_box.c ---- */

Box *box_start(Docker *docker, sbx_attempt *attempt, const Spec *spec);
/* The engine, or the image, is there or is not. */
void box_go_on(Box *box);
void box_cancel(Box *box);
/* Forgets it, though the engine may still have its container. */
void box_drop(Box *box);
void box_poll(Docker *docker);
int box_timeout(const Docker *docker);
void box_fail(Box *box, const char *type, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The box's inputs are where the engine finds them: the container is created. */
void box_create(Box *box);
/* A request went wrong, or `problem` tells what did: the container goes, and the call fails. */
void box_give_up(Box *box, const HttpRequest *request, const char *problem, const char *what);

/* ---- docker_volume.c ---- */

/* Goes on packing the inputs. true: they are packed, or box->failure tells why not. */
bool volume_pack(Box *box);
void volume_stop(Box *box);
/* Sends them, then goes on with box_create. */
void volume_fill(Box *box);

/* ---- docker_outputs.c ---- */

/* The stream of the container's output. */
void outputs_read_stream(Box *box, const char *bytes, size_t length);
void outputs_end_stream(Box *box);
/* Is anything to be asked for beyond the exit code? */
bool outputs_are_wanted(const Box *box);
/* Begins to collect from the spooled tar, where there is one. */
void outputs_begin(Box *box);
/* Goes on with it. true: there is a result, or a failure. */
bool outputs_go_on(Box *box);
/* Ends it, wherever it is. */
void outputs_stop(Box *box);
/* A name for a folder of this run that nobody has, made with malloc; NULL: no memory. */
char *outputs_name_folder(Docker *docker);
bool outputs_make_run_folder(const Docker *docker);
/* The container did not end well: fills box->failure. */
void outputs_explain(Box *box);

/* ---- docker_remove.c ---- */

/* rm -r, without following links. */
void folder_remove(const char *path);
/* Something of it, and more until that time (docker_microseconds). true: nothing is left, or nothing more can be removed. */
bool folder_remove_some(const char *path, int64_t until);
/* Files and memory of a box that are of no use any more: files that its outputs made, too, if it gives no result. */
bool box_has_leftovers(const Box *box);
/* Some of it goes. true: nothing is left. */
bool box_clean(Box *box);
/* Some of the tar that is sent. */
void box_shed_tar(Box *box);

/* ---- docker_text.c ---- */

/* A value as the text in which it crosses, added to `out`. false: problem tells why. */
bool value_to_text(sbx_heap *heap, const sbx_type *type, sbx_value value, ByteQueue *out,
				   char problem[256]);
/* Can it be an argument: no NUL, valid UTF-8, not too long? 1 yes, 0 a file, -1 not at all (NUL). */
int text_crosses(const ByteQueue *text);
/* SBX_INVALID: problem tells why. */
sbx_value value_from_text(sbx_heap *heap, const sbx_type *type, const char *text, size_t length,
						  char problem[256]);

/* ---- docker_sweep.c ---- */

/* Who we are: "<boot>/<pid namespace>/<pid>/<start time>". */
unsigned long long sweep_identity(char identity[96]); /* the namespace */
/* Once: while the first container runs, or the first image is built. */
void sweep_start(Docker *docker);
/* Somebody else has removed a box's container, and perhaps not its volumes. */
void sweep_volumes_of(Docker *docker, const char *name);
void sweep_free(Docker *docker);
bool sweep_is_done(const Docker *docker);
/* Goes on with the folders that it has found. */
void sweep_poll(Docker *docker);
bool sweep_has_work(const Docker *docker);

#endif
