#!/usr/bin/env python3
"""Sends one request to the service and prints its answer.

    client.py SOCKET VERB [ID [ENTRY INPUTS]]
    client.py shop.sock start order-17 order '{"customer": "Ada", "items": ["tea"]}'
    client.py shop.sock result order-17
"""
import json
import socket
import sys


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    request = dict(zip(("do", "id", "entry"), sys.argv[2:5]))
    if len(sys.argv) > 5:
        request["inputs"] = json.loads(sys.argv[5])
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(sys.argv[1])
        connection.sendall(json.dumps(request).encode() + b"\n")
        answer = connection.makefile(encoding="utf-8").readline()
    print(answer, end="")
    return 0 if answer and "error" not in json.loads(answer) else 1


if __name__ == "__main__":
    sys.exit(main())
