"""Opens a file in a language server, prints the names of its symbols, and ends the server.

    python3 lsp.py LANGUAGE FILE SERVER [ARGUMENTS]
"""

import json
import os
import pathlib
import subprocess
import sys

language, name, *command = sys.argv[1:]
file = pathlib.Path(name).resolve()
server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def send(**message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    server.stdin.flush()


def receive():
    length = 0
    while (line := server.stdout.readline()).strip():
        key, _, value = line.partition(b":")
        if key.lower() == b"content-length":
            length = int(value)
    if not line:
        sys.exit(f"the server ended: {server.wait()}")
    return json.loads(server.stdout.read(length))


def ask(number, method, params=None):
    send(id=number, method=method, params=params)
    while True:
        answer = receive()
        if "method" in answer and "id" in answer:
            # Servers ask for settings, and register what they can do.
            items = (answer.get("params") or {}).get("items", [])
            send(id=answer["id"], result=[None] * len(items) if items else None)
        elif answer.get("id") == number:
            if "error" in answer:
                sys.exit(f"{method}: {answer['error']}")
            return answer["result"]


root = file.parent.as_uri()
able = ask(1, "initialize", {
    "processId": os.getpid(),
    "rootUri": root,
    "workspaceFolders": [{"uri": root, "name": "workspace"}],
    "capabilities": {"textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": True}}},
})
print("symbols" if able["capabilities"].get("documentSymbolProvider") else "no symbols")
send(method="initialized", params={})
text = {"uri": file.as_uri(), "languageId": language, "version": 1, "text": file.read_text()}
send(method="textDocument/didOpen", params={"textDocument": text})
symbols = ask(2, "textDocument/documentSymbol", {"textDocument": {"uri": file.as_uri()}})
print(*sorted(symbol["name"] for symbol in symbols))
ask(3, "shutdown")
send(method="exit")
server.stdin.close()
print("ended with", server.wait(timeout=30))
