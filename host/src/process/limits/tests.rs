use super::*;

fn defaults() -> ProcessSettings {
    ProcessSettings {
        open_files: 4096,
        pids: TreeBound::WherePossible(1024),
        memory: TreeBound::WherePossible(1 << 30),
        cpu_weight: TreeBound::WherePossible(50),
        file_size: Some(1 << 30),
        ..ProcessSettings::default()
    }
}

fn kernel_limits(asked: &Limits, ceilings: &Ceilings) -> Result<Vec<(u32, u64, u64)>, String> {
    let (limits, _) = limits(asked, &defaults(), ceilings)?;
    Ok(limits
        .iter()
        .map(|limit| (limit.resource, limit.soft, limit.hard))
        .collect())
}

fn number(resource: impl TryInto<u32>) -> u32 {
    resource.try_into().unwrap_or(u32::MAX)
}

fn without_cgroups() -> Ceilings {
    Ceilings {
        no_memory: Some("because".into()),
        no_pids: Some("because".into()),
        no_weight: Some("because".into()),
        ..Ceilings::default()
    }
}

#[test]
fn a_tree_is_limited_where_cgroups_are_delegated() {
    let asked = Limits {
        memory: Some(1 << 20),
        pids: Some(200),
        ..Limits::default()
    };
    let (kernel, tree) = limits(&asked, &defaults(), &Ceilings::default()).unwrap();
    assert_eq!((tree.memory, tree.pids), (Some(1 << 20), Some(200)));
    let number = number(libc::RLIMIT_NPROC);
    assert!(
        kernel
            .iter()
            .any(|limit| limit.resource == number && limit.soft == 1026)
    );

    let asked = Limits {
        memory: None,
        ..asked
    };
    let (_, tree) = limits(&asked, &defaults(), &without_cgroups()).unwrap();
    assert_eq!(tree, TreeLimits::default());
}

#[test]
fn a_tree_has_the_defaults_where_cgroups_are_delegated() {
    let (_, tree) = limits(&Limits::default(), &defaults(), &Ceilings::default()).unwrap();
    let usual = TreeLimits {
        memory: Some(1 << 30),
        pids: Some(1024),
        weight: Some(50),
    };
    assert_eq!(tree, usual);
    // No further group is joined where the kernel counts by itself.
    let apart = Ceilings {
        pids_apart: true,
        weight_apart: true,
        ..Ceilings::default()
    };
    let (kernel, tree) = limits(&Limits::default(), &defaults(), &apart).unwrap();
    assert_eq!((tree.pids, tree.weight), (None, None));
    let number = number(libc::RLIMIT_NPROC);
    assert!(kernel.iter().any(|limit| limit.resource == number));
    // Not more than all trees together.
    let small = Ceilings {
        memory: Some(1 << 20),
        ..Ceilings::default()
    };
    let (_, tree) = limits(&Limits::default(), &defaults(), &small).unwrap();
    assert_eq!(tree.memory, Some(1 << 20));
}

#[test]
fn a_command_asks_for_less_and_never_for_more() {
    let asked = |memory, pids, file_size| Limits {
        memory,
        pids,
        file_size,
        ..Limits::default()
    };
    for (most, more, what) in [
        (
            asked(Some(1 << 30), None, None),
            asked(Some((1 << 30) + 1), None, None),
            "memory",
        ),
        (
            asked(None, Some(1024), None),
            asked(None, Some(1025), None),
            "pids",
        ),
        (
            asked(None, None, Some(1 << 30)),
            asked(None, None, Some((1 << 30) + 1)),
            "file-size",
        ),
    ] {
        limits(&most, &defaults(), &Ceilings::default()).unwrap();
        let refused = limits(&more, &defaults(), &Ceilings::default()).unwrap_err();
        assert!(refused.starts_with(what), "{refused}");
    }
    let unbounded = ProcessSettings {
        memory: TreeBound::Unbounded,
        pids: TreeBound::Unbounded,
        cpu_weight: TreeBound::Unbounded,
        file_size: None,
        ..defaults()
    };
    let (kernel, tree) = limits(&Limits::default(), &unbounded, &Ceilings::default()).unwrap();
    assert_eq!(tree, TreeLimits::default());
    assert_eq!(kernel.len(), 2);
    let much = asked(Some(u64::MAX), Some(u32::MAX), Some(u64::MAX));
    limits(&much, &unbounded, &Ceilings::default()).unwrap();
}

