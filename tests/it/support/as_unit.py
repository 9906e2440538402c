#!/usr/bin/env python3
"""Runs a program the way systemd would run it under a unit, on a machine where systemd is not in charge.

usage: unshare --mount --ipc --propagation private as_unit.py UNIT SCRATCH STATE CONFIG PROGRAM [ARGUMENT...]

Reads the unit and does what it says about user, files, limits and system calls, then becomes PROGRAM: with the given arguments, or with
those of ExecStart. STATE and CONFIG are folders that stand where StateDirectory and ConfigurationDirectory say; SCRATCH is an empty one.
A directive that it neither obeys nor knows to be out of reach is an error: otherwise a test would prove less than it says.
Must be root; what it does to the file system is seen by the program alone. Needs Debian's python3-seccomp.
"""
import ctypes
import errno
import os
import resource
import shlex
import socket
import subprocess
import sys

import seccomp

USER = 64001  # of nobody: the unit's own user does not exist on a test machine

# Bound to a running systemd or to more namespaces than these tests make.
OUT_OF_REACH = {
    "Type", "User", "Group", "ExecReload", "Restart", "RestartSec", "RestartPreventExitStatus", "KillSignal", "KillMode", "TimeoutStopSec",
    "MemoryMax", "MemorySwapMax", "TasksMax", "OOMPolicy", "PrivateUsers", "ProtectClock", "ProtectControlGroups", "ProtectHostname",
    "ProtectKernelLogs", "ProtectKernelModules", "LockPersonality", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID",
    "KeyringMode", "DevicePolicy", "RemoveIPC", "ConfigurationDirectoryMode", "StateDirectoryMode", "PrivateIPC", "SystemCallArchitectures",
}
PR_CAPBSET_DROP = 24


def directives(path):
    """The [Service] section: name -> list of values."""
    found, section = {}, ""
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


class Unit:
    def __init__(self, path):
        self.found = directives(path)

    def all(self, name):
        return self.found.pop(name, [])

    def one(self, name, default=""):
        return (self.all(name) or [default])[-1]

    def yes(self, name):
        return self.one(name, "no") == "yes"


def mount(*arguments):
    # -n: the list of mounts in /run is the machine's, and read-only here before long.
    subprocess.run(["mount", "-n", *arguments], check=True)


def mount_points():
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        return [line.split()[4] for line in lines]


def overlay(scratch, place):
    """Makes a system folder changeable for us, without changing it."""
    upper, work = (os.path.join(scratch, kind + place.replace("/", "_")) for kind in ("upper", "work"))
    os.makedirs(upper)
    os.makedirs(work)
    mount("-t", "overlay", "-o", f"lowerdir={place},upperdir={upper},workdir={work}", "overlay", place)


def arrange_files(unit, scratch, state, config, program):
    mount("-t", "tmpfs", "scratch", scratch)
    for place in ("/etc", "/var/lib", "/usr/local/bin"):
        overlay(scratch, place)
    state_at = "/var/lib/" + unit.one("StateDirectory")
    config_at = "/etc/" + unit.one("ConfigurationDirectory")
    program_at = shlex.split(unit.found["ExecStart"][0])[0]
    for source, target in ((state, state_at), (config, config_at)):
        os.makedirs(target, exist_ok=True)
        mount("--bind", source, target)
    os.chown(state_at, USER, USER)
    open(program_at, "w").close()
    mount("--bind", program, program_at)
    if unit.yes("PrivateDevices"):
        replace_devices(os.path.join(scratch, "devices"))
    if unit.one("ProtectSystem") == "strict":
        for place in mount_points():
            if place != state_at and not place.startswith(("/dev", "/proc", "/sys", scratch)):
                mount("-o", "remount,bind,ro", place)
    if unit.yes("ProtectHome"):
        for place in ("/home", "/root"):
            mount("-t", "tmpfs", "-o", "mode=000,ro", "empty", place)
    if unit.yes("PrivateTmp"):
        for place in ("/tmp", "/var/tmp"):
            mount("-t", "tmpfs", "-o", "mode=1777", "private", place)
    if unit.yes("ProtectKernelTunables"):
        mount("-o", "remount,bind,ro", "/sys")
    options = f"hidepid={unit.one('ProtectProc', 'default')},subset={unit.one('ProcSubset', 'all')}"
    mount("-t", "proc", "-o", options.replace(",subset=all", "").replace("hidepid=default", "hidepid=off"), "proc", "/proc")


