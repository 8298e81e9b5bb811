//! What Landlock and its filter keep out, and what the backend says it does not.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;

use super::*;
use crate::policy::NetworkAccess;
use crate::sandbox::{Sandbox, SandboxSettings, Weakness};

fn landlock() -> Bench {
    bench(SandboxBackend::Landlock)
}

/// The error number of one system call.
async fn error_of(bench: &Bench, number: i64, args: &[u64]) -> i32 {
    let program = bench.executable(
        "call",
        &Code::default().call(number, args).exit_with_error(),
    );
    code(&bench.run(command(&program, &[])).await.exit).into()
}

/// The error number of connecting a socket to an address.
async fn error_of_connecting(bench: &Bench, access: Access, address: &[u8; 16]) -> i32 {
    let program = bench.executable("connect", &Code::connect(address));
    let (_child, ends) = bench.launch(access, &[&program]).await;
    match end(ends) {
        End::Code(code) => code.into(),
        End::Signal(signal) => panic!("signal {signal}"),
    }
}

#[test]
fn it_works_and_says_how_it_is_weaker() {
    let bench = landlock();
    let report = bench.service.sandbox().probe();
    assert_eq!(report.backend, SandboxBackend::Landlock);
    assert!(matches!(&report.status, SandboxStatus::Works { by, .. } if by == "Landlock"));
    for weakness in [
        Weakness::SeesHost,
        Weakness::NoNetworkNamespace,
        Weakness::GitNotPinned,
        Weakness::AttributesOutside,
        Weakness::UnboundedFiles,
    ] {
        assert!(report.weaknesses.contains(&weakness), "{weakness}");
    }
    let root = report
        .weaknesses
        .contains(&Weakness::RootWithoutCapabilities);
    assert_eq!(root, geteuid().is_root());
}

#[tokio::test]
async fn files_outside_are_neither_read_nor_written() {
    let outside = tempfile::tempdir().unwrap();
    let (secret, keys) = (outside.path().join("secret"), outside.path().join(".ssh"));
    fs::create_dir(&keys).unwrap();
    for file in [&secret, &keys.join("id")] {
        fs::write(file, "secret").unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o666)).unwrap();
    }
    let bench = landlock();
    symlink(&secret, bench.path().join("link")).unwrap();
    let (secret, keys) = (secret.display(), keys.display());
    let script = format!(
        "for path in {secret} {keys}/id /etc/shadow /etc/fstab link /dev/tty /dev/kmsg; do \
         cat $path 2> /dev/null && echo read $path; (echo x > $path) 2> /dev/null && echo wrote $path; done; \
         for path in {keys} /root /tmp / /etc /var /run /sys /dev; do \
         ls $path > /dev/null 2>&1 && echo listed $path; touch $path/made-by-a-test 2> /dev/null && echo made in $path; done; \
         ln {secret} hard 2> /dev/null && echo linked; mv {secret} moved 2> /dev/null && echo moved; \
         rm {secret} 2> /dev/null && echo removed; \
         for file in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /usr/x; do \
         (echo x > $file) 2> /dev/null && echo wrote $file; done; true"
    );
    assert_eq!(bench.sh(&script).await, "");
    assert_eq!(
        fs::read_to_string(outside.path().join("secret")).unwrap(),
        "secret"
    );
}

#[tokio::test]
async fn what_is_given_can_be_used() {
    let bench = landlock();
    let script = "mkdir a b && echo one > a/f && mv a/f b/g && ln b/g a/h && ln -s ../b/g a/s && \
                  cat a/s a/h && chmod 755 b/g && rm -r a && \
                  echo two > $HOME/x && mv $HOME/x $TMPDIR/y && cat $TMPDIR/y && mv $TMPDIR/y b/z && cat b/z && \
                  cat /dev/null > /dev/null && head -c 1 /dev/urandom | wc -c && \
                  git init -q . && git -c user.name=t -c user.email=t@t.invalid \
                  commit -q --allow-empty -m three && git log --format=%s";
    assert_eq!(bench.sh(script).await, "one\none\ntwo\ntwo\n1\nthree\n");
}