#[test]
fn what_the_operator_sets_is_enforced_or_refused() {
    let set = [
        ProcessSettings {
            memory: TreeBound::Required(1),
            ..defaults()
        },
        ProcessSettings {
            pids: TreeBound::Required(1),
            ..defaults()
        },
        ProcessSettings {
            cpu_weight: TreeBound::Required(1),
            ..defaults()
        },
    ];
    let ceilings = Ceilings {
        counted: Counted::Nothing,
        ..without_cgroups()
    };
    for defaults in &set {
        limits(&Limits::default(), defaults, &Ceilings::default()).unwrap();
        limits(&Limits::default(), defaults, &ceilings).unwrap_err();
    }
    // The kernel counts those of a sandbox by itself.
    limits(&Limits::default(), &set[1], &without_cgroups()).unwrap();
}

#[test]
fn roots_processes_are_counted_by_a_cgroup() {
    let ceilings = Ceilings {
        counted: Counted::Nothing,
        ..Ceilings::default()
    };
    let (_, tree) = limits(&Limits::default(), &defaults(), &ceilings).unwrap();
    assert_eq!(tree.pids, defaults().pids.most());
}

#[test]
fn a_command_that_asks_for_nothing_gets_the_defaults() {
    let limits = kernel_limits(&Limits::default(), &Ceilings::default()).unwrap();
    assert_eq!(
        limits,
        [
            (number(libc::RLIMIT_CORE), 0, 0),
            (number(libc::RLIMIT_NOFILE), 4096, 4096),
            (number(libc::RLIMIT_NPROC), 1026, 1026),
            (number(libc::RLIMIT_FSIZE), 1 << 30, 1 << 30),
        ]
    );
}

#[test]
fn defaults_fit_under_the_hosts_own_limits() {
    let ceilings = Ceilings {
        open_files: Some(100),
        ..Ceilings::default()
    };
    let limits = kernel_limits(&Limits::default(), &ceilings).unwrap();
    assert!(limits.contains(&(number(libc::RLIMIT_NOFILE), 100, 100)));
}

#[test]
fn what_the_host_cannot_give_is_refused() {
    let ceilings = Ceilings {
        open_files: Some(100),
        file_size: Some(100),
        cpu_seconds: Some(100),
        pids: Some(100),
        counted: Counted::Tree,
        ..without_cgroups()
    };
    for asked in [
        Limits {
            open_files: Some(101),
            ..Limits::default()
        },
        Limits {
            file_size: Some(101),
            ..Limits::default()
        },
        Limits {
            cpu_seconds: Some(101),
            ..Limits::default()
        },
        Limits {
            pids: Some(100),
            ..Limits::default()
        },
        Limits {
            memory: Some(1),
            ..Limits::default()
        },
    ] {
        kernel_limits(&asked, &ceilings).unwrap_err();
    }
}

#[test]
fn roots_processes_cannot_be_counted() {
    let ceilings = Ceilings {
        counted: Counted::Nothing,
        ..without_cgroups()
    };
    let asked = Limits {
        pids: Some(5),
        ..Limits::default()
    };
    assert!(
        kernel_limits(&asked, &ceilings)
            .unwrap_err()
            .starts_with("pids")
    );
    kernel_limits(&Limits::default(), &ceilings).unwrap();
}

#[test]
fn processor_time_is_warned_of_before_it_kills() {
    let asked = Limits {
        cpu_seconds: Some(3),
        ..Limits::default()
    };
    let limits = kernel_limits(&asked, &Ceilings::default()).unwrap();
    assert!(limits.contains(&(number(libc::RLIMIT_CPU), 3, 4)));
}
