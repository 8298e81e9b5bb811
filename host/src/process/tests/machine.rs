//! What processes see of the machine: an account, names of hosts, the files of `/etc` and
//! `/sys` that programs need, and nothing else of the host's.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::support::{Bench, code, sh};
use crate::policy::command::{CommandSpec, Limits};
use crate::policy::{Access, NetworkAccess, WorkspaceAccess};
use crate::sandbox::{End, SandboxBackend, TreeLimit};

/// What a script writes on the host.
fn outside(script: &str) -> String {
    let output = Command::new("sh").args(["-c", script]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn landlock() -> Bench {
    Bench::with_settings(|settings| settings.backend = SandboxBackend::Landlock)
}

/// Whether a script succeeds that may use the network as it says.
async fn succeeds(bench: &Bench, network: NetworkAccess, script: &str) -> bool {
    let access = Access {
        network,
        workspace: WorkspaceAccess::ReadWrite,
    };
    let (_child, ends) = bench.launch(access, &["/bin/sh", "-c", script]).await;
    super::support::end(ends) == End::Code(0)
}

#[tokio::test]
async fn processes_have_an_account_and_a_group() {
    let bench = Bench::new();
    let script = "whoami; id -un; id -gn; id -u; echo $USER $LOGNAME $SHELL; echo ~capsule; \
                  stat -c %U:%G . /usr; python3 -c 'import getpass, os, pwd; \
                  print(getpass.getuser(), pwd.getpwuid(os.getuid()).pw_dir); \
                  os.environ.clear(); print(getpass.getuser(), os.path.expanduser(\"~\"))'";
    let expected = "capsule\ncapsule\ncapsule\n1000\ncapsule capsule /bin/sh\n/home/capsule\n\
                    capsule:capsule\nnobody:nogroup\ncapsule /home/capsule\ncapsule /home/capsule\n";
    assert_eq!(bench.sh(script).await, expected);
}

#[tokio::test]
async fn nothing_of_the_hosts_accounts_is_shown_or_changed() {
    let bench = Bench::new();
    let shown = bench.sh("cut -d: -f1 /etc/passwd /etc/group").await;
    assert_eq!(shown, "root\ncapsule\nnobody\nroot\ncapsule\nnogroup\n");
    let before = fs::read("/etc/passwd").unwrap();
    let script = "for file in passwd group hosts nsswitch.conf localtime; do \
                  (echo x >> /etc/$file) 2> /dev/null && echo $file; \
                  rm -f /etc/$file 2> /dev/null && echo removed $file; done; true";
    assert_eq!(bench.sh(script).await, "");
    assert_eq!(fs::read("/etc/passwd").unwrap(), before);
}

/// Looks up the names of this machine, and connects to a listener by one of them.
const NAMES: &str = "python3 -c '\nimport socket\n\
    assert socket.gethostbyname(\"localhost\") == \"127.0.0.1\"\n\
    assert socket.gethostbyname(\"localhost.localdomain\") == \"127.0.0.1\"\n\
    assert socket.gethostname() == \"capsule\"\n\
    assert socket.gethostbyname(\"capsule\") == \"127.0.0.1\"\n\
    assert socket.getaddrinfo(\"capsule\", 0, flags=socket.AI_CANONNAME)[0][3] == \"capsule\"\n\
    assert socket.getservbyname(\"https\") == 443\n\
    for kind, *_, address in socket.getaddrinfo(\"localhost\", 0, type=socket.SOCK_STREAM):\n\
    \x20   listener = socket.socket(kind, socket.SOCK_STREAM)\n\
    \x20   listener.bind(address)\n\
    \x20   listener.listen()\n\
    \x20   socket.create_connection((\"localhost\", listener.getsockname()[1])).close()\n'";

#[tokio::test]
async fn localhost_and_the_own_name_lead_to_the_loopback() {
    let bench = Bench::new();
    let output = bench.run(sh(NAMES)).await;
    assert_eq!(code(&output.exit), 0, "{output:?}");
    for network in [NetworkAccess::None, NetworkAccess::Host] {
        assert!(succeeds(&bench, network, NAMES).await, "{network:?}");
    }
}

#[tokio::test]
async fn the_hosts_names_come_with_its_network_and_not_without() {
    let bench = Bench::new();
    let script = "cat /etc/hosts > shown; test ! -e /etc/resolv.conf";
    assert!(succeeds(&bench, NetworkAccess::None, script).await);
    let shown = bench.path().join("shown");
    let alone = fs::read_to_string(&shown).unwrap();
    assert!(alone.starts_with("127.0.0.1\tlocalhost"), "{alone}");
    assert!(alone.lines().count() <= 3, "{alone}");

    let script = "cat /etc/hosts > shown; test -e /etc/resolv.conf";
    assert!(succeeds(&bench, NetworkAccess::Host, script).await);
    let with = fs::read_to_string(&shown).unwrap();
    let host = fs::read_to_string("/etc/hosts").unwrap();
    assert!(with.starts_with(&host), "{with}");
    assert!(with[host.len()..].contains("capsule"), "{with}");
}

#[tokio::test]
async fn the_time_zone_has_its_name() {
    let named = "readlink /etc/localtime; cat /etc/timezone 2> /dev/null; date +%Z%z";
    assert_eq!(Bench::new().sh(named).await, outside(named));
}

/// Prints where links lead that lie in `/usr`, as far as they lead into `/etc`.
const LINKS: &str = "find /usr/bin /usr/lib/jvm /usr/lib/python3* /usr/share/maven /usr/share/groff \
    -maxdepth 4 -type l -lname '/etc/*' 2> /dev/null | while read -r link; do \
    test -r \"$link\" && echo \"$link\"; done | sort";

#[tokio::test]
async fn links_of_programs_lead_to_their_files_in_etc() {
    let there = outside(LINKS);
    assert_eq!(Bench::new().sh(LINKS).await, there);
    assert_eq!(landlock().sh(LINKS).await, there);
}

#[tokio::test]
async fn of_etc_only_what_everybody_may_read_is_shown() {
    const MADE: [&str; 5] = ["passwd", "group", "hosts", "nsswitch.conf", "mtab"];
    let bench = Bench::new();
    let shown = bench.sh("cd /etc; find . -type f -printf '%P\\n'").await;
    assert!(shown.contains("ld.so.cache"), "{shown}");
    for name in shown.lines().filter(|name| !MADE.contains(name)) {
        let metadata = fs::metadata(Path::new("/etc").join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o004, 0o004, "{name}");
    }
    for absent in [
        "environment",
        "fstab",
        "gitconfig",
        "group-",
        "gshadow",
        "machine-id",
        "npmrc",
        "passwd-",
        "pip.conf",
        "profile",
        "profile.d",
        "shadow",
        "ssh",
        "ssl/private",
        "sudoers",
        "wgetrc",
    ] {
        let inside = bench.sh(&format!("ls -d /etc/{absent} 2> /dev/null")).await;
        assert_eq!(inside, "");
    }
}

#[tokio::test]
async fn the_processors_are_shown_and_no_devices() {
    let bench = Bench::new();
    let topology = "cd /sys/devices/system/cpu; cat online possible; \
                    cat cpu0/topology/core_id cpu0/topology/physical_package_id; nproc; \
                    lscpu -p=cpu,core,socket; cat /sys/kernel/mm/transparent_hugepage/enabled";
    assert_eq!(bench.sh(topology).await, outside(topology));
    let listed = "cd /sys; ls; ls devices devices/system kernel; \
                  (echo 0 > devices/system/cpu/cpu1/online) 2> /dev/null && echo written; \
                  touch x 2> /dev/null && echo made; true";
    let listed = bench.sh(listed).await;
    for word in listed.split_whitespace() {
        let known = [
            "devices",
            "fs",
            "kernel",
            "devices:",
            "devices/system:",
            "kernel:",
            "system",
            "cpu",
            "node",
            "mm",
        ];
        assert!(known.contains(&word), "{listed}");
    }
}

/// Looks for the limit as runtimes do, and prints it: where the kernel says that the group is,
/// and at the top.
const LIMIT: &str = "\
    group=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup); \
    if [ -n \"$group\" ]; then \
      grep -q \" $group /sys/fs/cgroup/memory .* - cgroup \" /proc/self/mountinfo || exit 9; \
      cat /sys/fs/cgroup/memory/memory.limit_in_bytes; \
    else \
      group=$(sed -n 's/^0:://p' /proc/self/cgroup); \
      cat \"/sys/fs/cgroup$group/memory.max\"; \
    fi; cd /sys/fs/cgroup; for file in memory/memory.limit_in_bytes memory.max memory/cgroup.procs; do \
      (echo 1 > $file) 2> /dev/null && echo wrote $file; done; mkdir memory/x x 2> /dev/null; true";

#[tokio::test]
async fn the_limit_on_memory_is_where_runtimes_look_for_it() {
    const BYTES: u64 = 200 << 20;
    let bench = Bench::new();
    // The second is in a sandbox that was built ahead, with another limit.
    for bytes in [BYTES, BYTES / 2] {
        let spec = CommandSpec {
            limits: Limits {
                memory: Some(bytes),
                ..Limits::default()
            },
            ..sh(LIMIT)
        };
        let Some(output) = bench.run_limited(TreeLimit::Memory, spec).await else {
            return;
        };
        assert_eq!(
            String::from_utf8_lossy(&output.stdout.bytes),
            format!("{bytes}\n"),
            "{output:?}"
        );
    }
}

#[tokio::test]
async fn both_places_of_temporary_files_are_one() {
    let bench = Bench::new();
    let name = format!("boll-view-{}", std::process::id());
    let script = format!(
        "echo there > /var/tmp/{name} && cat /tmp/{name}; test -d /var/tmp && \
         mktemp -p /var/tmp -d | cut -c1-9; df -P /var/tmp/{name} | tail -n 1 | cut -d' ' -f1"
    );
    assert_eq!(bench.sh(&script).await, "there\n/var/tmp/\ntmpfs\n");
    assert!(!Path::new("/var/tmp").join(&name).exists());
    assert!(!Path::new("/tmp").join(&name).exists());
}

#[tokio::test]
async fn behind_landlock_the_account_is_the_hosts() {
    let bench = landlock();
    let who = "id -un; id -gn; getent passwd $(id -u); getent hosts localhost; \
               readlink /etc/localtime; python3 -c 'import socket; \
               print(socket.gethostbyname(\"localhost\"), socket.getservbyname(\"http\"))'";
    assert_eq!(bench.sh(who).await, outside(who));
    let name = outside("id -un");
    let named = bench.sh("echo $USER; echo $LOGNAME; echo $SHELL").await;
    assert_eq!(named, format!("{name}{name}/bin/sh\n"));
    let refused = "for file in shadow gshadow ssh/sshd_config fstab crypttab resolv.conf; do \
                   cat /etc/$file 2> /dev/null && echo $file; done; true";
    assert_eq!(bench.sh(refused).await, "");
}

#[tokio::test]
async fn without_a_sandbox_the_account_is_in_the_environment() {
    let bench = Bench::with_settings(|settings| settings.backend = SandboxBackend::None);
    let name = outside("id -un");
    assert_eq!(
        bench.sh("echo $USER; echo $LOGNAME").await,
        format!("{name}{name}")
    );
}
