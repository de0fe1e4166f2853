"""The virtual machine of `make vm-test`: Debian's kernel, what the guest has beside it, and qemu.

The kernel comes out of Debian's package, which is unpacked and not installed; the guest is that kernel, busybox, aup and
Debian's sound modules in one initramfs. Nothing of it needs root.

Without KVM the processor is emulated, and the guest's clock counts instructions, one for each nanosecond: the host may be
as busy as it likes, the guest does not notice, and what it waits for is skipped. Its times are those of a computer that does
10⁹ instructions a second, one after the other.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading

MODULES = "virtio_pci 9pnet_virtio 9p snd-aloop snd-dummy snd-usb-audio snd-ens1370 xhci-pci".split()
WORDS = ("sh mount modprobe insmod rmmod mkdir cat echo cut sleep usleep grep sed tr test kill rm cp dmesg poweroff sync "
         "basename dirname uname true false head tail ls su").split()
TOOLS = "amixer arecord stat date timeout".split()

# How long the guest may say nothing, by the host's clock. How long it takes in all is up to the host: about three minutes
# where two processors are free.
SILENCE_SECONDS = 240
# KVM that works is there after three or four seconds; there are hosts where it opens and then all but stands still.
KVM_READY_SECONDS = 15

COMMON = ("-M pc -m 1024 -nodefaults -no-reboot -display none -serial stdio "
          "-device qemu-xhci,id=xhci -audiodev none,id=none").split()
# One processor, since instructions are counted on one.
EMULATED = "-accel tcg -icount shift=0,sleep=off -rtc clock=vm -cpu max -smp 1".split()
KVM = "-accel kvm -cpu host -smp 2".split()


class Trouble(Exception):
    """Why there is no machine, in a line."""


def run(*words, **options):
    words = [str(word) for word in words]
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise Trouble(f"{' '.join(words)}: {done.stderr.strip() or f'exit {done.returncode}'}")
    return done.stdout


# MARK: what the guest is made of

def kernel(work):
    """Debian's kernel and modules, unpacked; its folder and version."""
    tree = work / "kernel"
    found = re.search(r"Depends: (linux-image-\S+)", run("apt-cache", "depends", "linux-image-amd64"))
    if not found:
        raise Trouble("apt knows no linux-image-amd64: run apt-get update")
    package = found.group(1)
    version = package.removeprefix("linux-image-")
    if not (tree / f"boot/vmlinuz-{version}").exists():
        shutil.rmtree(tree, ignore_errors=True)
        print(f"unpacking {package}", flush=True)
        for old in work.glob("linux-image-*.deb"):
            if not old.name.startswith(package + "_"):
                old.unlink()
        if not list(work.glob(f"{package}_*.deb")):
            run("apt-get", "download", package, cwd=work)
        run("dpkg-deb", "-x", next(work.glob(f"{package}_*.deb")), tree)
    if not (tree / f"lib/modules/{version}/modules.dep").exists():
        run("depmod", "-b", tree, version)
    return tree, version


def put(source, root, place):
    target = root / place.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        shutil.copy2(os.path.realpath(source), target)
    return target


def put_program(path, root):
    """A program, with every library that it names."""
    target = put(path, root, "/bin/" + os.path.basename(path))
    for library in re.findall(r"(/\S+) \(0x", run("ldd", path)):
        put(library, root, library)
    return target