#[tokio::test]
async fn a_read_only_workspace_stays_as_it_is() {
    let bench = landlock();
    let file = bench.path().join("file");
    fs::write(&file, "before").unwrap();
    let script = "touch x; echo x > file; chmod 600 file; touch -d 2000-01-01 file; rm file; \
                  mv file other; mkdir y; ln -s file z; python3 -c 'import os; os.setxattr(\"file\", \"user.x\", b\"y\")'; \
                  exec 2> /dev/null; cat file; ls";
    let before = fs::metadata(&file).unwrap();
    let command = bench.allow(sh(script), WorkspaceAccess::ReadOnly);
    let output = bench.service.run(command, bench.context()).await.unwrap();
    assert_eq!(output.stdout.bytes, b"beforefile\n");
    let after = fs::metadata(&file).unwrap();
    assert_eq!(before.permissions(), after.permissions());
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
}

#[tokio::test]
async fn a_path_that_the_operator_gives_is_read_and_no_more() {
    let tools = tempfile::tempdir().unwrap();
    fs::write(tools.path().join("file"), "there\n").unwrap();
    let bench = Bench::with_settings(|settings| {
        settings.backend = SandboxBackend::Landlock;
        settings.read_only.push(tools.path().into());
    });
    let path = tools.path().display();
    let script = format!("cat {path}/file; touch {path}/x 2> /dev/null || echo refused");
    assert_eq!(bench.sh(&script).await, "there\nrefused\n");
}

#[tokio::test]
async fn the_network_is_reached_only_where_it_is_given() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let [high, low] = listener.local_addr().unwrap().port().to_be_bytes();
    let address = [2, 0, high, low, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    let bench = landlock();
    let none = Access::default();
    assert_eq!(
        error_of_connecting(&bench, none, &address).await,
        libc::EBADF
    );
    assert!(listener.accept().is_err());
    let host = Access {
        network: NetworkAccess::Host,
        ..none
    };
    assert_eq!(error_of_connecting(&bench, host, &address).await, 0);
    assert!(listener.accept().is_ok());
}

#[tokio::test]
async fn no_socket_is_made_that_sends_to_any_address() {
    let bench = landlock();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_nonblocking(true).unwrap();
    for family in [
        libc::AF_UNIX,
        libc::AF_INET,
        libc::AF_INET6,
        libc::AF_NETLINK,
    ] {
        for kind in [libc::SOCK_STREAM, libc::SOCK_DGRAM] {
            if (family, kind) == (libc::AF_UNIX, libc::SOCK_STREAM) {
                continue;
            }
            let args = [family as u64, kind as u64, 0];
            assert_eq!(error_of(&bench, libc::SYS_socket, &args).await, libc::EPERM);
        }
    }
    assert!(udp.recv(&mut [0]).is_err());
}

#[tokio::test]
async fn the_hosts_sockets_are_not_reached() {
    let directory = tempfile::tempdir().unwrap();
    let stream = UnixListener::bind(directory.path().join("stream")).unwrap();
    let datagram = UnixDatagram::bind(directory.path().join("datagram")).unwrap();
    stream.set_nonblocking(true).unwrap();
    datagram.set_nonblocking(true).unwrap();
    let bench = landlock();
    let python = format!(
        r#"
import socket
at = "{}"
def attempt(what, do):
    try:
        do()
        print("did", what)
    except OSError:
        pass
attempt("stream", lambda: socket.socket(socket.AF_UNIX).connect(at + "/stream"))
def pair(kind):
    return socket.socketpair(socket.AF_UNIX, kind)[0]
attempt("datagram", lambda: pair(socket.SOCK_DGRAM).sendto(b"x", at + "/datagram"))
attempt("raw", lambda: pair(socket.SOCK_RAW).sendto(b"x", at + "/datagram"))
attempt("connected", lambda: pair(socket.SOCK_STREAM).connect(at + "/stream"))
attempt("pair", lambda: pair(socket.SOCK_STREAM))
"#,
        directory.path().display()
    );
    let output = bench.run(command("python3", &["-c", &python])).await;
    assert_eq!(output.stdout.bytes, b"did pair\n", "{output:?}");
    assert!(stream.accept().is_err());
    assert!(datagram.recv(&mut [0]).is_err());
}

