"""The Python worker by itself: values, async tasks, exceptions, prints, modules, the stand-in for flyte.

Run it with the interpreter that the worker shall use. Prints `ok NAME` or `FAIL NAME: why`.
SPDX-License-Identifier: Apache-2.0
"""
import datetime
import importlib.util
import math
import os
import shutil
import struct
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from worker_channel import WorkerChannel, template

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'worker_pipeline.py'), encoding='utf-8') as file:
    PIPELINE = file.read()


class Failed(Exception):
    pass


def equal(got, wanted):
    if got != wanted:
        raise Failed(f'got {got!r}, wanted {wanted!r}')


def with_worker(test):
    def run():
        folder = tempfile.mkdtemp()
        worker = WorkerChannel([('pipeline.py', PIPELINE)], run_folder=os.path.join(folder, 'run'))
        try:
            test(worker)
        finally:
            code = worker.close()
            shutil.rmtree(folder)
        equal(code, 0)
    run.__name__ = test.__name__
    return run


@with_worker
def values_cross(worker):
    cases = [None, True, False, 0, -1, 1 << 62, (1 << 63) - 1, -(1 << 63), 1 << 63, -(1 << 63) - 1, 7 ** 5000,
             -10 ** 400, 0.1, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, '', 'ü€😀\0', '\udc80',
             b'', bytes(range(256)), [], [1, [2, (3,)]], (), (1, 'a'), {}, {'a': [1], (1, 2): None, 3: b'x'},
             set(), {1, 2}, frozenset({'a'}), datetime.datetime(2024, 1, 31, 8, 30, 0, 123456),
             datetime.datetime(1, 1, 1), datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc),
             datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=-30))),
             datetime.timedelta(days=-1, microseconds=5), datetime.timedelta(days=9999999)]
    for case in cases:
        kind, value = worker.call('same', x=case)
        equal((kind, type(value), value), ('R', type(case), case))
        if isinstance(case, float):
            equal(struct.pack('<d', value), struct.pack('<d', case))
    deep = []
    for _ in range(999):
        deep = [deep]
    equal(worker.call('same', x=deep), ('R', deep))
    worker.send_call('deep', {'n': 1001})
    equal(worker.answer()[1:3], ('ValueError', 'the result is nested more than 1000 deep'))
    nan = struct.unpack('<d', b'\x01\x02\x03\x04\x05\x06\xf8\xff')[0]
    equal(struct.pack('<d', worker.call('same', x=nan)[1]), struct.pack('<d', nan))
    equal(list(worker.call('same', x={'z': 1, 'a': 2})[1]), ['z', 'a'])


@with_worker
def what_cannot_cross(worker):
    kind, name, text, trace = worker.call('fails', kind='object')
    equal((kind, name, 'object of type object' in text), ('E', 'TypeError', True))
    kind, name, text, trace = worker.call('fails', kind='inside')
    equal((kind, name, 'contains an object of type pipeline.Custom' in text), ('E', 'TypeError', True))
    equal(worker.call('fails', kind='cycle')[1:3], ('ValueError', 'the result has a list that contains itself'))
    equal(worker.call('same', x=1), ('R', 1))


@with_worker
def async_tasks(worker):
    equal(worker.call('later', x=4), ('R', 5))
    equal(worker.call('client'), ('R', False))
    equal(worker.call('client'), ('R', True))
    equal(worker.call('mapped'), ('R', [2, 3, 4, 'x']))


