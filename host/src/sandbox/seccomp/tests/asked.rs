//! What the filter asks the init about, and what it refuses where nobody answers.

use super::*;

#[test]
fn no_file_is_made_to_lend_its_owners_rights() {
    const CREATE: u64 = libc::O_CREAT as u64 | libc::O_WRONLY as u64;
    for mode in [0o4755, 0o2755, 0o6000] {
        assert_eq!(native(libc::SYS_chmod, [0, mode]), EPERM);
        assert_eq!(native(libc::SYS_fchmod, [0, mode]), EPERM);
        assert_eq!(native(libc::SYS_fchmodat, [0, 0, mode]), EPERM);
        assert_eq!(native(libc::SYS_fchmodat2, [0, 0, mode]), EPERM);
        assert_eq!(native(libc::SYS_creat, [0, mode]), EPERM);
        assert_eq!(native(libc::SYS_mknod, [0, mode]), EPERM);
        assert_eq!(native(libc::SYS_mknodat, [0, 0, mode]), EPERM);
        assert_eq!(native(libc::SYS_open, [0, CREATE, mode]), EPERM);
        assert_eq!(native(libc::SYS_openat, [0, 0, CREATE, mode]), EPERM);
        let temporary = libc::O_TMPFILE as u64;
        assert_eq!(native(libc::SYS_openat, [0, 0, temporary, mode]), EPERM);
        // What is no mode is not looked at.
        assert_eq!(native(libc::SYS_openat, [0, 0, 0, mode]), ALLOW);
        let directory = libc::O_DIRECTORY as u64;
        assert_eq!(native(libc::SYS_openat, [0, 0, directory, mode]), ALLOW);
    }
    for mode in [0o755, 0o1777, 0o644] {
        assert_eq!(native(libc::SYS_chmod, [0, mode]), ALLOW);
        assert_eq!(native(libc::SYS_openat, [0, 0, CREATE, mode]), ALLOW);
    }
}

#[test]
fn what_depends_on_an_address_is_asked_and_on_nobody_refused() {
    for around in surroundings() {
        let judge = |number, args: [u64; 3]| judge_with(around, X86_64, number, args);
        let is_asked = around.1 == Supervision::Init;
        let stream = [libc::AF_UNIX as u64, 0o2_000_001, 0];
        let expected = if is_asked { ALLOW } else { EPERM };
        assert_eq!(judge(libc::SYS_socket, stream), expected, "{around:?}");
        let connecting = judge(libc::SYS_connect, [0; 3]);
        assert_eq!(
            connecting,
            if is_asked { ASKED } else { ALLOW },
            "{around:?}"
        );
        // A process's own rules would not hold for what the init does in its stead.
        let restricting = judge(libc::SYS_landlock_create_ruleset, [0; 3]);
        assert_eq!(restricting, connecting, "{around:?}");
        // Names without a file are seen by others where the network is shared.
        let is_shared = around.0 != NAMESPACES;
        let expected = if is_asked && is_shared { ASKED } else { ALLOW };
        for call in [libc::SYS_bind, libc::SYS_listen] {
            assert_eq!(judge(call, [0; 3]), expected, "{around:?} {call}");
        }
    }
}

#[test]
fn special_files_are_made_where_landlock_keeps_them_to_what_is_the_sandboxs_own() {
    let special = [libc::S_IFIFO, libc::S_IFSOCK, libc::S_IFCHR, libc::S_IFBLK];
    for around in surroundings() {
        let made = |kind: u32| {
            let mode = u64::from(kind | 0o600);
            let calls = [
                (libc::SYS_mknod, [0, mode, 0]),
                (libc::SYS_mknodat, [0, 0, mode]),
            ];
            calls.map(|(call, args)| judge_with(around, X86_64, call, args))
        };
        let expected = match around.1 {
            Supervision::Init => ALLOW,
            Supervision::Nobody => EPERM,
        };
        for kind in special {
            assert_eq!(made(kind), [expected; 2], "{around:?} {kind:o}");
        }
        for kind in [0, libc::S_IFREG] {
            assert_eq!(made(kind), [ALLOW; 2], "{around:?} {kind:o}");
        }
        let renamed = |flags: u32| {
            let args = [0, 0, 0, 0, flags.into()];
            judge_with(around, X86_64, libc::SYS_renameat2, args)
        };
        assert_eq!(renamed(libc::RENAME_EXCHANGE), ALLOW);
        assert_eq!(renamed(libc::RENAME_WHITEOUT), EINVAL);
    }
}

#[test]
fn nobody_takes_the_place_of_who_is_asked() {
    for (around, supervision) in surroundings() {
        let judge =
            |number, args: [u64; 3]| judge_with((around, supervision), X86_64, number, args);
        let expected = match supervision {
            Supervision::Init => EPERM,
            // What the kernel lets nobody but the process itself wait for.
            Supervision::Nobody => ALLOW,
        };
        let listener = u64::from(supervised::OWN_LISTENER);
        for flags in [listener, listener | 1, listener | 1 << 40] {
            assert_eq!(judge(libc::SYS_seccomp, [1, flags, 0]), expected);
        }
        assert_eq!(judge(libc::SYS_seccomp, [1, 1, 0]), ALLOW);
        let hide = libc::PR_SET_DUMPABLE as u64;
        assert_eq!(judge(libc::SYS_prctl, [hide, 0, 0]), expected);
        assert_eq!(judge(libc::SYS_prctl, [hide, 1, 0]), ALLOW);
        assert_eq!(
            judge(libc::SYS_prctl, [libc::PR_SET_NAME as u64, 0, 0]),
            ALLOW
        );
    }
}

#[test]
fn the_set_group_id_bit_is_asked_for_and_the_other_refused() {
    for around in surroundings() {
        let may_change = !matches!(
            around.0,
            Around::Host(access) if access.workspace == WorkspaceAccess::ReadOnly
        );
        let expected = if around.1 == Supervision::Init && may_change {
            ASKED
        } else {
            EPERM
        };
        for (call, mode) in supervised::CHANGES_MODE {
            let judge = |bits: u64| {
                let mut args = [0; 3];
                args[usize::from(mode)] = bits;
                judge_with(around, X86_64, call, args)
            };
            assert_eq!(judge(0o2775), expected, "{around:?} {call}");
            assert_eq!(judge(0o6775), EPERM, "{around:?} {call}");
            assert_eq!(judge(0o4755), EPERM, "{around:?} {call}");
            assert_eq!(judge(0o755), if may_change { ALLOW } else { EPERM });
        }
        // A call that makes a file makes no folder.
        let made = judge_with(around, X86_64, libc::SYS_mknod, [0, 0o2755, 0]);
        assert_eq!(made, EPERM);
    }
}

#[test]
fn a_process_is_an_ordinary_one_to_the_kernel() {
    const READ_IMPLIES_EXEC: u64 = 0x40_0000;
    const MMAP_PAGE_ZERO: u64 = 0x10_0000;
    for value in PERSONALITIES.map(u64::from) {
        assert_eq!(native(libc::SYS_personality, [value]), ALLOW);
        for further in [READ_IMPLIES_EXEC, MMAP_PAGE_ZERO, 8] {
            let both = value as u32 | further as u32;
            let expected = if both == u32::MAX { ALLOW } else { EPERM };
            assert_eq!(native(libc::SYS_personality, [both.into()]), expected);
        }
    }
}
