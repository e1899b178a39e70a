"""What an agent keeps of its task's result for the API server for tests, what is in the log of it, and exec."""
import hashlib, itertools, json, time

kept = {}  # (pod's uid, container): the bytes, and the seal's line; None where it has not ended


def seal(uid, name, written, wish):
    """Keeps a result.

    `wish`: {"exitStatus": 0}, and where they apply
      "unsealed": true    the task has not ended
      "kept": 5           the agent has room for so many bytes only
      "corrupt": true     what is kept is no longer what was sealed
      "passes": 5         so many bytes of it are in the log, then that the rest is on the node, then its end again
      "says": TEXT        the agent's own words

    Returns the log.
    """
    result = written[:wish.get("kept", len(written))]
    number = f"{len(result)}" if len(result) == len(written) else f"{len(result)} of {len(written)}"
    digest = hashlib.sha256(result).hexdigest()
    line = f"# run-once {uid}: {number} bytes, sha256 {digest}, exit status {wish.get('exitStatus', 0)}\n".encode()
    unsealed = wish.get("unsealed")
    kept[uid, name] = (result[:-1] + b"?" if wish.get("corrupt") else result, None if unsealed else line)
    passed = result[:wish.get("passes", len(result))]
    log = passed if unsealed else ended(passed)
    if len(passed) < len(result):
        log += b"# run-once: the rest is kept on the node\n"
    if not unsealed:
        if len(passed) < len(written):
            log += ended(written[-2048:])
        log += wish.get("says", "").encode() + line
    return log


def raw(uid, name):
    """What is kept of a result."""
    return kept[uid, name][0] if (uid, name) in kept else b""


def is_sealed(uid, name):
    return (uid, name) in kept and kept[uid, name][1] is not None


def ended(text):
    return text if not text or text.endswith(b"\n") else text + b"\n"


def execute(handler, uid, name, command, fault, cut):
    """Answers to `PROGRAM --result --from OFFSET` as a websocket, whose frames have lengths of all kinds."""
    handler.send_response(101, "Switching Protocols")
    for key, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"),
                       ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
                       ("Sec-WebSocket-Protocol", handler.headers.get("Sec-WebSocket-Protocol", ""))):
        handler.send_header(key, value)
    handler.end_headers()
    handler.close_connection = True
    status, output = {"status": "Success"}, b""
    if (uid, name) in kept and command[1:3] == ["--result", "--from"]:
        result, line = kept[uid, name]
        output = result[int(command[3]):] + (line or b"")
    else:
        status = {"status": "Failure", "reason": "NonZeroExitCode", "message": "command terminated with non-zero exit "
                  "code: exit status 1", "details": {"causes": [{"reason": "ExitCode", "message": "1"}]}}
    frames = itertools.chain(output_frames(output), [
        *([frame(2, b"\2run-once: /run-once: no result\n")] if status["status"] == "Failure" else []),
        frame(2, b"\3" + json.dumps(status).encode()), frame(8, b"\3\xe8")])
    left = fault.get("cut", 1 << 60)
    for part in frames:
        handler.wfile.write(part[:left])
        left -= len(part)
        if left < 0:
            break
    handler.wfile.flush()
    if left < 0:
        while fault.get("stall") and not handler.is_client_gone():
            time.sleep(0.01)
        raise cut


def output_frames(output):
    yield frame(2, b"\1")
    lengths = itertools.cycle([1, 124, 125, 126, 4096, 65534, 65535, 100000])
    while output:
        piece, output = output[:(length := next(lengths))], output[length:]
        if length == 4096:  # one message in pieces, with something between them
            yield frame(2, b"\1", final=False) + frame(9, b"are you there?") + frame(0, piece[:100], final=False)
            yield frame(0, piece[100:])
        else:
            yield frame(2, b"\1" + piece)


def frame(code, payload, final=True):
    head, length = bytes([code | (128 if final else 0)]), len(payload)
    if length < 126:
        return head + bytes([length]) + payload
    return head + (b"\x7e" + length.to_bytes(2, "big") if length < 65536 else b"\x7f" + length.to_bytes(8, "big")
                   ) + payload