@with_worker
def exceptions(worker):
    kind, name, text, trace = worker.call('fails', kind='value')
    equal((kind, name, text), ('E', 'ValueError', 'negative input: -1'))
    lines = trace.splitlines()
    equal(lines[0], 'Traceback (most recent call last):')
    equal(lines[-1], 'ValueError: negative input: -1')
    equal(lines[2], '    raise ValueError("negative input: -1")')
    equal('sbx worker' in trace, False)
    equal(worker.call('fails', kind='custom')[1:3], ('pipeline.Custom', 'mine'))
    equal(worker.call('fails', kind='key')[1:3], ('KeyError', "'k'"))
    equal(worker.call('fails', kind='exit')[1:3], ('SystemExit', '3'))
    equal(worker.call('fails', kind='badstr')[2], '<exception str() failed>')
    equal(worker.call('fails', kind='nul')[2], 'a\\x00b')
    chain = worker.call('fails', kind='chain')
    equal(chain[1:3], ('RuntimeError', 'outer'))
    equal('ZeroDivisionError: division by zero' in chain[3] and 'direct cause' in chain[3], True)
    trace = worker.call('fails_later')[3]
    equal((trace.count('File '), trace.splitlines()[-1]), (1, 'ValueError: later'))
    kind, name, text, trace = worker.call('same', y=1)
    equal((name, "unexpected keyword argument 'y'" in text), ('TypeError', True))
    kind, name, text, trace = worker.call('nothing')
    equal((name, 'nothing' in text), ('AttributeError', True))


@with_worker
def prints(worker):
    equal(worker.call('prints'), ('R', None))
    lines = [line for line in worker.printed().split('\n') if not line.startswith('[flyte] WARNING')]
    equal(sorted(lines), ['child', 'err', 'from C', 'no newline', 'out'])


@with_worker
def parameters(worker):
    equal(worker.call('takes', a=1), ('R', [1, 2, 3, [], 4, {}]))
    equal(worker.call('takes', a=1, b=9, d=8), ('R', [1, 9, 3, [], 8, {}]))
    equal(worker.call('takes', a=1, rest=(5, 6), more={'e': 7}), ('R', [1, 2, 3, [5, 6], 4, {'e': 7}]))
    equal(worker.call('traced', x=4), ('R', 8))


@with_worker
def environment(worker):
    extra = '{"env_vars": {"COLOR": "red"}, "secrets": ["no-such-key", {"key": "home", "as_env_var": "OPENAI"}], ' \
            '"resources": {"cpu": 2}}'
    worker.send_call('variables', {}, extra=extra, call=7, attempt=2, run='order-17 begun 1 life 1')
    equal(worker.answer(), ('R', ['red', None, os.environ['HOME'], '7', '2', 'order-17 begun 1 life 1']))
    equal(worker.notes, ["secret 'no-such-key' is not in the environment (NO_SUCH_KEY)",
                         'resources (not enforced): cpu=2'])
    equal(worker.call('variables'), ('R', [None, None, None, '1', '1', None]))
    equal(worker.call('moves_away')[0], 'R')
    equal(worker.call('where'), ('R', os.getcwd()))


@with_worker
def handles(worker):
    kind, (made, local, data, again, path) = worker.call('files', name='you')
    equal((kind, data, again, path), ('R', b'hello you', 'hello you', made.path))
    equal(worker.call('reads', f=made), ('R', 'hello you'))
    equal(os.listdir(worker.call('folder')[1].path), ['a.txt'])


@with_worker
def frames(worker):
    for bare in (False, True):
        kind, made = worker.call('frame', bare=bare)
        equal((kind, os.path.dirname(made.uri).endswith('run') or 'run/' in made.uri), ('R', True))
        equal(worker.call('frame_sum', df=made), ('R', 3))


@with_worker
def stand_in(worker):
    equal(worker.call('unknown_names'), ('R', [1, 'type', True]))


@with_worker
def forked_child_is_silent(worker):
    equal(worker.call('forks'), ('R', 'parent'))
    equal(worker.call('same', x=1), ('R', 1))


def import_fails():
    worker = WorkerChannel([('bad.py', 'import os\nimport does_not_exist\n')], module='bad')
    try:
        for _ in range(2):
            kind, name, text, trace = worker.call('f')
            equal((name, text), ('ModuleNotFoundError', "No module named 'does_not_exist'"))
            equal(trace.splitlines()[1:3], ['  File "bad.py", line 2, in <module>', '    import does_not_exist'])
            equal('sbx worker' in trace or 'importlib' in trace, False)
    finally:
        worker.close()
    worker = WorkerChannel([('bad.py', 'def f(:\n')], module='bad')
    try:
        kind, name, text, trace = worker.call('f')
        equal((name, text), ('SyntaxError', 'invalid syntax'))
    finally:
        worker.close()


