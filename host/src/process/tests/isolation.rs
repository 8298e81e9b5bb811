//! What processes must not be able to do.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::symlink;

use super::code::Code;
use super::support::{Bench, code, command, end, sh};
use crate::policy::{Access, NetworkAccess, WorkspaceAccess};
use crate::process::ExitStatus;
use crate::sandbox::{End, Sandbox, SandboxSettings};

/// The error number of one system call in a sandbox.
async fn error_of(bench: &Bench, number: i64, args: &[u64]) -> i32 {
    let program = bench.executable(
        "call",
        &Code::default().call(number, args).exit_with_error(),
    );
    code(&bench.run(command(&program, &[])).await.exit).into()
}

#[tokio::test]
async fn dangerous_calls_are_refused() {
    const NEW_USER: u64 = 0x1000_0000;
    const TIOCSTI: u64 = 0x5412;
    let bench = Bench::new();
    assert_eq!(error_of(&bench, libc::SYS_getpid, &[]).await, 0);
    for (number, args) in [
        (libc::SYS_kcmp, [0; 3]),
        (libc::SYS_pidfd_getfd, [0, 0, 0]),
        (libc::SYS_mount, [0; 3]),
        (libc::SYS_chroot, [0; 3]),
        (libc::SYS_setns, [0; 3]),
        (libc::SYS_unshare, [NEW_USER, 0, 0]),
        (libc::SYS_clone, [NEW_USER, 0, 0]),
        (libc::SYS_io_uring_setup, [1, 0, 0]),
        (libc::SYS_bpf, [0; 3]),
        (libc::SYS_userfaultfd, [0; 3]),
        (libc::SYS_keyctl, [0; 3]),
        (libc::SYS_ioctl, [0, TIOCSTI, 0]),
        (libc::SYS_ioctl, [0, TIOCSTI | 1 << 32, 0]),
        (libc::SYS_socket, [libc::AF_VSOCK as u64, 1, 0]),
        (libc::SYS_personality, [0x40_0000, 0, 0]),
    ] {
        assert_eq!(
            error_of(&bench, number, &args).await,
            libc::EPERM,
            "call {number}"
        );
    }
    for number in ABSENT {
        let error = error_of(&bench, number, &[0, 0]).await;
        assert_eq!(error, libc::ENOSYS, "call {number}");
    }
}

/// Calls that a filter cannot judge, and what no filter knows: of the gap in the
/// numbers, `statmount`, `listmount`, `open_tree_attr`, `file_setattr`, and what
/// no kernel has. The first of the gap is no example: newer kernels take 335 and
/// 336, which only their own code may make, past every filter.
pub(super) const ABSENT: [i64; 9] = [
    libc::SYS_clone3,
    libc::SYS_openat2,
    340,
    400,
    457,
    458,
    467,
    469,
    4000,
];

#[tokio::test]
async fn the_kernel_tells_little_of_the_host() {
    // Of files that end.
    let read = "for file in cmdline keys key-users locks; do \
                cat /proc/$file 2> /dev/null; done; true";
    let outside = std::process::Command::new("sh").args(["-c", read]).output();
    assert!(!outside.unwrap().stdout.is_empty());
    assert_eq!(Bench::new().sh(read).await, "");
    // What programs ask for is there.
    let read = "for file in meminfo stat cpuinfo loadavg uptime version filesystems mounts \
                self/status self/maps sys/kernel/osrelease; do \
                cat /proc/$file > /dev/null || echo $file; done";
    assert_eq!(Bench::new().sh(read).await, "");
}

#[tokio::test]
async fn the_machines_private_keys_are_not_shown() {
    let listed = Bench::new().sh("ls /etc/ssl").await;
    assert!(
        listed
            .lines()
            .all(|name| ["certs", "openssl.cnf", "cert.pem", "ca-bundle.pem"].contains(&name)),
        "{listed}"
    );
}

#[tokio::test]
async fn what_is_copied_of_the_system_is_as_on_the_host_and_read_only() {
    let bench = Bench::new();
    let paths = ["/etc/ld.so.cache", "/etc/ssl/openssl.cnf", "/etc/services"];
    let there = paths.map(|path| Some((path, fs::read(path).ok()?)));
    assert!(there.iter().any(Option::is_some), "the machine has none");
    for (path, bytes) in there.into_iter().flatten() {
        let shown = bench.run(command("cat", &[path])).await;
        assert_eq!(
            (code(&shown.exit), shown.stdout.bytes),
            (0, bytes),
            "{path}"
        );
        let script = format!("! test -w {path} && ! chmod 644 {path} && ! rm -f {path}");
        let refused = bench.run(sh(&script)).await;
        assert_eq!(code(&refused.exit), 0, "{path}: {refused:?}");
    }
}