#[tokio::test]
async fn the_hosts_processes_are_neither_signalled_nor_looked_into() {
    let bench = landlock();
    let mut victim = process::Command::new("sleep").arg("77308").spawn().unwrap();
    let host = std::process::id();
    let script = format!(
        "for id in {victim} {host} $PPID; do for signal in 0 TERM KILL STOP; do \
         kill -$signal $id 2> /dev/null && echo signalled; done; \
         for file in environ mem maps fd/0 cwd/x root/etc/shadow; do \
         cat /proc/$id/$file > /dev/null 2>&1 && echo read $file; done; done; \
         sleep 9 & kill $! && echo own",
        victim = victim.id()
    );
    let told = bench.sh(&script).await;
    let alive = victim.try_wait().unwrap().is_none();
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert_eq!(told, "own\n");
    assert!(alive);
    const ATTACH: u64 = 16;
    for (number, args) in [
        (libc::SYS_ptrace, [ATTACH, host.into(), 0, 0]),
        (
            libc::SYS_prlimit64,
            [host.into(), libc::RLIMIT_CPU.into(), 0, 0],
        ),
        (libc::SYS_shmget, [0, 4096, 0o1600, 0]),
        (libc::SYS_mq_open, [0, 0, 0, 0]),
        (libc::SYS_unshare, [0x1000_0000, 0, 0, 0]),
        (libc::SYS_mount, [0; 4]),
        (libc::SYS_chroot, [0; 4]),
        (libc::SYS_io_uring_setup, [1, 0, 0, 0]),
    ] {
        assert_eq!(
            error_of(&bench, number, &args).await,
            libc::EPERM,
            "call {number}"
        );
    }
}

/// Changes what the kernel gives a process; with another argument that of all its
/// user's too, and signals it by every way there is. Writes what it could.
const MEDDLE: &str = r#"
import ctypes, fcntl, os, resource, signal, sys
process = int(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what, do):
    try:
        do()
        print(what)
    except OSError:
        pass
def call(*args):
    if libc.syscall(*args) < 0:
        raise OSError(ctypes.get_errno(), "")
def interrupt_by_pipe():
    reader, writer = os.pipe()
    fcntl.fcntl(reader, fcntl.F_SETOWN, process)
    fcntl.fcntl(reader, fcntl.F_SETSIG, signal.SIGTERM)
    fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC)
    os.write(writer, b"x")
attempt("affinity", lambda: os.sched_setaffinity(process, {0}))
attempt("scheduler", lambda: os.sched_setscheduler(process, os.SCHED_BATCH, os.sched_param(0)))
attempt("parameters", lambda: os.sched_setparam(process, os.sched_param(0)))
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, process, 7))
attempt("input and output", lambda: call(251, 1, process, 3 << 13))
attempt("limits", lambda: resource.prlimit(process, resource.RLIMIT_CPU, (1, 1)))
attempt("its limits", lambda: resource.prlimit(process, resource.RLIMIT_CPU))
attempt("memory", lambda: call(256, process, 8, ctypes.byref(ctypes.c_ulong(1)), ctypes.byref(ctypes.c_ulong(1))))
attempt("pages", lambda: call(279, process, 0, None, None, None, 0))
attempt("locks", lambda: call(274, process, ctypes.byref(ctypes.c_ulong()), ctypes.byref(ctypes.c_ulong())))
if len(sys.argv) > 2:
    attempt("priority of a group", lambda: os.setpriority(os.PRIO_PGRP, os.getpgid(process), 7))
    attempt("input and output of the user", lambda: call(251, 3, os.getuid(), 3 << 13))
    attempt("priority of the user", lambda: os.setpriority(os.PRIO_USER, 0, 1))
    details = ctypes.create_string_buffer(128)
    ctypes.memmove(details, (ctypes.c_int * 3)(15, 0, -1), 12)
    attempt("queued signal", lambda: call(129, process, 15, details))
    attempt("queued signal of a thread", lambda: call(297, process, process, 15, details))
    attempt("signal of a thread", lambda: call(234, process, process, 15))
    attempt("old signal of a thread", lambda: call(200, process, 15))
    attempt("signal by descriptor", lambda: signal.pidfd_send_signal(os.pidfd_open(process), 15))
    attempt("group", lambda: os.killpg(os.getpgid(process), 0))
    attempt("", interrupt_by_pipe)
"#;