def initramfs(work, tree, version, aup, init):
    """All that the guest has. Not compressed, because an emulated processor would have to unpack it."""
    root = work / "root"
    shutil.rmtree(root, ignore_errors=True)
    for folder in "bin dev proc sys tmp etc share run root".split():
        (root / folder).mkdir(parents=True)
    put(shutil.which("busybox"), root, "/bin/busybox")
    for word in WORDS:
        (root / "bin" / word).symlink_to("busybox")
    for module in MODULES:
        shown = run("modprobe", "-d", tree, "-S", version, "--show-depends", module)
        for path in re.findall(r"^insmod (\S+)", shown, re.M):
            put(path, root, "/lib/modules/" + path.split("/lib/modules/")[1])
    for name in ("modules.builtin", "modules.order"):
        put(tree / f"lib/modules/{version}" / name, root, f"/lib/modules/{version}/{name}")
    run("depmod", "-b", root, version)
    run("strip", put_program(aup, root))
    for tool in TOOLS:
        put_program(shutil.which(tool), root)
    shutil.copytree("/usr/share/alsa", root / "usr/share/alsa",
                    ignore=shutil.ignore_patterns("ucm*", "alsa.conf.d", "topology", "speaker-test"))
    (root / "etc/passwd").write_text("root::0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\naudio:x:29:\n")
    shutil.copy2(init, root / "init")
    (root / "init").chmod(0o755)
    names = "\0".join(sorted(str(path.relative_to(root)) for path in root.rglob("*")))
    packed = work / "initramfs"
    with packed.open("wb") as file:
        subprocess.run(["cpio", "--null", "-o", "-H", "newc", "--quiet", "-R", "0:0"], input=names.encode(), cwd=root,
                       check=True, stdout=file)
    return packed


# MARK: the machine

class Monitor:
    """qemu's own language of commands (QMP), over a pair of sockets that have no name."""

    def __init__(self, end):
        end.settimeout(60)
        self.file = end.makefile("rw")
        self.isOpen = False

    def ask(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "error" in answer:
                print("qemu:", answer["error"]["desc"], flush=True)
            if "return" in answer or "error" in answer:
                return

    def obey(self, words):
        """`plug DEVICE`, `unplug DEVICE`."""
        if not self.isOpen:
            self.file.readline()
            self.ask("qmp_capabilities")
            self.isOpen = True
        verb, device = words.split()
        if verb == "unplug":
            self.ask("device_del", id=device)
        elif device.startswith("usb"):
            # All of them have one serial number, as some makers do it.
            self.ask("device_add", driver="usb-audio", id=device, audiodev="none", bus="xhci.0", serial="AUP0001")
        else:
            self.ask("device_add", driver=device, id=device, audiodev="none", bus="pci.0")


def opens_kvm():
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR))
        return True
    except OSError:
        return False


def boot(work, tree, version, packed, emulated=False):
    """Runs the story to its end; what the processor was, and whether the story came to its end."""
    if opens_kvm() and not emulated:
        ready, ended = attempt(work, tree, version, packed, KVM, KVM_READY_SECONDS)
        if ready:
            return "KVM", ended
        print(f"KVM opens, but the guest was not there within {KVM_READY_SECONDS} s: emulating", flush=True)
    _, ended = attempt(work, tree, version, packed, EMULATED, SILENCE_SECONDS)
    return "emulated", ended


def attempt(work, tree, version, packed, processor, ready_seconds):
    """Whether the guest came to its story in time, and whether it came to the end."""
    ours, theirs = socket.socketpair()
    words = ["qemu-system-x86_64", *processor, *COMMON,
             "-chardev", f"socket,id=qmp,fd={theirs.fileno()}", "-mon", "chardev=qmp,mode=control",
             "-kernel", tree / f"boot/vmlinuz-{version}", "-initrd", packed,
             "-append", "console=ttyS0 quiet panic=-1 tsc=reliable",
             "-virtfs", f"local,path={work / 'share'},mount_tag=share,security_model=none"]
    # It goes when we go, however that is.
    machine = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *words], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=[theirs.fileno()])
    theirs.close()
    # Whoever hangs must not hang us: the console is read until the machine is off, or has said nothing for too long.
    timer = threading.Timer(ready_seconds, machine.kill)
    isReady = hasEnded = False
    try:
        timer.start()
        monitor = Monitor(ours)
        for line in machine.stdout:
            text = re.sub(r"\x1b\S*|\r", "", line.decode(errors="replace")).strip()
            isReady = isReady or text.startswith("GUEST: ready")
            hasEnded = hasEnded or text == "GUEST: end"
            if isReady:
                timer.cancel()
                timer = threading.Timer(SILENCE_SECONDS, machine.kill)
                timer.start()
            if "HOST: " in text:
                monitor.obey(text.split("HOST: ", 1)[1])
            elif text:
                print(text, flush=True)
        machine.wait()
    finally:
        timer.cancel()
        machine.kill()
        machine.wait()
        ours.close()
    return isReady, hasEnded and machine.returncode == 0