#[tokio::test]
async fn a_workspace_with_something_protected_is_not_written() {
    for (inside, protected, refused) in [
        (true, "own", true),
        (true, "", true),
        (false, "elsewhere", false),
    ] {
        let bench = Bench::with_settings(|settings| {
            let workspace = settings.workspace.canonicalize().expect("a path");
            let place = match inside {
                true => workspace.join(protected),
                false => workspace.with_file_name(protected),
            };
            settings.protected = vec![place];
        });
        fs::create_dir(bench.path().join("own")).expect("a directory");
        let script = sh("echo changed > own/file");
        let command = bench.allow(script.clone(), WorkspaceAccess::ReadWrite);
        let run = bench.service.run(command, bench.context()).await;
        let written = bench.path().join("own/file").exists();
        assert_eq!(written, !refused, "{protected}");
        assert_eq!(run.is_err(), refused, "{protected}");
        // Reading goes on.
        let command = bench.allow(sh("ls own"), WorkspaceAccess::ReadOnly);
        let run = bench.service.run(command, bench.context()).await;
        assert!(run.is_ok(), "{protected}");
    }
}

#[tokio::test]
async fn calls_of_other_abis_are_killed() {
    const X32: i64 = 0x4000_0000;
    let bench = Bench::new();
    for code in [
        Code::default().old_call(20),
        Code::default().call(X32 | libc::SYS_getpid, &[]),
    ] {
        let program = bench.executable("call", &code.exit_with_error());
        let exit = bench.run(command(&program, &[])).await.exit;
        assert_eq!(exit.status, ExitStatus::Signal(libc::SIGSYS as u8));
    }
}

#[tokio::test]
async fn the_hosts_network_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let [high, low] = listener.local_addr().unwrap().port().to_be_bytes();
    let address = [2, 0, high, low, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    let bench = Bench::new();
    let program = bench.executable("connect", &Code::connect(&address));
    let exit = bench.run(command(&program, &[])).await.exit;
    assert_eq!(i32::from(code(&exit)), libc::ECONNREFUSED);
    assert!(listener.accept().is_err());
}

#[tokio::test]
async fn the_hosts_network_is_there_for_whom_it_is_granted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let [high, low] = listener.local_addr().unwrap().port().to_be_bytes();
    let address = [2, 0, high, low, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    let bench = Bench::new();
    let program = bench.executable("connect", &Code::connect(&address));
    let access = |network| Access {
        network,
        ..Access::default()
    };
    // Twice each, so that standbys are used too: none may be the other's.
    for _ in 0..2 {
        let (_child, ends) = bench.launch(access(NetworkAccess::None), &[&program]).await;
        assert_eq!(end(ends), End::Code(libc::ECONNREFUSED as u8));
        assert!(listener.accept().is_err());
        let (_child, ends) = bench.launch(access(NetworkAccess::Host), &[&program]).await;
        assert_eq!(end(ends), End::Code(0));
        listener.accept().unwrap();
    }
}

#[tokio::test]
async fn names_are_looked_up_as_the_host_does() {
    let bench = Bench::new();
    let script = "cat /etc/hosts /etc/resolv.conf > /dev/null && ! touch /etc/hosts";
    for (network, is_shown) in [(NetworkAccess::None, false), (NetworkAccess::Host, true)] {
        let access = Access {
            network,
            ..Access::default()
        };
        let (_child, ends) = bench.launch(access, &["/bin/sh", "-c", script]).await;
        assert_eq!(end(ends) == End::Code(0), is_shown, "{network:?}");
    }
}

#[tokio::test]
async fn the_hosts_files_are_not_there() {
    let script = "for path in /etc/shadow /etc/ssh /root /home/*/.ssh /proc/1/environ; do \
                  cat $path > /dev/null 2>&1 && echo $path; ls $path/. > /dev/null 2>&1 && echo $path; done; true";
    assert_eq!(Bench::new().sh(script).await, "");
}

#[tokio::test]
async fn nothing_but_the_workspace_and_temporary_files_can_be_written() {
    let bench = Bench::new();
    let script = "for path in / /usr /run /dev /proc /etc /home; do \
                  touch $path/x 2>/dev/null && echo $path; done; \
                  for path in /tmp /dev/shm $HOME /workspace; do touch $path/x || echo $path; done; \
                  for file in /proc/sys/kernel/core_pattern /proc/sysrq-trigger; do \
                  (echo x > $file) 2>/dev/null && echo $file; done; true";
    assert_eq!(bench.sh(script).await, "");
    assert!(bench.path().join("x").exists());
}

#[tokio::test]
async fn a_read_only_workspace_stays_as_it_is() {
    let bench = Bench::new();
    let command = bench.allow(sh("touch x; ls -d /workspace"), WorkspaceAccess::ReadOnly);
    let output = bench.service.run(command, bench.context()).await.unwrap();
    assert_eq!(output.stdout.bytes, b"/workspace\n");
    assert!(!bench.path().join("x").exists());
}

