"""The SSH server of a supervisor of OpenShell 0.1.x: takes everybody and runs `bash -lc COMMAND`. As a program it prints its port
and ends with its standard input.
  ssh_server.py [refusing]        ("refusing" takes nobody)"""
import asyncio
import fcntl
import os
import queue
import signal
import struct
import sys
import termios
import threading

import asyncssh


class Anybody(asyncssh.SSHServer):
    def begin_auth(self, username):
        return "refusing" in sys.argv[1:]


def end(child):
    if child.returncode is None:
        os.killpg(child.pid, signal.SIGKILL)


def set_size(terminal, size):
    columns, rows = size[:2]
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


async def feed_terminal(process, terminal):
    while True:
        try:
            data = await process.stdin.read(65_536)
        except asyncssh.TerminalSizeChanged as change:
            set_size(terminal, (change.width, change.height))
            continue
        os.write(terminal, data or b"\x04")
        if not data:
            return


async def start(arguments, **streams):
    return await asyncio.create_subprocess_exec(*arguments, start_new_session=True, **streams)


async def exited(child):
    # Its wait() would also wait for whoever has its output.
    while child.returncode is None:
        await asyncio.sleep(0.01)


async def run_on_terminal(process, arguments):
    terminal, inner = os.openpty()
    set_size(inner, process.get_terminal_size())
    child = await start(arguments, stdin=inner, stdout=inner, stderr=inner, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(inner)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def pass_on():
        try:
            process.stdout.write(os.read(terminal, 65_536))
        except OSError:
            loop.remove_reader(terminal)
            ended.set()

    loop.add_reader(terminal, pass_on)
    feeding = asyncio.create_task(feed_terminal(process, terminal))
    try:
        await exited(child)
        await ended.wait()
        return child.returncode
    finally:
        feeding.cancel()
        end(child)
        loop.remove_reader(terminal)
        os.close(terminal)


async def copy(read, writer, close=None):
    try:
        while data := await read(65_536):
            writer.write(data)
            await writer.drain()
    except (OSError, asyncssh.Error):
        return
    if close:
        close()


async def run_on_pipes(process, arguments):
    child = await start(arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    feeding = asyncio.create_task(copy(process.stdin.read, child.stdin, child.stdin.close))
    said = [asyncio.create_task(copy(child.stdout.read, process.stdout)), asyncio.create_task(copy(child.stderr.read, process.stderr))]
    try:
        await exited(child)
        await asyncio.wait(said, timeout=1)
        if not all(task.done() for task in said):
            # Something else has its output: the code comes first, and the end much later.
            process.channel._send_request(b"exit-status", struct.pack(">I", child.returncode))
            await asyncio.wait(said, timeout=30)
        return child.returncode
    finally:
        for task in [feeding, *said]:
            task.cancel()
        end(child)


async def run(process):
    arguments = ["bash", "-lc", process.command] if process.command is not None else ["bash"]
    running = asyncio.create_task((run_on_terminal if process.get_terminal_type() else run_on_pipes)(process, arguments))
    closed = asyncio.create_task(process.wait_closed())
    await asyncio.wait([running, closed], return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        running.cancel()
        return
    closed.cancel()
    code = running.result()
    if code < 0:
        process.exit_with_signal(signal.Signals(-code).name[3:])
    else:
        process.exit(code)


def serve():
    """Serves on a thread of its own. Returns the port."""
    port = queue.Queue()

    async def main():
        server = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Anybody, process_factory=run, encoding=None, line_editor=False,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")])
        port.put(server.sockets[0].getsockname()[1])
        await server.wait_closed()

    threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
    return port.get()


if __name__ == "__main__":
    print(serve(), flush=True)
    sys.stdin.read()