def replace_devices(folder):
    os.mkdir(folder)
    mount("-t", "tmpfs", "-o", "mode=755", "devices", folder)
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        open(os.path.join(folder, name), "w").close()
        mount("--bind", "/dev/" + name, os.path.join(folder, name))
    mount("--move", folder, "/dev")


def set_limits(unit):
    for name, number in (("LimitNOFILE", resource.RLIMIT_NOFILE), ("LimitCORE", resource.RLIMIT_CORE)):
        value = unit.one(name)
        if value:
            resource.setrlimit(number, (int(value), int(value)))
    os.umask(int(unit.one("UMask", "0022"), 8))


def drop_privileges(unit):
    if unit.one("AmbientCapabilities") or unit.one("CapabilityBoundingSet"):
        sys.exit("only empty sets of capabilities are known here")
    libc = ctypes.CDLL(None)
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)


def calls_of(names):
    """The system calls of a list of names and @groups."""
    calls = set()
    for name in names.split():
        if not name.startswith("@"):
            calls.add(name)
            continue
        listing = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True).stdout
        members = [line.strip() for line in listing.splitlines()[1:]]
        calls |= calls_of(" ".join(member for member in members if member and not member.startswith("#")))
    return calls


def allowed_calls(unit):
    allowed = calls_of("@default")
    for value in unit.all("SystemCallFilter"):
        allowed = allowed - calls_of(value[1:]) if value.startswith("~") else allowed | calls_of(value)
    return allowed


def system_call_filter(unit):
    denied = getattr(errno, unit.one("SystemCallErrorNumber", "EPERM"))
    rules = seccomp.SyscallFilter(seccomp.ERRNO(denied))
    families = [getattr(socket, name) for name in unit.one("RestrictAddressFamilies").split()]
    no_writable_code = unit.yes("MemoryDenyWriteExecute")
    unit.yes("NoNewPrivileges")  # loading a filter sets it
    for call in sorted(allowed_calls(unit)):
        try:
            allow(rules, call, families, no_writable_code)
        except RuntimeError:
            pass  # a call of another architecture
    return rules


def allow(rules, call, families, no_writable_code):
    if call == "socket" and families:
        for family in families:
            rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(0, seccomp.EQ, family))
    elif call == "mmap" and no_writable_code:
        for protection in range(8):
            if protection & 6 != 6:
                rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(2, seccomp.MASKED_EQ, 7, protection))
    elif call in ("mprotect", "pkey_mprotect") and no_writable_code:
        rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(2, seccomp.MASKED_EQ, 4, 0))
    else:
        rules.add_rule(seccomp.ALLOW, call)


def main():
    path, scratch, state, config, program, *arguments = sys.argv[1:]
    unit = Unit(path)
    start = shlex.split(unit.found["ExecStart"][0])
    rules = system_call_filter(unit)
    folder = unit.one("WorkingDirectory", "/")
    arrange_files(unit, scratch, state, config, program)
    set_limits(unit)
    drop_privileges(unit)
    unknown = set(unit.found) - OUT_OF_REACH - {"ExecStart"}
    if unknown:
        sys.exit(f"does not know how to obey: {', '.join(sorted(unknown))}")
    os.chdir(folder)
    # The identity variables that systemd sets; nothing else of ours may be relied on.
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8", "HOME": folder, "USER": "week-in-review"}
    rules.load()
    os.execve(start[0], [start[0], *(arguments or start[1:])], environment)


main()
