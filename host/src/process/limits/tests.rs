use super::*;

const DEFAULTS: Defaults = Defaults {
    open_files: 4096,
    pids: 1024,
};

fn kernel_limits(asked: &Limits, ceilings: &Ceilings) -> Result<Vec<(u32, u64, u64)>, String> {
    let (limits, _) = limits(asked, DEFAULTS, ceilings)?;
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
        ..Ceilings::default()
    }
}

#[test]
fn a_tree_is_limited_where_cgroups_are_delegated() {
    let asked = Limits {
        memory: Some(1 << 20),
        pids: Some(2000),
        ..Limits::default()
    };
    let (kernel, tree) = limits(&asked, DEFAULTS, &Ceilings::default()).unwrap();
    assert_eq!((tree.memory, tree.pids), (Some(1 << 20), Some(2000)));
    let number = number(libc::RLIMIT_NPROC);
    assert!(
        kernel
            .iter()
            .any(|limit| limit.resource == number && limit.soft == 2001)
    );

    let asked = Limits {
        memory: None,
        ..asked
    };
    let (_, tree) = limits(&asked, DEFAULTS, &without_cgroups()).unwrap();
    assert_eq!(tree, TreeLimits::default());
}

#[test]
fn roots_processes_are_counted_by_a_cgroup() {
    let ceilings = Ceilings {
        counted: Counted::Nothing,
        ..Ceilings::default()
    };
    let (_, tree) = limits(&Limits::default(), DEFAULTS, &ceilings).unwrap();
    assert_eq!(tree.pids, Some(DEFAULTS.pids));
}

#[test]
fn a_command_that_asks_for_nothing_gets_the_defaults() {
    let limits = kernel_limits(&Limits::default(), &Ceilings::default()).unwrap();
    assert_eq!(
        limits,
        [
            (number(libc::RLIMIT_CORE), 0, 0),
            (number(libc::RLIMIT_NOFILE), 4096, 4096),
            (number(libc::RLIMIT_NPROC), 1025, 1025),
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
