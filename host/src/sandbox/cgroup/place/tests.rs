use super::*;

const HYBRID: &str = "\
24 1 0:1 / /sys/fs/cgroup rw shared:9 - tmpfs tmpfs rw\n\
25 24 0:2 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
26 24 0:3 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

/// Of a machine with systemd and version 2 alone.
const UNIFIED: &str = "\
22 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:14 - proc proc rw\n\
31 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:8 - cgroup2 cgroup2 \
rw,nsdelegate,memory_recursiveprot\n";

const SCOPE: &str = "/user.slice/user-1000.slice/user@1000.service/app.slice/run-r9.scope";

fn found(mounts: &str, own: &str, is_delegated: impl Fn(&Path) -> bool) -> Vec<Candidate> {
    Places::parse(own.into(), mounts).of_two(is_delegated)
}

fn two(group: impl Into<PathBuf>, is_own: bool) -> Candidate {
    let group = group.into();
    Candidate {
        version: Version::Two,
        group,
        is_own,
    }
}

#[test]
fn the_hosts_own_group_is_looked_for_in_both_versions() {
    let places = Places::parse("4:memory:/a/b\n0::/\n".into(), HYBRID);
    let memory = Candidate {
        version: Version::One,
        group: "/sys/fs/cgroup/memory/a/b".into(),
        is_own: false,
    };
    assert_eq!(
        places.of("memory"),
        [two("/sys/fs/cgroup/unified", true), memory]
    );
    assert_eq!(places.of("pids"), [two("/sys/fs/cgroup/unified", true)]);
    assert_eq!(Places::parse("4:memory:/a/b\n".into(), HYBRID).own(), None);
}

#[test]
fn the_group_above_is_one_where_it_is_delegated() {
    let own = format!("0::{SCOPE}/host\n");
    let scope = format!("/sys/fs/cgroup{SCOPE}");
    let host = two(format!("{scope}/host"), true);
    let places = found(UNIFIED, &own, |group| group == Path::new(&scope));
    assert_eq!(places, [host, two(&scope, false)]);
    let places = found(UNIFIED, &own, |_| false);
    assert_eq!(places.len(), 1);
    // Above the mounted group there is none.
    assert_eq!(found(UNIFIED, "0::/\n", |_| true).len(), 1);
}

#[test]
fn a_mounted_part_is_where_its_groups_are() {
    let mounts = "26 24 0:3 /docker/x /cg rw - cgroup2 cgroup2 rw\n";
    let own = |path: &str| Places::parse(format!("0::{path}\n"), mounts).own();
    assert_eq!(own("/docker/x/y"), Some("/cg/y".into()));
    assert_eq!(own("/docker/x"), Some("/cg".into()));
    assert_eq!(own("/docker/other"), None);
    let whole = "26 24 0:3 / /cg rw - cgroup2 cgroup2 rw\n";
    assert_eq!(Places::parse("0::/../outside\n".into(), whole).own(), None);
}

#[test]
fn a_group_with_another_process_is_not_the_hosts() {
    assert_eq!(Holds::of("", 7), Holds::Nothing);
    assert_eq!(Holds::of("7\n", 7), Holds::Host);
    assert_eq!(Holds::of("7\n71\n", 7), Holds::Others);
    // A process of another process namespace.
    assert_eq!(Holds::of("0\n7\n", 7), Holds::Others);
}

#[test]
fn what_systemd_says_of_a_group_counts_before_its_owner() {
    use Delegation::{Given, NotGiven, Untold};
    let judge = |mark, owner, above, user| Delegation::judge(mark, Some(owner), Some(above), user);
    assert_eq!(judge(Some(true), 0, 0, 0), Given);
    assert_eq!(judge(Some(false), 1000, 0, 1000), NotGiven);
    assert_eq!(judge(None, 0, 0, 0), NotGiven);
    assert_eq!(judge(None, 0, 0, 1000), NotGiven);
    assert_eq!(judge(None, 1000, 0, 1000), Given);
    // As any unit of the user's systemd, and its slices.
    assert_eq!(judge(None, 1000, 1000, 1000), Untold);
}
