# Before the worker's own text when it runs in a container (runtime/host/docker_task.c): answers go to a file of their own, and
# a file or folder has one name inside and another outside.
# SPDX-License-Identifier: Apache-2.0
import os

REPLY = 4


class Box:
    def __init__(self, path):
        import json
        with open(path, encoding='utf-8') as file:
            told = json.load(file)
        self.inputs = list(zip(told.get('given', []), told.get('places', [])))  # the same twice: no file of that machine
        self.inside, self.outside = told['inside'], told['outside']  # the folder of what the task makes

    def enter(self, path):
        return next((inside for outside, inside in self.inputs if outside == path), path)

    def leave(self, path):
        """What a path is called outside; a file that lies elsewhere in the container is copied into the folder first."""
        for outside, inside in self.inputs:
            if path == inside:
                return outside
        if path.startswith('file://'):
            path = path[7:]
        if not path or '://' in path:
            return path
        path = os.path.abspath(path)
        for outside, inside in self.inputs:
            if path == inside or path.startswith(inside + '/'):
                return outside + path[len(inside):]
        if not os.path.exists(path):
            raise FileNotFoundError(f"the result has '{path}', which is not there")
        if not path.startswith(self.inside + '/'):
            path = self.keep(path)
        return self.outside + path[len(self.inside):]

    def keep(self, path):
        import shutil
        import tempfile
        os.makedirs(self.inside, exist_ok=True)
        to = os.path.join(tempfile.mkdtemp(dir=self.inside), os.path.basename(path))
        if os.path.isdir(path):
            shutil.copytree(path, to)
        else:
            shutil.copyfile(path, to)
        return to


box = Box(BOX)  # noqa: F821 what the container begins with sets it
os.set_inheritable(REPLY, False)
