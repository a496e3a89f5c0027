# The sandboxes and tasks of tests/docker/test_large.py: files so large, or so many, that reading them at once is seen.
import flyte
import flyte.sandbox
from flyte.io import Dir, File

env = flyte.TaskEnvironment(name="env")

large = flyte.sandbox.create(
    name="large",
    code="""
        import hashlib
        found = hashlib.sha256()
        with open("/var/outputs/blob", "wb") as out:
            for i in range(size):
                block = b"%07d\\n" % i * (1 << 17)
                found.update(block)
                out.write(block)
        digest = found.hexdigest()
    """,
    inputs={"size": int},
    outputs={"blob": File, "digest": str},
    block_network=True,
)

timed = flyte.sandbox.create(
    name="timed",
    code="""
        with open("/var/outputs/blob", "wb") as out:
            for i in range(size):
                out.write(bytes(1 << 20))
        length = len(open(data, "rb").read(10))
    """,
    inputs={"size": int, "data": File},
    outputs={"blob": File, "length": int},
    timeout=100,
    block_network=True,
)

many = flyte.sandbox.create(
    name="many",
    code="""
        import os
        for i in range(count):
            if i % 1000 == 0:
                os.makedirs(f"/var/outputs/tree/{i // 1000}")
            with open(f"/var/outputs/tree/{i // 1000}/{i}", "w") as out:
                out.write(str(i))
        if refused:
            os.symlink("/etc/passwd", "/var/outputs/tree/z")
    """,
    inputs={"count": int, "refused": bool},
    outputs={"tree": Dir},
    block_network=True,
)

reads = flyte.sandbox.create(
    name="reads",
    code="""
        import hashlib, os
        found = hashlib.sha256()
        with open(data, "rb") as file:
            while block := file.read(1 << 20):
                found.update(block)
        digest = found.hexdigest()
    """,
    inputs={"data": File},
    outputs={"digest": str},
    block_network=True,
)

walks = flyte.sandbox.create(
    name="walks",
    code="""
        import hashlib, os
        count, found = 0, hashlib.sha256()
        for folder, _, names in os.walk(tree):
            for name in names:
                count += 1
                with open(os.path.join(folder, name), "rb") as file:
                    found.update(file.read()) if name == "blob" else file.read()
        digest = found.hexdigest()
    """,
    inputs={"tree": Dir},
    outputs={"count": int, "digest": str},
    block_network=True,
)


@env.task
def answers(size: int) -> bytes:
    return b"x" * size


@env.task
def makes(count: int, size: int) -> Dir:
    import os
    import tempfile
    folder = tempfile.mkdtemp()
    for i in range(count):
        with open(os.path.join(folder, str(i)), "wb") as out:
            out.write(b"x" * size)
    return Dir.from_local_sync(folder)


@env.sandbox.orchestrator
def answered(size: int) -> int:
    return len(answers(size))


@env.sandbox.orchestrator
def made(count: int, size: int) -> Dir:
    return makes(count, size)
