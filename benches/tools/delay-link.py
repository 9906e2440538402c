#!/usr/bin/env python3
"""A link with a delay between two network namespaces, for kernels without netem: a TUN device in each, packets passed between them later.

delay-link FIRST SECOND [--ms 20] [--mtu 9000] [--drop N]      as root; the namespaces must be there (ip netns add NAME)

Addresses: 10.78.0.1 in the first, 10.78.0.2 in the second. Prints "up" and runs until it is killed, which cuts the link. Each direction is a process
of its own: the program itself passes on what comes from the first. SIGUSR1 to a direction stops it from passing anything on (a stall), SIGUSR2 lets
it go on. With --drop N every Nth packet is lost.
"""

import argparse
import collections
import ctypes
import fcntl
import os
import select
import signal
import struct
import subprocess
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
CLONE_NEWNET = 0x40000000


def tun(namespace, device, own, peer, mtu):
    """A TUN device inside a namespace; its descriptor works from anywhere."""
    libc = ctypes.CDLL(None, use_errno=True)
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/var/run/netns/{namespace}", os.O_RDONLY)
    for target in (there, here):
        if target == here:
            descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", device.encode(), IFF_TUN | IFF_NO_PI))
        if libc.setns(target, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns", namespace)
    ip = ["ip", "-n", namespace]
    subprocess.run([*ip, "addr", "add", own, "peer", peer, "dev", device], check=True)
    subprocess.run([*ip, "link", "set", device, "mtu", str(mtu), "txqueuelen", "20000", "up"], check=True)
    return descriptor


def pass_on(source, sink, delay, drop):
    """Reads packets from one device and writes them to the other when their time has come."""
    stalled = [False]
    signal.signal(signal.SIGUSR1, lambda *_: stalled.__setitem__(0, True))
    signal.signal(signal.SIGUSR2, lambda *_: stalled.__setitem__(0, False))
    waiting = collections.deque()
    count = 0
    poll = select.poll()
    poll.register(source, select.POLLIN)
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now and not stalled[0]:
            try:
                os.write(sink, waiting[0][1])
            except BlockingIOError:
                break
            waiting.popleft()
        rest = max(0.0, waiting[0][0] - now) * 1000 if waiting else 1000
        if not poll.poll(rest if not stalled[0] else 50):
            continue
        due = time.monotonic() + delay
        for _ in range(256):
            try:
                packet = os.read(source, 65536)
            except BlockingIOError:
                break
            count += 1
            if not drop or count % drop:
                waiting.append((due, packet))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first")
    parser.add_argument("second")
    parser.add_argument("--ms", type=float, default=20)
    parser.add_argument("--mtu", type=int, default=9000)
    parser.add_argument("--drop", type=int, default=0)
    wanted = parser.parse_args()
    one = tun(wanted.first, "delay0", "10.78.0.1", "10.78.0.2", wanted.mtu)
    two = tun(wanted.second, "delay1", "10.78.0.2", "10.78.0.1", wanted.mtu)
    print("up", flush=True)
    child = os.fork()
    if child == 0:
        pass_on(two, one, wanted.ms / 1000, wanted.drop)
    signal.signal(signal.SIGTERM, lambda *_: (os.kill(child, signal.SIGTERM), os._exit(0)))
    pass_on(one, two, wanted.ms / 1000, wanted.drop)


if __name__ == "__main__":
    main()
