"""Publishes over ZeroMQ what a node would, as it is told on standard input.

Binds to the address given, prints "subscribed TOPIC" for every subscription that comes, and for each line
"TOPIC HEX" publishes [TOPIC, bytes, number of 4 bytes little-endian], as Bitcoin Core does, and prints "sent TOPIC".
"""

import sys
import threading

import zmq

context = zmq.Context()
socket = context.socket(zmq.XPUB)
socket.setsockopt(zmq.XPUB_VERBOSE, 1)
socket.setsockopt(zmq.LINGER, 0)
socket.bind(sys.argv[1])
# Lines come in by a socket as well: only one thread may use the publisher.
orders = context.socket(zmq.PAIR)
orders.bind("inproc://orders")


def read_lines():
    to_main = context.socket(zmq.PAIR)
    to_main.connect("inproc://orders")
    for line in sys.stdin:
        to_main.send_string(line)
    to_main.send_string("")


threading.Thread(target=read_lines, daemon=True).start()
print("bound", flush=True)
poller = zmq.Poller()
poller.register(socket, zmq.POLLIN)
poller.register(orders, zmq.POLLIN)
numbers = {}
while True:
    ready = dict(poller.poll())
    if socket in ready:
        subscription = socket.recv()
        if subscription[:1] == b"\x01":
            print("subscribed", subscription[1:].decode(), flush=True)
    if orders in ready:
        line = orders.recv_string()
        if not line:
            break
        topic, body = line.split()
        number = numbers.get(topic, 0)
        numbers[topic] = number + 1
        socket.send_multipart([topic.encode(), bytes.fromhex(body), number.to_bytes(4, "little")])
        print("sent", topic, flush=True)
