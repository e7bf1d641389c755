"""A supervisor of OpenShell 0.1.x as far as a gateway can see one, on the C core: a session and its relays, nothing of ours.
  supervisor.py GATEWAY DESCRIPTORS SANDBOX_ID        (the sandbox token comes in OPENSHELL_SANDBOX_TOKEN)
Relays to a TCP port of this machine, and to an SSH server that takes everybody and runs `bash -lc COMMAND`."""
import os
import queue
import socket
import sys
import threading
import uuid

import grpc

import messages
import ssh_server

gateway, descriptors, sandbox_id = sys.argv[1:4]
metadata = [("authorization", f"Bearer {os.environ['OPENSHELL_SANDBOX_TOKEN']}")]
message = messages.load(descriptors)
SupervisorMessage = message("openshell.v1.SupervisorMessage")
GatewayMessage = message("openshell.v1.GatewayMessage")
RelayFrame = message("openshell.v1.RelayFrame")
channel = grpc.insecure_channel(gateway)


def method(name, request, answer):
    return channel.stream_stream(
        f"/openshell.v1.OpenShell/{name}", request_serializer=request.SerializeToString, response_deserializer=answer.FromString)


def connect(opened, ssh_port):
    if opened.WhichOneof("target") == "tcp":
        return socket.create_connection((opened.tcp.host, opened.tcp.port))
    return socket.create_connection(("127.0.0.1", ssh_port))


def relay(opened, ssh_port, said):
    try:
        target = connect(opened, ssh_port)
    except OSError as error:
        said.put(SupervisorMessage(relay_open_result={"channel_id": opened.channel_id, "success": False, "error": str(error)}))
        return

    said.put(SupervisorMessage(relay_open_result={"channel_id": opened.channel_id, "success": True}))

    def send():
        yield RelayFrame(init={"channel_id": opened.channel_id})
        while data := target.recv(16_384):
            yield RelayFrame(data=data)

    try:
        for frame in method("RelayStream", RelayFrame, RelayFrame)(send(), metadata=metadata):
            target.sendall(frame.data)
    except (grpc.RpcError, OSError) as error:
        print(f"relay {opened.channel_id}: {error}", file=sys.stderr)
    finally:
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def main():
    ssh_port = ssh_server.serve()
    said = queue.Queue()
    said.put(SupervisorMessage(hello={"sandbox_id": sandbox_id, "instance_id": str(uuid.uuid4()), "connection_epoch": 1}))
    for told in method("ConnectSupervisor", SupervisorMessage, GatewayMessage)(iter(said.get, None), metadata=metadata):
        kind = told.WhichOneof("payload")
        if kind == "heartbeat":
            said.put(SupervisorMessage(heartbeat={}))
        elif kind == "relay_open":
            threading.Thread(target=relay, args=(told.relay_open, ssh_port, said), daemon=True).start()
        elif kind == "session_rejected":
            print(f"rejected: {told.session_rejected.reason}", file=sys.stderr)
            sys.exit(1)


main()
