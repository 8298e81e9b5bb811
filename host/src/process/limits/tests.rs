use super::*;

const DEFAULTS: Defaults = Defaults {
    open_files: 4096,
    pids: 1024,
};

fn limits(asked: &Limits, ceilings: &Ceilings) -> Result<Vec<(u32, u64, u64)>, String> {
    let limits = kernel_limits(asked, DEFAULTS, ceilings)?;
    Ok(limits
        .iter()
        .map(|limit| (limit.resource, limit.soft, limit.hard))
        .collect())
}

fn number(resource: impl TryInto<u32>) -> u32 {
    resource.try_into().unwrap_or(u32::MAX)
}

#[test]
fn a_command_that_asks_for_nothing_gets_the_defaults() {
    let limits = limits(&Limits::default(), &Ceilings::default()).unwrap();
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
    let limits = limits(&Limits::default(), &ceilings).unwrap();
    assert!(limits.contains(&(number(libc::RLIMIT_NOFILE), 100, 100)));
}

#[test]
fn what_the_host_cannot_give_is_refused() {
    let ceilings = Ceilings {
        open_files: Some(100),
        file_size: Some(100),
        cpu_seconds: Some(100),
        pids: Some(100),
        kernel_root: false,
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
        limits(&asked, &ceilings).unwrap_err();
    }
}

#[test]
fn roots_processes_cannot_be_counted() {
    let ceilings = Ceilings {
        kernel_root: true,
        ..Ceilings::default()
    };
    let asked = Limits {
        pids: Some(5),
        ..Limits::default()
    };
    assert!(limits(&asked, &ceilings).unwrap_err().starts_with("pids"));
    limits(&Limits::default(), &ceilings).unwrap();
}

#[test]
fn processor_time_is_warned_of_before_it_kills() {
    let asked = Limits {
        cpu_seconds: Some(3),
        ..Limits::default()
    };
    let limits = limits(&asked, &Ceilings::default()).unwrap();
    assert!(limits.contains(&(number(libc::RLIMIT_CPU), 3, 4)));
}
