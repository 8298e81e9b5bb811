use std::os::fd::AsRawFd as _;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::place::Places;
use super::*;
use crate::without::Need;

/// Where a limit's groups are made; `None` where the run goes without any.
fn hierarchy(cgroups: &Cgroups, limit: TreeLimit) -> Option<Hierarchy> {
    let found = cgroups.hierarchy(limit);
    let lacking = found.as_ref().err();
    let is_met = Need::Cgroup.is_met(lacking.map(String::as_str));
    found.as_ref().ok().filter(|_| is_met).cloned()
}

fn limits(limit: TreeLimit) -> TreeLimits {
    let mut limits = TreeLimits::default();
    match limit {
        TreeLimit::Memory => limits.memory = Some(64 << 20),
        TreeLimit::Pids => limits.pids = Some(5),
        TreeLimit::Weight => limits.weight = Some(50),
    }
    limits
}

#[test]
fn groups_are_given_back_with_the_last_that_holds_them() {
    let cgroups = Arc::new(Cgroups::find());
    assert!(cgroups.groups(TreeLimits::default()).unwrap().is_none());
    for limit in TreeLimit::ALL {
        let limits = limits(limit);
        let Some(Hierarchy { version, parent }) = hierarchy(&cgroups, limit) else {
            if cgroups.refusal(limit).is_some() {
                cgroups.groups(limits).unwrap_err();
            }
            continue;
        };
        let groups = cgroups.groups(limits).unwrap().unwrap();
        let path = groups.groups[0].path.clone();
        assert!(path.starts_with(&parent) && path.is_dir(), "{version:?}");
        assert_eq!(groups.entrances().unwrap().len(), 1);
        assert_eq!(groups.hit(), None);
        let other = Arc::clone(&groups);
        drop(groups);
        assert!(path.is_dir());
        drop(other);
        // Where it can be, it is kept for the next tree of the kind, as long as the
        // host lives.
        assert_eq!(path.is_dir(), cgroups.idle.keeps);
        let next = cgroups.groups(limits).unwrap().unwrap();
        assert_eq!(next.paths() == [path], cgroups.idle.keeps);
    }
    let kept = cgroups.idle.paths();
    assert!(kept.iter().all(|path| path.is_dir()));
    drop(cgroups);
    assert!(kept.iter().all(|path| !path.exists()), "{kept:?}");
}

/// Runs a shell in groups until its end.
fn run(groups: &Groups, script: &str) {
    let files = groups.entrances().unwrap();
    // The shell opens what this process has open.
    let join = files.iter().map(|file| {
        let file = file.as_raw_fd();
        format!("echo 0 > /proc/{}/fd/{file}; ", std::process::id())
    });
    let script = join.collect::<String>() + script;
    let shell = Command::new("sh").args(["-c", &script]).status();
    assert!(shell.is_ok());
}

fn until(is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < end, "it never is");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_group_that_is_used_again_forgets_what_was_before() {
    let cgroups = Arc::new(Cgroups::find());
    for limit in [TreeLimit::Memory, TreeLimit::Pids] {
        if hierarchy(&cgroups, limit).is_none() {
            return;
        }
        let limits = limits(limit);
        let first = cgroups.groups(limits).unwrap().unwrap();
        let path = first.paths();
        match limit {
            // Both are ended by it, or cannot be begun.
            TreeLimit::Memory => run(
                &first,
                "exec head -c 128M /dev/zero | tail -c 128M >/dev/null",
            ),
            _ => run(&first, "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait"),
        }
        assert_eq!(first.hit(), Some(limit));
        let in_use = || first.groups.iter().any(|group| group.is_in_use().unwrap());
        until(|| !in_use());
        drop(first);
        let second = cgroups.groups(limits).unwrap().unwrap();
        let again = second.paths() == path;
        assert_eq!(again, cgroups.idle.keeps, "whether it is used again");
        assert_eq!(second.hit(), None);
        if limit == TreeLimit::Memory {
            let mut usage = Usage::default();
            second.refine(&mut usage);
            assert!(usage.peak_memory < 8 << 20, "{usage:?}");
        }
        run(&second, "true");
        assert_eq!(second.hit(), None);
    }
}

#[test]
fn a_group_that_somebody_has_removed_is_not_used_again() {
    let cgroups = Arc::new(Cgroups::find());
    if hierarchy(&cgroups, TreeLimit::Memory).is_none() {
        return;
    }
    let limits = limits(TreeLimit::Memory);
    drop(cgroups.groups(limits).unwrap());
    let kept = cgroups.idle.paths();
    assert_eq!(kept.len(), usize::from(cgroups.idle.keeps));
    kept.iter().for_each(|path| fs::remove_dir(path).unwrap());
    let groups = cgroups.groups(limits).unwrap().unwrap();
    assert!(groups.paths()[0].is_dir() && groups.paths() != kept);
    run(&groups, "true");
}