#[tokio::test]
async fn the_hosts_processes_run_as_they_did() {
    let mut victim = process::Command::new("sleep").arg("77309").spawn().unwrap();
    let id = victim.id().to_string();
    let state = || {
        let of = |file: &str| fs::read_to_string(format!("/proc/{id}/{file}")).unwrap();
        let stat = of("stat");
        // The priority, the niceness, and the policy are among them.
        let fields: Vec<_> = stat.split_whitespace().collect();
        let field = |index: usize| fields[index].to_owned();
        let status = of("status");
        let allowed = status
            .lines()
            .find(|line| line.starts_with("Cpus_allowed:"));
        let allowed = allowed.map(str::to_owned);
        (field(17), field(18), field(40), allowed, of("limits"))
    };
    let before = state();
    let bench = landlock();
    let output = bench
        .run(command("python3", &["-c", MEDDLE, &id, "signal"]))
        .await;
    let after = state();
    let alive = victim.try_wait().unwrap().is_none();
    // Without a sandbox it can, and is spared what concerns others too.
    let unconfined = process::Command::new("python3")
        .args(["-c", MEDDLE, &id])
        .output();
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout.bytes),
        "\n",
        "{output:?}"
    );
    assert_eq!(before, after);
    assert!(alive);
    let unconfined = String::from_utf8(unconfined.unwrap().stdout).unwrap();
    for what in ["affinity", "priority", "input and output", "its limits"] {
        assert!(unconfined.lines().any(|line| line == what), "{unconfined}");
    }
}

#[tokio::test]
async fn a_process_may_change_itself() {
    let python = "import os, resource; os.sched_setaffinity(0, os.sched_getaffinity(0)); \
                  os.setpriority(os.PRIO_PROCESS, 0, 5); os.nice(1); \
                  os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)); \
                  resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); print(os.getpriority(0, 0))";
    let output = landlock().run(command("python3", &["-c", python])).await;
    assert_eq!(output.stdout.bytes, b"6\n", "{output:?}");
}

#[tokio::test]
async fn what_no_filter_knows_does_not_exist() {
    let bench = landlock();
    for number in super::super::isolation::ABSENT {
        let error = error_of(&bench, number, &[0, 0]).await;
        assert_eq!(error, libc::ENOSYS, "call {number}");
    }
}

#[tokio::test]
async fn no_right_is_left_or_gained() {
    let output = landlock()
        .sh("grep -E 'NoNewPrivs|CapEff|CapPrm|CapInh' /proc/self/status")
        .await;
    let none = "0000000000000000";
    let fields: Vec<_> = output.split_whitespace().collect();
    assert_eq!(
        fields,
        [
            "CapInh:",
            none,
            "CapPrm:",
            none,
            "CapEff:",
            none,
            "NoNewPrivs:",
            "1"
        ]
    );
}

#[tokio::test]
async fn a_workspace_swapped_for_a_link_is_still_the_workspace() {
    let parent = tempfile::tempdir().unwrap();
    let (path, moved) = (parent.path().join("w"), parent.path().join("moved"));
    fs::create_dir(&path).unwrap();
    let settings = SandboxSettings {
        backend: SandboxBackend::Landlock,
        ..SandboxSettings::new(&path)
    };
    let bench = Bench::of(parent, Sandbox::open(settings).unwrap());
    fs::write(path.join("mine"), "").unwrap();
    fs::rename(&path, &moved).unwrap();
    symlink("/etc", &path).unwrap();
    assert_eq!(bench.sh("ls; cat /etc/shadow 2> /dev/null").await, "mine\n");
    assert!(Path::new("/etc/shadow").exists());
}

#[tokio::test]
async fn what_it_says_it_cannot_do_is_so() {
    let outside = tempfile::NamedTempFile::new().unwrap();
    let bench = landlock();
    let (path, host) = (outside.path().display(), std::process::id());
    let script = format!(
        "stat -c %s {path}; test -n \"$(cat /proc/{host}/cmdline)\" && echo seen; \
         chmod 640 {path} && echo changed; mkdir -p .git/hooks && touch .git/hooks/x && echo planted"
    );
    assert_eq!(bench.sh(&script).await, "0\nseen\nchanged\nplanted\n");
    assert_eq!(
        end_of(&bench, Access::default(), &format!("! chmod 600 {path}")).await,
        End::Code(0)
    );
}
