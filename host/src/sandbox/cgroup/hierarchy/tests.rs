use super::*;

const HYBRID: &str = "\
24 1 0:1 / /sys/fs/cgroup rw shared:9 - tmpfs tmpfs rw\n\
25 24 0:2 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
26 24 0:3 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

fn found(mounts: &str, own: &str, controller: &str) -> Vec<(Version, PathBuf)> {
    let mounted: Vec<_> = mounts.lines().filter_map(parse_mount).collect();
    places(own, &mounted, controller)
}

#[test]
fn the_hosts_own_group_is_looked_for_in_both_versions() {
    let own = "4:memory:/a/b\n0::/\n";
    let unified = (Version::Two, PathBuf::from("/sys/fs/cgroup/unified"));
    let memory = (Version::One, PathBuf::from("/sys/fs/cgroup/memory/a/b"));
    let places = found(HYBRID, own, "memory");
    assert_eq!(places, [unified, memory.clone()]);
    assert!(!found(HYBRID, own, "pids").contains(&memory));
}

#[test]
fn a_mounted_part_is_where_its_groups_are() {
    let mounts = "26 24 0:3 /docker/x /cg rw - cgroup2 cgroup2 rw\n";
    let own = |path: &str| found(mounts, &format!("0::{path}\n"), "pids");
    assert_eq!(own("/docker/x/y")[0].1, PathBuf::from("/cg/y"));
    assert!(own("/docker/other").is_empty());
    let whole = "26 24 0:3 / /cg rw - cgroup2 cgroup2 rw\n";
    assert!(found(whole, "0::/../outside\n", "pids").is_empty());
}

#[test]
fn a_group_tells_its_host() {
    assert_eq!(host_of("boll-12-345-6"), Some((12, 345)));
    for other in ["boll-12-345", "boll-12-345-6-7", "boll-x-1-1", "12-345-6"] {
        assert_eq!(host_of(other), None, "{other}");
    }
    let this = std::process::id();
    let start = start_of(this).unwrap();
    assert!(!is_gone((this, start)));
    assert!(is_gone((this, start + 1)));
}

#[test]
fn no_hierarchy_is_a_reason() {
    let reason = Hierarchy::find("no-such-controller").unwrap_err();
    assert!(reason.contains("no-such-controller"), "{reason}");
}