#[tokio::test]
async fn links_lead_nowhere_but_inside() {
    let outside = tempfile::NamedTempFile::new().unwrap();
    fs::write(outside.path(), "untouched").unwrap();
    let bench = Bench::new();
    symlink(outside.path(), bench.path().join("link")).unwrap();
    let target = outside.path().display();
    bench
        .sh(&format!(
            "echo changed > link; ln {target} hard; echo changed > hard"
        ))
        .await;
    assert_eq!(fs::read_to_string(outside.path()).unwrap(), "untouched");
}

#[tokio::test]
async fn temporary_files_are_bounded() {
    let bench = Bench::new();
    let script = "head -c 70000000 /dev/zero > /dev/shm/x; head -c 70000000 /dev/zero > $HOME/x";
    let output = bench.run(sh(script)).await;
    let errors = String::from_utf8_lossy(&output.stderr.bytes);
    assert_eq!(errors.matches("No space left").count(), 2, "{errors}");
}

#[tokio::test]
async fn a_workspace_swapped_for_a_link_is_still_the_workspace() {
    let parent = tempfile::tempdir().unwrap();
    let (path, moved) = (parent.path().join("w"), parent.path().join("moved"));
    fs::create_dir(&path).unwrap();
    let sandbox = Sandbox::open(SandboxSettings::new(&path)).unwrap();
    let bench = Bench::of(parent, sandbox);
    fs::write(path.join("mine"), "").unwrap();
    fs::rename(&path, &moved).unwrap();
    symlink("/etc", &path).unwrap();
    assert_eq!(bench.sh("ls mine").await, "mine\n");
}

#[tokio::test]
async fn what_git_executes_cannot_be_changed() {
    let bench = Bench::new();
    let git = "git -c user.name=t -c user.email=t@t.invalid";
    let script = format!("git init -q . && {git} commit -q --allow-empty -m one && echo done");
    assert_eq!(bench.sh(&script).await, "");
    let command = bench.allow(sh(&script), WorkspaceAccess::ReadWriteGit);
    let output = bench.service.run(command, bench.context()).await.unwrap();
    assert_eq!(output.stdout.bytes, b"done\n");

    let script = format!(
        "touch .git/hooks/pre-commit; git config core.fsmonitor evil; mv .git old; \
         rm -rf .git/hooks; {git} commit -q --allow-empty -m two; git log --format=%s"
    );
    assert_eq!(bench.sh(&script).await, "one\n");
    assert!(!bench.path().join(".git/hooks/pre-commit").exists());
    let config = fs::read_to_string(bench.path().join(".git/config")).unwrap();
    assert!(!config.contains("evil"));
}

#[tokio::test]
async fn a_git_directory_that_is_empty_stays_so() {
    let bench = Bench::prepared(|path| fs::create_dir(path.join(".git")).unwrap());
    let script = "mkdir .git/hooks; echo x > .git/config; echo x > .git/HEAD; ls -A .git";
    assert_eq!(bench.sh(script).await, "");
    assert!(!bench.path().join(".git/HEAD").exists());
}

#[tokio::test]
async fn what_cannot_be_pinned_refuses_writing() {
    let bench = Bench::prepared(|path| symlink("elsewhere", path.join(".git")).unwrap());
    let error = bench.try_run(sh("true")).await.unwrap_err();
    assert!(error.to_string().contains("`.git`"), "{error}");
    let command = bench.allow(sh("true"), WorkspaceAccess::ReadOnly);
    bench.service.run(command, bench.context()).await.unwrap();
}

#[tokio::test]
async fn a_file_that_leaked_into_the_host_is_closed() {
    // Not closed on exec, as a careless library leaves it.
    let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::DIRECTORY;
    let leaked = rustix::fs::open("/", flags, rustix::fs::Mode::empty()).unwrap();
    // The fourth is the directory that is listed.
    assert_eq!(Bench::new().sh("ls /proc/self/fd").await, "0\n1\n2\n3\n");
    drop(leaked);
}

#[tokio::test]
async fn a_setuid_program_gains_nothing() {
    let output = Bench::new()
        .sh("grep -E 'NoNewPrivs|CapEff|CapBnd' /proc/self/status")
        .await;
    let fields: Vec<_> = output.split_whitespace().collect();
    // As root, over the owners of the workspace's files: see `owners`.
    let set = match rustix::process::geteuid().is_root() {
        true => "000000000000000a",
        false => "0000000000000000",
    };
    assert_eq!(fields, ["CapEff:", set, "CapBnd:", set, "NoNewPrivs:", "1"]);
}

#[tokio::test]
async fn no_file_of_the_workspace_is_made_setuid() {
    let bench = Bench::new();
    let script = "cp /usr/bin/true tool; chmod 700 tool && chmod 4755 tool; chmod g+s tool; \
                  install -m 4755 tool other; echo done";
    assert!(bench.sh(script).await.ends_with("done\n"));
    for name in ["tool", "other"] {
        if let Ok(metadata) = fs::metadata(bench.path().join(name)) {
            assert_eq!(metadata.mode() & 0o6000, 0, "{name}");
        }
    }
    let tool = fs::metadata(bench.path().join("tool")).unwrap();
    assert_eq!(tool.mode() & 0o777, 0o700);
}