def neighbours():
    """Modules beside the user's file: carried ones win, others are found in its folder."""
    folder = os.path.realpath(tempfile.mkdtemp())
    try:
        with open(os.path.join(folder, 'beside.py'), 'w') as file:
            file.write('word = "beside"\n')
        with open(os.path.join(folder, 'my_tasks.py'), 'w') as file:
            file.write('word = "changed since"\n')
        path = os.path.join(folder, 'pipeline.py')
        sources = [(path, 'import beside, my_tasks, pkg.deep\n'
                          'def words(): return [beside.word, my_tasks.word, pkg.deep.word, __name__, __file__]\n'),
                   (os.path.join(folder, 'my_tasks.py'), 'word = "carried"\ndef add(x): return x + 1\n'),
                   (os.path.join(folder, 'pkg/__init__.py'), ''),
                   (os.path.join(folder, 'pkg/deep.py'), 'word = "deep"\n')]
        open(path, 'w').close()
        worker = WorkerChannel(sources)
        equal(worker.call('words'), ('R', ['beside', 'carried', 'deep', 'pipeline', path]))
        worker.send_call('add', {'x': 1}, module='my_tasks')
        equal(worker.answer(), ('R', 2))
        worker.close()
        # The file is not where its path says, but its folder is named.
        sources = [(path.replace(folder, 'elsewhere'), source) for path, source in sources]
        worker = WorkerChannel(sources, folder=folder)
        equal(worker.call('words'), ('R', ['beside', 'carried', 'deep', 'pipeline', path]))
        worker.close()
    finally:
        shutil.rmtree(folder)


def own_name_like_the_library():
    """A user's file called random.py hides nothing from the library."""
    worker = WorkerChannel([('random.py', 'import tempfile, random\ndef f(): return random.randint(3, 3)\n')],
                           module='random')
    try:
        equal(worker.call('f'), ('R', 3))
    finally:
        worker.close()


def code_strings():
    """Code strings are sources too: those inside a file have its path, one by itself comes before its tasks' file."""
    worker = WorkerChannel([('a.py', 'def f(): return "file"\n'), ('a.py', 'f() + x')], module='a')
    equal(worker.call('f'), ('R', 'file'))
    worker.close()
    worker = WorkerChannel([('<string>', 'f()'), ('d/tasks.py', 'def f(): return __name__\n')], module='main')
    equal(worker.call('f'), ('R', 'tasks'))
    worker.close()


def stand_in_for_tests():
    """The test's own `flyte.io` is the stand-in, so that handles can be read here too."""
    made = {'__name__': 'standin', 'run_folder': tempfile.gettempdir()}
    exec(compile(template('worker_flyte.py'), 'worker_flyte.py', 'exec'), made)
    for name in ('flyte', 'flyte.io'):
        sys.modules[name] = made['make_module'](name)
    sys.modules['flyte'].io = sys.modules['flyte.io']


def main():
    sys.setrecursionlimit(20000)
    real_flyte = importlib.util.find_spec('flyte')
    stand_in_for_tests()
    tests = [values_cross, what_cannot_cross, async_tasks, exceptions, prints, parameters, environment, handles,
             stand_in, forked_child_is_silent, import_fails, neighbours, own_name_like_the_library,
             code_strings]
    failed = 0
    if importlib.util.find_spec('pandas'):
        tests.append(frames)
    if real_flyte:
        tests.remove(stand_in)  # these tests hold with the real package as well, but for this one
    for test in tests:
        try:
            test()
            print(f'ok worker {test.__name__}')
        except Exception as error:
            failed += 1
            print(f'FAIL worker {test.__name__}: {type(error).__name__}: {error}')
    print(f'{len(tests) - failed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
