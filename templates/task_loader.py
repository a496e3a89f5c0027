# What a container task's command begins with (runtime/host/task_spec.c): runs a sandbox's script that stands in its arguments.
#   EXIT COUNT PIECE... [NAME...]
# EXIT: what becomes of the exit code: "" nothing, "told" it is written to the output exit_code, "result" and is then 0.
# NAME: an input that a verbatim script gets as --NAME VALUE; "@NAME" one whose value is its path.
# Values are read from the files that the backend lays down: no template is filled in, so none can become a part of the code.
# SPDX-License-Identifier: Apache-2.0
import linecache
import os
import sys


def _sbx_load():
    words, inputs = sys.argv[1:], os.environ.get('SBX_INPUTS', '/var/inputs')
    end = 2 + int(words[1])
    text, script = ''.join(words[2:end]), '/var/inputs/_script'
    sys.argv[:] = [script]
    for name in words[end:]:
        path = os.path.join(inputs, name.lstrip('@'))
        if name[0] != '@':
            with open(path, encoding='utf-8', errors='surrogateescape') as file:
                path = file.read()
        sys.argv += ['--' + name.lstrip('@'), path]
    if sys.path and not sys.path[0]:
        sys.path[0] = inputs
    linecache.cache[script] = (len(text), None, text.splitlines(True), script)
    return compile(text, script, 'exec', dont_inherit=True), words[0]


def _sbx_run(code, exit_to, variables):
    import os  # names of the module go before the code comes
    import sys
    status = 0
    try:
        exec(code, variables)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if status and status is not end.code:
            print(end.code, file=sys.stderr)
    except BaseException as error:
        import traceback
        error.__traceback__ = error.__traceback__.tb_next
        # Python's own hook would look for the script's lines in a file
        show = sys.excepthook if sys.excepthook is not sys.__excepthook__ else traceback.print_exception
        show(type(error), error, error.__traceback__)
        status = 1
    if exit_to:
        with open(os.path.join(os.environ.get('SBX_OUTPUTS', '/var/outputs'), 'exit_code'), 'w') as file:
            file.write(str(status & 255))
    sys.exit(0 if exit_to == 'result' else status)


def _sbx_start():
    code, exit_to = _sbx_load()
    variables, run = sys.modules['__main__'].__dict__, _sbx_run
    for name in [name for name in variables if not name.startswith('__')]:
        del variables[name]
    variables['__file__'] = code.co_filename
    run(code, exit_to, variables)


_sbx_start()
