"""The local backend and the main of a generated program, with a program made by hand (hand_program.py).

Run: test_local.py BUILD. Needs BUILD/libsbx.a, BUILD/libsbx-host.a and a C compiler (CC, else cc).
SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from hand_program import hand_program


class Failed(Exception):
    pass


def equal(got, wanted):
    if got != wanted:
        raise Failed(f'got {got!r}, wanted {wanted!r}')


class Program:
    """The hand-made program, built into a folder of its own."""

    def __init__(self, build):
        self.folder = os.path.realpath(tempfile.mkdtemp())
        with open(os.path.join(HERE, 'local_pipeline.py'), encoding='utf-8') as file:
            source = file.read()
        names = re.findall(r'^def (\w+)\(x\)', source, re.M)
        tasks = {name: {} for name in names}
        tasks['hangs']['timeout'] = 400
        tasks['hangs_once'].update(timeout=1500, retries=1)
        tasks['flaky']['retries'] = 3
        tasks['exits']['retries'] = 1
        tasks['variables']['extra'] = '{"env_vars": {"COLOR": "red"}, "resources": {"cpu": 2}}'
        chains = {name: [name] for name in names}
        chains.update(round_trip=['special', 'same', 'check'], after_death=['dies_afterwards', 'same', 'same'],
                      warm=['pid', 'is_my_pid'])
        self.path = os.path.join(self.folder, 'program')
        with open(self.path + '.c', 'w', encoding='utf-8') as file:
            file.write(hand_program('local_pipeline.py', source, 'local_pipeline', tasks, chains))
        words = os.environ.get('CC', 'cc').split()
        self.is_sanitized = 'san' in os.path.abspath(build).split(os.sep)
        if self.is_sanitized:
            words += ['-fsanitize=address,undefined', '-fno-sanitize-recover=all']
        subprocess.run(words + ['-std=c11', '-g', '-I' + os.path.join(TOP, 'runtime/include'), '-o', self.path,
                                self.path + '.c', os.path.join(build, 'libsbx-host.a'), os.path.join(build, 'libsbx.a'),
                                '-lm'] + os.environ.get('LDFLAGS', '').split(), check=True)

    def run(self, *words, stdin='', environment=None):
        """(exit code, stdout, stderr)"""
        variables = {**os.environ, "SBX_PYTHON": sys.executable, "TMPDIR": self.folder, **(environment or {})}
        done = subprocess.run([self.path, *words], input=stdin.encode(), capture_output=True, timeout=60,
                              cwd=self.folder, env=variables)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def start(self, *words):
        return subprocess.Popen([self.path, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
                                env=dict(os.environ, SBX_PYTHON=sys.executable, TMPDIR=self.folder))


def is_alive(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
            return file.read().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


def wait_until_gone(pid):
    until = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    equal(is_alive(pid), False)


def results(program):
    for text in ('5', '-123456789012345678901234567890', '"\\u00fc\\ud83d\\ude00"', '[1, [], {"a": null}]', 'true',
                 '[2.5, NaN, Infinity, -Infinity, -0.0, 1e-07, 5e-324]'):
        equal(program.run('same', '--x', text)[:2], (0, text + '\n'))
    equal(program.run('round_trip', '--x', '1')[:2], (0, '"as it was"\n'))


def failures(program):
    code, out, error = program.run('fails', '--x', '-1')
    equal((code, out, error.splitlines()[-1]), (1, '', 'ValueError: negative input: -1'))
    equal('    raise ValueError(f"negative input: {x}")' in error.splitlines(), True)
    code, out, error = program.run('cannot_cross', '--x', '-1')
    equal((code, 'TypeError: the result contains an object of type object' in error), (1, True))


def output(program):
    code, out, error = program.run('prints', '--x', '5')
    equal((code, out), (0, '5\n'))
    lines = error.splitlines()
    equal((lines[0], lines[-1]), ('[prints#1] started', '[prints#1] done'))
    equal(sorted(lines[1:-1]), sorted('[prints#1] ' + line for line in ('out', 'err', 'child', 'raw', 'end', 'last')))
    log = os.path.join(program.folder, 'log.txt')
    equal(program.run('--log', log, 'prints', '--x', '5'), (0, '5\n', ''))
    equal(len(open(log).read().splitlines()), 8)
    equal(program.run('--log', '/nonexistent/log', 'prints', '--x', '5')[0], 2)
    code, out, error = program.run('controls', '--x', '5')
    equal('[controls#1] \\x1b[31mred \\x07' in error.splitlines(), True)


def lost_workers(program):
    for entry, how in (('exits', 'ended with exit code 7'),
                       ('crashes', 'was ended by signal 11 (Segmentation fault)'),
                       ('garbage', 'wrote garbage to its message channel and was stopped'),
                       ('huge_length', 'wrote garbage to its message channel and was stopped'),
                       ('wrong_number', 'wrote garbage to its message channel and was stopped'),
                       ('damaged', 'sent a result that is damaged'),
                       ('closes', 'closed its message channel and was stopped')):
        code, out, error = program.run(entry, '--x', '5')
        equal((code, out, error.splitlines()[-1]),
              (1, '', f"RuntimeError: the worker process of task 'demo.{entry}' {how}"))
        equal(error.splitlines().count(f'[{entry}#1] started'), 1)
    equal('[exits#1] started (attempt 2)' in program.run('exits', '--x', '5')[2], True)
    equal(program.run('after_death', '--x', '5')[:2], (0, '5\n'))


def hanging(program):
    start = time.monotonic()
    code, out, error = program.run('hangs', '--x', '5')
    equal((code, error.splitlines()[-1].startswith('TimeoutError: ')), (1, True))
    equal(0.3 < time.monotonic() - start < 5, True)
    for pid in re.findall(r'pid (\d+)', error):
        wait_until_gone(int(pid))


def ending(program):
    """Nothing waits for a process that was killed: a large one takes its time to end."""
    library, path = os.path.join(program.folder, 'watched_wait.so'), os.path.join(program.folder, 'once')
    subprocess.run([*os.environ.get('CC', 'cc').split(), '-shared', '-fPIC', '-o', library, os.path.join(HERE, 'watched_wait.c'), '-ldl'], check=True)
    sanitizer = subprocess.run(['cc', '-print-file-name=libasan.so'], capture_output=True, text=True).stdout.strip()
    code, out, error = program.run('hangs_once', '--x', f'"{path}"', environment={'LD_PRELOAD': f'{sanitizer} {library}' if program.is_sanitized else library})
    equal((code, out), (0, '"again"\n'))
    equal('timeout' in error and 'waits for a process' not in error, True)


def interrupted(program):
    for number, wait in ((signal.SIGINT, True), (signal.SIGTERM, True), (signal.SIGKILL, False)):
        process = program.start('sleeps_long', '--x', '1')
        pids = []
        while len(pids) < 2:
            line = process.stderr.readline().decode()
            pids += map(int, re.findall(r'pid (\d+)', line))
        process.send_signal(number)
        error = process.communicate(timeout=10)[1].decode()
        if wait:
            equal((process.returncode, error.splitlines()[-1]), (130, 'KeyboardInterrupt'))
            wait_until_gone(pids[1])
        else:
            os.kill(pids[1], signal.SIGKILL)  # what a task started may outlive a killed parent; the worker may not
        wait_until_gone(pids[0])


def retries(program):
    path = os.path.join(program.folder, 'count')
    code, out, error = program.run('flaky', '--x', f'"{path}"')
    equal((code, out), (0, '"3"\n'))
    equal(error.count('retry'), 2)


def environment(program):
    code, out, error = program.run('variables', '--x', '1')
    equal((code, out), (0, '["red", "1", "1"]\n'))
    equal('[variables#1] resources (not enforced): cpu=2' in error.splitlines(), True)
    equal(program.run('warm', '--x', '1')[:2], (0, 'true\n'))


def no_python(program):
    code, out, error = program.run('same', '--x', '1', environment={'SBX_PYTHON': '/nonexistent/python3'})
    equal((code, out), (4, ''))
    equal("no Python to run tasks with: '/nonexistent/python3' is not there" in error, True)
    code, out, error = program.run('same', '--x', '1', environment={'SBX_PYTHON': '/bin/true'})
    equal((code, "ended with exit code 0" in error), (1, True))


def inputs(program):
    equal(program.run('same', '--x=7')[:2], (0, '7\n'))
    equal(program.run('--input-json', '-', 'same', stdin='{"x": [1]}')[:2], (0, '[1]\n'))
    for words, wanted in ((('same',), "input 'x' (Any) is missing"),
                          (('same', '--y', '1', '--x', '{'), "same has no input 'y'|--x: expected a value as JSON, got '{'"),
                          (('same', '--x'), '--x: a value is missing'),
                          (('same', '--x', '1', '--x', '2'), '--x: given twice'),
                          (('same', 'x'), "expected --NAME VALUE, got 'x'"),
                          (('nothing',), "no entry 'nothing'"),
                          ((), 'no entry is named'),
                          (('--journal', 'f', 'same', '--x', '1'), '--journal and --run-id belong together'),
                          (('--max-memory', '0', '--timeout-ms=1e3', 'same'), '--max-memory: expected|--timeout-ms: expected'),
                          (('--backend', 'flyte', 'same', '--x', '1'), "'flyte' is unknown; there are 'local' and 'docker'"),
                          (('--input-json', '-', 'same', '--x', '1'), 'not in both'),
                          (('--input-json', '/nonexistent', 'same'), "cannot read '/nonexistent'"),
                          (('--input-json', '-', 'same'), 'program: error: -: ')):
        code, out, error = program.run(*words)
        equal((code, out), (2, ''))
        for piece in wanted.split('|'):
            equal(piece in error, True)


def words(program):
    code, out, error = program.run('--list')
    equal((code, 'demo.same(x: Any)' in out.splitlines(), error), (0, True, ''))
    code, out, error = program.run('--help')
    equal((code, out.startswith('Usage: program [OPTIONS] ENTRY'), error), (0, True, ''))
    equal(program.run('--version')[:2], (0, 'program, compiled by sbxc by hand\n'))
    equal(program.run('demo.same', '--x', '1')[:2], (0, '1\n'))


def main():
    program = Program(os.path.abspath(sys.argv[1]))
    tests = [results, failures, output, lost_workers, hanging, ending, interrupted, retries, environment, no_python, inputs, words]
    failed = 0
    for test in tests:
        try:
            test(program)
            print(f'ok local {test.__name__}')
        except Exception as error:
            failed += 1
            line = error.__traceback__.tb_next.tb_lineno
            print(f'FAIL local {test.__name__}: line {line}: {type(error).__name__}: {error}')
    shutil.rmtree(program.folder, ignore_errors=True)
    print(f'{len(tests) - failed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