#[test]
fn a_tree_with_little_memory_has_groups_that_nobody_had() {
    let cgroups = Arc::new(Cgroups::find());
    if hierarchy(&cgroups, TreeLimit::Memory).is_none() {
        return;
    }
    let little = TreeLimits {
        memory: Some(idle::LEAST - 1),
        ..TreeLimits::default()
    };
    let much = limits(TreeLimit::Memory);
    // What was built ahead for one is not for the other either.
    assert_ne!(little.which(), much.which());
    let used = cgroups.groups(much).unwrap().unwrap().paths();
    let fresh = cgroups.groups(little).unwrap().unwrap().paths();
    assert_ne!(fresh, used);
    assert!(!fresh[0].exists(), "nor has anybody after it");
}

#[test]
fn a_group_that_somebody_is_in_is_not_used_again() {
    let cgroups = Arc::new(Cgroups::find());
    if hierarchy(&cgroups, TreeLimit::Memory).is_none() {
        return;
    }
    let first = cgroups.groups(limits(TreeLimit::Memory)).unwrap().unwrap();
    let path = first.paths();
    run(&first, "sleep 2 &");
    drop(first);
    let second = cgroups.groups(limits(TreeLimit::Memory)).unwrap().unwrap();
    assert_ne!(second.paths(), path);
}

#[test]
fn a_group_with_much_left_in_it_is_not_used_again() {
    let cgroups = Arc::new(Cgroups::find());
    if hierarchy(&cgroups, TreeLimit::Memory).is_none() {
        return;
    }
    let shared = tempfile::tempdir_in("/dev/shm").unwrap();
    let file = shared.path().join("kept");
    let first = cgroups.groups(limits(TreeLimit::Memory)).unwrap().unwrap();
    let path = first.paths();
    // On tmpfs it stays in memory, and nobody can reclaim it.
    run(
        &first,
        &format!("head -c 5M /dev/zero > {}", file.display()),
    );
    assert_eq!(fs::metadata(&file).unwrap().len(), 5 << 20);
    drop(first);
    let second = cgroups.groups(limits(TreeLimit::Memory)).unwrap().unwrap();
    assert_ne!(second.paths(), path);
}

#[test]
fn the_group_of_all_trees_goes_with_its_host() {
    let cgroups = Arc::new(Cgroups::find());
    for limit in TreeLimit::ALL {
        let Some(Hierarchy { parent, .. }) = hierarchy(&cgroups, limit) else {
            return;
        };
        assert!(parent.is_dir(), "{}", parent.display());
    }
    let tops: Vec<_> = TreeLimit::ALL
        .into_iter()
        .filter_map(|limit| Some(cgroups.hierarchy(limit).as_ref().ok()?.parent.clone()))
        .collect();
    let groups = cgroups.groups(limits(TreeLimit::Pids)).unwrap();
    drop(cgroups);
    assert!(tops.iter().all(|top| top.is_dir()), "a tree is left");
    drop(groups);
    assert!(tops.iter().all(|top| !top.exists()), "{tops:?}");
}

#[test]
fn a_limit_on_memory_grows_and_shrinks() {
    let cgroups = Arc::new(Cgroups::find());
    if hierarchy(&cgroups, TreeLimit::Memory).is_none() {
        return;
    }
    let groups = cgroups.groups(limits(TreeLimit::Memory)).unwrap().unwrap();
    for mib in [64, 4, 1024, 8] {
        let memory = Some(mib << 20);
        let limits = TreeLimits {
            memory,
            ..TreeLimits::default()
        };
        groups.limit(limits).unwrap();
    }
}

#[test]
fn what_a_killed_host_left_is_removed() {
    let cgroups = Cgroups::find();
    let Some(Hierarchy { parent, .. }) = hierarchy(&cgroups, TreeLimit::Pids) else {
        return;
    };
    // This process's id, but started at another time.
    let namespace = group_name::namespace().unwrap();
    let orphan = format!("boll-{namespace}-{}-1-0", std::process::id());
    let orphan = parent.parent().unwrap().join(orphan);
    fs::create_dir(&orphan).unwrap();
    // One of a tree in it.
    fs::create_dir(orphan.join("boll-1-1-1-1")).unwrap();
    Cgroups::find();
    assert!(!orphan.exists());
}

#[test]
fn the_host_moves_out_of_the_way_or_stays() {
    let own = || Places::read().unwrap().own();
    let before = own();
    // A test is alone in its group where whoever started it delegated that.
    let moved = enter_leaf_cgroup(|_| true).unwrap();
    let now = own();
    if moved {
        let leaf = now.clone().unwrap();
        assert_eq!(leaf.parent(), before.as_deref());
    } else {
        assert_eq!(now, before);
    }
    // Either way groups can be made now.
    if hierarchy(&Cgroups::find(), TreeLimit::Pids).is_some() {
        // Once is enough, and the next look removes no group that is in use.
        assert!(!enter_leaf_cgroup(|_| true).unwrap());
        assert_eq!(own(), now);
    }
}
