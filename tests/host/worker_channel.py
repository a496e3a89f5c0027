"""A worker process driven from Python, in the way runtime/host does it from C: for the tests of this folder.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import select
import socket
import struct
import subprocess
import sys
import types

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TEMPLATES = os.path.join(ROOT, 'templates')


def template(name):
    with open(os.path.join(TEMPLATES, name), encoding='utf-8') as file:
        return file.read()


values = types.ModuleType('worker_values')
exec(compile(template('worker_values.py'), 'worker_values.py', 'exec'), values.__dict__)


def bootstrap():
    """The first thing that Python runs, taken from the C source that has it."""
    with open(os.path.join(ROOT, 'runtime/host/local_worker.c'), encoding='utf-8') as file:
        text = re.search(r'bootstrap\[\] =(.*?");\n', file.read(), re.S).group(1)
    return ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', text)).replace('\\n', '\n')


def text(string):
    data = string if isinstance(string, bytes) else string.encode('utf-8')
    return struct.pack('<I', len(data)) + data


def message(kind, body):
    return b'SB\x01' + kind + struct.pack('<I', len(body)) + body


class WorkerChannel:
    """One worker process with a program whose files are given as (path, text)."""

    def __init__(self, sources, python=sys.executable, folder='', run_folder='/nonexistent', module='pipeline', env=None):
        self.ours, theirs = socket.socketpair()
        self.ours.settimeout(30)
        self.output, write_end = os.pipe()
        self.process = subprocess.Popen(
            ['/bin/bash', '-c', 'exec 3<&%d; exec "$@"' % theirs.fileno(), 'sh', python, '-c', bootstrap()],
            stdin=subprocess.DEVNULL, stdout=write_end, stderr=write_end, pass_fds=[theirs.fileno()], env=env)
        theirs.close()
        os.close(write_end)
        self.sequence = 0
        self.notes = []
        worker = (template('worker_values.py') + template('worker.py')).encode()
        body = text(module) + text(folder) + text(run_folder) + text(template('worker_flyte.py'))
        body += struct.pack('<I', len(sources)) + b''.join(text(path) + text(source) for path, source in sources)
        self.ours.sendall(struct.pack('<I', len(worker)) + worker + message(b'P', body))

    def send_call(self, function, arguments, module='', extra='', call=1, attempt=1, run=''):
        self.sequence += 1
        body = struct.pack('<Q', self.sequence) + text('env.' + function) + text(module) + text(function)
        body += text(f'{function}#{call}') + struct.pack('<QI', call, attempt) + text(extra) + text(run)
        body += struct.pack('<I', len(arguments))
        for name, value in arguments.items():
            body += text(name) + text(values.value_to_wire(value, '/nonexistent'))
        self.ours.sendall(message(b'C', body))

    def take(self, size):
        data = b''
        while len(data) < size:
            chunk = self.ours.recv(size - len(data))
            if not chunk:
                raise EOFError
            data += chunk
        return data

    def answer(self):
        """('R', value) or ('E', type, text, traceback)."""
        while True:
            head = self.take(8)
            assert head[:3] == b'SB\x01', head
            body = self.take(struct.unpack('<I', head[4:])[0])
            assert struct.unpack('<Q', body[:8])[0] == self.sequence
            kind = head[3:4]
            if kind == b'R':
                return 'R', values.value_from_wire(body[8:])
            if kind == b'E':
                reader = values.Reader(body[8:])
                return 'E', reader.text(), reader.text(), reader.text()
            if kind == b'N':
                self.notes.append(body[8:].decode())
            else:
                assert kind in (b'S', b'B'), kind

    def call(self, function, /, **arguments):
        self.send_call(function, arguments)
        return self.answer()

    def printed(self):
        """What has been printed so far."""
        data = b''
        while select.select([self.output], [], [], 0)[0]:
            chunk = os.read(self.output, 65536)
            if not chunk:
                break
            data += chunk
        return data.decode()

    def close(self):
        self.ours.close()
        code = self.process.wait(20)
        os.close(self.output)
        return code
