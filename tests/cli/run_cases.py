"""The command line, case by case. Run: run_cases.py SBXC [FILE.case | WORD]...

A case file is read like this:

    === the name of a case
    --- file pipeline.py         a file in the case's own folder
    ...
    --- command                  words as a shell would split them; no shell runs; {folder} is the case's, {sbxc} the program's path
    sbxc check pipeline.py
    --- set SBX_PYTHON=/none     a variable of the environment for the command before it
    --- stdin                    what the command before it reads
    --- stdout                   what it must print, with {folder} for the case's; not given: nothing
    --- stdout contains          lines that it must have among others
    --- stderr                   what it must say, exactly
    --- stderr contains          pieces of text, one a line, that it must have
    --- exit 2                   not given: 0

A case may have several commands; they run one after the other in one folder. Prints `ok NAME` or `FAIL NAME: why`.
SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


class Command:
    def __init__(self, words):
        self.words, self.stdin, self.exit, self.environment = words, '', 0, {}
        self.stdout, self.stdout_has, self.stderr, self.stderr_has = '', None, None, []


def read_cases(path):
    """[(name, {file: text}, [Command])]"""
    cases, section, body = [], None, []

    def finish():
        if section is None:
            return
        text = ''.join(body).rstrip('\n') + '\n' if ''.join(body).strip('\n') else ''
        name, files, commands = cases[-1]
        kind, _, rest = section.partition(' ')
        if kind == 'file':
            files[rest] = text.rstrip('\n') + '\n'
        elif kind == 'command':
            commands.append(Command(shlex.split(text)))
        elif kind == 'exit':
            commands[-1].exit = int(rest)
        elif kind == 'set':
            variable, _, value = rest.partition('=')
            commands[-1].environment[variable] = value
        elif kind == 'stdin':
            commands[-1].stdin = text
        elif section == 'stdout':
            commands[-1].stdout = text
        elif section == 'stdout contains':
            commands[-1].stdout_has = text.splitlines()
        elif section == 'stderr':
            commands[-1].stderr = text
        elif section == 'stderr contains':
            commands[-1].stderr_has = text.splitlines()
        else:
            raise SystemExit(f'{path}: unknown section "--- {section}"')

    with open(path, encoding='utf-8') as file:
        for line in file:
            if line.startswith('=== '):
                finish()
                section = None
                cases.append((line[4:].strip(), {}, []))
            elif line.startswith('--- '):
                finish()
                section, body = line[4:].strip(), []
            elif section is not None:
                body.append(line)
    finish()
    return cases


def run_command(sbxc, command, folder, cache):
    words = [sbxc if word == 'sbxc' else word.replace('{folder}', folder).replace('{sbxc}', sbxc) for word in command.words]
    environment = dict(os.environ, XDG_CACHE_HOME=cache, HOME=folder, TMPDIR=folder, PYTHONHASHSEED='0')
    environment.pop('SBX_PYTHON', None)
    environment.update(command.environment)
    done = subprocess.run(words, input=command.stdin.encode(), capture_output=True, cwd=folder, timeout=120,
                          env=environment)
    stdout, stderr = (text.decode().replace(folder, '{folder}') for text in (done.stdout, done.stderr))
    tail = f'\n  command: {shlex.join(command.words)}\n  stdout: {stdout[:800]!r}\n  stderr: {stderr[:1500]!r}'
    if done.returncode != command.exit:
        return f'exit code {done.returncode}, wanted {command.exit}' + tail
    if command.stdout_has is not None:
        for line in command.stdout_has:
            if line not in stdout.splitlines():
                return f'stdout lacks the line {line!r}' + tail
    elif stdout != command.stdout:
        return f'stdout is not {command.stdout!r}' + tail
    if command.stderr is not None and stderr != command.stderr:
        return f'stderr is not {command.stderr!r}' + tail
    for piece in command.stderr_has:
        if piece not in stderr:
            return f'stderr lacks {piece!r}' + tail
    return None


def run_case(sbxc, files, commands, cache):
    folder = os.path.realpath(tempfile.mkdtemp())
    try:
        for name, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
                file.write(text)
        for command in commands:
            problem = run_command(sbxc, command, folder, cache)
            if problem:
                return problem
        return None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    sbxc, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    files = [word for word in wanted if word.endswith('.case')] or sorted(glob.glob(os.path.join(HERE, '*.case')))
    words = [word for word in wanted if not word.endswith('.case')]
    cache = tempfile.mkdtemp()
    passed = failed = 0
    for path in files:
        area = os.path.basename(path)[:-5]
        for name, contents, commands in read_cases(path):
            if words and not any(word in name for word in words):
                continue
            problem = run_case(sbxc, contents, commands, cache)
            if problem:
                failed += 1
                print(f'FAIL cli/{area} {name}: {problem}')
            else:
                passed += 1
                print(f'ok cli/{area} {name}')
    shutil.rmtree(cache, ignore_errors=True)
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
