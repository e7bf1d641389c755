"""A compute driver of OpenShell 0.1.x on the C core. Its machines are processes: supervisor.py, one for each sandbox.
  driver.py SOCKET DESCRIPTORS GATEWAY_FOR_SUPERVISORS [old|demanding]
It takes no start tokens. "old" says nothing of itself, as drivers of 0.0.x; "demanding" requires what no gateway has."""
import os
import queue
import subprocess
import sys
import threading
from concurrent import futures

import grpc

import messages

path, descriptors, gateway = sys.argv[1:4]
kind = sys.argv[4] if len(sys.argv) > 4 else ""
message = messages.load(descriptors)
SERVICE = "openshell.compute.v1.ComputeDriver"
lock = threading.Lock()
machines = {}
watches = []


class Machine:
    def __init__(self, sandbox):
        self.sandbox, self.token, self.process = sandbox, sandbox.spec.sandbox_token, None

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", os.path.join(os.path.dirname(__file__), "supervisor.py"), gateway, descriptors, self.sandbox.id],
            env={**os.environ, "OPENSHELL_SANDBOX_TOKEN": self.token})

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def describe(self):
        conditions = [{"type": "Ready", "status": "False", "reason": "Starting", "message": "runs"}]
        if self.process is None:
            conditions.append({"type": "Suspended", "status": "True", "reason": "ComputeStopped", "message": "stopped"})
        told = message("openshell.compute.v1.DriverSandbox")(
            id=self.sandbox.id, name=self.sandbox.name, workspace=self.sandbox.workspace,
            status={"name": self.sandbox.name, "conditions": conditions})
        return told


def event(machine):
    return message("openshell.compute.v1.WatchSandboxesEvent")(sandbox={"sandbox": machine.describe()})


def tell(told):
    for watch in watches:
        watch.put(told)


def find(request, context):
    if request.sandbox_id not in machines:
        context.abort(grpc.StatusCode.NOT_FOUND, "no such sandbox")
    return machines[request.sandbox_id]


def capabilities(request, context, answer):
    if kind == "old":
        return answer(driver_name="python", driver_version="0.0.9")
    required = ["openshell.compute.contract"] + (["openshell.python.everything"] if kind == "demanding" else [])
    return answer(
        driver_name="python", driver_version="0.1.4",
        extension={
            "protocol_version": {"major": 1, "minor": 3}, "implementation_name": "python-driver", "implementation_version": "0.1.4",
            "supported_capabilities": ["openshell.compute.contract", "openshell.python.something"], "required_capabilities": required})


def create(request, context, answer):
    with lock:
        machine = machines[request.sandbox.id] = Machine(request.sandbox)
        machine.start()
        tell(event(machine))
    return answer()


def start(request, context, answer):
    with lock:
        machine = find(request, context)
        if machine.process is None:
            machine.start()
        tell(event(machine))
    return answer()


def stop(request, context, answer):
    with lock:
        machine = find(request, context)
        machine.stop()
        tell(event(machine))
    return answer()


def delete(request, context, answer):
    with lock:
        machine = machines.pop(request.sandbox_id, None)
        if machine:
            machine.stop()
            tell(message("openshell.compute.v1.WatchSandboxesEvent")(deleted={"sandbox_id": request.sandbox_id}))
    return answer(deleted=machine is not None)


def get(request, context, answer):
    with lock:
        return answer(sandbox=find(request, context).describe())


def list_all(request, context, answer):
    with lock:
        return answer(sandboxes=[machine.describe() for machine in machines.values()])


def watch(request, context):
    told = queue.Queue()
    context.add_callback(lambda: told.put(None))
    with lock:
        for machine in machines.values():
            told.put(event(machine))
        watches.append(told)
    yield from iter(told.get, None)


METHODS = {
    "GetCapabilities": capabilities, "CreateSandbox": create, "StartSandbox": start, "StopSandbox": stop, "DeleteSandbox": delete,
    "GetSandbox": get, "ListSandboxes": list_all, "ValidateSandboxCreate": lambda request, context, answer: answer(),
}


def main():
    def unary(name, handle):
        request, answer = (message(f"openshell.compute.v1.{name}{part}") for part in ("Request", "Response"))
        return grpc.unary_unary_rpc_method_handler(
            lambda asked, context: handle(asked, context, answer), request.FromString, lambda said: said.SerializeToString())

    handlers = {name: unary(name, handle) for name, handle in METHODS.items()}
    handlers["WatchSandboxes"] = grpc.unary_stream_rpc_method_handler(
        watch, message("openshell.compute.v1.WatchSandboxesRequest").FromString, lambda said: said.SerializeToString())
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_insecure_port(f"unix:{path}")
    server.start()
    print("serving", flush=True)
    sys.stdin.read()
    with lock:
        for machine in machines.values():
            machine.stop()


main()
